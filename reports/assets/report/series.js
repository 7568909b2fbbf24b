// From the data of the page to lines of a chart.

const LOSS_NAMES = { loss_d: "Discriminator loss", loss_g: "Generator loss" };

/** What can be drawn: scores in the order of the report, then losses and their parts. */
function drawableMeasures(data) {
  const found = (kind) => new Set(data.runs.flatMap((run) => Object.keys(run[kind].values)));
  const scores = found("scores");
  const known = data.measures.filter(({ key }) => scores.has(key));
  const titled = known.map(({ key, title, unit, lower_is_better: lower }) => ({
    kind: "scores",
    key,
    title: `${title}${unit ? ` (${unit})` : ""} ${lower ? "↓" : "↑"}`,
  }));
  const others = [...scores].filter((key) => !known.some((measure) => measure.key === key));
  const losses = [...found("losses")].sort((a, b) => (b in LOSS_NAMES) - (a in LOSS_NAMES));
  return [
    ...titled,
    ...others.map((key) => ({ kind: "scores", key, title: key })),
    ...losses.map((key) => ({ kind: "losses", key, title: LOSS_NAMES[key] ?? `Loss: ${key}` })),
  ];
}

/** Pairs of place on the axis and value, or none where the run does not have them. */
function pointsOf(run, measure, axis) {
  const { steps, values } = run[measure.kind];
  const curve = values[measure.key];
  const factor = axis === "images" ? run.images_a_step : 1;
  if (!curve || factor === null) return [];
  return steps.map((step, index) => [step * factor, curve[index]]);
}

/** Exponential smoothing without the pull towards the first value; a gap stays a gap and is not smoothed over. */
function smoothed(points, weight) {
  let sum = 0;
  let total = 0;
  return points.map(([step, value]) => {
    if (value === null) return [step, null];
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return [step, sum / total];
  });
}

/** The last value of a line that there is. */
function lastValue(points) {
  return points.findLast(([, value]) => value !== null)?.[1] ?? null;
}
