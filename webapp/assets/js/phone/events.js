// One place to hear that something changed, in this tab or in another one. Kinds: "records", "saved", "storage",
// "elsewhere" (another tab changed the same draft), "sender", "device", "reference", "update", "health".
const listeners = new Set();
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("phs-phone") : null;

channel?.addEventListener("message", (message) => tellHere({ ...message.data, remote: true }));

function tellHere(event) {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      console.error(error); // a broken screen must not stop saving and sending
    }
  }
}

/** Call `listener({kind, visit_id?, code?, remote?})` at each change; gives a function that ends it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tell this tab, and the others when they see the same data. */
export function tell(kind, more = {}, { everywhere = false } = {}) {
  tellHere({ kind, ...more });
  if (everywhere) channel?.postMessage({ kind, ...more });
}
