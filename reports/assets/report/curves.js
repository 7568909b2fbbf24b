// The part "Curves": which runs, which measure, how it is drawn.

/** Lines that are drawn before the reader chooses. */
const AT_FIRST = 5;
/** With more lines than this, what was smoothed is not drawn behind them. */
const MOST_RAW = 8;

function startCurves(data) {
  const measures = drawableMeasures(data);
  const controls = {
    measure: byId("curve-measure"),
    axis: byId("curve-axis"),
    scale: byId("curve-scale"),
    smoothing: byId("curve-smoothing"),
  };
  measures.forEach(({ title }, index) => controls.measure.append(element("option", { value: String(index) }, title)));
  const view = { slots: new Map(), range: null, place: {}, drawn: null, chart: null };
  const readout = element("output", { class: "readout", "aria-live": "polite" });
  const all = button("Show all steps", () => select(null));
  const canvas = element("div", { class: "canvas" });
  byId("curve-chart").append(element("div", { class: "controls" }, readout, all), canvas);

  const say = (line, step, value) => {
    const axis = controls.axis.selectedOptions[0].text;
    readout.value = `${line.label}: ${shownNumber(value)} at ${shownNumber(Math.round(step))} ${axis}`;
  };
  const draw = () => {
    readout.value = "Point at a line, or use the arrow keys on the chart, to read it.";
    const focused = canvas.contains(document.activeElement);
    view.chart = chartOf(data, measures[controls.measure.value], controls, view);
    view.drawn = drawChart(view.chart, Math.max(canvas.clientWidth, 280));
    const { svg } = view.drawn;
    const lines = view.chart.series.length;
    const label = `${view.chart.titles.y} of ${lines} ${lines === 1 ? "run" : "runs"}; arrow keys read it`;
    filled(svg, { tabindex: "0", role: "application", "aria-label": label }, []);
    canvas.replaceChildren(svg);
    makeReadable(view.drawn, view.chart.series, view.place, say, select);
    if (focused) svg.focus();
    all.hidden = !view.range;
    byId("curve-smoothing-value").value = controls.smoothing.value;
    describeChart(view.chart, data, measures[controls.measure.value], controls);
  };
  const select = (range) => {
    view.range = range;
    view.place = {};
    draw();
  };
  startChooser(data, view, draw);
  for (const control of [controls.measure, controls.axis]) control.addEventListener("change", () => select(null));
  controls.scale.addEventListener("change", draw);
  controls.smoothing.addEventListener("input", draw);
  new ResizeObserver(() => {
    if (view.drawn && Math.abs(canvas.clientWidth - view.drawn.svg.viewBox.baseVal.width) > 1 && canvas.clientWidth >= 280) draw();
  }).observe(canvas);
  startChartDownloads(view);
  draw();
}

/** What the chart shows with these controls. */
function chartOf(data, measure, controls, view) {
  const weight = Number(controls.smoothing.value);
  const chosen = [...view.slots.keys()].sort((a, b) => a - b);
  const series = chosen.map((place) => {
    const run = data.runs[place];
    const raw = pointsOf(run, measure, controls.axis.value);
    const points = weight ? smoothed(raw, weight) : raw;
    const behind = weight && chosen.length <= MOST_RAW ? raw : undefined;
    return { label: run.label, slot: view.slots.get(place), points, raw: behind };
  });
  const titles = { x: controls.axis.selectedOptions[0].text, y: measure.title };
  return { series, titles, log: controls.scale.value === "log", range: view.range };
}

