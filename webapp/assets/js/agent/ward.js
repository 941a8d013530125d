/** The ward said no. `ends`: nothing else can be asked either (logged out, no network). */
export class WardTrouble extends Error {
  constructor(message, { ends = false } = {}) {
    super(message);
    this.ends = ends;
  }
}

/** Ask the ward with the form's own CSRF token; gives its JSON. Throws WardTrouble. */
export async function post(desk, path, values) {
  const words = desk.root.dataset;
  const body = new URLSearchParams({ ...values, csrf_token: desk.form.elements.csrf_token.value });
  let answer;
  try {
    const address = words.agentBack ? `${path}?alone=1` : path;
    answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    throw new WardTrouble(words.agentLost, { ends: true });
  }
  if (answer.redirected) throw new WardTrouble(words.agentSession, { ends: true });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  if (told.code === "step-up-needed") {
    location.reload(); // the page itself asks for the password and comes back
    throw new WardTrouble(told.message, { ends: true });
  }
  throw new WardTrouble(told.message ?? words.agentLost);
}
