// Every change of a form is on the disk within 300 ms, and at once when the page is hidden. When the storage refuses,
// the form stays in memory, the screen is told, and saving is tried again.
import { nowIso } from "./clock.js";
import { tell } from "./events.js";
import * as lastWords from "./last_words.js";
import { settings } from "./settings.js";
import { StorageProblem, transact } from "./store.js";

const pending = new Map(); // visit_id -> {record, count, busy}: what is not on the disk yet
let timer = null;
let again = null;
let saving = Promise.resolve(); // one save at a time: a finished form never meets its own unfinished save

/** The same draft was changed or finished in another tab; nothing was overwritten. */
export class Elsewhere extends Error {
  constructor(visitId) {
    super("elsewhere");
    this.name = "Elsewhere";
    this.code = "elsewhere";
    this.visit_id = visitId;
  }
}

/** Note that a draft changed; it is saved soon. `mine: true` overwrites what another tab saved. */
export function change(record, { mine = false } = {}) {
  const before = pending.get(record.visit_id);
  record.changed_at = nowIso();
  pending.set(record.visit_id, { record, mine: mine || (before?.mine ?? false), count: (before?.count ?? 0) + 1 });
  timer ??= setTimeout(() => flush().catch(() => {}), settings.autosave_ms);
}

/** Forget what is waiting for one draft (it was discarded or finished). */
export function drop(visitId) {
  pending.delete(visitId);
  lastWords.forget(visitId);
}

/** Drafts that are only in memory now. */
export const inMemory = () => Array.from(pending.values(), (entry) => entry.record);

/** Save everything that waits; rejects with StorageProblem or Elsewhere, and what was typed stays in memory. */
export function flush() {
  clearTimeout(timer);
  timer = null;
  saving = saving.catch(() => {}).then(saveAll);
  return saving;
}

async function saveAll() {
  let failure = null;
  for (const [visitId, entry] of Array.from(pending)) {
    try {
      await saveOne(visitId, entry);
    } catch (error) {
      failure = error;
      complain(visitId, error);
    }
  }
  if (failure) throw failure;
}

async function saveOne(visitId, entry) {
  const { record, mine, count } = entry;
  const saved = await transact(["drafts", "outbox"], "readwrite", (tx) => putDraft(tx, record, mine));
  record.edits = saved;
  if (pending.get(visitId)?.count === count) drop(visitId);
  tell("saved", { visit_id: visitId });
  tell("records", { visit_id: visitId }, { everywhere: true });
}

/** Write a draft unless somebody else did since we read it. Gives the number of its edits. */
export async function putDraft(tx, record, mine = false) {
  const drafts = tx.objectStore("drafts");
  const stored = await drafts.get(record.visit_id);
  const finished = await tx.objectStore("outbox").get(record.visit_id);
  if (finished || (!mine && (stored?.edits ?? 0) !== (record.edits ?? 0) && stored)) {
    throw new Elsewhere(record.visit_id);
  }
  const edits = (stored?.edits ?? record.edits ?? 0) + 1;
  await drafts.put({ ...record, state: "draft", edits });
  return edits;
}

function complain(visitId, error) {
  if (error instanceof Elsewhere) {
    tell("elsewhere", { visit_id: visitId });
    return;
  }
  tell("storage", { visit_id: visitId, code: error instanceof StorageProblem ? error.code : "storage-closed" });
  again ??= setTimeout(() => {
    again = null;
    flush().catch(() => {});
  }, settings.save_again_ms);
}

/** Put into the database what a page before this one could only note; what was saved or finished since stays. */
export async function takeLastWords() {
  for (const record of lastWords.noted()) {
    try {
      await transact(["drafts", "outbox"], "readwrite", (tx) => putDraft(tx, record));
    } catch (error) {
      if (!(error instanceof Elsewhere)) continue; // the storage refuses now: it stays noted
    }
    lastWords.forget(record.visit_id);
  }
}

/** Save when the page is hidden or closed; ask before a page is left whose form could not be saved. */
export function saveOnHide() {
  const now = () => {
    if (pending.size === 0) return;
    lastWords.note(inMemory());
    flush().catch(() => {});
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && now());
  globalThis.addEventListener("pagehide", now);
  globalThis.addEventListener("beforeunload", (event) => {
    now();
    if (again !== null) event.preventDefault();
  });
}
