// The phone form without its screens: everything that keeps and sends records. Screens import from here only.
import * as autosave from "./autosave.js";
import * as backup from "./backup.js";
import * as clock from "./clock.js";
import * as device from "./device.js";
import * as events from "./events.js";
import * as hash from "./hash.js";
import { health } from "./health.js";
import * as ids from "./ids.js";
import * as network from "./network.js";
import * as queue from "./queue.js";
import * as records from "./records.js";
import * as reference from "./reference.js";
import * as send from "./send.js";
import { settings } from "./settings.js";
import * as store from "./store.js";
import * as update from "./update.js";
import { word } from "./words.js";

export const engine = {
  autosave, backup, clock, device, events, hash, health, ids, network, queue, records, reference, send, store, update, word,
};

/** Start: read what is kept, then save, send and refresh by itself. Gives {health} of this phone; never rejects. */
export async function startEngine() {
  settings.expose?.(engine);
  autosave.saveOnHide();
  update.startUpdates();
  try {
    await autosave.takeLastWords();
    await clock.startClock();
    await device.loadDevice();
  } catch {
    return { health: await health() }; // the storage says no: the screen says why
  }
  const refresh = () => reference.keepFresh();
  events.onChange((event) => {
    if (event.kind === "device" && event.remote) device.loadDevice().then(() => events.tell("device"));
    else if (event.kind === "device" && device.token()) reference.keepFresh({ force: true });
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  globalThis.addEventListener("online", refresh);
  send.startSending().then(refresh).then(send.tidySent).catch(() => {});
  return { health: await health() };
}
