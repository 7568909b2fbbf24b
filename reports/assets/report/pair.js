// The part "Two runs": scores, settings and facts beside each other.

function startPair(data) {
  const [a, b, all] = ["pair-a", "pair-b", "pair-all"].map(byId);
  for (const select of [a, b]) {
    select.append(...data.runs.map((run) => element("option", { value: String(run.place) }, run.label)));
  }
  const experiment = (run) => document.querySelector(`#facts tr[data-run="${run.place}"]`).dataset.settings;
  const other = data.runs.find((run) => experiment(run) !== experiment(data.runs[0]));
  b.value = (other ?? data.runs[1]).place;
  const show = () => {
    const runs = [data.runs[a.value], data.runs[b.value]];
    byId("pair-result").replaceChildren(...pairParts(data, runs, all.checked));
  };
  for (const control of [a, b, all]) control.addEventListener("change", show);
  byId("pair-swap").addEventListener("click", () => {
    [a.value, b.value] = [b.value, a.value];
    show();
  });
  show();
}

function pairParts(data, runs, all) {
  const facts = runs.map(factsOf);
  const settings = runs.map(settingsOf);
  return [
    pairPictures(runs),
    pairTable("Scores", ["A", "B", "A − B"], scoreRows(data, runs)),
    pairTable("Settings", ["A", "B"], textRows(...settings, all)),
    pairTable("Facts", ["A", "B"], textRows(...facts, all)),
  ];
}

/** The samples of both runs, as their cards show them. */
function pairPictures(runs) {
  const pictures = runs.map(({ label, place }, side) => {
    const image = byId(`run-${place}`).querySelector("img");
    const caption = element("figcaption", {}, `${"AB"[side]}: ${label}`);
    if (!image) return element("figure", {}, caption);
    return element("figure", {}, caption, element("img", { class: "samples", alt: image.alt, src: image.src, width: image.width, height: image.height }));
  });
  return element("div", { class: "beside" }, ...pictures);
}

function scoreRows(data, [a, b]) {
  const moments = [["last", "last"], ["best", "best"], ["untrained", "untrained"]];
  const rows = [];
  for (const { key, title, decimals, lower_is_better: lower } of data.measures) {
    for (const [moment, word] of moments) {
      const values = [a, b].map((run) => run[moment]?.[key] ?? null);
      if (values.every((value) => value === null)) continue;
      const shown = (value) => (value === null ? MISSING : value.toFixed(decimals).replace("-", "−"));
      const difference = values.includes(null) ? null : values[0] - values[1];
      rows.push([`${title} ${lower ? "↓" : "↑"}, ${word}`, ...values.map(shown), shown(difference)]);
    }
  }
  return rows;
}

/** What the provenance says of a run, by heading. */
function factsOf({ place }) {
  const headings = [...byId("facts").tHead.rows[0].cells].map(cellText);
  const row = document.querySelector(`#facts tr[data-run="${place}"]`);
  return new Map(headings.map((heading, index) => [heading, row.cells[index].textContent]).slice(1));
}

/** The settings of a run's experiment, by key. */
function settingsOf({ place }) {
  const { settings } = document.querySelector(`#facts tr[data-run="${place}"]`).dataset;
  const rows = [...byId(settings).querySelectorAll("tbody tr")];
  return new Map(rows.map((row) => [row.cells[0].textContent, row.cells[1].textContent]));
}

/** The rows in which two maps differ, or all of them. */
function textRows(a, b, all) {
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort(collator.compare);
  const rows = keys.map((key) => [key, a.get(key) ?? MISSING, b.get(key) ?? MISSING]);
  return rows.filter((row) => all || row[1] !== row[2]);
}

function pairTable(title, sides, rows) {
  if (!rows.length) return element("p", {}, `${title}: no difference.`);
  const numeric = sides.length > 2;
  const cell = (text) => element("td", { class: numeric ? "number" : "value" }, text);
  const body = rows.map(([key, ...values]) => element("tr", {}, element("th", { scope: "row" }, key), ...values.map(cell)));
  const heading = (text) => element("th", { scope: "col", class: numeric ? "number" : undefined }, text);
  const table = element(
    "table",
    { class: "pair" },
    element("caption", {}, title),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, numeric ? "Measure" : "Name"), ...sides.map(heading))),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table);
}
