// The phone form: the engine keeps and sends, the screens ask and tell.
import { startEngine } from "./engine.js";
import { onChange } from "./events.js";
import { takeCode } from "./screens/enrol.js";
import { startFrame } from "./screens/frame.js";
import { refreshScreen, startRouter } from "./screens/router.js";
import { word } from "./words.js";

/** Few lines fit (landscape, very large text): the bars flow with the page instead of covering what is asked. */
function fitBars() {
  const line = parseFloat(getComputedStyle(document.documentElement).fontSize);
  document.body.classList.toggle("is-short", innerHeight < 26 * line);
}

async function start() {
  fitBars();
  globalThis.addEventListener("resize", fitBars);
  takeCode();
  await startEngine();
  await startFrame();
  await startRouter();
  onChange((event) => {
    if (event.kind === "device" && location.hash === "#/cai-dat") refreshScreen();
  });
}

start().catch((error) => {
  console.error(error);
  document.querySelector("[data-screen]").textContent = word("other");
});
