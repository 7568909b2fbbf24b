// Tables that sort by a column and show the rows that hold some words.

const MISSING = "–";
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** What a cell says, without the marks of its footnotes. */
function cellText(cell) {
  const parts = [...cell.childNodes].filter((node) => node.nodeName !== "SUP");
  return parts.map((node) => node.textContent).join("").trim();
}

/** A number as the page writes it (a true minus sign, perhaps a deviation after it), or `null`. */
function cellNumber(text) {
  const number = Number.parseFloat(text.replace("−", "-"));
  return Number.isNaN(number) ? null : number;
}

function comparable(row, column, numeric) {
  const text = cellText(row.cells[column]);
  if (text === MISSING || text === "") return null;
  return numeric ? cellNumber(text) : text;
}

/** The rows in order; what is missing stays last in either direction, and equal rows keep their order. */
function sortedRows(rows, column, numeric, descending) {
  const keyed = rows.map((row) => ({ row, key: comparable(row, column, numeric) }));
  const compare = (a, b) => (numeric ? a - b : collator.compare(a, b));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
    return descending ? compare(b.key, a.key) : compare(a.key, b.key);
  });
  return keyed.map(({ row }) => row);
}

/** The heading of each column: of a group of columns, those below the one that they share. */
function columnHeadings(table) {
  const [upper, lower] = [...table.tHead.rows].map((row) => [...row.cells]);
  return upper.flatMap((cell) => (cell.colSpan > 1 ? lower.splice(0, cell.colSpan) : [cell]));
}

function makeSortable(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const headings = columnHeadings(table);
  const order = { column: -1, descending: false };
  const sortBy = (column, numeric, bestFirst) => {
    const again = order.column === column;
    if (again && order.descending !== bestFirst) order.column = -1;
    else Object.assign(order, { column, descending: again ? !bestFirst : bestFirst });
    const rows = order.column < 0 ? original : sortedRows(original, column, numeric, order.descending);
    body.append(...rows);
    headings.forEach((heading, index) => {
      if (index !== order.column) heading.removeAttribute("aria-sort");
      else heading.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
    });
  };
  headings.forEach((heading, column) => {
    const title = heading.dataset.line ?? cellText(heading);
    if (!title) return;
    const numeric = heading.classList.contains("number");
    // Where higher is better, the best come first at the first click.
    const bestFirst = title.endsWith("↑");
    const sort = button("", () => sortBy(column, numeric, bestFirst));
    sort.append(...heading.childNodes);
    sort.classList.add("sort");
    heading.append(sort);
  });
}

function makeFilterable(table, scroll) {
  const rows = [...table.tBodies[0].rows];
  const input = element("input", { type: "search", autocomplete: "off" });
  const count = element("output");
  const filter = () => {
    const words = wordsOf(input);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    count.value = words.length ? `${shown} of ${rows.length} rows` : "";
  };
  input.addEventListener("input", filter);
  const label = element("label", {}, "Rows with ", input);
  scroll.before(element("div", { class: "controls filter" }, label, count));
}

function startTables() {
  for (const table of document.querySelectorAll("figure.table table, #facts")) {
    makeSortable(table);
    if (table.tBodies[0].rows.length > 1) makeFilterable(table, table.closest(".scroll"));
  }
}
