// Asking the ward: with the token, never with cookies, never through a cache, and never following a redirect.
import { readAnswer } from "./answers.js";
import { heard } from "./clock.js";
import { token } from "./device.js";
import { settings } from "./settings.js";

/** Ask; gives {status, retry_after, body, etag} or null when no answer came within the limit. */
export async function ask(path, { method = "GET", text, headers = {}, limit_ms = settings.answer_limit_ms } = {}) {
  const end = new AbortController();
  const limit = setTimeout(() => end.abort(), limit_ms);
  try {
    const response = await fetch(`${settings.api}${path}`, {
      method,
      body: text,
      headers: {
        ...(token() ? { Authorization: `Bearer ${token()}` } : {}),
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

/** Is the ward's program there? Only the content counts: a network interface or a portal says nothing. */
export async function probe() {
  const answer = await ask("/ping", { limit_ms: settings.probe_limit_ms });
  if (answer === null) return "network";
  const there = answer.status === 200 && answer.body?.service === "phuong-so" && answer.body.api === 1;
  if (!there) return answer.status >= 500 ? "server" : "portal";
  await heard(answer.body.now);
  return "ok";
}
