// What is wrong, on top of the step: each line leads to its field; blanks of one person are one line.
import { _ } from "../text.js";
import { h, icon } from "./dom.js";
import { idOf } from "./fields.js";

/** Problems -> {path: [text]}; blank ones first told by themselves. */
export function wordsOf(problems) {
  const found = {};
  for (const { field, message, params, blank } of problems) {
    const text = _(message, params);
    (found[field] ??= []).push(text);
    if (blank) found[field].blank = true;
  }
  return found;
}

export const pathsWithErrors = (errors) => Object.keys(errors);

/** The summary of a step; it takes the focus. */
export function errorSummary(questions, errors) {
  return h("div.error-summary", { role: "alert", tabindex: "-1", "data-summary": true, "aria-labelledby": "summary-title" },
    h("h2.error-summary__title", { id: "summary-title" }, icon("danger"), _("Có lỗi cần sửa")),
    h("ul", lines(questions, errors).map(({ path, text }) => h("li", link(path, text)))));
}

function link(path, text) {
  const id = idOf(path);
  const go = (event) => {
    event.preventDefault();
    const control = document.getElementById(id);
    control?.scrollIntoView({ block: "center" });
    control?.focus({ preventScroll: true });
  };
  return h("a", { href: `#${id}`, onclick: go }, text);
}

function lines(questions, errors) {
  const groups = new Map();
  for (const question of questions) {
    const who = question.card?.title ?? "";
    const key = who || question.path;
    if (!groups.has(key)) groups.set(key, { who, blanks: [], told: [] });
    const group = groups.get(key);
    const messages = errors[question.path] ?? [];
    if (messages.blank) group.blanks.push(question);
    else group.told.push(...messages.map((text) => ({ path: question.path, text: say(who, question, text) })));
  }
  return [...groups.values()].flatMap(({ who, blanks, told }) => {
    if (blanks.length < 2) {
      return [...told, ...blanks.map((question) => ({ path: question.path, text: say(who, question, errors[question.path][0]) }))];
    }
    const text = _("%(who)s: còn %(count)s câu chưa trả lời", { who, count: blanks.length });
    return [...told, { path: blanks[0].path, text }];
  });
}

const say = (who, question, text) => `${who ? `${who} – ` : ""}${question.label}: ${text}`;
