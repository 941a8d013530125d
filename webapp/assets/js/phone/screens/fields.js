// One question on the screen, whatever its kind; what is typed goes straight into the form at the question's path.
import { get, readCount, set } from "../form/state.js";
import { _ } from "../text.js";
import { h, hidden, icon } from "./dom.js";

/** The id of a question's first control. */
export const idOf = (path) => `f-${path.replaceAll(".", "-")}`;

/**
 * Make the field of a question.
 * context: {form, changed(path), errors: {path: [text]}}.
 */
export function field(question, context) {
  const errors = context.errors[question.path] ?? [];
  const make = MAKERS[question.kind] ?? MAKERS.text;
  const node = make(question, context, { ...parts(question, context, errors), errors });
  if (errors.length) node.classList.add("field--error");
  node.dataset.path = question.path;
  return node;
}

// Hint, last round's value and errors, with the ids that tie them to the control.
function parts(question, context, errors) {
  const id = idOf(question.path);
  const above = [];
  const ids = [];
  const put = (name, node) => {
    node.id = `${id}-${name}`;
    ids.push(node.id);
    above.push(node);
  };
  if (question.hint) put("hint", h("p.field__hint", question.hint));
  const asWords = question.last && !TILED.has(question.kind);
  if (asWords) put("last", h("p.field__last", _("Lần trước:"), " ", h("b", question.last.words)));
  if (errors.length) {
    const line = (text) => h("p.field__error", icon("danger"), h("span", hidden(_("Lỗi:")), " ", text));
    put("error", h("div", errors.map(line)));
  }
  const label = [question.label, question.optional && h("span.field__optional", ` ${_("(không bắt buộc)")}`)];
  return { id, above, label, same: asWords && sameButton(question, context), described: ids.join(" ") || undefined };
}

const TILED = new Set(["segments", "tiles"]);

// One tap: the answer of the round before holds.
function sameButton(question, context) {
  const take = () => {
    takeLast(context.form, question);
    context.changed(question.path, { redraw: true });
  };
  const name = _("Không đổi: %(value)s – %(question)s", { value: question.last.words, question: question.label });
  return h("button.button.button--secondary.same", { type: "button", onclick: take, "aria-label": name }, _("Không đổi"));
}

/** Take the value of the round before. */
export function takeLast(form, question) {
  if (!question.last) return;
  set(form, question.path, question.last.value);
  if (question.unknown) set(form, `${question.path}_unknown`, Boolean(question.last.unknown));
}

function choices(question, context, { id, above, label, described, errors }, css) {
  const chosen = get(context.form, question.path);
  const isMany = question.kind === "check";
  const option = ([value, words], index) => {
    const input = h("input", {
      type: isMany ? "checkbox" : "radio",
      id: index ? `${id}-${index}` : id,
      name: id,
      value,
      checked: isMany ? (chosen || []).includes(value) : chosen === value,
      "aria-invalid": errors.length ? "true" : undefined,
      onchange: () => {
        set(context.form, question.path, isMany ? ticked(input.closest("fieldset")) : value);
        context.changed(question.path);
      },
    });
    return h(`div.${css.one}`, input, optionLabel(question, input.id, value, words, css));
  };
  return h("fieldset.field.answer", { "aria-describedby": described },
    h("legend.field__legend", label), above, h(`div.${css.all}`, question.choices.map(option)));
}

const ticked = (fieldset) => [...fieldset.querySelectorAll("input:checked")].map((input) => input.value);

// The answer of the round before says so itself: pressing it is "no change" in one tap.
function optionLabel(question, id, value, words, css) {
  const same = question.last?.value === value && question.last.value !== "";
  const told = same && [hidden(", "), h("span.segment__same", _("như cũ")), hidden(` ${_("so với lần trước")}`)];
  if (css.one === "tile") return h("label", { for: id }, words, told);
  return h("label", { for: id }, icon("check"), h("span", words, told));
}

