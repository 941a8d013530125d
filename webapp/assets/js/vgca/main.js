// Signing with VGCA's tool on this computer: the ward gives the message, the tool signs, the ward says what became of it.
import { onAgain, panelOf } from "../agent/panel.js";
import { WardTrouble, post } from "../agent/ward.js";

for (const root of document.querySelectorAll("[data-vgca]")) signing(root);

function signing(root) {
  const desk = { root, panel: panelOf(root), form: root.closest("form"), start: root.querySelector("[data-vgca-start]") };
  const begin = () => run(desk);
  desk.start.addEventListener("click", begin);
  onAgain(root, begin);
}

async function run(desk) {
  desk.start.disabled = true;
  desk.panel.show("waiting");
  try {
    const [, version, sha256] = desk.root.dataset.vgcaItem.split(":");
    const begun = await post(desk, desk.root.dataset.vgcaBegin, { version, sha256 });
    await ended(desk, begun, await ask(begun.service, begun.message));
  } catch (trouble) {
    if (!(trouble instanceof WardTrouble)) throw trouble;
    desk.panel.show("failed", { problem: trouble.message });
  }
  desk.start.disabled = false;
}

/** Send one message, wait for one: null when no tool listens, an empty object when it was closed before it answered. */
function ask(service, message) {
  return new Promise((tell) => {
    const socket = new WebSocket(service);
    let open = false;
    socket.addEventListener("open", () => {
      open = true;
      socket.send(JSON.stringify(message));
    });
    socket.addEventListener("message", (event) => {
      tell(read(event.data));
      socket.close();
    });
    socket.addEventListener("close", () => tell(open ? {} : null));
  });
}

function read(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

// The ward knows whether the document is signed; the tool's answer only adds a word.
async function ended(desk, begun, told) {
  if (told === null) return desk.panel.show("off");
  const answer = await fetch(begun.state, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) throw new WardTrouble(desk.root.dataset.agentLost);
  const { state, message } = await answer.json();
  if (state === "done") return location.assign(desk.root.dataset.vgcaBack);
  if (message) return desk.panel.show("failed", { problem: message });
  if (told.Message) return desk.panel.show("failed", { problem: told.Message });
  desk.panel.show("closed");
}
