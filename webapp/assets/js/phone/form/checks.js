// What cannot be true in a visit: the same rules as webapp/core/survey_checks.py. tests/phone/vectors.json holds both
// to the same results. A problem is {field, message, params}; the message is a gettext id.
import { N_, dayWords } from "../text.js";

export const ADULTS_MAX = 60;
export const COUNT_MAX = 9999;
export const NOTE_MAX = 500;
export const BANDS = ["0-5", "6-13", "14", "15-17"];
const LEVEL_TWO_BANDS = new Set(["14", "15-17"]);
const SMARTPHONE_BANDS = new Set(["15-17"]);
const ID_AND_ACCOUNT = N_("Không có số định danh thì không có tài khoản VNeID. Sửa một trong hai.");

const known = (value) => value !== undefined && value !== null;
const problem = (field, message, params = {}) => ({ field, message, params });

/** Adults, derived. */
export const adultCount = (answers) => (answers.totals ? answers.totals.adults : (answers.adults ?? []).length);

/** Residents, derived. */
export function residentCount(answers) {
  if (answers.totals) return answers.totals.residents;
  return (answers.minors ?? []).reduce((sum, line) => sum + line.count, (answers.adults ?? []).length);
}

/** Everything that cannot be true. days: {starts_on, ends_on, today} as "2026-11-22". */
export function hardProblems(outcome, visitedOn, answers, days) {
  const problems = dayProblems(visitedOn, days);
  if (outcome !== "interviewed") {
    const clash = N_("Không hỏi được thì không có câu trả lời. Chọn lại kết quả lần đến nhà.");
    return answers ? [...problems, problem("outcome", clash)] : problems;
  }
  if (!answers) {
    const empty = N_("Phiếu chưa có câu trả lời nào. Ghi câu trả lời hoặc chọn kết quả khác.");
    return [...problems, problem("outcome", empty)];
  }
  return [...problems, ...answerProblems(answers)];
}

/** What cannot be true in the answers alone. */
export function answerProblems(answers) {
  const problems = answers.totals ? ofTotals(answers.totals) : ofPeople(answers);
  if (answers.totals && (answers.adults?.length || answers.minors?.length)) {
    problems.push(problem("totals", N_("Chỉ ghi từng người hoặc chỉ ghi số tổng, không ghi cả hai.")));
  }
  return [...problems, ...ofHouse(answers)];
}

/** Days as ISO text compare like days. */
export function dayProblems(day, days) {
  if (day > days.today) {
    const early = N_("Ngày %(day)s chưa đến. Ghi ngày bạn đã đến nhà.");
    return [problem("visited_on", early, { day: dayWords(day) })];
  }
  if (day >= days.starts_on && day <= days.ends_on) return [];
  const params = { first: dayWords(days.starts_on), last: dayWords(days.ends_on) };
  return [problem("visited_on", N_("Ngày đến nhà phải trong đợt này: từ %(first)s đến %(last)s."), params)];
}

function ofPeople(answers) {
  const adults = answers.adults ?? [];
  const minors = answers.minors ?? [];
  const problems = [];
  if (adults.length > ADULTS_MAX) {
    const many = N_("Một phiếu ghi nhiều nhất %(most)s người lớn. Tách thành hai hộ.");
    problems.push(problem("adults", many, { most: ADULTS_MAX }));
  }
  adults.forEach((line, index) => problems.push(...ofAdult(`adults.${index}`, line)));
  const bands = minors.map((line) => line.band);
  if (new Set(bands).size !== bands.length) problems.push(problem("minors", N_("Một độ tuổi bị ghi hai lần.")));
  for (const line of minors) problems.push(...ofMinors(`minors.${line.band}`, line));
  if (residentCount(answers) === 0) problems.push(problem("adult_count", NOBODY));
  return problems;
}

const NOBODY = N_("Hỏi được thì nhà phải có người. Ghi số người trong nhà.");

function ofAdult(path, line) {
  const level = line.vneid_level;
  const problems = [];
  if (known(level) && ![0, 1, 2].includes(level)) {
    problems.push(problem(`${path}.vneid_level`, N_("Tài khoản VNeID chỉ có mức 1 hoặc mức 2.")));
  }
  if (level && line.digital_id === false) problems.push(problem(`${path}.vneid_level`, ID_AND_ACCOUNT));
  return problems;
}

