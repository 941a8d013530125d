// The agent on this computer: what it is asked, and what silence means. Its token is this page's own (localStorage).
const TOKEN = "phs-agent-token";
export const VERSION = "1";

/** Something the agent said no to, or that it did not answer: `code` is a state of the panel or the agent's own word. */
export class AgentTrouble extends Error {
  constructor(code, told = {}) {
    super(code);
    this.code = code;
    this.told = told;
  }

  /** The agent's sentence in the language of the page. */
  get words() {
    return this.told[document.documentElement.lang] ?? this.told.vi ?? "";
  }
}

export class Agent {
  constructor(address) {
    this.address = address;
  }

  get token() {
    return localStorage.getItem(TOKEN) ?? "";
  }

  /** Ask; gives the answer's JSON. Throws AgentTrouble: `off`, `not_paired`, or the agent's code. */
  async ask(method, path, value) {
    const headers = { Authorization: `Bearer ${this.token}` };
    if (value !== undefined) headers["Content-Type"] = "application/json";
    const body = value === undefined ? undefined : JSON.stringify(value);
    let answer;
    try {
      answer = await fetch(this.address + path, { method, headers, body, credentials: "omit", cache: "no-store" });
    } catch {
      throw new AgentTrouble((await this.runs()) ? "not_paired" : "off");
    }
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new AgentTrouble(told.code ?? "agent_error", told);
    return told;
  }

  /** A closed door and an empty house look the same to a page; only this tells them apart. */
  async runs() {
    try {
      await fetch(`${this.address}/api/ping`, { mode: "no-cors", credentials: "omit", cache: "no-store" });
      return true;
    } catch {
      return false;
    }
  }

  async keys() {
    if (!this.token) throw new AgentTrouble((await this.runs()) ? "not_paired" : "off");
    const told = await this.ask("GET", "/api/keys");
    if (told.version !== VERSION) throw new AgentTrouble("other_version");
    return told.keys;
  }

  async pair(code) {
    const told = await this.ask("POST", "/api/pair", { code });
    localStorage.setItem(TOKEN, told.token);
  }

  async unpair() {
    await this.ask("DELETE", "/api/pairing").catch(() => {});
    localStorage.removeItem(TOKEN);
  }
}
