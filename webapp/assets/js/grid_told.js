// Showing in a row of the grid what the server said about it.
const KINDS = { new: "neutral", saved: "ok", kept: "neutral", error: "danger", ask: "warn", taken: "warn" };

/** Take over state, messages, questions and (unless somebody typed on meanwhile) the cells. */
export function showRow(form, row, answer, { keepCells }) {
  const prefix = row.dataset.row;
  row.dataset.state = answer.state;
  for (const name of ["visit", "base", "seen"]) row.querySelector(`[name$="-${name}"]`).value = answer[name];
  const state = row.querySelector("[data-row-state]");
  state.textContent = answer.word;
  state.className = `grid__state grid__state--${KINDS[answer.state]}`;
  for (const cell of row.querySelectorAll("[data-cell]")) {
    if (!keepCells && answer.state !== "error") cell.value = answer.cells[cell.dataset.cell] ?? "";
    const wrong = cell.dataset.cell in answer.errors;
    cell.toggleAttribute("aria-invalid", wrong);
    if (wrong) {
      cell.setAttribute("aria-invalid", "true");
      cell.setAttribute("aria-describedby", `${prefix}told`);
    }
  }
  const told = row.querySelector("[data-row-told]");
  told.replaceChildren(...parts(form, row, answer, prefix));
}

function parts(form, row, answer, prefix) {
  const found = [];
  if (answer.message) found.push(Object.assign(document.createElement("p"), { textContent: answer.message }));
  const errors = Object.entries(answer.errors).map(([key, text]) => {
    const heading = row.querySelector(`[data-cell="${key}"]`).closest("td").dataset.label;
    return item(`${heading}: ${text}`, "field__error");
  });
  const questions = answer.questions.map(([code, text]) => {
    const asked = form.querySelector("[data-grid-question]").content.firstElementChild.cloneNode(true);
    const box = asked.querySelector("input");
    box.name = `${prefix}confirmed`;
    box.value = code;
    asked.querySelector("span").textContent = text;
    return asked;
  });
  for (const lines of [errors, questions, answer.differences.map((text) => item(text, ""))]) {
    if (lines.length) found.push(list(lines));
  }
  if (answer.state === "taken") found.push(choices(form, prefix, answer.theirs));
  return found;
}

function choices(form, prefix, theirs) {
  const shown = form.querySelector("[data-grid-choices]").content.firstElementChild.cloneNode(true);
  const [keep, mine] = shown.querySelectorAll("input");
  keep.name = mine.name = `${prefix}choice`;
  mine.value = `mine:${theirs}`;
  if (!theirs) mine.closest("label").remove();
  return shown;
}

function item(text, name) {
  return Object.assign(document.createElement("li"), { textContent: text, className: name });
}

function list(lines) {
  const made = document.createElement("ul");
  made.append(...lines);
  return made;
}
