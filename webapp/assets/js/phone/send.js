// The uploader. An attempt is written down before its request; only a receipt with my id and my hash counts; one bad
// record never blocks the others; a refused token keeps everything and asks to log in.
import { judge } from "./answers.js";
import { nowIso, nowMs } from "./clock.js";
import { owner, refused, token, tryAgain } from "./device.js";
import { onChange, tell } from "./events.js";
import { alone } from "./lock.js";
import { ask, probe } from "./network.js";
import * as queue from "./queue.js";
import { purgeSent } from "./records.js";
import { settings } from "./settings.js";

const state = { running: false, network: "unknown", failures: 0, next_at: null };
let timer = null;
let wanted = false;

/** {running, network: "unknown|ok|network|portal|server|busy", next_at: ms or null} */
export const sender = () => ({ ...state });

/** Send when there is something to send, now and whenever that may have changed. */
export function startSending() {
  const now = () => wake({ soon: true });
  globalThis.addEventListener("online", now);
  globalThis.addEventListener("pageshow", now);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());
  onChange((event) => {
    if (event.kind === "records" && event.state === "queued") now();
    if (event.kind === "device" && token()) sendNow();
  });
  return tryAgain().then(now); // once at each opening, also with a token that was refused: no loop
}

/** The person pressed "Gửi ngay": forget all waiting times, and try a refused token once more. */
export async function sendNow() {
  await tryAgain();
  await queue.forgetWaits(owner());
  state.failures = 0;
  return wake();
}

/** Try what is due. `soon`: the network may be back, so what waits only for the network is due now. */
export async function wake({ soon = false } = {}) {
  if (soon) await queue.forgetWaits(owner(), ["network", "portal", "server"]).catch(() => {});
  wanted = true;
  if (state.running) return;
  state.running = true;
  tell("sender");
  try {
    while (wanted) {
      wanted = false;
      await alone(run); // another tab that is sending does it for us
    }
  } catch (error) {
    tell("storage", { code: error.code ?? "storage-closed" });
  } finally {
    state.running = false;
    await plan();
    tell("sender");
  }
}

async function run() {
  await queue.recover();
  const handled = new Set();
  while (token()) {
    const record = (await queue.due(owner(), nowMs())).find((one) => !handled.has(one.visit_id));
    if (!record) return;
    handled.add(record.visit_id);
    const verdict = await sendOne(record);
    if (verdict.move === "login" || verdict.move === "withdrawn") return;
    if (verdict.move === "again") handled.delete(record.visit_id);
    if (verdict.move === "wait" && !(await goOn(verdict))) return;
    if (verdict.move === "sent") await heardWell();
  }
}

async function sendOne(record) {
  const sending = await queue.markSending(record.visit_id, nowIso());
  if (sending === null) return { move: "gone" };
  const answer = await ask("/visits", { method: "POST", text: sending.text, besides: sending.visit_id });
  const verdict = answer === null ? { move: "wait", code: "network", status: 0, detail: "" } : judge(answer, sending);
  if (verdict.move === "login" || verdict.move === "withdrawn") await refused(verdict.code);
  return queue.settle(sending, verdict, nowMs());
}

// After a failure: when the ward answers the probe, only this record has a trouble and the others go on.
async function goOn(verdict) {
  if (verdict.status === 423) return true;
  const found = verdict.status === 429 ? "busy" : await probe();
  state.network = found;
  tell("sender");
  if (found === "ok") return true;
  state.failures += 1;
  return false;
}

async function heardWell() {
  state.network = "ok";
  state.failures = 0;
}

/** Set the clock for the next attempt. */
async function plan() {
  clearTimeout(timer);
  state.next_at = token() ? await queue.nextAt(owner(), nowMs()).catch(() => null) : null;
  if (state.next_at === null) return;
  const pause = state.failures > 0 ? queue.waitMs(state.failures) : settings.wait_unit_ms;
  const delay = Math.max(pause, state.next_at - nowMs());
  timer = setTimeout(() => wake(), Math.min(delay, settings.wait_most_ms));
}

/** Ask the ward for its time and remove sent copies that it has had for 30 days. */
export async function tidySent() {
  if ((await probe()) === "ok") await purgeSent(nowMs());
}
