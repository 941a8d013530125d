// What is typed on the phone, kept exactly as typed (also half or wrong), and how it becomes answers.
// A form is plain JSON in the draft's record; paths such as "adults.0.smartphone" are those of the checks.
import { BANDS } from "./checks.js";
import { N_ } from "../text.js";

export const UNKNOWN = "unknown";
export const UNANSWERED = N_("Chưa trả lời. Không rõ thì chọn “Không biết”.");
export const BLANK_COUNT = N_("Chưa ghi số. Không rõ thì chọn “Không biết”.");
export const YES_NO = ["smartphone", "digital_id", "digital_signature", "e_signature"];
export const MINOR_COUNTS = {
  "0-5": ["digital_id"],
  "6-13": ["digital_id"],
  14: ["digital_id", "vneid_l2"],
  "15-17": ["digital_id", "vneid_l2", "smartphone"],
};
export const TOTAL_COUNTS = [
  "residents_14plus",
  "smartphone_adults",
  "digital_id_residents",
  "vneid_l2",
  "esignature_adults",
  "digital_signature_adults",
];

/** An empty form. Minors begin at 0, as on paper; everything else is unanswered. */
export function emptyForm(today) {
  return {
    base_revision: null,
    outcome: "",
    visited_on: today,
    mode: "lines",
    adult_count: "",
    adults: [],
    minors: Object.fromEntries(BANDS.map((band) => [band, { count: "0" }])),
    totals: {},
    fibre_connected: "",
    fibre_covered: "",
    fibre_speed: "",
    iot_connections: "",
    payment_accounts: "",
    residents_15plus: "",
    note: "",
    extra: {},
    reason: "",
    confirmed: {},
  };
}

/** A new visit's form. Where there were minors the round before, 0 is not written in advance: it must be asked. */
export function newForm(today, last) {
  const form = emptyForm(today);
  for (const line of last?.minors ?? []) if (line.count) form.minors[line.band].count = "";
  return form;
}

function steps(path) {
  const [head, ...rest] = path.split(".");
  return head === "extra" ? [head, rest.join(".")] : [head, ...rest];
}

/** Read what stands at a path; "" where nothing does. */
export function get(form, path) {
  return steps(path).reduce((part, step) => part?.[step], form) ?? "";
}

/** Write at a path, making what is missing on the way. */
export function set(form, path, value) {
  const way = steps(path);
  const last = way.pop();
  const part = way.reduce((inner, step) => (inner[step] ??= {}), form);
  part[last] = value;
}

/** "1.234" and "1 234" are thousands; gives {value} or {message}. Blank gives {}. The rules of count_field.py. */
export function readCount(typed) {
  let text = String(typed ?? "").trim();
  if (text === "") return {};
  if (/^\d{1,3}(?:\.\d{3})+$|^\d{1,3}(?:[ \u00a0\u202f]\d{3})+$/.test(text)) text = text.replace(/\D/g, "");
  if (/^\d{1,9}$/.test(text)) return { value: Number(text) };
  if (/^\d{1,3}(?:,\d{3})+$/.test(text)) {
    const plain = text.replaceAll(",", "");
    return { message: N_("Chưa rõ số này. Ghi liền các chữ số, ví dụ %(plain)s."), params: { plain } };
  }
  if (text.startsWith("-")) return { message: N_("Ghi số từ 0 trở lên.") };
  return { message: N_("Ghi một số nguyên bằng chữ số, ví dụ 4.") };
}

/** How many adults' lines count now; lines beyond it are kept, so that 3 → 1 → 3 loses nothing. */
export function adultLines(form) {
  const wanted = readCount(form.adult_count).value ?? 0;
  while (form.adults.length < Math.min(wanted, 61)) form.adults.push({ last: String(form.adults.length) });
  return form.adults.slice(0, wanted);
}

/** Take one adult away, the count with it. */
export function removeAdult(form, index) {
  form.adults.splice(index, 1);
  form.adult_count = String(Math.max(0, (readCount(form.adult_count).value ?? 1) - 1));
}

/** Tell whether an adult lacks something (or a reason stands there already): only then is a reason asked for. */
export const asksReason = (line) =>
  Boolean(line.barrier) || line.smartphone === "no" || line.digital_id === "no" || ["0", "1"].includes(line.vneid_level) ||
  (line.digital_signature === "no" && line.e_signature === "no");

const tri = (value) => (value === undefined || value === null ? UNKNOWN : value ? "yes" : "no");

function putCount(part, name, value) {
  if (value === undefined || value === null) part[`${name}_unknown`] = true;
  else part[name] = String(value);
}

/** The form of stored answers: for last round's values and for corrections. */
export function formOfAnswers(answers, today = "") {
  const form = emptyForm(today);
  form.note = answers.note ?? "";
  form.mode = answers.totals ? "totals" : "lines";
  form.adults = (answers.adults ?? []).map((line, index) => ({
    last: String(index),
    sex: line.sex ?? UNKNOWN,
    age_band: line.age_band ?? UNKNOWN,
    vneid_level: line.vneid_level === undefined || line.vneid_level === null ? UNKNOWN : String(line.vneid_level),
    barrier: line.barrier ?? "",
    ...Object.fromEntries(YES_NO.map((name) => [name, tri(line[name])])),
  }));
  form.adult_count = answers.totals ? "" : String(form.adults.length);
  for (const line of answers.minors ?? []) {
    form.minors[line.band] = { count: String(line.count) };
    for (const name of MINOR_COUNTS[line.band]) putCount(form.minors[line.band], name, line[name]);
  }
  if (answers.totals) {
    form.totals = { residents: String(answers.totals.residents), adults: String(answers.totals.adults) };
    for (const name of TOTAL_COUNTS) putCount(form.totals, name, answers.totals[name]);
  }
  form.fibre_connected = tri(answers.fibre_connected);
  form.fibre_covered = tri(answers.fibre_covered);
  if (answers.fibre_connected) form.fibre_speed = answers.fibre_speed ?? UNKNOWN;
  putCount(form, "iot_connections", answers.iot_connections);
  for (const name of ["payment_accounts", "residents_15plus"]) {
    if (answers[name] !== undefined && answers[name] !== null) form[name] = String(answers[name]);
  }
  return form;
}
