// The outbox in the storage: every move of a record on its way to the ward, one transaction each.
import { tell } from "./events.js";
import { contentSha256 } from "./hash.js";
import { settings } from "./settings.js";
import { transact } from "./store.js";

const outbox = (mode, work) => transact(["outbox"], mode, (tx) => work(tx.objectStore("outbox")));

/** Records of an account that may be sent now, longest waiting first. A time too far ahead came from a wrong clock. */
export async function due(owner, nowMs) {
  const waiting = await queued(owner);
  return waiting
    .filter(({ next_attempt_at: at }) => at === null || at <= nowMs || at > nowMs + 2 * settings.wait_most_ms)
    .sort((left, right) => (left.queued_at < right.queued_at ? -1 : 1));
}

/** When the next record is due, in milliseconds; null when none waits. */
export async function nextAt(owner, nowMs) {
  const times = (await queued(owner)).map((record) => record.next_attempt_at ?? nowMs);
  return times.length > 0 ? Math.min(...times) : null;
}

async function queued(owner) {
  const found = await outbox("readonly", (store) => store.index("state").getAll("queued"));
  return found.filter((record) => record.owner === owner && !record.held);
}

/** Called by the only uploader before it begins: what was being sent when the page died waits again. */
export async function recover() {
  const count = await outbox("readwrite", async (store) => {
    const lost = await store.index("state").getAll("sending");
    for (const record of lost) await store.put({ ...record, state: "queued", next_attempt_at: null });
    return lost.length;
  });
  if (count > 0) tell("records", {}, { everywhere: true });
}

/**
 * What of `waiting` (see `due`) travels in the next request: several, but alone what may be the one that is wrong:
 * what the ward did not take together (`goAlone`), and the `unanswered`, among whom may be one that ends the server.
 */
export function nextTogether(waiting, unanswered) {
  const together = [];
  let size = 0;
  for (const record of waiting) {
    size += 3 * record.text.length; // no character has more than three bytes
    const alone = record.alone || unanswered.has(record.visit_id);
    const full = together.length >= settings.together_most || size > settings.together_bytes;
    if (together.length > 0 && (alone || full)) break;
    together.push(record);
    if (alone) break;
  }
  return together;
}

/** The ward is there and did not take these together: from now on each of them travels by itself. */
export async function goAlone(visitIds) {
  await outbox("readwrite", async (store) => {
    for (const visitId of visitIds) {
      const record = await store.get(visitId);
      if (record) await store.put({ ...record, alone: true });
    }
  });
}

/** Write the attempts down before their request; gives the records that are sent now, without those taken out meanwhile. */
export async function markSending(visitIds, at) {
  const marked = await outbox("readwrite", async (store) => {
    const sending = [];
    for (const visitId of visitIds) {
      const kept = await store.get(visitId);
      if (kept?.state !== "queued") continue;
      const tried = kept.tried.includes(kept.sha256) ? kept.tried : [...kept.tried, kept.sha256];
      sending.push({ ...kept, state: "sending", attempts: kept.attempts + 1, last_attempt_at: at, tried });
      await store.put(sending.at(-1));
    }
    return sending;
  });
  for (const { visit_id } of marked) tell("records", { visit_id, state: "sending" }, { everywhere: true });
  return marked;
}

/** Apply what the answer meant; gives the verdict, with "again" when the record is to be sent on top of itself. */
export async function settle(record, verdict, nowMs) {
  const rebased = await rebase(record, verdict);
  await transact(["outbox", "sent"], "readwrite", async (tx) => {
    const store = tx.objectStore("outbox");
    if (verdict.move === "sent") {
      await store.delete(record.visit_id);
      await tx.objectStore("sent").put({ ...record, state: "sent", problem: null, receipt: verdict.receipt });
      return;
    }
    await store.put(rebased ?? { ...record, ...after(record, verdict, nowMs) });
  });
  tell("records", { visit_id: record.visit_id, move: verdict.move }, { everywhere: true });
  return rebased ? { ...verdict, move: "again" } : verdict;
}

function after(record, { move, status, code, detail, errors, retry_after, current_revision }, nowMs) {
  const problem = { status, code, detail, errors: errors ?? [], current_revision: current_revision ?? null };
  if (move === "problem") return { state: "problem", problem, next_attempt_at: null };
  if (move === "login" || move === "withdrawn") return { state: "queued", problem: null, next_attempt_at: null };
  if (move === "held") return { state: "queued", problem, held: true, next_attempt_at: null };
  const pause = Math.max(waitMs(record.attempts), Math.min((retry_after ?? 0) * 1000, settings.wait_most_ms));
  return { state: "queued", problem, next_attempt_at: nowMs + pause };
}

/**
 * A record was changed after an attempt whose answer never came, and the ward did have that attempt: send it again as
 * a correction of it. True only when the ward's current content is one that this phone itself tried to send.
 */
async function rebase(record, verdict) {
  if (verdict.status !== 409 || !record.tried.includes(verdict.current_sha256)) return null;
  const base = verdict.current_revision;
  if (verdict.current_sha256 === record.sha256 || !Number.isInteger(base) || base === record.body.base_revision) return null;
  const reason = record.body.reason || "Sửa trên điện thoại trước khi nhận được mã";
  const body = { ...record.body, base_revision: base, reason };
  const text = JSON.stringify(body);
  return { ...record, body, text, sha256: await contentSha256(body), state: "queued", next_attempt_at: null };
}

/** Make waiting records due at once: all of them, or those that wait for one of these reasons. */
export async function forgetWaits(owner, codes = null) {
  await outbox("readwrite", async (store) => {
    for (const record of await store.index("state").getAll("queued")) {
      if (record.owner !== owner || (codes && !codes.includes(record.problem?.code))) continue;
      if (record.next_attempt_at !== null || record.held) {
        await store.put({ ...record, next_attempt_at: null, held: codes ? record.held : false });
      }
    }
  });
}

/** A record with a problem goes back to the queue as it is ("Gửi lại"). */
export async function sendAgain(visitId) {
  const done = await outbox("readwrite", async (store) => {
    const record = await store.get(visitId);
    if (record?.state !== "problem" && !record?.held) return false;
    await store.put({ ...record, state: "queued", held: false, next_attempt_at: null });
    return true;
  });
  if (done) tell("records", { visit_id: visitId, state: "queued" }, { everywhere: true });
  return done;
}

/** 2^n seconds, at most five minutes, a quarter more or less so that sixty phones do not come at once. */
export function waitMs(attempts) {
  const full = Math.min(2 ** Math.min(attempts, 20) * settings.wait_unit_ms, settings.wait_most_ms);
  return Math.min(full * (0.75 + Math.random() / 2), settings.wait_most_ms);
}
