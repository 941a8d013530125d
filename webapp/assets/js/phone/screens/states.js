// Where a door or a record stands, in words, always with a picture and a tint.
import { pageData, timeWords, _ } from "../text.js";
import { word } from "../words.js";
import { badge, h } from "./dom.js";

/** Words of an answer at the door. */
export const outcomeWords = (outcome) =>
  (pageData().questions.visit.outcome.choices.find(([value]) => value === outcome) ?? [])[1] ?? "";

/** Badges of a household on the list and on its page. */
export function doorBadges({ state, record, visit }) {
  const outcome = state === "done" ? (record?.body.outcome ?? visit?.outcome) : "";
  const told = {
    left: ["neutral", _("Chưa làm")],
    elsewhere: ["neutral", _("Người khác phụ trách")],
    draft: ["info", _("Đang ghi dở"), "pen"],
    waiting: ["info", _("Chờ gửi"), "clock"],
    problem: ["danger", _("Cần xem lại")],
    returned: ["warn", _("Cần sửa")],
    done: ["ok", _("Đã gửi")],
  }[state];
  const more = outcome && outcome !== "interviewed" ? [" ", badge("neutral", outcomeWords(outcome), "house")] : [];
  return [badge(...told), ...more];
}

/** Where a record is: {kind, text, why}. */
export function recordWords(record) {
  const { state, problem, next_attempt_at: next } = record;
  if (state === "draft") return { kind: "info", text: _("Đang ghi dở, còn trên máy này"), why: "" };
  if (state === "sending") return { kind: "info", text: _("Đang gửi"), why: "" };
  if (state === "sent") return { kind: "ok", text: receiptWords(record), why: "" };
  if (state === "problem") return { kind: "danger", text: _("Phường chưa nhận, cần bạn xem"), why: whyWords(problem) };
  const later = next ? _("Sẽ tự gửi lại lúc %(time)s.", { time: timeWords(new Date(next).toISOString()) }) : "";
  if (record.held) return { kind: "warn", text: _("Đã lưu trên máy, chưa gửi được"), why: whyWords(problem) };
  return { kind: "info", text: _("Đã lưu trên máy, chờ gửi"), why: [problem && whyWords(problem), later].filter(Boolean).join(" ") };
}

/** Why the ward did not take it: its own words when it said some. */
export function whyWords(problem) {
  if (!problem) return "";
  const said = problem.detail || word(problem.code || "other");
  const lines = (problem.errors ?? []).map((error) => error.message).filter((line) => line && !said.includes(line));
  return [said, ...lines].join(" ");
}

/** "Phường đã nhận 14:32, mã K7F-2QM". */
export const receiptWords = ({ receipt }) =>
  _("Phường đã nhận %(time)s, mã %(code)s", { time: timeWords(receipt.submitted_at), code: receipt.code });

/** The receipt of a sent record, when there is one. */
export const receiptLine = (record) => (record?.receipt ? h("p", h("b", receiptWords(record))) : null);
