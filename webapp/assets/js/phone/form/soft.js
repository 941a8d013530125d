// What is unlikely is asked once more ("đúng không?"); the answer travels with the visit. The same rules as
// webapp/core/survey_questions.py, held together by tests/phone/vectors.json. A question is {code, message, params}.
import { adultCount, residentCount } from "./checks.js";
import { N_, dayWords } from "../text.js";

const MANY_RESIDENTS = 12;
const ADULTS_CHANGED_BY = 3;
const MANY_DEVICES = 100;
const FULL_HOUSE_FROM = 2;

export const QUESTIONS = {
  many_residents: N_("Nhà có %(count)s người, đúng không?"),
  no_adults: N_("Nhà không có người lớn nào, đúng không?"),
  adults_changed: N_("Đợt trước có %(before)s người lớn, lần này có %(now)s, đúng không?"),
  smartphone_gone: N_("Đợt trước %(before)s người lớn có điện thoại thông minh, lần này %(now)s, đúng không?"),
  digital_id_gone: N_("Đợt trước %(before)s người lớn có số định danh, lần này %(now)s, đúng không?"),
  signature_gone: N_("Đợt trước %(before)s người lớn có chữ ký số hoặc điện tử, lần này %(now)s, đúng không?"),
  fibre_gone: N_("Đợt trước nhà có cáp quang, lần này không có, đúng không?"),
  many_devices: N_("Nhà có %(count)s thiết bị kết nối Internet, đúng không?"),
  everyone_everything: N_("Tất cả %(count)s người lớn đều có đủ mọi thứ, đúng không?"),
  nothing_known: N_("Không biết câu trả lời nào về người lớn, đúng không?"),
  visited_already: N_("Hộ này đã có phiếu ngày %(day)s trong đợt này. Vẫn nộp thêm một phiếu mới, đúng không?"),
};

// The screen on which the answer is changed; anything else leads to the people.
export const WHERE = {
  visited_already: "door",
  many_devices: "house",
  fibre_gone: "house",
  smartphone_gone: "digital",
  digital_id_gone: "digital",
  signature_gone: "digital",
  everyone_everything: "digital",
  nothing_known: "digital",
};

const question = (code, params = {}) => ({ code, message: QUESTIONS[code], params });
const known = (value) => value !== undefined && value !== null;

/** What should be confirmed. previous: answers of an earlier round; visitedOn: day of another visit in this round. */
export function softQuestions(answers, previous, visitedOn) {
  const asked = visitedOn ? [question("visited_already", { day: dayWords(visitedOn) })] : [];
  if (!answers) return asked;
  return [...asked, ...ofAnswers(answers), ...(previous ? since(answers, previous) : [])];
}

function ofAnswers(answers) {
  const adults = answers.adults ?? [];
  const asked = [];
  const residents = residentCount(answers);
  if (residents > MANY_RESIDENTS) asked.push(question("many_residents", { count: residents }));
  if (adultCount(answers) === 0) asked.push(question("no_adults"));
  if ((answers.iot_connections ?? 0) > MANY_DEVICES) {
    asked.push(question("many_devices", { count: answers.iot_connections }));
  }
  if (adults.length >= FULL_HOUSE_FROM && adults.every(hasAll)) {
    asked.push(question("everyone_everything", { count: adults.length }));
  }
  if (adults.length && !adults.some(knowsAnything)) asked.push(question("nothing_known"));
  return asked;
}

function since(answers, previous) {
  const before = adultCount(previous);
  const now = adultCount(answers);
  const asked = [];
  if (Math.abs(before - now) >= ADULTS_CHANGED_BY) asked.push(question("adults_changed", { before, now }));
  const fewerPeople = Math.max(0, before - now);
  for (const [code, count] of [["smartphone_gone", smartphones], ["digital_id_gone", digitalIds], ["signature_gone", signatures]]) {
    const had = count(previous);
    const has = count(answers);
    if (known(had) && known(has) && had - has > fewerPeople) asked.push(question(code, { before: had, now: has }));
  }
  if (previous.fibre_connected && answers.fibre_connected === false) asked.push(question("fibre_gone"));
  return asked;
}

const hasAll = (line) =>
  Boolean(line.smartphone && line.digital_id && line.vneid_level === 2 && line.digital_signature && line.e_signature);

const knowsAnything = (line) =>
  ["smartphone", "digital_id", "vneid_level", "digital_signature", "e_signature"].some((name) => known(line[name]));

/** Digital or electronic: a union. null when a "yes" cannot be excluded. */
export function hasSignature(line) {
  if (line.digital_signature || line.e_signature) return true;
  return known(line.digital_signature) && known(line.e_signature) ? false : null;
}

// null unless everybody's answer is known, for "not known" is not a loss.
function counted(answers, total, pick) {
  if (answers.totals) return answers.totals[total] ?? null;
  const values = (answers.adults ?? []).map(pick);
  return values.some((value) => !known(value)) ? null : values.filter(Boolean).length;
}

const smartphones = (answers) => counted(answers, "smartphone_adults", (line) => line.smartphone);
// Totals count residents of all ages, lines count adults: not to be compared with each other.
const digitalIds = (answers) => (answers.totals ? null : counted(answers, "", (line) => line.digital_id));
const signatures = (answers) => counted(answers, "esignature_adults", hasSignature);
