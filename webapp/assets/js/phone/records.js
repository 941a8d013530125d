// The records of the phone: drafts, outbox and sent copies, and their moves. States: draft → queued → sending → sent,
// or problem. A record belongs to the account that made it; nothing here ever removes another account's work.
import { drop, flush, inMemory, putDraft } from "./autosave.js";
import { nowIso, nowMs, today } from "./clock.js";
import { owner } from "./device.js";
import { tell } from "./events.js";
import { cleanAnswers, cleanExtra, contentSha256, tidy } from "./hash.js";
import { newId, sameId } from "./ids.js";
import { settings } from "./settings.js";
import { transact } from "./store.js";

export { change, Elsewhere, flush, inMemory } from "./autosave.js";

const STORES = ["drafts", "outbox", "sent"];

/**
 * Make the record of a form that opens now, with its own UUID; it is stored with its first change.
 * A correction gives the visit's own `visit_id` and the revision that it corrects as `base_revision`.
 */
export function newDraft({ household_id, group_id, round_id, label, form_version, visit_id, base_revision, body }) {
  const id = visit_id ?? newId(nowMs());
  return {
    visit_id: id,
    owner: owner(),
    group_id,
    round_id,
    household_id,
    label,
    state: "draft",
    body: {
      visit_id: id,
      round_id,
      household_id,
      base_revision: base_revision ?? null,
      outcome: null,
      visited_on: today(),
      answers: null,
      confirmed: [],
      reason: "",
      form_version,
      started_at: nowIso(),
      finished_at: null,
      source: "phone",
      ...body,
    },
    text: null,
    sha256: null,
    tried: [], // hashes of contents whose sending began: the ward may have one of them
    made_at: nowIso(),
    changed_at: nowIso(),
    queued_at: null,
    attempts: 0,
    last_attempt_at: null,
    next_attempt_at: null,
    problem: null,
    receipt: null,
    edits: 0,
  };
}

/** Close the form: the exact bytes and their hash are fixed, and the record moves to the outbox. */
export async function finish(record) {
  await flush().catch(() => {}); // a refusal comes back from the move below
  const answers = cleanAnswers(record.body.answers);
  const body = tidy({ ...record.body, answers, extra: cleanExtra(record.body.extra), finished_at: nowIso() });
  const queued = {
    ...record,
    body,
    text: JSON.stringify(body),
    sha256: await contentSha256(body),
    state: "queued",
    changed_at: nowIso(),
    queued_at: nowIso(),
    attempts: 0,
    next_attempt_at: null,
    alone: false,
    held: false,
    problem: null,
  };
  await transact(["drafts", "outbox"], "readwrite", async (tx) => {
    queued.edits = await putDraft(tx, { ...queued, edits: record.edits });
    await tx.objectStore("drafts").delete(queued.visit_id);
    await tx.objectStore("outbox").put(queued);
  });
  drop(queued.visit_id);
  tell("records", { visit_id: queued.visit_id, state: "queued" }, { everywhere: true });
  navigator.storage?.persist?.().catch(() => false);
  return queued;
}

/**
 * Take a record out of the outbox to change it; null when it is being sent or was sent meanwhile. After a clash (409) it
 * becomes a correction of what the ward has now (`problem.current_revision`): the screen shows both and asks for a reason.
 */
export async function reopen(visitId) {
  const draft = await transact(["drafts", "outbox"], "readwrite", async (tx) => {
    const kept = await tx.objectStore("outbox").get(visitId);
    if (!kept || kept.state === "sending") return null;
    const base_revision = kept.problem?.current_revision ?? kept.body.base_revision;
    const body = { ...kept.body, base_revision };
    const opened = { ...kept, body, state: "draft", text: null, sha256: null, held: false, changed_at: nowIso() };
    await tx.objectStore("outbox").delete(visitId);
    await tx.objectStore("drafts").put(opened);
    return opened;
  });
  if (draft) tell("records", { visit_id: visitId, state: "draft" }, { everywhere: true });
  return draft;
}

/** Throw a draft away, because the person said so. */
export async function discard(visitId) {
  drop(visitId);
  await transact(["drafts"], "readwrite", (tx) => tx.objectStore("drafts").delete(visitId));
  tell("records", { visit_id: visitId }, { everywhere: true });
}

/** Every record of this account, newest change first; `others: true` gives those of other accounts. */
export async function list({ others = false } = {}) {
  const stored = await transact(STORES, "readonly", (tx) =>
    Promise.all(STORES.map((name) => tx.objectStore(name).getAll())),
  );
  const typed = new Map(inMemory().map((record) => [record.visit_id, record]));
  const [drafts, outbox, sent] = stored;
  const onDisk = drafts.filter((record) => !typed.has(record.visit_id));
  return [...typed.values(), ...onDisk, ...outbox, ...sent]
    .filter((record) => (record.owner === owner()) !== others)
    .sort((left, right) => (left.changed_at < right.changed_at ? 1 : -1));
}

/** The record as it is now: the draft if there is one, else the outbox, else the sent copy; or null. */
export async function find(visitId) {
  const typed = inMemory().find((record) => record.visit_id === visitId);
  const stored = await transact(STORES, "readonly", (tx) =>
    Promise.all(STORES.map((name) => tx.objectStore(name).get(visitId))),
  );
  const mine = [typed, ...stored].filter((record) => record?.owner === owner());
  return mine[0] ?? null;
}

/** What this phone holds for a household in a round, a draft before an outbox record before a sent copy; or null. */
export async function forHousehold(householdId, roundId) {
  const mine = (await list()).filter(
    (record) => sameId(record.household_id, householdId) && sameId(record.round_id, roundId),
  );
  const rank = { draft: 0, problem: 1, sending: 2, queued: 3, sent: 4 };
  return mine.sort((left, right) => rank[left.state] - rank[right.state])[0] ?? null;
}

/**
 * {draft, queued, sending, sent, problem, unsent, oldest_unsent_at, others}: `others` is other accounts' unsent work.
 * `besides` leaves records out: what remains if the ward takes them.
 */
export async function counts({ besides = [] } = {}) {
  const total = { draft: 0, queued: 0, sending: 0, sent: 0, problem: 0, unsent: 0, oldest_unsent_at: null, others: 0 };
  for (const record of await list()) {
    if (besides.includes(record.visit_id)) continue;
    total[record.state] += 1;
    if (record.state === "draft" || record.state === "sent") continue;
    total.unsent += 1;
    if (!total.oldest_unsent_at || record.queued_at < total.oldest_unsent_at) total.oldest_unsent_at = record.queued_at;
  }
  total.others = (await list({ others: true })).filter((record) => record.state !== "sent").length;
  return total;
}

/** Remove sent copies that the ward has had for 30 days; `wardNowMs` is the ward's clock, never the phone's. */
export async function purgeSent(wardNowMs) {
  await transact(["sent"], "readwrite", async (tx) => {
    for (const record of await tx.objectStore("sent").getAll()) {
      const age = wardNowMs - Date.parse(record.receipt?.submitted_at);
      if (age > settings.sent_kept_ms) await tx.objectStore("sent").delete(record.visit_id);
    }
  });
}
