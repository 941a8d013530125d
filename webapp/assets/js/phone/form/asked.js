// Which questions are asked now, in order: one list for the three short screens, the simple mode and the check screen.
// A question: {path, screen, kind, label, hint?, choices?, unknown?, optional?, card?, last?}
//   kind: tiles segments count number date text select check note; unknown: a "Không biết" tick stands beside the number;
//   card: {key, title, adult?} groups questions about one person; last: {value, words} of the round before.
import { BANDS } from "./checks.js";
import { extraQuestions } from "./extra.js";
import { MINOR_COUNTS, TOTAL_COUNTS, UNKNOWN, adultLines, asksReason, formOfAnswers, get, readCount } from "./state.js";
import { _, number, pageData } from "../text.js";

const PEOPLE = ["sex", "age_band"];
const DIGITAL = ["smartphone", "digital_id", "vneid_level", "digital_signature", "e_signature"];

/** Steps of the form in order; which of them a visit has depends on what happened at the door. */
export function screensOf(form, extra) {
  if (form.outcome !== "interviewed") return ["door", "check"];
  const more = extraQuestions(form, extra).length ? ["extra"] : [];
  return ["door", "people", "digital", "house", ...more, "check"];
}

/** Every question that is asked now. context: {last: answers of the round before or null, extra: extra questions}. */
export function questionsOf(form, context) {
  const words = pageData().questions;
  const door = [
    { path: "outcome", screen: "door", kind: "tiles", ...words.visit.outcome },
    { path: "visited_on", screen: "door", kind: "date", ...words.visit.visited_on },
  ];
  if (form.outcome !== "interviewed") return door;
  const people = form.mode === "totals" ? totals(words) : [...counts(words), ...lines(form, words), ...minors(form, words)];
  const found = [...door, ...people, ...house(form, words), ...reasons(form, words)];
  const last = context.last ? formOfAnswers(context.last) : null;
  const all = [...found, noteOf(words), ...extraQuestions(form, context.extra)];
  return all.map((question) => ({ ...question, last: lastOf(question, form, last) })).sort(byScreen);
}

const ORDER = ["door", "people", "digital", "house", "extra"];
const byScreen = (one, other) => ORDER.indexOf(one.screen) - ORDER.indexOf(other.screen); // stable: order within stays

function counts(words) {
  const ofBands = BANDS.map((band) => ({
    path: `minors.${band}.count`, screen: "people", kind: "count", ...words.minors[band].count,
  }));
  return [{ path: "adult_count", screen: "people", kind: "count", ...words.visit.adult_count }, ...ofBands];
}

function lines(form, words) {
  return adultLines(form).flatMap((line, index) => {
    const ask = (screen) => (name) => ({
      path: `adults.${index}.${name}`,
      screen,
      kind: "segments",
      card: { key: `adult-${screen}-${index}`, title: adultTitle(form, index), adult: index },
      hint: hintOf(name, index),
      ...words.adult[name],
    });
    return [...PEOPLE.map(ask("people")), ...DIGITAL.map(ask("digital"))];
  });
}

/** "Người lớn 2 – Nữ, 30–44": so that nobody is mixed up on the second screen. */
export function adultTitle(form, index) {
  const words = pageData().questions.adult;
  const line = form.adults[index] ?? {};
  const told = PEOPLE.map((name) => (line[name] && line[name] !== UNKNOWN ? choiceWords(words[name], line[name]) : "")).filter(Boolean);
  const title = _("Người lớn %(number)s", { number: index + 1 });
  return told.length ? `${title} – ${told.join(", ")}` : title;
}

function hintOf(name, index) {
  if (name === "digital_signature" && index === 0) return _("Ký được bằng USB, SIM, ký từ xa hoặc chữ ký số trên VNeID");
  if (name === "e_signature" && index === 0) return _("Mã OTP hoặc đăng nhập VNeID không phải là chữ ký");
  return undefined;
}

function minors(form, words) {
  return BANDS.flatMap((band) => {
    const count = readCount(get(form, `minors.${band}.count`)).value;
    if (!count) return [];
    const title = _("%(band)s: %(count)s trẻ", { band: words.minors[band].count.label, count });
    return MINOR_COUNTS[band].map((name) => ({
      path: `minors.${band}.${name}`,
      screen: "digital",
      kind: "count",
      unknown: true,
      card: { key: `minors-${band}`, title },
      ...words.minors[band][name],
    }));
  });
}

function totals(words) {
  const ask = (screen, unknown) => (name) => ({
    path: `totals.${name}`, screen, kind: "count", unknown, ...words.totals[name],
  });
  return [...["residents", "adults"].map(ask("people", false)), ...TOTAL_COUNTS.map(ask("digital", true))];
}

function house(form, words) {
  const ask = (name, kind, more = {}) => ({ path: name, screen: "house", kind, ...words.visit[name], ...more });
  const connected = form.fibre_connected === "yes";
  const speed = ask("fibre_speed", "segments", { hint: _("Xem trên hợp đồng; 1 Gb/s là 1.000 Mb/s") });
  const things = _("Camera, loa, khóa cửa, tivi… có nối mạng; không tính điện thoại, máy tính");
  const money = _("Tài khoản ngân hàng hoặc ví điện tử. Không hỏi thì để trống.");
  return [
    ask("fibre_connected", "segments"),
    ...(connected ? [speed] : form.fibre_connected ? [ask("fibre_covered", "segments")] : []),
    ask("iot_connections", "count", { unknown: true, hint: things }),
    ...(form.mode === "totals" ? [ask("residents_15plus", "count", { optional: true })] : []),
    ask("payment_accounts", "count", { optional: true, hint: money }),
  ];
}

function reasons(form, words) {
  if (form.mode === "totals") return [];
  return adultLines(form).flatMap((line, index) => {
    if (!asksReason(line)) return [];
    const label = `${adultTitle(form, index)}: ${words.adult.barrier.label.toLowerCase()}`;
    return [{ path: `adults.${index}.barrier`, screen: "house", kind: "select", ...words.adult.barrier, label }];
  });
}

const noteOf = (words) => ({
  path: "note",
  screen: "house",
  kind: "text",
  optional: true,
  hint: _("Không ghi tên, số căn cước hay số điện thoại của người trong nhà."),
  ...words.visit.note,
});

/** Words of a choice; the value itself where there is no such choice. */
export function choiceWords(question, value) {
  return (question.choices ?? []).find(([name]) => name === value)?.[1] ?? value;
}

// The value of the round before; an adult's line knows which line of then it is.
function lastOf(question, form, last) {
  if (!last || ["note", "outcome", "visited_on"].includes(question.path) || question.screen === "extra") return undefined;
  const [head, index, name] = question.path.split(".");
  const before = head === "adults" ? form.adults[index]?.last : undefined;
  const path = head === "adults" ? `adults.${before}.${name}` : question.path;
  if (head === "adults" && (before === undefined || before === "")) return undefined;
  if (get(last, `${path}_unknown`)) return { value: "", unknown: true, words: _("Không biết") };
  const value = get(last, path);
  if (value === "" || (value === UNKNOWN && !question.choices)) return undefined;
  return { value, words: question.choices ? choiceWords(question, value) : number(value) };
}
