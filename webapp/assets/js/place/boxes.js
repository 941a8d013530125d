// Boxes in points on the page as it is seen, from its lower left corner: the same rules as webapp/core/signature_places.py.
export const WIDTH = 150;
export const HEIGHT = 62;
export const MARGIN = 42.5;
const SMALLEST = { width: 24, height: 12 };
const TOUCH = 0.5;

const between = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

/** The box of a preset on a page of that size, smaller on a page that has no room for it. */
export function presetBox(preset, page, size) {
  const width = Math.min(WIDTH, size.width);
  const height = Math.min(HEIGHT, size.height);
  const lefts = { bottom_left: MARGIN, bottom_centre: (size.width - width) / 2 };
  const left = lefts[preset] ?? size.width - MARGIN - width;
  const bottom = preset === "top_right" ? size.height - MARGIN - height : 2 * MARGIN;
  return { page, x: between(left, 0, size.width - width), y: between(bottom, 0, size.height - height), width, height };
}

/** The same box, pushed onto its page. */
export function inside(box, size) {
  const width = between(box.width, SMALLEST.width, size.width);
  const height = between(box.height, SMALLEST.height, size.height);
  return { ...box, width, height, x: between(box.x, 0, size.width - width), y: between(box.y, 0, size.height - height) };
}

export function covers(one, other) {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const up = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return one.page === other.page && across > TOUCH && up > TOUCH;
}

/** Larger or smaller about its centre. */
export function scaled(box, factor) {
  const [width, height] = [box.width * factor, box.height * factor];
  return { ...box, width, height, x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2 };
}
