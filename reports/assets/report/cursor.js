// Reading a chart with pointer or keys, and choosing a stretch of it.

/**
 * Makes a drawn chart readable. `say` takes the words for a point, `select` a range of steps or `null` for all,
 * `place` = { series, point } remembers where the reader is between drawings.
 */
function makeReadable(drawn, series, place, say, select) {
  const { svg, x, y, plot, log } = drawn;
  const mark = svgElement("circle", { class: "mark", r: 5, visibility: "hidden" });
  const stretch = svgElement("rect", { class: "stretch", y: plot.top, height: plot.bottom - plot.top, visibility: "hidden" });
  svg.append(stretch, mark);

  const isShown = ([step, value]) =>
    value !== null && (!log || value > 0) && x.at(step) >= plot.left - 1 && x.at(step) <= plot.right + 1;
  const shown = series.map((one) => one.points.filter(isShown));
  const moveTo = (line, index) => {
    const [step, value] = shown[line][index];
    Object.assign(place, { line, index });
    mark.setAttribute("cx", x.at(step));
    mark.setAttribute("cy", y.at(value));
    mark.setAttribute("visibility", "visible");
    say(series[line], step, value);
  };
  const nearest = (line, left, top) => {
    let best = { line, index: -1, distance: Infinity };
    shown[line].forEach(([step, value], index) => {
      const distance = Math.hypot(x.at(step) - left, y.at(value) - top);
      if (distance < best.distance) best = { line, index, distance };
    });
    return best;
  };
  const nearestOfAll = (left, top) => {
    const candidates = shown.map((_, line) => nearest(line, left, top));
    return candidates.reduce((a, b) => (b.distance < a.distance ? b : a), { index: -1, distance: Infinity });
  };

  followPointer(drawn, stretch, (left, top) => {
    const { line, index } = nearestOfAll(left, top);
    if (index >= 0) moveTo(line, index);
  }, select);
  svg.addEventListener("keydown", (event) => {
    if (moveByKey(event.key, shown, place, moveTo) || zoomByKey(event.key, drawn, shown, place, select)) event.preventDefault();
  });
}

/** Arrows along a line and from line to line; whether the key was one of them. */
function moveByKey(key, shown, place, moveTo) {
  const lines = shown.map((points, line) => (points.length ? line : -1)).filter((line) => line >= 0);
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity] };
  if (!moves[key] || !lines.length) return false;
  const [across, along] = moves[key];
  const started = lines.includes(place.line);
  const at = started ? lines.indexOf(place.line) : 0;
  const line = lines[(at + (started ? across : 0) + lines.length) % lines.length];
  const index = Math.min(Math.max((started ? place.index : 0) + (started ? along : 0), 0), shown[line].length - 1);
  moveTo(line, index);
  return true;
}

/** Plus and minus around the place of the reader, Escape for all; whether the key was one of them. */
function zoomByKey(key, drawn, shown, place, select) {
  if (key === "Escape") {
    if (drawn.range) select(null);
    return Boolean(drawn.range);
  }
  const factor = { "+": 0.5, "=": 0.5, "-": 2 }[key];
  const point = shown[place.line]?.[place.index];
  if (!factor || !point) return false;
  const [low, high] = [drawn.x.value(drawn.plot.left), drawn.x.value(drawn.plot.right)];
  const half = ((high - low) / 2) * factor;
  select([point[0] - half, point[0] + half]);
  return true;
}

/** Reads under the pointer; dragging chooses a stretch, a double click shows all. */
function followPointer(drawn, stretch, read, select) {
  const { svg, x, plot } = drawn;
  const within = (value) => Math.min(Math.max(value, plot.left), plot.right);
  const placeOf = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };
  let start = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) start = within(placeOf(event)[0]);
  });
  svg.addEventListener("pointermove", (event) => {
    const [left, top] = placeOf(event);
    if (start === null) {
      read(left, top);
      return;
    }
    const end = within(left);
    stretch.setAttribute("x", Math.min(start, end));
    stretch.setAttribute("width", Math.abs(end - start));
    stretch.setAttribute("visibility", "visible");
  });
  const finish = (event) => {
    if (start === null) return;
    const [low, high] = [start, within(placeOf(event)[0])].sort((a, b) => a - b);
    start = null;
    stretch.setAttribute("visibility", "hidden");
    if (event.type === "pointerup" && high - low > 8) select([x.value(low), x.value(high)]);
  };
  svg.addEventListener("pointerup", finish);
  svg.addEventListener("pointerleave", finish);
  svg.addEventListener("dblclick", () => select(null));
}
