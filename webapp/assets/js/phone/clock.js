// The phone's clock may be wrong by days; the ward's clock is heard with each answer.
import { readMeta, writeMeta } from "./store.js";

const WARD_OFFSET_MS = 7 * 3600 * 1000; // Asia/Ho_Chi_Minh, no summer time
let offset = null; // ward minus phone in this session; null: not heard yet
let floor = 0; // the newest time of the ward that this phone ever heard

/** Read the newest known time of the ward; a phone whose clock stands before it is surely wrong. */
export async function startClock() {
  floor = (await readMeta("ward-now")) ?? 0;
}

/** The ward said what time it is. */
export async function heard(iso) {
  const ward = Date.parse(iso);
  if (Number.isNaN(ward)) return;
  offset = ward - Date.now();
  floor = Math.max(floor, ward);
  await writeMeta("ward-now", floor).catch(() => {});
}

/** Best known time, in milliseconds. */
export const nowMs = () => (offset === null ? Math.max(Date.now(), floor) : Date.now() + offset);

export const nowIso = () => new Date(nowMs()).toISOString();

/** The day in the ward, 2026-11-22. */
export const today = () => new Date(nowMs() + WARD_OFFSET_MS).toISOString().slice(0, 10);

/** How far the phone's clock is from the ward's, in milliseconds (phone minus ward); null: not known. */
export const clockError = () => (offset === null ? null : -offset);
