// The one place where a screen is put on the page: title, focus on its heading, and what a screen reader is told.
import { _ } from "../text.js";
import { h, icon } from "./dom.js";

const holder = () => document.querySelector("[data-screen]");
let leave = null;
const trail = []; // hashes of this page's history, newest last

/** Show a screen: {title, lead?, nodes, back?: {href, words}, leave?, quiet?}. */
export function mount(screen, { focus = true } = {}) {
  leave?.();
  leave = screen.leave ?? null;
  const heading = h("h1", { tabindex: "-1" }, screen.title);
  holder().replaceChildren(...[screen.back && backLink(screen.back), h("div", heading, screen.lead), ...screen.nodes.flat()].filter(Boolean));
  holder().removeAttribute("aria-busy");
  setTitle(screen.title, screen.isWrong);
  if (!focus) return;
  globalThis.scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

/** The title of the page; it begins with "Lỗi:" while something is wrong. */
export function setTitle(title, isWrong = false) {
  const name = document.querySelector("[data-ward]")?.textContent ?? "";
  document.title = `${isWrong ? `${_("Lỗi:")} ` : ""}${title} – ${name}`;
}

/** Tell a screen reader something that is also to be seen on the page. */
export function tellReader(text) {
  const line = document.querySelector("[data-told]");
  if (line && line.textContent !== text) line.textContent = text;
}

/** Keep the trail of addresses, to know what the phone's back button does. */
export function walked(hash) {
  if (trail.at(-2) === hash) trail.pop();
  else if (trail.at(-1) !== hash) trail.push(hash);
}

/** The next address takes the place of this one in the history. */
export function goInstead(hash) {
  trail.pop();
  location.replace(hash);
}

// The link back does what the phone's own button does, when that leads to the same screen.
function backLink({ href, words }) {
  const go = (event) => {
    event.preventDefault();
    if (trail.at(-2) === href) history.back();
    else goInstead(href);
  };
  return h("a.back-link", { href, onclick: go }, icon("left"), h("span", words));
}
