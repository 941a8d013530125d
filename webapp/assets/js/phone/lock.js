// One uploader at a time over all tabs. The server's idempotency is the real guard; this saves the double work.
import { settings } from "./settings.js";
import { transact } from "./store.js";

const me = `${Date.now()}-${Math.random()}`;

/** Do `work` if no other tab is doing it; gives whether it was done. */
export async function alone(work) {
  if (navigator.locks) {
    return navigator.locks.request("phs-phone-send", { ifAvailable: true }, async (lock) => {
      if (lock) await work();
      return lock !== null;
    });
  }
  if (!(await takeLease())) return false;
  const beat = setInterval(() => takeLease().catch(() => {}), settings.lease_ms / 4);
  try {
    await work();
    return true;
  } finally {
    clearInterval(beat);
    await endLease();
  }
}

const meta = (work) => transact(["meta"], "readwrite", (tx) => work(tx.objectStore("meta")));

// A lease that another tab has not renewed for a minute is void, and so is one from the future (a wrong clock).
const takeLease = () =>
  meta(async (store) => {
    const held = await store.get("sender");
    const age = Date.now() - (held?.at ?? 0);
    if (held && held.tab !== me && age >= 0 && age < settings.lease_ms) return false;
    await store.put({ tab: me, at: Date.now() }, "sender");
    return true;
  });

const endLease = () =>
  meta(async (store) => {
    if ((await store.get("sender"))?.tab === me) await store.delete("sender");
  });
