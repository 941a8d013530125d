// Extra questions of a round: which are asked, what is typed, what is wrong. Conditions come as small trees
// ({op, args}); an argument is {value}, {self: true}, {field: name} or another tree. Nothing is ever evaluated as code.
import { UNANSWERED, get, readCount } from "./state.js";
import { N_, _, pageData } from "../text.js";

const KINDS = {
  integer: "number",
  decimal: "decimal",
  text: "text",
  date: "date",
  select_one: "tiles",
  select_multiple: "check",
  note: "note",
};

/** Words in the reader's language, Vietnamese where there are none. */
const told = (words) => words?.[pageData().language] || words?.vi || "";

/** The extra questions that are asked now, shaped as those of asked.js. */
export function extraQuestions(form, extra = []) {
  if (form.outcome !== "interviewed") return [];
  return extra.filter((question) => isAsked(question, form, extra)).map((question) => ({
    path: `extra.${question.name}`,
    screen: "extra",
    kind: KINDS[question.type] ?? "text",
    label: told(question.label),
    hint: told(question.hint) || undefined,
    optional: !question.required && question.type !== "note",
    choices: question.choices?.length ? question.choices.map((choice) => [choice.name, told(choice.label)]) : undefined,
    source: question,
  }));
}

function isAsked(question, form, extra) {
  return !question.relevant || Boolean(evaluate(question.relevant, null, (name) => valueOf(name, form, extra)));
}

/** Read one answer as the ward stores it; undefined when blank or unreadable. */
export function valueOf(name, form, extra) {
  const question = extra.find((found) => found.name === name);
  const typed = get(form, `extra.${name}`);
  if (!question || typed === "" || typed?.length === 0) return undefined;
  if (question.type === "integer") return readCount(typed).value;
  if (question.type === "decimal") return decimal(typed);
  if (question.type === "select_multiple") return typed;
  return String(typed).normalize("NFC").trim() || undefined;
}

function decimal(typed) {
  const text = typed.trim().replace(",", ".");
  return /^-?\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}

/** Work a condition out. `self`: the answer that is checked; `field(name)`: another answer. A blank is "". */
export function evaluate(expression, self, field) {
  const values = expression.args.map((arg) => {
    if ("op" in arg) return evaluate(arg, self, field);
    if (arg.self) return self ?? "";
    return "field" in arg ? (field(arg.field) ?? "") : arg.value;
  });
  const [left, right] = values;
  const both = (compare) => left !== "" && right !== "" && compare(Number(left), Number(right));
  const rules = {
    ">=": () => both((a, b) => a >= b),
    ">": () => both((a, b) => a > b),
    "<=": () => both((a, b) => a <= b),
    "<": () => both((a, b) => a < b),
    "=": () => same(left, right),
    "!=": () => !same(left, right),
    and: () => values.every(Boolean),
    or: () => values.some(Boolean),
    not: () => !left,
    selected: () => (Array.isArray(left) ? left : String(left).split(" ")).includes(String(right)),
  };
  return rules[expression.op]();
}

const same = (left, right) =>
  typeof left === "number" || typeof right === "number" ? left !== "" && right !== "" && Number(left) === Number(right) : String(left) === String(right);

/** Give {extra, problems}; `extra` is undefined when no extra question was answered. */
export function extraOf(form, extra = []) {
  const problems = [];
  const answers = {};
  for (const question of extraQuestions(form, extra)) {
    if (question.kind === "note") continue;
    const { source, path } = question;
    const value = valueOf(source.name, form, extra);
    const message = problemOf(source, value, form, extra);
    if (message) problems.push({ field: path, params: {}, ...message });
    else if (value !== undefined) answers[source.name] = value;
  }
  return { extra: Object.keys(answers).length ? answers : undefined, problems };
}

function problemOf(question, value, form, extra) {
  const typed = get(form, `extra.${question.name}`);
  if (value === undefined && typed !== "" && typed?.length !== 0) {
    const whole = readCount(typed);
    return question.type === "integer" && whole.message
      ? { message: whole.message, params: whole.params ?? {} }
      : { message: N_("Hãy nhập một số, ví dụ 4,5.") };
  }
  if (value === undefined) {
    if (!question.required) return null;
    return question.choices?.length ? { message: UNANSWERED, blank: true } : { message: N_("Ô này chưa có nội dung. Hãy điền vào."), blank: true };
  }
  if (!question.constraint || evaluate(question.constraint, value, (name) => valueOf(name, form, extra))) return null;
  return { message: told(question.constraint_message) || _("Câu trả lời này không phù hợp. Xem lại gợi ý của câu hỏi.") };
}
