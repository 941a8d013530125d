// A new version of the form waits until the person takes it, and cannot be taken while any tab has a form open.
import { tell } from "./events.js";
import { settings } from "./settings.js";
import { flush } from "./autosave.js";

const FORM = "phs-phone-form";
let registration = null;
let wanted = false;
let open = 0;

/** Register the worker; "update" is told when a new version waits. Quiet where workers do not exist. */
export async function startUpdates() {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  worker.addEventListener("controllerchange", () => {
    if (wanted) location.reload(); // another tab's update never reloads this one
  });
  try {
    registration = await worker.register(`${settings.home}sw.js`, { scope: settings.home, updateViaCache: "none" });
  } catch {
    return; // offline at the very first visit
  }
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", () => updateWaits() && tell("update"));
  });
  if (updateWaits()) tell("update");
}

/** Is a new version there, besides the one that runs now? */
export const updateWaits = () => Boolean(registration?.waiting && navigator.serviceWorker.controller);

/** Ask the ward for a new version (the browser does it once a day by itself). */
export const lookForUpdate = () => registration?.update().catch(() => {});

/** A form opened in this tab; call what it gives when the form is left. */
export function holdForm() {
  open += 1;
  let release;
  const left = new Promise((done) => {
    release = done;
  });
  navigator.locks?.request(FORM, { mode: "shared" }, () => left).catch(() => {});
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    open -= 1;
    release();
  };
}

/** Take the new version: "taken" (the page loads again), "form-open" or "none". */
export async function takeUpdate() {
  if (!updateWaits()) return "none";
  if (open > 0 || (await formOpenAnywhere())) return "form-open";
  await flush();
  wanted = true;
  registration.waiting.postMessage("update");
  return "taken";
}

async function formOpenAnywhere() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some((lock) => lock.name === FORM);
}
