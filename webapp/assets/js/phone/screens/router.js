// Addresses are hashes: the phone's back button walks through the screens, without the network.
import { isSimple } from "./choices.js";
import { checkScreen } from "./check.js";
import { enrolScreen } from "./enrol.js";
import { listScreen } from "./list.js";
import { outboxScreen } from "./outbox.js";
import { recordScreen } from "./record.js";
import { settingsScreen } from "./settings.js";
import { goInstead, mount, walked } from "./shell.js";
import { stepScreen } from "./step.js";
import { doorScreen } from "./door.js";
import { current } from "../device.js";

const ID = "([0-9a-f-]{32,36})";
const ROUTES = [
  [/^#\/$/, () => listScreen()],
  [/^#\/bat-dau$/, () => enrolScreen()],
  [/^#\/gui$/, () => outboxScreen()],
  [/^#\/cai-dat$/, () => settingsScreen()],
  [new RegExp(`^#/ho/${ID}$`), (householdId) => doorScreen(householdId)],
  [new RegExp(`^#/phieu/${ID}$`), (visitId) => recordScreen(visitId)],
  [new RegExp(`^#/phieu/${ID}/check$`), (visitId) => checkScreen(visitId, isSimple())],
  [new RegExp(`^#/phieu/${ID}/(door|people|digital|house|extra)$`), (visitId, screen) => stepScreen({ visitId, screen })],
  [new RegExp(`^#/phieu/${ID}/cau/([\\w.%-]+)$`), (visitId, path) => stepScreen({ visitId, path: decodeURIComponent(path) })],
];
const WITHOUT_DEVICE = new Set(["#/bat-dau", "#/cai-dat", "#/gui"]);
let turn = 0;

/** Show the screen of the address, now and at every change of it. */
export function startRouter() {
  globalThis.addEventListener("hashchange", () => show());
  return show();
}

/** Draw the screen of the present address again, without moving the reader. */
export const refreshScreen = () => show({ focus: false });

async function show({ focus = true } = {}) {
  const hash = location.hash || "#/";
  if (!hash.startsWith("#/")) return; // a link inside the screen
  const mine = ++turn;
  if (!current() && !WITHOUT_DEVICE.has(hash)) {
    goInstead("#/bat-dau");
    return;
  }
  walked(hash);
  const screen = await found(hash);
  if (mine !== turn) {
    screen?.leave?.();
    return; // the person went on meanwhile
  }
  if (screen.replace) goInstead(screen.replace);
  else mount(screen, { focus });
}

async function found(hash) {
  for (const [pattern, make] of ROUTES) {
    const match = pattern.exec(hash);
    if (match) return make(...match.slice(1));
  }
  return { replace: "#/" };
}
