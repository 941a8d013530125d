// Words of the phone form. Vietnamese stands in the sources as gettext ids; the page carries another language's words.
let page;

/** What the page was given: {texts, questions, …}; empty outside a page, so that rules can run anywhere. */
export function pageData() {
  if (page === undefined) {
    const holder = typeof document === "undefined" ? null : document.querySelector("[data-phone]");
    page = holder ? JSON.parse(holder.dataset.phone) : { texts: {}, questions: {} };
  }
  return page;
}

/** Put `params` into the named places of a text. */
export function fill(text, params = {}) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/** Give a text in the reader's language. */
export function _(msgid, params) {
  return fill(pageData().texts[msgid] ?? msgid, params);
}

/** A text of the engine by its code, from the page's `#phone-words`; the code itself where there is none. */
export function word(code, params) {
  const holder = typeof document === "undefined" ? null : document.querySelector("#phone-words");
  const found = holder?.content.querySelector(`[data-code="${CSS.escape(code)}"]`);
  return fill(found?.textContent.trim() || code, params);
}

/** Mark a text for the catalogue and give it unchanged; `_` translates it where it is shown. */
export const N_ = (msgid) => msgid;

/** 1234 -> "1.234". */
export const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");

const two = (value) => String(value).padStart(2, "0");

/** "2026-11-22" -> "22/11/2026". */
export const dayWords = (iso) => (iso ?? "").split("-").reverse().join("/");

/** "14:32" today, "14:32 ngày 21/11" otherwise, in the time of the ward. */
export function timeWords(iso, now = new Date()) {
  const zone = { timeZone: "Asia/Ho_Chi_Minh" };
  const parts = (moment) => {
    const options = { ...zone, hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", hourCycle: "h23" };
    const found = new Intl.DateTimeFormat("en-GB", options).formatToParts(moment);
    return Object.fromEntries(found.map((part) => [part.type, part.value]));
  };
  const then = parts(new Date(iso));
  const today = parts(now);
  const clock = `${two(then.hour)}:${two(then.minute)}`;
  if (then.day === today.day && then.month === today.month) return clock;
  return _("%(time)s ngày %(day)s", { time: clock, day: `${then.day}/${then.month}` });
}

/** How long ago in words: "2 ngày", "3 giờ", "5 phút". */
export function ageWords(iso, now = Date.now()) {
  const minutes = Math.max(1, Math.round((now - Date.parse(iso)) / 60000));
  if (minutes < 60) return _("%(count)s phút", { count: minutes });
  if (minutes < 48 * 60) return _("%(count)s giờ", { count: Math.round(minutes / 60) });
  return _("%(count)s ngày", { count: Math.floor(minutes / 1440) });
}

/** The ward's day as "2026-11-22". */
export function today(now = new Date()) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(now);
}