function segments(question, context, told) {
  const shape = question.choices.length === 4 ? "segments.segments--pairs" : "segments";
  return choices(question, context, told, { all: shape, one: "segment" });
}

const tiles = (question, context, told) => choices(question, context, told, { all: "tiles", one: "tile" });

function count(question, context, { id, above, label, same, described, errors }) {
  const { form, changed } = context;
  const input = box(question, context, { id, described, errors, inputmode: "numeric", css: "input input--s" });
  const tick = question.unknown && h("input", {
    type: "checkbox",
    id: `${id}-unknown`,
    checked: Boolean(get(form, `${question.path}_unknown`)),
    onchange: () => {
      set(form, `${question.path}_unknown`, tick.checked);
      if (tick.checked) write("");
      changed(question.path);
    },
  });
  const write = (text) => {
    input.value = text;
    set(form, question.path, text);
  };
  const typed = () => {
    if (tick && input.value.trim() !== "") {
      tick.checked = false;
      set(form, `${question.path}_unknown`, false);
    }
    changed(question.path);
  };
  input.addEventListener("input", typed);
  const step = (by) => () => {
    write(String(Math.max(0, (readCount(input.value).value ?? 0) + by)));
    typed();
  };
  const stepButton = (by, name, words) =>
    h("button.stepper__button", { type: "button", onclick: step(by), "aria-label": words }, icon(name));
  return h("div.field",
    h("label.field__label", { for: id }, label), above,
    h("div.cluster",
      h("span.stepper",
        stepButton(-1, "minus", _("Bớt 1: %(label)s", { label: question.label })), input,
        stepButton(1, "plus", _("Thêm 1: %(label)s", { label: question.label }))),
      same,
      tick && h("div.tile.tile--plain", tick,
        h("label", { for: tick.id }, _("Không biết"), hidden(`: ${question.label}`)))));
}

function box(question, context, { id, described, errors, inputmode, type = "text", css = "input" }) {
  const input = h(`input.${css.replaceAll(" ", ".")}`, {
    id,
    type,
    inputmode,
    autocomplete: "off",
    "aria-describedby": described,
    "aria-invalid": errors.length ? "true" : undefined,
    value: get(context.form, question.path),
    oninput: () => set(context.form, question.path, input.value),
  });
  return input;
}

function line(more) {
  return (question, context, told) => {
    const input = box(question, context, { ...told, ...more });
    input.addEventListener("input", () => context.changed(question.path));
    return h("div.field", h("label.field__label", { for: told.id }, told.label), told.above, input, told.same);
  };
}

function text(question, context, { id, above, label, described, errors }) {
  const input = h("textarea.input", {
    id,
    rows: 3,
    "aria-describedby": described,
    "aria-invalid": errors.length ? "true" : undefined,
    value: get(context.form, question.path),
    oninput: () => {
      set(context.form, question.path, input.value);
      context.changed(question.path);
    },
  });
  return h("div.field", h("label.field__label", { for: id }, label), above, input);
}

function select(question, context, { id, above, label, same, described, errors }) {
  const chosen = get(context.form, question.path);
  const input = h("select.input", {
    id,
    "aria-describedby": described,
    "aria-invalid": errors.length ? "true" : undefined,
    onchange: () => {
      set(context.form, question.path, input.value);
      context.changed(question.path);
    },
  }, question.choices.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
  return h("div.field", h("label.field__label", { for: id }, label), above, input, same && h("div", same));
}

const plain = (question) => h("div.field", h("p", h("b", question.label)), question.hint && h("p.muted", question.hint));

const MAKERS = {
  segments,
  tiles,
  check: tiles,
  count,
  number: line({ inputmode: "numeric", css: "input input--s" }),
  decimal: line({ inputmode: "decimal", css: "input input--s" }),
  date: line({ type: "date", css: "input input--m" }),
  text,
  select,
  note: plain,
};

