// Enrolling a key on this computer: pair once, choose a certificate, send it with the form.
import { Agent, AgentTrouble } from "./door.js";
import { onAgain, panelOf } from "./panel.js";

export function enrolling(root) {
  const agent = new Agent(root.dataset.agent);
  const panel = panelOf(root);
  const look = () => lookForKeys(root, agent, panel);
  root.querySelector("[data-agent-pair]").href = `${agent.address}/pair?origin=${encodeURIComponent(location.origin)}`;
  root.querySelector("[data-agent-redeem]").addEventListener("click", () => redeem(root, agent, panel, look));
  root.querySelector("[data-agent-unpair]").addEventListener("click", async () => {
    await agent.unpair();
    await look();
  });
  onAgain(root, look);
  look();
}

async function lookForKeys(root, agent, panel) {
  panel.show("checking");
  try {
    const keys = await agent.keys();
    fill(root, keys);
    panel.show(keys.length ? "keys" : "no_token");
  } catch (trouble) {
    if (!(trouble instanceof AgentTrouble)) throw trouble;
    panel.show(panel.has(trouble.code) ? trouble.code : "off");
  }
}

async function redeem(root, agent, panel, look) {
  const code = root.querySelector("[data-agent-code]");
  try {
    await agent.pair(code.value);
    await look();
  } catch (trouble) {
    if (!(trouble instanceof AgentTrouble)) throw trouble;
    panel.show(trouble.code === "off" ? "off" : "not_paired");
    if (trouble.code !== "off") root.querySelector('[data-agent-state="code_wrong"]').hidden = false;
  }
  code.value = "";
}

function fill(root, keys) {
  const list = root.querySelector("[data-agent-keys]");
  const words = root.querySelector("[data-agent-words]").dataset;
  const mould = root.querySelector("[data-agent-key]").content;
  list.replaceChildren();
  keys.forEach((key, place) => {
    const tile = mould.cloneNode(true);
    const [input, label] = [tile.querySelector("input"), tile.querySelector("label")];
    input.id = `agent-key-${place}`;
    input.disabled = Boolean(key.unfit);
    label.htmlFor = input.id;
    tile.querySelector("[data-name]").textContent = key.info.common_name;
    tile.querySelector("[data-told]").textContent = describe(key, words);
    input.addEventListener("change", () => choose(root, key));
    list.append(tile);
    const fit = keys.filter((one) => !one.unfit);
    if (fit.length === 1 && fit[0] === key) {
      input.checked = true;
      choose(root, key);
    }
  });
}

function describe(key, words) {
  const day = key.info.valid_to.slice(0, 10).split("-").reverse().join("/");
  const told = words.issued
    .replace("{issuer}", key.info.issuer)
    .replace("{day}", day)
    .replace("{serial}", key.info.serial.slice(-8))
    .replace("{place}", key.place);
  const why = key.unfit?.[document.documentElement.lang] ?? key.unfit?.vi;
  return why ? `${told}. ${words.unfit.replace("{why}", why)}` : told;
}

function choose(root, key) {
  const form = root.querySelector("form");
  form.elements.certificates.value = JSON.stringify(key.certificates);
  form.elements.mechanisms.value = key.mechanisms.join(" ");
  form.elements.holder.value = key.place;
}
