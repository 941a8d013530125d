// Signing with a key on this computer: prepare at the ward, sign beside the key, bring each raw signature back.
import { Agent, AgentTrouble } from "./door.js";
import { onAgain, panelOf } from "./panel.js";
import { WardTrouble, post } from "./ward.js";

const EVERY_MS = 700;
const LOST_AFTER = 4; // so many unanswered questions in a row: the agent was closed

export function signing(root) {
  const desk = {
    root,
    agent: new Agent(root.dataset.agent),
    panel: panelOf(root),
    form: root.closest("form"),
    start: root.querySelector("[data-agent-start]"),
  };
  const look = () => lookForKey(desk);
  desk.start.addEventListener("click", () => run(desk));
  onAgain(root, look);
  look();
}

async function lookForKey(desk) {
  desk.panel.show("checking");
  desk.start.disabled = true;
  try {
    const keys = await desk.agent.keys();
    const mine = keys.find((key) => key.info.sha256 === desk.root.dataset.agentFingerprint);
    desk.panel.show(!mine ? "no_token" : mine.locked ? "locked" : "ready");
    desk.start.disabled = !mine || mine.locked;
  } catch (trouble) {
    tell(desk, trouble);
  }
}

async function run(desk) {
  const left = asked(desk);
  if (!left.length) return desk.panel.show("failed", { problem: desk.root.dataset.agentNothing });
  desk.start.disabled = true;
  desk.root.querySelector("[data-agent-results]").replaceChildren();
  desk.total = left.length;
  desk.done = 0;
  desk.panel.show("preparing");
  try {
    const prepared = await prepareAll(desk, left);
    if (prepared.length) await signAll(desk, prepared);
    else desk.panel.show("failed");
  } catch (trouble) {
    tell(desk, trouble);
  }
  desk.start.disabled = desk.start.hidden = desk.done === desk.total;
}

// Documents are ticked boxes or hidden fields "id:version:sha256"; what was signed is not asked for again.
function asked(desk) {
  const fields = desk.form.querySelectorAll('input[name="item"]');
  return [...fields].filter((field) => (field.type === "hidden" || field.checked) && !field.dataset.signed);
}

async function prepareAll(desk, fields) {
  const prepared = [];
  for (const field of fields) {
    const [id, version, sha256] = field.value.split(":");
    const path = desk.root.dataset.agentPrepare.replace("00000000-0000-0000-0000-000000000000", id);
    try {
      prepared.push({ field, ...(await post(desk, path, { version, sha256 })) });
    } catch (trouble) {
      if (!(trouble instanceof WardTrouble) || trouble.ends) throw trouble;
      result(desk, field, trouble.message);
    }
  }
  return prepared;
}

async function signAll(desk, prepared) {
  const documents = prepared.flatMap(filesOf);
  const batch = await desk.agent.ask("POST", "/api/batches", { documents });
  const page = desk.agent.address + batch.page;
  desk.root.querySelector("[data-agent-window]").href = page;
  window.open(page, "_blank", "noopener"); // where this is blocked the button opens it
  await follow(desk, batch.id, new Map(prepared.map((one) => [one.id, one])));
}

// A document and its separate attachments: each is shown and signed by itself, and counts only with all of the others.
function filesOf(one) {
  const whole = ({ title, url, prepared }, id) => ({
    id,
    title,
    abstract: one.abstract,
    url: new URL(url, location.href).href, // the agent fetches from the very address it is paired with
    prepared,
  });
  return [whole(one, one.id), ...one.attachments.map((part) => whole(part, partName(one, part)))];
}

function partName(one, part) {
  return `${one.id}.${part.number}`;
}

async function follow(desk, batchId, waiting) {
  let silent = 0;
  for (;;) {
    let told;
    try {
      told = await desk.agent.ask("GET", `/api/batches/${batchId}`);
      silent = 0;
    } catch (trouble) {
      if (trouble.code !== "off" || ++silent >= LOST_AFTER) throw closedIfOff(trouble);
      await pause();
      continue;
    }
    const files = new Map(told.documents.map((file) => [file.id, file]));
    for (const prepared of [...waiting.values()]) await take(desk, waiting, prepared, files);
    if (told.ended || !waiting.size) return finish(desk, batchId, told);
    desk.panel.show("waiting", { problem: said(told.problem), count: progress(desk) });
    await pause();
  }
}

async function take(desk, waiting, prepared, files) {
  const names = [["raw", prepared.id], ...prepared.attachments.map((part) => [`raw-${part.number}`, partName(prepared, part)])];
  const parts = names.map(([name, id]) => [name, files.get(id)]);
  const refused = parts.find(([, file]) => file?.problem);
  if (!refused && !parts.every(([, file]) => file?.raw)) return;
  waiting.delete(prepared.id);
  if (refused) return result(desk, prepared.field, said(refused[1].problem));
  try {
    const answer = await post(desk, prepared.complete, Object.fromEntries(parts.map(([name, file]) => [name, file.raw])));
    prepared.field.dataset.signed = "1";
    desk.done += 1;
    if (answer.state === "pending") desk.pending = answer.message;
    if (answer.state === "pending") result(desk, prepared.field, answer.message);
  } catch (trouble) {
    if (!(trouble instanceof WardTrouble) || trouble.ends) throw trouble;
    result(desk, prepared.field, trouble.message);
  }
}

async function finish(desk, batchId, told) {
  desk.agent.ask("DELETE", `/api/batches/${batchId}`).catch(() => {});
  const count = progress(desk);
  if (desk.done === desk.total) {
    desk.panel.show(desk.pending ? "pending" : "done", { problem: desk.pending ?? "", count });
    if (desk.root.dataset.agentBack && !desk.pending) location.assign(desk.root.dataset.agentBack);
    return;
  }
  const code = told.problem?.code;
  desk.panel.show(["expired", "refused"].includes(code) ? code : "failed", { problem: said(told.problem) || count });
}

function tell(desk, trouble) {
  if (trouble instanceof WardTrouble) return desk.panel.show("failed", { problem: trouble.message });
  if (!(trouble instanceof AgentTrouble)) throw trouble;
  const states = { batch_unknown: "closed", key_not_here: "no_token" };
  const state = states[trouble.code] ?? trouble.code;
  desk.panel.show(desk.panel.has(state) ? state : "failed", { problem: trouble.words });
}

function closedIfOff(trouble) {
  return trouble.code === "off" ? new AgentTrouble("closed") : trouble;
}

function result(desk, field, text) {
  const line = document.createElement("li");
  const name = field.labels?.[0]?.firstChild?.textContent?.trim();
  line.textContent = name ? `${name}: ${text}` : text;
  desk.root.querySelector("[data-agent-results]").append(line);
}

function progress(desk) {
  return desk.root.dataset.agentProgress.replace("{done}", desk.done).replace("{total}", desk.total);
}

function said(problem) {
  return problem ? (problem[document.documentElement.lang] ?? problem.vi) : "";
}

function pause() {
  return new Promise((wake) => setTimeout(wake, EVERY_MS));
}
