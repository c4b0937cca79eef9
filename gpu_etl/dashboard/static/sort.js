// Tables whose heads sort them: numbers by their data-value, words as the page's language orders them.
export function makeSortable(root) {
  for (const table of root.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH" || head.querySelector("button") || !head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, heads, column));
    });
  }
}

function sort(table, heads, column) {
  const head = heads[column];
  const isNumber = head.classList.contains("n");
  const was = head.getAttribute("aria-sort");
  const order = was === (isNumber ? "descending" : "ascending") ? -1 : 1;
  const sign = isNumber ? -order : order;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [key(row.cells[column], isNumber), row]);
  rows.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null); // the unknown stands last either way
    return sign * (isNumber ? a - b : a.localeCompare(b, document.documentElement.lang, { numeric: true }));
  });
  body.append(...rows.map(([, row]) => row));
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
}

function key(cell, isNumber) {
  if (!isNumber) return cell.textContent.trim() || null;
  const value = cell.dataset.value;
  return value === undefined || value === "" ? null : Number(value);
}
