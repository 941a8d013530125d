// Draws the mark as PNG files for home screens. The drawing runs in WebAssembly, so every machine makes the same bytes.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

const GROUND = "#0c353c"; // the lacquer of the mark
const require = createRequire(import.meta.url);
let ready = null;

/** Write icon-192.png, icon-512.png and, with the safe margin that round masks need, icon-maskable.png and icon-apple.png. */
export async function drawIcons(mark, target) {
  ready ??= initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  await ready;
  const svg = readFileSync(mark, "utf8");
  const inner = svg.replace(/^<svg[^>]*>/, '<svg x="6" y="6" width="36" height="36" viewBox="0 0 48 48">');
  const padded = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="${GROUND}"/>${inner}</svg>`;
  draw(svg, 192, join(target, "icon-192.png"));
  draw(svg, 512, join(target, "icon-512.png"));
  draw(padded, 512, join(target, "icon-maskable.png"));
  draw(padded, 180, join(target, "icon-apple.png"));
}

function draw(svg, width, file) {
  writeFileSync(file, new Resvg(svg, { fitTo: { mode: "width", value: width } }).render().asPng());
}
