// A step of the form: one of the short screens, or a single question in the simple mode.
import { isSimple } from "./choices.js";
import { removeAdult } from "../form/state.js";
import { onChange } from "../events.js";
import { drop as forgetTyped } from "../autosave.js";
import { change } from "../records.js";
import { word } from "../words.js";
import { openForm } from "./open_form.js";
import { _ } from "../text.js";
import { arrange, button, h, icon, notice, once } from "./dom.js";
import { setTitle } from "./shell.js";
import { errorSummary, pathsWithErrors, wordsOf } from "./errors.js";
import { field, idOf, takeLast } from "./fields.js";
import { totalsLine } from "./totals.js";
import { address, after, before, placeOf } from "./way.js";

/** The screen of a step. `path`: the one question of the simple mode; none: the whole short screen. */
export async function stepScreen({ visitId, screen, path }) {
  const open = await openForm(visitId);
  if (!open) return { replace: `#/phieu/${visitId}` };
  const place = placeOf(open, { screen, path }, isSimple());
  if (place.replace) return place;
  return new Step(open, place).show();
}

/** Who lives there, above every step. */
export function whoLine(open, whole = true) {
  const { household, record } = open;
  const number = _("Hộ số %(number)s", { number: record.label });
  if (!household) return h("p.muted", number);
  return h("p.muted", number, " · ", h("b", household.head_name), whole && household.address && [h("br"), household.address]);
}

class Step {
  constructor(open, place) {
    this.open = open;
    this.place = place;
    this.generation = {}; // path -> how often its field was written by something else than the person's hand
    this.asking = null; // the adult whose removal is being confirmed
    this.list = h("div.questions");
    this.summary = h("div");
    this.note = h("p.dock__note", { "aria-live": "polite" });
    this.saved = h("span.saved", { role: "status" });
  }

  show() {
    const { open, place } = this;
    this.draw();
    this.errorsAgain();
    open.form.at = place.screen;
    const stop = onChange((event) => this.heard(event));
    const release = open.hold();
    return {
      title: place.title,
      isWrong: !this.summary.hidden,
      leave: () => {
        stop();
        release();
      },
      back: { href: before(open, place), words: _("Quay lại") },
      lead: [whoLine(open, place.screen === "door"), h("p.step-count", place.count, this.saved)],
      nodes: [this.summary, this.returned(), this.shortcuts(), this.list, this.tools(), this.dock()],
    };
  }

  questions() {
    const { place, open } = this;
    const all = open.questions();
    return all.filter((question) => (place.path ? question.path === place.path : question.screen === place.screen));
  }

  draw() {
    const { open } = this;
    const context = { form: open.form, errors: open.errors, changed: (path, how) => this.changed(path, how) };
    const groups = [];
    for (const question of this.questions()) {
      const key = question.card?.key ?? question.path;
      const same = groups.at(-1)?.key === key ? groups.at(-1) : null;
      if (same) same.questions.push(question);
      else groups.push({ key, card: question.card, questions: [question] });
    }
    arrange(this.list, groups.map((group) => ({
      key: group.key,
      sign: this.sign(group),
      make: () => (group.card ? this.card(group, context) : field(group.questions[0], context)),
    })));
    this.note.textContent = totalsLine(open.form, this.place.screen);
    this.note.hidden = this.note.textContent === "";
  }

  // A field is made anew only when something else about it changed than what is being typed.
  sign({ card, questions }) {
    const parts = questions.map(({ path }) => [path, this.generation[path] ?? 0, this.open.errors[path] ?? 0]);
    return JSON.stringify([card?.title, card && this.asking === card.adult, parts]);
  }

  card({ card, questions }, context) {
    const removable = card.adult !== undefined && this.place.screen === "people" && !this.place.path;
    const same = questions.some((question) => question.last) && questions.length > 1;
    return h("fieldset.form-card",
      h("legend.form-card__legend", card.title),
      h("div.form-card__fields",
        same && button("secondary", _("Người này không đổi"), () => this.takeCard(questions), { "aria-label": _("Người này không đổi: %(who)s", { who: card.title }) }),
        questions.map((question) => field(question, context)),
        removable && this.removal(card)));
  }

  removal(card) {
    if (this.asking !== card.adult) {
      return button("link", _("Bỏ người này"), () => this.ask(card.adult), { picture: "trash", "aria-label": _("Bỏ người này: %(who)s", { who: card.title }) });
    }
    const drop = () => {
      removeAdult(this.open.form, card.adult);
      this.asking = null;
      this.renew();
      this.list.querySelector("input, button")?.focus();
    };
    return h("div.card__buttons", { role: "group", "aria-label": card.title },
      h("p", _("Bỏ người này khỏi phiếu?")),
      button("danger", _("Bỏ"), drop),
      button("secondary", _("Giữ lại"), () => this.ask(null)));
  }

