// Everything once more, in words, before it is sent; unlikely answers are confirmed one by one.
import { adultCount, residentCount } from "../form/checks.js";
import { choiceWords } from "../form/asked.js";
import { get } from "../form/state.js";
import { WHERE, hasSignature } from "../form/soft.js";
import { dayWords, number, _ } from "../text.js";
import { button, h, icon, linkButton, notice } from "./dom.js";
import { wordsOf } from "./errors.js";
import { openForm } from "./open_form.js";
import { goInstead } from "./shell.js";
import { whoLine } from "./step.js";
import { addressOfScreen, before, titleOf } from "./way.js";

/** The last screen of the form; with something missing it leads back to where that is. */
export async function checkScreen(visitId, simple) {
  const open = await openForm(visitId);
  if (!open) return { replace: `#/phieu/${visitId}` };
  const { answers, extra, problems } = open.read();
  open.errors = wordsOf(problems);
  const wrong = open.questions().find((question) => open.errors[question.path]);
  if (wrong) return { replace: addressOfScreen(open, simple ? wrong.path : wrong.screen, simple) };
  return new Check(open, answers, extra, simple).show();
}

class Check {
  constructor(open, answers, extra, simple) {
    Object.assign(this, { open, answers, extra, simple });
    this.asked = open.soft(answers);
    this.sentAt = 0;
    this.summary = h("div");
    this.confirmations = h("div.questions");
  }

  show() {
    const { open, simple } = this;
    const count = open.screens().length;
    this.draw();
    return {
      title: titleOf("check"),
      back: { href: before(open, { screen: "check" }, simple), words: _("Quay lại") },
      lead: [whoLine(open), !simple && h("p.step-count", _("Trang %(number)s trong %(all)s", { number: count, all: count }))],
      leave: open.hold(),
      nodes: [this.summary, this.confirmations, ...this.sections(), this.reason(), this.dock()],
    };
  }

  draw(missing = new Set()) {
    const nodes = this.asked.map((question) => this.confirmation(question, missing.has(question.code)));
    const title = h("h2", _("Hãy xác nhận"));
    this.confirmations.replaceChildren(...(nodes.length ? [title, ...nodes] : []));
    this.confirmations.hidden = !nodes.length;
  }

  confirmation(question, isMissing) {
    const { open } = this;
    const said = open.form.confirmed[question.code] === signOf(question);
    const yes = button("secondary", _("Đúng"), () => {
      open.write(`confirmed.${question.code}`, said ? "" : signOf(question));
      this.draw();
      document.getElementById(`confirm-${question.code}`)?.focus();
    }, { picture: "check", "aria-pressed": String(said), id: `confirm-${question.code}` });
    const mend = linkButton("secondary", _("Sửa"), addressOfScreen(open, WHERE[question.code] ?? "people", this.simple), { picture: "edit" });
    const text = _(question.message, question.params);
    return h("div.card", { role: "group", "aria-label": text },
      h("p", h("b", text)),
      isMissing && h("p.field__error", icon("danger"), h("span", _("Bấm “Đúng” nếu đúng, hoặc bấm “Sửa”."))),
      h("div.pairs", yes, mend));
  }

  sections() {
    const { open } = this;
    const groups = new Map();
    for (const question of open.questions()) {
      if (question.kind === "note") continue;
      if (!groups.has(question.screen)) groups.set(question.screen, []);
      groups.get(question.screen).push(question);
    }
    const shown = [...groups].map(([screen, questions]) => this.section(screen, questions));
    if (this.answers) shown.splice(1, 0, h("section.card", h("h2", _("Tổng hợp cả nhà")), facts(derived(this.answers))));
    return shown;
  }

  section(screen, questions) {
    const { open } = this;
    const mend = linkButton("secondary", _("Sửa"), addressOfScreen(open, screen, this.simple), { "aria-label": _("Sửa: %(what)s", { what: titleOf(screen) }) });
    const cards = new Map();
    for (const question of questions) {
      const key = question.card?.title ?? "";
      if (!cards.has(key)) cards.set(key, []);
      cards.get(key).push([question.label, answerWords(open.form, question)]);
    }
    return h("section.card",
      h("div.card__head", h("h2", titleOf(screen)), mend),
      [...cards].map(([title, rows]) => [title && h("h3", title), facts(rows)]));
  }

