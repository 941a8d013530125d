// From what was typed to answers as the ward stores them; unknowns are left out, so the same answers give the same bytes.
import { BANDS } from "./checks.js";
import { BLANK_COUNT, MINOR_COUNTS, TOTAL_COUNTS, UNANSWERED, YES_NO, adultLines, get, readCount } from "./state.js";
import { N_ } from "../text.js";

/** Gather problems while reading; `blank` ones are told in one line per person. */
class Reader {
  constructor(form) {
    this.form = form;
    this.problems = [];
  }

  problem(field, message, params, blank = false) {
    this.problems.push({ field, message, params: params ?? {}, blank });
  }

  choice(path) {
    const value = get(this.form, path);
    if (value === "") this.problem(path, UNANSWERED, {}, true);
    return value === "" || value === "unknown" ? undefined : value;
  }

  yesNo(path) {
    const value = this.choice(path);
    return value === undefined ? undefined : value === "yes";
  }

  /** A number with its "not known" tick; blank without the tick is an error, not a zero. */
  count(path, { blank = BLANK_COUNT, optional = false } = {}) {
    const { value, message, params } = readCount(get(this.form, path));
    if (message) this.problem(path, message, params);
    else if (value === undefined && !optional && !get(this.form, `${path}_unknown`)) {
      this.problem(path, blank, {}, true);
    }
    return value;
  }
}

const without = (values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length)));

/** Clean text as the ward does: one normal form, single spaces. */
export const clean = (text) => (text ?? "").normalize("NFC").split(/\s+/).filter(Boolean).join(" ");

/** Read the whole form: {answers, problems}; answers are complete only without problems. */
export function answersOf(form) {
  const reader = new Reader(form);
  const byTotals = form.mode === "totals";
  const people = byTotals ? { totals: totalsOf(reader) } : { adults: adultsOf(reader), minors: minorsOf(reader) };
  const answers = without({ ...people, ...houseOf(reader, byTotals), note: clean(form.note) });
  return { answers, problems: reader.problems };
}

function adultsOf(reader) {
  const blank = N_("Ghi số người lớn. Không có ai thì ghi 0.");
  reader.count("adult_count", { blank });
  return adultLines(reader.form).map((line, index) => {
    const path = `adults.${index}`;
    const level = reader.choice(`${path}.vneid_level`);
    return without({
      sex: reader.choice(`${path}.sex`),
      age_band: reader.choice(`${path}.age_band`),
      ...Object.fromEntries(YES_NO.map((name) => [name, reader.yesNo(`${path}.${name}`)])),
      vneid_level: level === undefined ? undefined : Number(level),
      barrier: line.barrier,
    });
  });
}

function minorsOf(reader) {
  return BANDS.flatMap((band) => {
    const count = reader.count(`minors.${band}.count`, { blank: N_("Ghi số trẻ. Không có thì ghi 0.") });
    if (!count) return [];
    const counts = MINOR_COUNTS[band].map((name) => [name, reader.count(`minors.${band}.${name}`)]);
    return [without({ band, count, ...Object.fromEntries(counts) })];
  });
}

function totalsOf(reader) {
  const blank = N_("Ghi số người. Không có ai thì ghi 0.");
  const whole = ["residents", "adults"].map((name) => [name, reader.count(`totals.${name}`, { blank }) ?? 0]);
  const counts = TOTAL_COUNTS.map((name) => [name, reader.count(`totals.${name}`)]);
  return without(Object.fromEntries([...whole, ...counts]));
}

function houseOf(reader, byTotals) {
  const connected = reader.yesNo("fibre_connected");
  return {
    fibre_connected: connected,
    fibre_covered: connected ? true : reader.yesNo("fibre_covered"), // where it is connected it passes by
    fibre_speed: connected ? reader.choice("fibre_speed") : undefined,
    iot_connections: reader.count("iot_connections"),
    residents_15plus: byTotals ? reader.count("residents_15plus", { optional: true }) : undefined,
    payment_accounts: reader.count("payment_accounts", { optional: true }),
  };
}