  ask(adult) {
    this.asking = adult;
    this.draw();
    this.list.querySelector(".card__buttons .button--secondary")?.focus();
  }

  takeCard(questions) {
    for (const question of questions) takeLast(this.open.form, question);
    this.renew(questions.map((question) => question.path));
  }

  renew(paths = this.questions().map((question) => question.path)) {
    for (const path of paths) this.generation[path] = (this.generation[path] ?? 0) + 1;
    this.open.touch();
    this.draw();
  }

  changed(path, { redraw = false } = {}) {
    if (!redraw) {
      this.open.touch();
      this.draw();
      return;
    }
    this.renew([path]);
    document.getElementById(idOf(path))?.focus();
  }

  returned() {
    const { returned } = this.open;
    if (!returned) return null;
    const question = this.open.returnedQuestion();
    const here = question && this.questions().some(({ path }) => path === question.path);
    const go = () => (here ? document.getElementById(idOf(question.path))?.focus() : (location.hash = address(this.open, question, isSimple())));
    return notice("warn", _("Phường trả lại phiếu này để sửa"),
      h("p", returned.return_reason),
      question && button("link", _("Câu cần xem: %(question)s", { question: question.label }), go));
  }

  // Nothing changed in the whole house: one tap, and everything can be read on the check screen.
  shortcuts() {
    const { open, place } = this;
    if (place.screen === "house" && open.last && !place.path) {
      const take = () => this.takeCard(this.questions());
      return button("secondary", _("Phần này không đổi"), take, { picture: "history" });
    }
    if (place.screen !== "people" || !open.last || open.record.body.base_revision) return null;
    if (place.path && place.path !== "adult_count") return null;
    const take = () => {
      open.takeAll();
      location.hash = `#/phieu/${open.record.visit_id}/check`;
    };
    return h("div.card",
      h("p", _("Hỏi chủ nhà: từ lần trước đến nay có gì thay đổi không?")),
      button("secondary", _("Cả nhà không đổi"), once(take), { picture: "history" }));
  }

  tools() {
    const { open, place } = this;
    if (place.screen !== "people" || (place.path && place.path !== "adult_count" && place.path !== "totals.residents")) return null;
    const byTotals = open.form.mode === "totals";
    const swap = () => {
      open.form.mode = byTotals ? "lines" : "totals";
      open.errors = {};
      open.touch();
      if (place.path) location.replace(address(open, open.questions().find((question) => question.screen === "people"), true));
      else this.renew();
    };
    const words = byTotals ? _("Ghi từng người") : _("Chỉ biết số tổng");
    const tool = button("link", words, () => {
      swap();
      tool.querySelector("span").textContent = open.form.mode === "totals" ? _("Ghi từng người") : _("Chỉ biết số tổng");
    });
    return h("div", tool);
  }

  dock() {
    const go = button("primary", _("Tiếp tục"), () => this.goOn());
    return h("div.dock", this.note, h("div.dock__buttons", go));
  }

  goOn() {
    const { open } = this;
    const here = this.questions().map((question) => question.path);
    const problems = open.read().problems.filter((problem) => here.includes(problem.field));
    open.errors = wordsOf(problems);
    this.draw();
    this.errorsAgain();
    if (problems.length) this.summary.querySelector("[data-summary]").focus();
    else location.hash = after(open, this.place);
  }

  errorsAgain() {
    const here = this.questions().filter((question) => pathsWithErrors(this.open.errors).includes(question.path));
    this.summary.replaceChildren(...(here.length ? [errorSummary(here, this.open.errors)] : []));
    this.summary.hidden = !here.length;
    setTitle(this.place.title, here.length > 0);
  }

  heard(event) {
    if (event.visit_id !== this.open.record.visit_id) return;
    if (event.kind === "saved") this.saved.replaceChildren(icon("check"), h("span", _("Đã lưu trên máy")));
    if (event.kind === "storage") this.saved.replaceChildren();
    if (event.kind === "elsewhere") this.clash();
  }

  // The same draft was changed in another tab: nothing is overwritten until the person says which one holds.
  clash() {
    const { open } = this;
    const mine = button("secondary", _("Giữ bản trên trang này"), () => {
      change(open.record, { mine: true });
      this.summary.replaceChildren();
      this.summary.hidden = true;
    });
    const other = button("secondary", _("Lấy bản ở thẻ kia"), () => {
      forgetTyped(open.record.visit_id);
      location.reload();
    });
    this.summary.replaceChildren(notice("danger", word("elsewhere"), h("div.card__buttons", mine, other)));
    this.summary.hidden = false;
  }
}