  reason() {
    const { open } = this;
    if (open.record.body.base_revision === null) return null;
    const input = h("textarea.input", {
      id: "f-reason",
      rows: 3,
      maxlength: 500,
      "aria-describedby": "f-reason-hint",
      value: get(open.form, "reason"),
      oninput: () => open.write("reason", input.value),
    });
    return h("div.field",
      h("label.field__label", { for: "f-reason" }, _("Vì sao sửa phiếu?")),
      h("p.field__hint", { id: "f-reason-hint" }, _("Ví dụ: ghi nhầm, hỏi lại chủ hộ. Lý do được lưu cùng phiếu.")),
      input);
  }

  dock() {
    const send = button("primary", _("Nộp phiếu"), () => this.send(), { picture: "send" });
    return h("div.dock", h("div.dock__buttons", send));
  }

  async send() {
    const { open } = this;
    const missing = this.asked.filter((question) => open.form.confirmed[question.code] !== signOf(question));
    const noReason = open.record.body.base_revision !== null && get(open.form, "reason").trim() === "";
    if (missing.length || noReason) {
      this.stop(missing, noReason);
      return;
    }
    if (Date.now() - this.sentAt < 1000) return; // a second press; by time, so that a failure can be tried again
    this.sentAt = Date.now();
    try {
      await open.send(this.answers, this.extra, this.asked);
    } catch (error) {
      this.summary.replaceChildren(notice("danger", _("Chưa lưu được phiếu"), h("p", open.whyNotSaved(error))));
      return;
    }
    goInstead(`#/phieu/${open.record.visit_id}`);
  }

  stop(missing, noReason) {
    this.draw(new Set(missing.map((question) => question.code)));
    const line = (id, text) => {
      const go = (event) => {
        event.preventDefault();
        document.getElementById(id)?.focus();
      };
      return h("li", h("a", { href: `#${id}`, onclick: go }, text));
    };
    this.summary.replaceChildren(h("div.error-summary", { role: "alert", tabindex: "-1", "aria-labelledby": "summary-title" },
      h("h2.error-summary__title", { id: "summary-title" }, icon("danger"), _("Còn việc trước khi nộp")),
      h("ul",
        missing.map((question) => line(`confirm-${question.code}`, _(question.message, question.params))),
        noReason && line("f-reason", _("Hãy ghi lý do sửa phiếu.")))));
    this.summary.firstChild.focus();
  }
}

// A "yes" holds for the answer it was given to: other numbers are asked again.
const signOf = (question) => JSON.stringify(question.params) || "{}";

const facts = (rows) => h("dl.facts", rows.map(([label, value]) => h("div", h("dt", label), h("dd", value))));

/** An answer in words; "not known" is one, and not zero. */
export function answerWords(form, question) {
  if (get(form, `${question.path}_unknown`)) return _("Không biết");
  const value = get(form, question.path);
  if (question.choices) {
    const chosen = Array.isArray(value) ? value : [value];
    return chosen.filter((one) => one !== "").map((one) => choiceWords(question, one)).join(", ") || _("Không hỏi");
  }
  if (question.kind === "date") return dayWords(value);
  if (value === "") return question.kind === "text" ? "–" : _("Không hỏi");
  return question.kind === "count" ? number(value) : value;
}

function derived(answers) {
  const rows = [[_("Số người"), number(residentCount(answers))], [_("Người lớn"), number(adultCount(answers))]];
  const adults = answers.adults ?? [];
  if (answers.totals || !adults.length) return rows;
  const share = (values) => {
    const unknown = values.filter((value) => value === undefined || value === null).length;
    const told = _("%(n)s trong %(all)s người lớn", { n: values.filter(Boolean).length, all: values.length });
    const but = _("%(n)s người không biết", { n: unknown });
    return unknown ? `${told} (${but})` : told;
  };
  const level = (line) => (line.vneid_level === undefined ? undefined : line.vneid_level >= 2);
  return [
    ...rows,
    [_("Có điện thoại thông minh"), share(adults.map((line) => line.smartphone))],
    [_("Có số định danh"), share(adults.map((line) => line.digital_id))],
    [_("Có VNeID mức 2"), share(adults.map(level))],
    [_("Có chữ ký số hoặc chữ ký điện tử"), share(adults.map(hasSignature))],
  ];
}
