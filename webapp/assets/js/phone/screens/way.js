// The way through the form: short screens, or question by question. Each step has an address of its own, so the
// phone's back button goes one step back and loses nothing.
import { _ } from "../text.js";

/** Words on top of each step. */
export const titleOf = (screen) =>
  ({
    door: _("Hôm nay ở nhà này"),
    people: _("Người trong nhà"),
    digital: _("Điện thoại và giấy tờ số"),
    house: _("Mạng, thiết bị và lý do"),
    extra: _("Câu hỏi thêm"),
    check: _("Xem lại trước khi nộp"),
  })[screen];

const base = (open) => `#/phieu/${open.record.visit_id}`;

/** Where a question is answered. */
export function address(open, question, simple) {
  return simple ? `${base(open)}/cau/${encodeURIComponent(question.path)}` : `${base(open)}/${question.screen}`;
}

/** The address of the first step of a screen. */
export function addressOfScreen(open, screen, simple) {
  const first = open.questions().find((question) => question.screen === screen);
  return screen === "check" || !first ? `${base(open)}/${screen}` : address(open, first, simple);
}

/** Find a step: {screen, path?, title, count}, or {replace} when it is not asked (any more). */
export function placeOf(open, { screen, path }, simple) {
  const screens = open.screens();
  const asked = open.questions();
  if (path) {
    const index = asked.findIndex((question) => question.path === path);
    if (index < 0) return { replace: addressOfScreen(open, "door", simple) };
    const question = asked[index];
    const count = open.form.outcome && _("Câu %(number)s trong %(all)s", { number: index + 1, all: asked.length });
    return { screen: question.screen, path, title: question.card?.title ?? titleOf(question.screen), count };
  }
  if (!screens.includes(screen)) return { replace: `${base(open)}/${screens[0]}` };
  if (simple) return { replace: addressOfScreen(open, screen, true) };
  const number = screens.indexOf(screen) + 1;
  const count = open.form.outcome ? _("Trang %(number)s trong %(all)s", { number, all: screens.length }) : "";
  return { screen, title: titleOf(screen), count };
}

/** The address of the next step. */
export function after(open, place) {
  if (place.path) {
    const asked = open.questions();
    const next = asked[asked.findIndex((question) => question.path === place.path) + 1];
    return next ? address(open, next, true) : `${base(open)}/check`;
  }
  const screens = open.screens();
  return `${base(open)}/${screens[screens.indexOf(place.screen) + 1]}`;
}

/** The address of the step before; the list before the first. */
export function before(open, place, simple = false) {
  if (place.path || simple) {
    const asked = open.questions();
    const index = place.path ? asked.findIndex((question) => question.path === place.path) : asked.length;
    return index > 0 ? address(open, asked[index - 1], true) : "#/";
  }
  const screens = open.screens();
  const index = screens.indexOf(place.screen);
  return index > 0 ? `${base(open)}/${screens[index - 1]}` : "#/";
}
