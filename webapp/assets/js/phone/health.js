// What stands in the way on this phone, before anything is typed. Codes have their words in words.js.
import { clockError } from "./clock.js";
import { current } from "./device.js";
import { counts } from "./records.js";
import { settings } from "./settings.js";
import { readMeta, StorageProblem, transact } from "./store.js";

const IN_APP = [
  ["in-app-zalo", /\bZalo\b/i],
  ["in-app-facebook", /\bFBA[NV]\b|\bFB_IAB\b|\bMessenger\b/i],
  ["in-app-other", /\bInstagram\b|\bLine\/|; wv\)/i],
];
const STALE_MS = 3 * 24 * 3600 * 1000;

/** Everything to say: [{code, level}] with level "stop" (no entry), "warn" or "tell", worst first. */
export async function health() {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return [{ code: "insecure", level: "stop" }];
  const trouble = await storageTrouble();
  const readable = trouble.every(({ level }) => level !== "stop");
  const found = [...browserTrouble(), ...trouble, ...(readable ? await hints().catch(() => []) : [])];
  const order = ["stop", "warn", "tell"];
  return found.sort((left, right) => order.indexOf(left.level) - order.indexOf(right.level));
}

/** Write, read and remove a test value: a storage that only pretends is found here and not after an hour of work. */
async function storageTrouble() {
  try {
    const mark = `test-${Math.random()}`; // of its own: two tabs may be looking at once
    await transact(["meta"], "readwrite", (tx) => tx.objectStore("meta").put(mark, mark));
    if ((await readMeta(mark)) !== mark) return [{ code: "storage-refused", level: "stop" }];
    await transact(["meta"], "readwrite", (tx) => tx.objectStore("meta").delete(mark));
  } catch (error) {
    return [{ code: error instanceof StorageProblem ? error.code : "storage-refused", level: "stop" }];
  }
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  const few = quota > 0 && quota - usage < 5_000_000;
  return few ? [{ code: "storage-low", level: "warn" }] : [];
}

function browserTrouble() {
  const inApp = IN_APP.find(([, pattern]) => pattern.test(navigator.userAgent));
  return inApp ? [{ code: inApp[0], level: "stop" }] : [];
}

async function hints() {
  const found = [];
  if (await isPrivate()) found.push({ code: "private", level: "warn" });
  if (isIphone() && !navigator.standalone) found.push({ code: "ios-home-screen", level: "tell" });
  if (Math.abs(clockError() ?? 0) > settings.clock_wrong_ms) found.push({ code: "clock-wrong", level: "warn" });
  const { unsent, draft, oldest_unsent_at, others } = await counts();
  if (unsent > 0 && Date.now() - Date.parse(oldest_unsent_at) > STALE_MS) found.push({ code: "stale", level: "warn" });
  if (others > 0) found.push({ code: "others-work", level: "warn" });
  const left = unsent + draft > 0 ? "device-withdrawn" : "withdrawn-empty";
  if (current()?.status === "withdrawn") found.push({ code: left, level: "warn" });
  if (current()?.status === "login") found.push({ code: "login", level: "warn" });
  const persisted = await navigator.storage?.persisted?.().catch(() => false);
  if (unsent > 0 && persisted === false) found.push({ code: "not-persisted", level: "tell" });
  return found;
}

function isIphone() {
  return /\b(iPhone|iPad|iPod)\b/.test(navigator.userAgent);
}

/**
 * A guess from what browsers give away: Safari and Firefox refuse private windows a file system, older Chrome gave them
 * little room. Today's Chrome tells nothing: there only "not-persisted" and the words at enrolment help.
 */
async function isPrivate() {
  if (typeof settings.private_window === "boolean") return settings.private_window;
  try {
    await navigator.storage?.getDirectory?.();
  } catch {
    return true;
  }
  const heap = globalThis.performance?.memory?.jsHeapSizeLimit;
  const { quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return Boolean(heap && quota && quota < 2 * heap);
}
