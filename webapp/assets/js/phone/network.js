// Asking the ward: with the token, never with cookies, never through a cache, and never following a redirect.
import { readAnswer } from "./answers.js";
import { heard } from "./clock.js";
import { token } from "./device.js";
import { counts } from "./records.js";
import { settings } from "./settings.js";

/**
 * Ask; gives {status, retry_after, body, etag} or null when no answer came within the limit. `besides`: the records
 * that are in the text, not counted among those that remain.
 */
export async function ask(path, options = {}) {
  const { method = "GET", text, headers = {}, limit_ms = settings.answer_limit_ms, besides = [] } = options;
  const end = new AbortController();
  const limit = setTimeout(() => end.abort(), limit_ms);
  try {
    const response = await fetch(`${settings.api}${path}`, {
      method,
      body: text,
      headers: {
        ...(token() ? await credentials(besides) : {}),
        ...(text === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      cache: "no-store",
      credentials: "omit",
      redirect: "manual",
      referrerPolicy: "no-referrer",
      signal: end.signal,
    });
    return { ...(await readAnswer(response)), etag: response.headers.get("ETag") };
  } catch {
    return null; // no network, a cut line, or too long
  } finally {
    clearTimeout(limit);
  }
}

// The ward hears how much this phone still holds, and since when: it raises an alarm for phones that fell silent.
async function credentials(besides) {
  const bearer = { Authorization: `Bearer ${token()}` };
  const held = await counts({ besides }).catch(() => null);
  return held ? { ...bearer, "X-Phs-Unsent": `${held.unsent}; oldest=${held.oldest_unsent_at ?? ""}` } : bearer;
}

/** Is the ward's program there? Only the content counts: a network interface or a portal says nothing. */
export async function probe() {
  const answer = await ask("/ping", { limit_ms: settings.probe_limit_ms });
  if (answer === null) return "network";
  const there = answer.status === 200 && answer.body?.service === "phuong-so" && answer.body.api === 1;
  if (!there) return answer.status >= 500 ? "server" : "portal";
  await heard(answer.body.now);
  return "ok";
}
