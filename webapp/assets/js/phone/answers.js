// What an answer of the network means for a record. Believed is only what the ward's program itself can have said:
// the right status and a JSON body of ours. Everything else is a portal, a proxy or a broken line.
import { sameId } from "./ids.js";

const PROBLEMS = new Set([400, 404, 409, 422]);
const JSON_TYPES = /^application\/(problem\+)?json\b/;

/** Read an answer within the same time limit as the request: {status, retry_after, body} with body null unless JSON. */
export async function readAnswer(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  const retry_after = seconds > 0 ? seconds : null;
  if (response.type === "opaqueredirect") return { status: 302, retry_after: null, body: null };
  if (!JSON_TYPES.test(response.headers.get("Content-Type") ?? "")) {
    return { status: response.status, retry_after, body: null };
  }
  const text = await response.text(); // a cut line rejects here
  try {
    const body = JSON.parse(text);
    return { status: response.status, retry_after, body: body !== null && typeof body === "object" ? body : null };
  } catch {
    return { status: response.status, retry_after, body: null };
  }
}

/**
 * Judge the answer to one record: {move, code, detail, errors, status, ...} with `move` one of
 * "sent" (receipt), "problem" (kept, shown, others go on), "login" and "withdrawn" (stop, keep all), "wait".
 */
export function judge(answer, record) {
  const { status, body } = answer;
  const ours = body !== null && body.status === status && typeof body.code === "string";
  const said = { status, code: ours ? body.code : "", detail: ours ? (body.detail ?? "") : "", errors: [] };
  if (ours && Array.isArray(body.errors)) said.errors = body.errors;
  if (status === 200 || status === 201) {
    return isReceipt(body, record) ? { move: "sent", receipt: receiptOf(body) } : wait(said, "portal");
  }
  if (status === 401) return ours ? refusal(said) : wait(said, "portal");
  if (status === 403) return ours ? { ...said, move: "held" } : wait(said, "portal");
  if (status === 413 || status === 415) return { ...said, move: "problem", code: said.code || "too-large" };
  if (PROBLEMS.has(status)) return ours ? { ...said, move: "problem", ...current(body) } : wait(said, "portal");
  if (status === 423) return wait(said, said.code || "portal");
  if (status === 429) return { ...wait(said, "busy"), retry_after: answer.retry_after };
  if (status >= 500) return { ...wait(said, "server"), retry_after: answer.retry_after };
  return wait(said, "portal");
}

/**
 * Judge the answer to several records that travelled together: a verdict for each, as if it had come alone. An answer
 * that is not about each of them says nothing of any: they wait, and the next time each goes alone.
 */
export function judgeTogether(answer, records) {
  const each = answer.status === 200 ? answer.body?.answers : null;
  if (!Array.isArray(each) || each.length !== records.length) {
    return records.map((record) => ofAll(judge(answer, record)));
  }
  return records.map((record, place) => {
    const { status, receipt, problem } = each[place] ?? {};
    return judge({ status, body: receipt ?? problem ?? null, retry_after: null }, record);
  });
}

function ofAll(verdict) {
  const { move, status, code, detail } = verdict;
  return ["wait", "login", "withdrawn"].includes(move) ? verdict : wait({ status, code, detail, errors: [] }, "server");
}

function wait(said, code) {
  return { ...said, move: "wait", code };
}

function refusal(said) {
  return { ...said, move: said.code === "device-withdrawn" ? "withdrawn" : "login" };
}

function current(body) {
  return { current_revision: body.current_revision ?? null, current_sha256: body.current_sha256 ?? null };
}

function isReceipt(body, record) {
  return (
    body !== null &&
    typeof body.visit_id === "string" &&
    sameId(body.visit_id, record.visit_id) &&
    body.sha256 === record.sha256 &&
    Number.isInteger(body.revision) &&
    typeof body.code === "string" &&
    !Number.isNaN(Date.parse(body.submitted_at))
  );
}

function receiptOf({ revision, sha256, code, submitted_at }) {
  return { revision, sha256, code, submitted_at };
}