function ofMinors(path, line) {
  const problems = bounded(path, "count", line.count);
  for (const name of ["digital_id", "vneid_l2", "smartphone"]) {
    problems.push(...bounded(path, name, line[name], line.count));
  }
  if (line.vneid_l2 && !LEVEL_TWO_BANDS.has(line.band)) {
    problems.push(problem(`${path}.vneid_l2`, N_("VNeID mức 2 chỉ có từ 14 tuổi.")));
  } else if (line.vneid_l2 && known(line.digital_id) && line.vneid_l2 > line.digital_id) {
    problems.push(problem(`${path}.vneid_l2`, ID_AND_ACCOUNT));
  }
  if (line.smartphone && !SMARTPHONE_BANDS.has(line.band)) {
    problems.push(problem(`${path}.smartphone`, N_("Điện thoại thông minh của trẻ chỉ hỏi từ 15 tuổi.")));
  }
  return problems;
}

function ofTotals(totals) {
  const { residents, adults } = totals;
  const older = totals.residents_14plus;
  const problems = residents < 1 ? [problem("totals.residents", NOBODY)] : [];
  problems.push(...bounded("totals", "residents", residents));
  const limits = {
    adults: residents,
    residents_14plus: residents,
    smartphone_adults: adults,
    digital_id_residents: residents,
    vneid_l2: older ?? residents,
    esignature_adults: adults,
    digital_signature_adults: adults,
  };
  for (const [name, most] of Object.entries(limits)) problems.push(...bounded("totals", name, totals[name], most));
  return [...problems, ...ofUnions(totals)];
}

function ofUnions(totals) {
  const { residents_14plus: older, adults, esignature_adults: either, digital_signature_adults: digital } = totals;
  const problems = [];
  if (known(older) && older < adults) {
    const fewer = N_("Số người từ 14 tuổi (%(older)s) không thể ít hơn số người lớn (%(adults)s).");
    problems.push(problem("totals.residents_14plus", fewer, { older, adults }));
  }
  if (known(either) && known(digital) && digital > either) {
    const within = N_("Người có chữ ký số (%(digital)s) đã nằm trong số có chữ ký số hoặc chữ ký điện tử (%(either)s).");
    problems.push(problem("totals.digital_signature_adults", within, { digital, either }));
  }
  const withId = totals.digital_id_residents;
  if (known(totals.vneid_l2) && known(withId) && totals.vneid_l2 > withId) {
    problems.push(problem("totals.vneid_l2", ID_AND_ACCOUNT));
  }
  return problems;
}

function ofHouse(answers) {
  const problems = [];
  if (answers.fibre_connected && answers.fibre_covered === false) {
    const through = N_("Nhà đã nối cáp quang thì nơi này phải có cáp quang. Sửa một trong hai.");
    problems.push(problem("fibre_covered", through));
  }
  if (known(answers.fibre_speed) && !answers.fibre_connected) {
    problems.push(problem("fibre_speed", N_("Chỉ ghi tốc độ khi nhà đã nối cáp quang.")));
  }
  problems.push(...bounded("", "iot_connections", answers.iot_connections));
  problems.push(...bounded("", "residents_15plus", answers.residents_15plus, residentCount(answers)));
  problems.push(...bounded("", "payment_accounts", answers.payment_accounts, accountHolders(answers)));
  if ([...(answers.note ?? "")].length > NOTE_MAX) {
    problems.push(problem("note", N_("Ghi chú dài quá %(most)s chữ."), { most: NOTE_MAX }));
  }
  return problems;
}

function accountHolders(answers) {
  if (known(answers.residents_15plus)) return answers.residents_15plus;
  if (answers.totals) return answers.totals.residents;
  const older = (answers.minors ?? []).filter((line) => SMARTPHONE_BANDS.has(line.band));
  return older.reduce((sum, line) => sum + line.count, (answers.adults ?? []).length);
}

function bounded(path, name, value, most) {
  const field = path ? `${path}.${name}` : name;
  if (!known(value)) return [];
  if (value < 0) return [problem(field, N_("Ghi số từ 0 trở lên."))];
  if (known(most) && value > most) {
    const more = N_("Số này (%(value)s) nhiều hơn số người được hỏi (%(most)s). Sửa một trong hai.");
    return [problem(field, more, { value, most })];
  }
  if (value > COUNT_MAX) {
    return [problem(field, N_("Số này quá lớn. Ghi số từ 0 đến %(most)s."), { most: COUNT_MAX })];
  }
  return [];
}
