// What the phone knows of its group: rounds, households, last answers. The only personal data on the phone; it goes
// with log-out and when the ward withdraws the phone.
import { judge } from "./answers.js";
import { heard, nowMs } from "./clock.js";
import { owner, refused, token } from "./device.js";
import { tell } from "./events.js";
import { ask } from "./network.js";
import { waitMs } from "./queue.js";
import { settings } from "./settings.js";
import { transact } from "./store.js";

const KEY = "reference";
let asked = 0;
let timer = null;
let failures = 0;
let rounds = 0;

const stored = () => transact(["ref"], "readonly", (tx) => tx.objectStore("ref").get(KEY));

/** The reference of the contract plus `fetched_at` (milliseconds); null when this account has none on the phone. */
export async function readReference() {
  const kept = await stored();
  return kept && kept.owner === owner() ? { ...kept.data, fetched_at: kept.fetched_at } : null;
}

/** Ask the ward for news: "new", "same", "no-token", or why not ("network", "portal", "server", "login", ...). */
export async function refreshReference({ force = false } = {}) {
  if (!token()) return "no-token";
  if (!force && Date.now() - asked < settings.refresh_every_ms && Date.now() >= asked) return "same";
  const before = owner();
  const kept = await stored();
  const etag = kept?.owner === before ? kept.etag : null;
  const answer = await ask("/reference", { headers: etag ? { "If-None-Match": etag } : {} });
  if (answer === null) return "network";
  if (answer.status === 304) {
    asked = Date.now();
    await keep({ ...kept, fetched_at: nowMs() }, before);
    return "same";
  }
  if (answer.status !== 200 || !Array.isArray(answer.body?.households)) return whyNot(answer);
  await heard(answer.body.now);
  asked = Date.now();
  await keep({ owner: before, etag: answer.etag, fetched_at: nowMs(), data: answer.body }, before);
  tell("reference", {}, { everywhere: true });
  return "new";
}

/** Keep the reference fresh: after a failure again and again with growing pauses, else every five minutes. */
export async function keepFresh(options = {}) {
  clearTimeout(timer);
  const round = ++rounds;
  const result = await refreshReference(options).catch(() => "network");
  if (round !== rounds) return result; // a later call took over
  const failed = ["network", "portal", "server", "busy"].includes(result);
  failures = failed ? failures + 1 : 0;
  if (token()) timer = setTimeout(() => keepFresh(), failed ? waitMs(failures) : settings.refresh_every_ms);
  return result;
}

// Whoever logged out while the answer was on its way must not get the names back on the phone.
async function keep(row, before) {
  await transact(["ref", "meta"], "readwrite", async (tx) => {
    const device = await tx.objectStore("meta").get("device");
    if (device?.account_id === before && device.status === "ok") await tx.objectStore("ref").put(row, KEY);
  });
}

async function whyNot(answer) {
  const verdict = judge(answer, {});
  if (verdict.move === "login" || verdict.move === "withdrawn") await refused(verdict.code);
  return verdict.move === "wait" ? verdict.code : verdict.move;
}
