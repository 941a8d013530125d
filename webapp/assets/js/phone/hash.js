// The same canonical JSON and SHA-256 as core/visit_content.py: a receipt is believed when both sides hashed the same.
import { bare } from "./ids.js";

const encoder = new TextEncoder();
const EMPTY = (value) => value === null || value === undefined || value === "" || value?.length === 0;

/** JSON with sorted keys and no spaces; text stays as it is. */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const pairs = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
    return `{${pairs.join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** SHA-256 of a text in UTF-8, as 64 hex digits. */
export async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Leave out what is not known and write letters in their one form (NFC), as the ward's side does. */
export function cleanAnswers(answers) {
  if (answers === null || answers === undefined) return null;
  const line = (row) => Object.fromEntries(Object.entries(tidy(row)).filter(([, value]) => value !== null));
  const found = Object.entries(answers).map(([key, value]) => {
    if (Array.isArray(value)) return [key, value.map(line)];
    return [key, value !== null && typeof value === "object" ? line(value) : tidy(value)];
  });
  return Object.fromEntries(found.filter(([, value]) => !EMPTY(value)));
}

/** Leave out extra questions without an answer; undefined when nothing remains. */
export function cleanExtra(extra) {
  const found = Object.entries(tidy(extra ?? {})).filter(([, value]) => !EMPTY(value));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Make every text in a value well formed and NFC. */
export function tidy(value) {
  if (typeof value === "string") return (value.toWellFormed?.() ?? value).normalize("NFC");
  if (Array.isArray(value)) return value.map(tidy);
  if (value === null || typeof value !== "object") return value ?? null;
  const known = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(known.map(([key, inner]) => [key, tidy(inner)]));
}

/** The content of a visit that is hashed: who sent it, when and why is not content. */
export function contentOf(body) {
  const content = {
    visit: bare(body.visit_id),
    round: bare(body.round_id),
    household: bare(body.household_id),
    outcome: body.outcome,
    visited_on: body.visited_on,
    answers: body.answers ?? null,
  };
  return Object.keys(body.extra ?? {}).length === 0 ? content : { ...content, extra: body.extra };
}

export const contentSha256 = (body) => sha256(canonicalJson(contentOf(body)));
