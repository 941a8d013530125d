// The form that is open: its draft, what is known about the door, and the problems that were shown.
import { answersOf, clean } from "../form/reading.js";
import { questionsOf, screensOf } from "../form/asked.js";
import { hardProblems } from "../form/checks.js";
import { today } from "../clock.js";
import { householdOf, openRound } from "./desk.js";
import { extraOf } from "../form/extra.js";
import { emptyForm, formOfAnswers, newForm, set } from "../form/state.js";
import { sameId } from "../ids.js";
import { change, Elsewhere, find, finish, newDraft } from "../records.js";
import { readReference as reference } from "../reference.js";
import { softQuestions } from "../form/soft.js";
import { N_ } from "../text.js";
import { holdForm } from "../update.js";
import { word } from "../words.js";

let current = null;

/** Open the draft of a visit; null when there is no such draft. The same object is given while it stays open. */
export async function openForm(visitId) {
  if (current?.record.visit_id === visitId && current.live) return current;
  const record = await find(visitId);
  if (record?.state !== "draft") return null;
  current = new OpenForm(record, await reference());
  return current;
}

/** Begin a visit at a door, or the correction of one; gives the record. It is stored with its first change. */
export async function beginVisit(household, { correct = false } = {}) {
  const known = await reference();
  const round = openRound(known, household.group_id);
  const visit = correct ? household.visit : null;
  const record = newDraft({
    household_id: household.id,
    group_id: household.group_id,
    round_id: round.id,
    label: String(household.number),
    form_version: known.form_version,
    visit_id: visit?.id,
    base_revision: visit?.revision,
  });
  record.form = visit ? formOfVisit(visit) : newForm(today(), household.last);
  current = new OpenForm(record, known);
  return record;
}

function formOfVisit(visit) {
  const stored = visit.content?.answers;
  const form = stored ? formOfAnswers(stored) : emptyForm("");
  Object.assign(form, { outcome: visit.outcome, visited_on: visit.visited_on, base_revision: visit.revision });
  form.extra = { ...visit.content?.extra };
  for (const [name, value] of Object.entries(form.extra)) if (typeof value === "number") form.extra[name] = String(value);
  return form;
}

/** One open form. */
class OpenForm {
  constructor(record, known) {
    this.record = record;
    this.live = true;
    this.household = householdOf(known, record.household_id);
    this.round = (known?.rounds ?? []).find((round) => sameId(round.id, record.round_id)) ?? null;
    this.extra = known?.extra ?? [];
    this.errors = {};
  }

  get form() {
    return this.record.form;
  }

  get last() {
    return this.household?.last ?? null;
  }

  get returned() {
    const visit = this.household?.visit;
    return visit?.status === "needs_correction" && sameId(visit.id, this.record.visit_id) ? visit : null;
  }

  /** The first question that the ward's reviewer spoke of; undefined when the visit came back as a whole. */
  returnedQuestion() {
    const field = this.returned?.return_field;
    const names = { adults: "adult_count", minors: "minors.0-5.count", totals: "totals.residents", signature: "digital_signature", fibre: "fibre_connected" };
    const name = names[field] ?? field;
    return name ? this.questions().find(({ path }) => path === name || path.endsWith(`.${name}`)) : undefined;
  }

  questions() {
    return questionsOf(this.form, { last: this.last, extra: this.extra });
  }

  screens() {
    return screensOf(this.form, this.extra);
  }

  /** Something was typed: it is on the disk within 300 ms. */
  touch() {
    change(this.record);
  }

  /** {answers, extra, problems}: everything wrong now; `answers` is null when nobody was asked. */
  read() {
    const { form } = this;
    const problems = [];
    if (!form.outcome) problems.push(one("outcome", N_("Chọn một kết quả của lần đến nhà này.")));
    if (!/^\d{4}-\d{2}-\d{2}$/.test(form.visited_on)) {
      return { answers: null, problems: [...problems, one("visited_on", N_("Ngày chưa đúng. Ví dụ: 22/11/2026."))] };
    }
    const met = form.outcome === "interviewed";
    const { answers, problems: blanks } = met ? answersOf(form) : { answers: null, problems: [] };
    const { extra, problems: more } = met ? extraOf(form, this.extra) : { problems: [] };
    const silent = new Set(blanks.map((problem) => problem.field));
    const days = { starts_on: this.round?.starts_on ?? "", ends_on: this.round?.ends_on ?? "9999", today: today() };
    const hard = form.outcome ? hardProblems(form.outcome, form.visited_on, answers, days) : [];
    problems.push(...blanks, ...hard.filter((problem) => !silent.has(problem.field)), ...more);
    return { answers, extra, problems: problems.map((problem) => ({ ...problem, field: place(problem.field) })) };
  }

  /** What should be confirmed before it is sent. */
  soft(answers) {
    const visit = this.household?.visit;
    const another = visit && !sameId(visit.id, this.record.visit_id) ? visit.visited_on : undefined;
    return softQuestions(answers, this.last, another);
  }

  /** Everything of the round before holds still; the note is not taken over. */
  takeAll() {
    const kept = { ...this.form };
    const form = formOfAnswers(this.last, kept.visited_on);
    Object.assign(this.form, form, { note: kept.note, extra: kept.extra, reason: kept.reason, confirmed: {} });
    Object.assign(this.form, { outcome: "interviewed", base_revision: kept.base_revision });
    this.touch();
  }

  write(path, value) {
    set(this.form, path, value);
    this.touch();
  }

  /** Hand the visit over to the outbox. */
  async send(answers, extra, asked) {
    const { record, form } = this;
    record.body = {
      ...record.body,
      outcome: form.outcome,
      visited_on: form.visited_on,
      answers,
      confirmed: asked.map(({ code, params }) => (Object.keys(params).length ? { code, params } : { code })),
      reason: clean(form.reason),
    };
    if (extra === undefined) delete record.body.extra;
    else record.body.extra = extra;
    const queued = await finish(record);
    this.live = false;
    return queued;
  }

  /** While the form is on the screen no update of the app is taken; gives what ends it. */
  hold() {
    return holdForm();
  }

  /** Show what the ward said about the record when it did not take it. */
  toldBy(problem) {
    this.errors = {};
    for (const { field, message } of problem?.errors ?? []) (this.errors[place(field)] ??= []).push(message);
    const wrong = this.questions().find((question) => this.errors[question.path]);
    if (wrong) this.form.at = wrong.screen;
  }

  /** Why it could not be written on the phone, in words. */
  whyNotSaved(error) {
    return word(error instanceof Elsewhere ? "elsewhere" : (error?.code ?? "storage-closed"));
  }
}

const one = (field, message) => ({ field, message, params: {} });

// A problem of the whole stands at the first field of its screen.
const PLACES = { adults: "adult_count", minors: "minors.0-5.count", totals: "totals.residents" };
const place = (name) => PLACES[name] ?? name;

/** The form was left; one that nothing was typed in was never stored. */
export function closeForm() {
  current = null;
}
