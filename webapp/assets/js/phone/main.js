// The phone form: the engine keeps and sends, the screens ask and tell.
import { startEngine } from "./engine.js";
import { onChange } from "./events.js";
import { takeCode } from "./screens/enrol.js";
import { startFrame } from "./screens/frame.js";
import { refreshScreen, startRouter } from "./screens/router.js";
import { word } from "./words.js";

async function start() {
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
