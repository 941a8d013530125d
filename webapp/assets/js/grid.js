// The grid for paper forms: keys move between cells, a row is saved when it is left complete, and what is not saved yet
// stays in localStorage (ids and figures, never a name). Without this file the page is a form of twenty rows.
import { fillCells, moveTo, pasted, rowKeys } from "./grid_cells.js";
import { showRow } from "./grid_told.js";
import { Unsaved } from "./grid_unsaved.js";

// Cells that may stay empty: the day and the result have a usual value, the others follow or are not always asked.
const MAY_BE_EMPTY = new Set(["visited_on", "outcome", "fibre_covered", "fibre_speed", "residents_15plus", "payment_accounts"]);

export function paperGrid() {
  const form = document.querySelector("form[data-grid]");
  if (form) new Grid(form).start();
}

class Grid {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-grid-status]");
    this.unsaved = new Unsaved(form.dataset.gridKey);
    this.changed = new Set();
    this.waiting = Promise.resolve();
  }

  get rows() {
    return [...this.form.querySelectorAll("[data-row]")].filter((row) => row.querySelector("[data-cell]"));
  }

  start() {
    for (const row of this.rows) if (this.unsaved.restore(row)) this.mark(row);
    this.form.addEventListener("focusin", (event) => event.target.matches("[data-cell]") && event.target.select());
    this.form.addEventListener("input", (event) => event.target.matches("[data-cell]") && this.mark(rowOf(event.target)));
    this.form.addEventListener("change", (event) => this.answered(event.target));
    this.form.addEventListener("keydown", (event) => this.pressed(event));
    this.form.addEventListener("paste", (event) => this.paste(event));
    this.form.addEventListener("focusout", (event) => this.left(rowOf(event.target), rowOf(event.relatedTarget)));
    this.tell();
    this.rows.find((row) => row.dataset.state === "new")?.querySelector('[data-cell="residents"]')?.focus();
  }

  mark(row) {
    this.changed.add(row);
    row.querySelector("[data-row-state]").textContent = this.form.dataset.gridUnsaved;
    this.unsaved.keep(row);
    this.tell();
  }

  left(row, next) {
    if (row && row !== next && this.changed.has(row) && isComplete(row)) this.save(row);
  }

  answered(control) {
    const row = rowOf(control);
    if (!row || control.matches("[data-cell]")) return;
    const boxes = [...row.querySelectorAll('input[type="checkbox"]')];
    if (control.type === "radio" || boxes.every((box) => box.checked)) this.save(row, { focus: true });
  }

  pressed(event) {
    const cell = event.target;
    if (event.key === "Enter" && cell.closest("[data-row]")) {
      event.preventDefault();
      if (!cell.matches("[data-cell]")) return void this.save(rowOf(cell), { focus: true });
      const last = cell === [...rowOf(cell).querySelectorAll("[data-cell]")].pop();
      if (event.ctrlKey || (last && !event.shiftKey)) return void this.finish(rowOf(cell));
    }
    if (cell.matches("[data-cell]")) moveTo(event, cell, this.rows);
  }

  finish(row) {
    this.save(row);
    const following = this.rows[this.rows.indexOf(row) + 1];
    const target = following ? following.querySelector('[data-cell="residents"]') : this.form.querySelector("[data-grid-next]");
    target?.focus();
  }

  paste(event) {
    if (!event.target.matches("[data-cell]")) return;
    const table = pasted(event.clipboardData.getData("text"));
    if (!table) return;
    event.preventDefault();
    const filled = fillCells(event.target, table, this.rows);
    for (const row of filled) this.mark(row);
    for (const row of filled) if (isComplete(row)) this.save(row);
  }

  save(row, options = {}) {
    this.changed.delete(row);
    row.querySelector("[data-row-state]").textContent = this.form.dataset.gridSaving;
    this.waiting = this.waiting.then(() => this.send(row, options));
  }

  async send(row, options) {
    const answer = await post(this.form, row);
    if (!answer) {
      this.changed.add(row);
      row.querySelector("[data-row-state]").textContent = this.form.dataset.gridUnsaved;
      this.status.textContent = this.form.dataset.gridOffline;
      return;
    }
    const again = this.changed.has(row); // typed on while it was on its way: what is typed stays, its base is the new one
    showRow(this.form, row, answer, { keepCells: again });
    if (again) return void (isComplete(row) && !row.contains(document.activeElement) && this.save(row));
    if (answer.state === "saved" || answer.state === "kept" || answer.state === "new") this.unsaved.forget(row);
    else this.unsaved.keep(row);
    this.tell(this.form.dataset.gridTold.replace("{n}", row.dataset.number).replace("{word}", answer.word));
    if (options.focus) (row.querySelector('[aria-invalid="true"]') ?? nextCell(this.rows, row))?.focus();
  }

  tell(first = "") {
    const left = this.unsaved.count(rowKeys(this.rows));
    const all = this.form.dataset;
    const rest = left ? all.gridCount.replace("{n}", left) : first ? all.gridAll : "";
    this.status.textContent = [first, rest].filter(Boolean).join(". ");
  }
}

function rowOf(element) {
  return element?.closest?.("[data-row]") ?? null;
}

function nextCell(rows, row) {
  return rows[rows.indexOf(row) + 1]?.querySelector('[data-cell="residents"]');
}

// Whether nothing that must be answered is empty; somebody who was not met answers nothing.
function isComplete(row) {
  const cells = [...row.querySelectorAll("[data-cell]")];
  const typed = cells.filter((cell) => cell.value.trim() !== "" && cell.dataset.cell !== "visited_on");
  const outcome = cells.find((cell) => cell.dataset.cell === "outcome").value.trim();
  if (outcome !== "" && outcome !== "1") return true;
  return typed.length > 0 && cells.every((cell) => MAY_BE_EMPTY.has(cell.dataset.cell) || cell.value.trim() !== "");
}

// The row as it now stands on the server, or null when no answer of ours came back: a portal's page is not an answer.
async function post(form, row) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("usual_day", form.elements.usual_day.value);
  for (const control of row.querySelectorAll("input")) {
    if (control.name && (!["checkbox", "radio"].includes(control.type) || control.checked)) body.append(control.name, control.value);
  }
  try {
    const headers = { "X-Grid-Row": "1", Accept: "application/json" };
    const response = await fetch(form.action, { method: "POST", body, headers, redirect: "manual" });
    const answer = response.ok ? await response.json() : null;
    const household = row.querySelector('[name$="-household"]').value;
    return answer?.rows?.find((one) => one.household === household) ?? null;
  } catch {
    return null;
  }
}
