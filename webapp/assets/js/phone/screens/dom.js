// Making elements: h("p.muted", {hidden: true, onclick: f}, "text", child). Text is always text, never markup.
const SVG = "http://www.w3.org/2000/svg";

/** Make an element; falsy children are left out, lists are taken apart. */
export function h(selector, ...rest) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  const [first] = rest;
  const hasProps = first && typeof first === "object" && !Array.isArray(first) && !(first instanceof Node);
  if (hasProps) give(node, rest.shift());
  node.append(...rest.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

function give(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
}

/** A picture of the page's sprite; the word beside it carries the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Words for screen readers only. */
export const hidden = (text) => h("span.visually-hidden", text);

/** A state: word, icon and tint. kind: ok warn danger info neutral. */
export const badge = (kind, text, picture = kind) => h(`span.badge.badge--${kind}`, icon(picture), h("span", text));

/** A message in the page. */
export function notice(kind, title, ...body) {
  const words = h("div", title && h("p.notice__title", title), body);
  return h(`div.notice.notice--${kind}`, icon(kind), words);
}

/** A button that acts; kind: primary secondary danger link. */
export function button(kind, text, act, { picture, ...props } = {}) {
  return h(`button.button.button--${kind}`, { type: "button", onclick: act, ...props }, picture && icon(picture), h("span", text));
}

/** A link that looks like a button. */
export function linkButton(kind, text, href, { picture, ...props } = {}) {
  return h(`a.button.button--${kind}`, { href, ...props }, picture && icon(picture), h("span", text));
}

/** A share of a whole as a bar, with width attributes only. */
export function bar(done, all, label) {
  const svg = document.createElementNS(SVG, "svg");
  const rect = (kind, width) => {
    const part = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ class: kind, x: 0, y: 4, width, height: 14, rx: 7 })) part.setAttribute(name, value);
    svg.append(part);
  };
  svg.setAttribute("class", "bar");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  rect("bar__track", "100%");
  if (all && done) rect("bar__fill", `${((100 * done) / all).toFixed(1)}%`);
  return svg;
}

/**
 * Make the children of `parent` those of `wanted` ([{key, sign, make}]), keeping the nodes whose sign did not change:
 * what is being typed in stays where it is.
 */
export function arrange(parent, wanted) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = wanted.map(({ key, sign, make }) => {
    const old = before.get(key);
    if (old && old.dataset.sign === sign) return old;
    const made = make();
    made.dataset.key = key;
    made.dataset.sign = sign;
    return made;
  });
  const kept = new Set(nodes);
  for (const node of [...parent.children]) if (!kept.has(node)) node.remove();
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

/** A second press within a second is ignored; by time, so that a failure can be tried again. */
export function once(act) {
  let last = 0;
  return (event) => {
    if (Date.now() - last < 1000) return undefined;
    last = Date.now();
    return act(event);
  };
}
