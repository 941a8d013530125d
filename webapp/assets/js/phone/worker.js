// The service worker of the phone form. The server puts `SHELL = {version, pages, files}` before this text: the page
// and the built files it needs. It never touches other addresses, never the API, and never takes over by itself.
/* global SHELL */
const CACHE = `phs-phone-${SHELL.version}`;
const FILES = new Set([...SHELL.pages, ...SHELL.files]);

self.addEventListener("install", (event) => {
  const fresh = [...FILES].map((address) => new Request(address, { cache: "reload", credentials: "same-origin" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("phs-phone-") && name !== CACHE;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "update") self.skipWaiting(); // only after the person pressed the button
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return; // posts are never touched: iOS damaged their bodies
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  const address = event.request.mode === "navigate" ? url.pathname : url.pathname + url.search;
  if (FILES.has(address)) event.respondWith(fromCache(address, event.request));
});

async function fromCache(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request);
}
