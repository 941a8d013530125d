// Moving between the cells of the grid, and filling them from a copied table.

/** Arrows and Enter: left and right at the edge of the text, up and down in the column. */
export function moveTo(event, cell, rows) {
  const row = cell.closest("[data-row]");
  const cells = [...row.querySelectorAll("[data-cell]")];
  const at = cells.indexOf(cell);
  const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  const above = rows[rows.indexOf(row) - 1]?.querySelectorAll("[data-cell]")[at];
  const below = rows[rows.indexOf(row) + 1]?.querySelectorAll("[data-cell]")[at];
  const targets = {
    Enter: event.shiftKey ? cells[at - 1] : cells[at + 1],
    ArrowUp: above,
    ArrowDown: below,
    ArrowLeft: whole || cell.selectionEnd === 0 ? cells[at - 1] : null,
    ArrowRight: whole || cell.selectionStart === cell.value.length ? cells[at + 1] : null,
  };
  const target = event.altKey || event.metaKey ? null : targets[event.key];
  if (!target) return;
  event.preventDefault();
  target.focus();
}

/** Give the cells of a copied table, or null for a single word. */
export function pasted(text) {
  const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
  const table = lines.map((line) => line.split("\t").map((value) => value.trim().slice(0, 20)));
  return table.length > 1 || table[0].length > 1 ? table : null;
}

/** Fill the table in from a cell on, to the right and downwards; gives the rows that were touched. */
export function fillCells(cell, table, rows) {
  const row = cell.closest("[data-row]");
  const at = [...row.querySelectorAll("[data-cell]")].indexOf(cell);
  const first = rows.indexOf(row);
  const touched = [];
  table.forEach((values, down) => {
    const cells = rows[first + down]?.querySelectorAll("[data-cell]");
    if (!cells) return;
    values.forEach((value, right) => {
      if (cells[at + right]) cells[at + right].value = value;
    });
    touched.push(rows[first + down]);
  });
  return touched;
}

/** Give the households of the rows. */
export function rowKeys(rows) {
  return rows.map((row) => row.querySelector('[name$="-household"]').value);
}
