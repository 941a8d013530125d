// The database of the phone form. One transaction moves a record between stores, so it is never in two or in none.
import { openDB } from "idb";

import { tell } from "./events.js";
import { settings } from "./settings.js";

export const NAME = "phs-phone";
const VERSION = 1;
const LOST = new Set(["InvalidStateError", "AbortError", "UnknownError", "TransactionInactiveError", "NotFoundError"]);
let opening = null;

/** The storage did not do what was asked. `code` has words in words.js; what was typed is still in memory. */
export class StorageProblem extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.name = "StorageProblem";
    this.code = code;
  }
}

// Steps from each version to the next one; a step that was released never changes.
const STEPS = [
  (db) => {
    db.createObjectStore("drafts", { keyPath: "visit_id" });
    db.createObjectStore("outbox", { keyPath: "visit_id" }).createIndex("state", "state");
    db.createObjectStore("sent", { keyPath: "visit_id" });
    db.createObjectStore("ref");
    db.createObjectStore("meta");
  },
];

function openOnce() {
  opening ??= (async () => {
    let late = false;
    const wanted = openDB(NAME, VERSION, {
      upgrade: (db, before) => STEPS.slice(before).forEach((step) => step(db)),
      blocked: () => tell("storage", { code: "storage-blocked" }),
      blocking: (_current, _wanted, event) => {
        event.target.close(); // a newer version in another tab must not wait for us
        opening = null;
      },
      terminated: () => {
        opening = null; // iOS closes databases of sleeping pages: the next use opens it again
      },
    });
    const clock = new Promise((_, refuse) => {
      setTimeout(() => refuse(new DOMException("open", "TimeoutError")), settings.open_limit_ms);
    });
    wanted.then((db) => late && db.close()).catch(() => {});
    return Promise.race([wanted, clock]).catch((error) => {
      late = true;
      throw error;
    });
  })();
  const mine = opening;
  mine.catch(() => {
    if (opening === mine) opening = null;
  });
  return mine;
}

/** Do `work(tx)` in one durable transaction. `work` may run twice: a lost database is opened again once. */
export async function transact(stores, mode, work) {
  try {
    return await once(stores, mode, work);
  } catch (error) {
    if (!LOST.has(error?.name)) throw asProblem(error);
    forget();
  }
  try {
    return await once(stores, mode, work);
  } catch (error) {
    throw asProblem(error);
  }
}

async function once(stores, mode, work) {
  const db = await openOnce();
  const tx = db.transaction(stores, mode, { durability: "strict" });
  const done = tx.done;
  done.catch(() => {});
  try {
    const result = await work(tx);
    await done;
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // already over
    }
    throw tx.error ?? error;
  }
}

function forget() {
  opening?.then((db) => db.close()).catch(() => {});
  opening = null;
}

function asProblem(error) {
  if (error instanceof StorageProblem) return error;
  const codes = {
    QuotaExceededError: "storage-full",
    VersionError: "storage-newer",
    SecurityError: "storage-refused",
    NotAllowedError: "storage-refused",
    TimeoutError: "storage-closed",
  };
  if (codes[error?.name]) return new StorageProblem(codes[error.name], error);
  if (LOST.has(error?.name)) return new StorageProblem("storage-closed", error);
  return globalThis.indexedDB ? error : new StorageProblem("storage-refused", error);
}

export const readMeta = (key) => transact(["meta"], "readonly", (tx) => tx.objectStore("meta").get(key));
export const writeMeta = (key, value) =>
  transact(["meta"], "readwrite", (tx) => tx.objectStore("meta").put(value, key));
