// The uploader. An attempt is written down before its request; only a receipt with my id and my hash counts; one bad
// record never blocks the others; a refused token keeps everything and asks to log in.
import { judge, judgeTogether } from "./answers.js";
import { nowIso, nowMs } from "./clock.js";
import { owner, refused, token, tryAgain } from "./device.js";
import { onChange, tell } from "./events.js";
import { alone } from "./lock.js";
import { ask, probe } from "./network.js";
import * as queue from "./queue.js";
import { purgeSent } from "./records.js";
import { settings } from "./settings.js";

const state = { running: false, network: "unknown", failures: 0, next_at: null };
const NO_ANSWER = { move: "wait", code: "network", status: 0, detail: "" };
let unanswered = new Set(); // what travelled together last and was not taken
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
    const waiting = (await queue.due(owner(), nowMs())).filter((one) => !handled.has(one.visit_id));
    if (waiting.length === 0) return;
    const ids = queue.nextTogether(waiting, unanswered).map((record) => record.visit_id);
    for (const id of ids) handled.add(id);
    const verdicts = await send(await queue.markSending(ids, nowIso()));
    for (const { visit_id, move } of verdicts) if (move === "again") handled.delete(visit_id);
    const moves = new Set(verdicts.map((verdict) => verdict.move));
    if (moves.has("login") || moves.has("withdrawn")) return;
    if (moves.has("sent")) await heardWell();
    const waits = verdicts.filter((verdict) => verdict.move === "wait");
    const trouble = waits.find((verdict) => verdict.status !== 423) ?? waits[0];
    if (!trouble) continue;
    if (ids.length > 1) unanswered = new Set(ids); // only the newest: a day without signal is nobody's fault
    if (!(await goOn(trouble))) return;
    if (ids.length > 1) await queue.goAlone(waits.map((verdict) => verdict.visit_id));
  }
}

async function send(sending) {
  if (sending.length === 0) return [];
  const verdicts = sending.length === 1 ? [await askAlone(sending[0])] : await askTogether(sending);
  const refusal = verdicts.find(({ move }) => move === "login" || move === "withdrawn");
  if (refusal) await refused(refusal.code);
  const settled = [];
  for (const [place, record] of sending.entries()) {
    settled.push({ visit_id: record.visit_id, ...(await queue.settle(record, verdicts[place], nowMs())) });
  }
  return settled;
}

async function askAlone(record) {
  const answer = await ask("/visits", { method: "POST", text: record.text, besides: [record.visit_id] });
  return answer === null ? NO_ANSWER : judge(answer, record);
}

// The very bytes of each record, whose hash the receipt must name.
async function askTogether(sending) {
  const text = `{"visits":[${sending.map((record) => record.text).join(",")}]}`;
  const besides = sending.map((record) => record.visit_id);
  const answer = await ask("/visits/bundle", { method: "POST", text, besides });
  return answer === null ? sending.map(() => NO_ANSWER) : judgeTogether(answer, sending);
}

// After a failure: when the ward answers the probe, only these records have a trouble and the others go on.
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
