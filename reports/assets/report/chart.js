// A line chart as SVG: axes, lines, legend.

const CHART_FONT = "12px system-ui, 'Liberation Sans', Arial, sans-serif";
const LEGEND_LINE = 18;
/** More lines than this are not named one by one: the table below the chart does. */
const MOST_NAMED = 24;
const COLOURS = 7;
const DASHES = ["", "7 4", "2 3", "9 3 2 3"];

const ruler = document.createElement("canvas").getContext("2d");

function textWidth(text) {
  ruler.font = CHART_FONT;
  return ruler.measureText(text).width;
}

/** The look of the line in a slot: neighbours differ in colour, and those of one colour in their dashes. */
function lineLook(slot) {
  return { class: `series series-${slot % COLOURS}`, "stroke-dasharray": DASHES[Math.floor(slot / COLOURS) % DASHES.length] };
}

/** Moves and lines through the points that `scale` can show; a gap begins a new stretch. */
function linePath(points, x, y, log) {
  let path = "";
  let pen = "M";
  for (const [step, value] of points) {
    if (value === null || (log && value <= 0)) {
      pen = "M";
      continue;
    }
    path += `${pen}${x.at(step).toFixed(1)} ${y.at(value).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

function axes(x, y, plot, titles) {
  const group = svgElement("g", { class: "axes" });
  for (const tick of x.ticks(plot.width < 420 ? 4 : 8)) {
    const at = x.at(tick);
    group.append(
      svgElement("line", { class: "grid", x1: at, x2: at, y1: plot.top, y2: plot.bottom }),
      svgElement("text", { x: at, y: plot.bottom + 17, "text-anchor": "middle" }, shownNumber(tick)),
    );
  }
  for (const tick of y.ticks(6)) {
    const at = y.at(tick);
    group.append(
      svgElement("line", { class: "grid", x1: plot.left, x2: plot.right, y1: at, y2: at }),
      svgElement("text", { x: plot.left - 7, y: at + 4, "text-anchor": "end" }, shownNumber(tick)),
    );
  }
  const middle = (plot.left + plot.right) / 2;
  group.append(
    svgElement("text", { x: middle, y: plot.bottom + 36, "text-anchor": "middle" }, titles.x),
    svgElement("text", { x: plot.left, y: plot.top - 10, class: "title" }, titles.y),
  );
  return group;
}

/** The legend's entries with their places, from the left and top of the legend. */
function legendPlaces(series, width) {
  let left = 0;
  let line = 0;
  const places = series.map(({ label, slot }) => {
    const needed = textWidth(label) + 42;
    if (left > 0 && left + needed > width) {
      left = 0;
      line += 1;
    }
    const place = { label, slot, left, top: line * LEGEND_LINE };
    left += needed;
    return place;
  });
  return { places, height: series.length ? (line + 1) * LEGEND_LINE : 0 };
}

function legend(places, left, top) {
  const group = svgElement("g", { class: "legend" });
  for (const place of places) {
    const [x, y] = [left + place.left, top + place.top];
    group.append(
      svgElement("line", { ...lineLook(place.slot), x1: x, x2: x + 22, y1: y - 4, y2: y - 4 }),
      svgElement("text", { x: x + 28, y }, place.label),
    );
  }
  return group;
}

/**
 * Draws `chart` = { series: [{ label, slot, points, raw }], titles: { x, y }, log, range } at a width.
 * `points` and `raw` are pairs of step and value; a `null` value is a gap. `range` is what the chart shows of its steps.
 */
function drawChart(chart, width) {
  const { series, titles, log, range } = chart;
  const inside = ([step]) => !range || (step >= range[0] && step <= range[1]);
  const points = series.flatMap((one) => [...one.points, ...(one.raw ?? [])]).filter(inside);
  const values = points.map((point) => point[1]).filter((value) => value !== null && (!log || value > 0));
  const steps = range ?? airyRange(points.map((point) => point[0]), false);
  const named = series.length <= MOST_NAMED ? legendPlaces(series, width - 70) : legendPlaces([], width);
  const plot = { left: 58, right: width - 12, top: 30, bottom: width < 500 ? 270 : 350 };
  plot.width = plot.right - plot.left;
  const height = plot.bottom + 48 + named.height + 6;
  const x = makeScale(...steps, plot.left, plot.right, false);
  const y = makeScale(...airyRange(values, log), plot.bottom, plot.top, log);

  const clip = svgElement("clipPath", { id: "chart-plot" });
  clip.append(svgElement("rect", { x: plot.left, y: plot.top - 2, width: plot.width, height: plot.bottom - plot.top + 4 }));
  const lines = svgElement("g", { "clip-path": "url(#chart-plot)" });
  for (const one of series) {
    if (one.raw) lines.append(svgElement("path", { ...lineLook(one.slot), class: `raw series series-${one.slot % COLOURS}`, d: linePath(one.raw, x, y, log) }));
  }
  for (const one of series) {
    lines.append(svgElement("path", { ...lineLook(one.slot), d: linePath(one.points, x, y, log) }));
    const drawn = one.points.filter(([, value]) => value !== null && (!log || value > 0));
    for (const [step, value] of drawn.length <= 12 ? drawn : []) {
      lines.append(svgElement("circle", { class: `series-${one.slot % COLOURS}`, cx: x.at(step), cy: y.at(value), r: 2.6 }));
    }
  }
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "curves" });
  svg.append(clip, axes(x, y, plot, titles), lines, legend(named.places, plot.left, plot.bottom + 62));
  return { svg, x, y, plot, log, range };
}

/** The drawing as the text of an SVG file, on white and with its looks written into it. */
function standaloneSvg(svg) {
  const root = document.documentElement;
  const theme = root.dataset.theme;
  root.dataset.theme = "light";
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  const looks = ["fill", "stroke", "stroke-width", "stroke-opacity", "font-size", "font-family", "font-weight"];
  [copy, ...copy.querySelectorAll("*")].forEach((node, index) => {
    const style = getComputedStyle(originals[index]);
    for (const look of looks) node.setAttribute(look, style.getPropertyValue(look));
    node.removeAttribute("class");
  });
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const { width, height } = svg.viewBox.baseVal;
  copy.prepend(svgElement("rect", { width, height, fill: "#fff" }));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}