/** The checkboxes of the runs, and the box that finds them. */
function startChooser(data, view, draw) {
  const find = byId("curve-find");
  const count = byId("curve-count");
  const boxes = data.runs.map((run) => {
    const box = element("input", { type: "checkbox" });
    const line = svgElement("line", { x1: 0, x2: 22, y1: 4, y2: 4 });
    const key = svgElement("svg", { width: 22, height: 8, "aria-hidden": "true", visibility: "hidden" }, line);
    const row = element("label", {}, box, key, element("span", {}, run.label));
    return { box, key, line, row, text: run.label.toLowerCase() };
  });
  const set = (place, shown) => {
    boxes[place].box.checked = shown;
    if (!shown) view.slots.delete(place);
    else if (!view.slots.has(place)) view.slots.set(place, freeSlot(view.slots));
    boxes[place].key.setAttribute("visibility", shown ? "visible" : "hidden");
    if (shown) filled(boxes[place].line, lineLook(view.slots.get(place)), []);
  };
  const tell = () => {
    count.value = `${view.slots.size} of ${boxes.length} shown`;
  };
  const change = (places, shown) => {
    places.forEach((place) => set(place, shown));
    tell();
    draw();
  };
  boxes.forEach(({ box }, place) => box.addEventListener("change", () => change([place], box.checked)));
  find.addEventListener("input", () => {
    const words = wordsOf(find);
    for (const { row, text } of boxes) row.hidden = !words.every((word) => text.includes(word));
  });
  const found = () => data.runs.map((_, place) => place).filter((place) => !boxes[place].row.hidden);
  byId("curve-all").addEventListener("click", () => change(found(), true));
  byId("curve-none").addEventListener("click", () => change(data.runs.map((_, place) => place), false));
  byId("curve-runs").append(...boxes.map(({ row }) => row));
  bestRuns(data, AT_FIRST).forEach((place) => set(place, true));
  tell();
}

/** The lowest slot without a run, so that a run keeps its colour while it is shown. */
function freeSlot(slots) {
  const taken = new Set(slots.values());
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}

/** The runs with the best last value of the leading measure among those with a history. */
function bestRuns(data, count) {
  const [leading] = data.measures;
  const sign = leading?.lower_is_better ? 1 : -1;
  const score = (run) => (leading && Number.isFinite(run.last[leading.key]) ? sign * run.last[leading.key] : Infinity);
  const drawable = data.runs.filter((run) => run.scores.steps.length || run.losses.steps.length);
  drawable.sort((a, b) => score(a) - score(b) || a.place - b.place);
  return drawable.slice(0, count).map((run) => run.place).sort((a, b) => a - b);
}

/** The chart in words and numbers: what was smoothed or averaged, and a table. */
function describeChart(chart, data, measure, controls) {
  const notes = [];
  const without = chart.series.filter(({ points }) => lastValue(points) === null).length;
  if (without) notes.push(`${without} of the chosen runs ${without === 1 ? "does" : "do"} not have this curve.`);
  if (chart.log && chart.series.some(({ points }) => points.some(([, value]) => value !== null && value <= 0))) {
    notes.push("Values of 0 and below are not on a logarithmic scale and left out.");
  }
  const bins = new Set(data.runs.filter((run) => measure.key in run[measure.kind].values).map((run) => run[measure.kind].steps_a_point));
  const largest = Math.max(1, ...bins);
  if (largest > 1) notes.push(`A point is the mean of ${bins.size > 1 ? "up to " : ""}${largest} steps.`);
  if (Number(controls.smoothing.value)) notes.push("Smoothed exponentially with this weight of what came before; pale: as it was.");
  byId("curve-note").textContent = notes.join(" ");
  const row = ({ label, points }) => {
    const values = points.map((point) => point[1]).filter((value) => value !== null);
    const cells = [values[0], Math.min(...values), Math.max(...values), lastValue(points)];
    const shown = cells.map((value) => element("td", { class: "number" }, values.length ? shownNumber(value) : MISSING));
    return element("tr", {}, element("th", { scope: "row" }, label), ...shown);
  };
  const headings = ["Run", "First", "Lowest", "Highest", "Last"];
  const heading = (text, index) => element("th", { scope: "col", class: index ? "number" : undefined }, text);
  byId("curve-table").replaceChildren(
    element(
      "table",
      {},
      element("caption", {}, `${chart.titles.y} of the runs shown`),
      element("thead", {}, element("tr", {}, ...headings.map(heading))),
      element("tbody", {}, ...chart.series.map(row)),
    ),
  );
}

function startChartDownloads(view) {
  const name = () => `curves-${view.chart.titles.y.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "")}`;
  byId("curve-svg").addEventListener("click", () => saveText(`${name()}.svg`, "image/svg+xml", standaloneSvg(view.drawn.svg)));
  byId("curve-png").addEventListener("click", () => {
    const uri = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standaloneSvg(view.drawn.svg))}`;
    savePng(`${name()}.png`, uri, 2);
  });
  byId("curve-csv").addEventListener("click", () => {
    const { series, titles } = view.chart;
    const rows = series.flatMap(({ label, points }) => points.map(([step, value]) => [label, step, value]));
    saveText(`${name()}.csv`, "text/csv", csvOf([["run", titles.x, titles.y], ...rows]));
  });
}
