// Who this phone belongs to: a token from a one-time code, kept until log-out or until the ward withdraws it.
import { tell } from "./events.js";
import { settings } from "./settings.js";
import { readMeta, transact, writeMeta } from "./store.js";

let device = null;

/** Read the device from the storage. `status`: "ok", "login" (the token is not taken any more) or "withdrawn". */
export async function loadDevice() {
  device = (await readMeta("device")) ?? null;
  return device;
}

/** {device_id, account_id, account_name, ward_name, status, name} or null; the token is not for screens. */
export function current() {
  if (device === null) return null;
  const { token, ...shown } = device;
  return shown;
}

export const owner = () => device?.account_id ?? null;

/** The token while the ward takes it, else null: nothing is asked of the ward with a token that it refused. */
export const token = () => (device?.status === "ok" ? device.token : null);

/** An enrolment that the ward (or the network) refused; `code` and `detail` say why. */
export class Refused extends Error {
  constructor(code, detail = "") {
    super(code);
    this.name = "Refused";
    this.code = code;
    this.detail = detail;
  }
}

/** Change a one-time code for a token. Unsent work of whoever used the phone before stays where it is. */
export async function enrol(code, name) {
  const answer = await post({ code: code.trim(), name });
  let body = null;
  try {
    body = await answer.json();
  } catch {
    throw new Refused("portal");
  }
  if (answer.status !== 201) throw new Refused(body.code ?? "server", body.detail ?? "");
  if (!body.token || !body.account_id || !body.device_id) throw new Refused("portal");
  const { device_id, account_id, account_name, ward_name } = body;
  const enrolled = { device_id, account_id, account_name, ward_name, token: body.token, name, status: "ok" };
  let before = null;
  await transact(["meta", "ref", "sent"], "readwrite", async (tx) => {
    before = await tx.objectStore("meta").get("device");
    if (before && before.account_id !== account_id) await forgetSeen(tx, before.account_id);
    await tx.objectStore("meta").put(enrolled, "device");
  });
  device = enrolled;
  giveBack(before?.token);
  tell("device", {}, { everywhere: true });
  return current();
}

async function post(body) {
  try {
    return await fetch(`${settings.api}/devices`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "manual",
      signal: AbortSignal.timeout(settings.answer_limit_ms),
    });
  } catch {
    throw new Refused("network");
  }
}

/** The ward refused the token: keep everything, ask to log in (or say that the phone was withdrawn). */
export async function refused(code) {
  if (device === null) return;
  const status = code === "device-withdrawn" ? "withdrawn" : "login";
  device = { ...device, status, why: code };
  await writeMeta("device", device);
  if (status === "withdrawn") await wipeSeen();
  tell("device", {}, { everywhere: true });
}


/** Try the token once more (an account that was switched on again); gives the device's status. */
export async function tryAgain() {
  if (device?.status === "login") {
    device = { ...device, status: "ok" };
    await writeMeta("device", device);
    tell("device", {}, { everywhere: true });
  }
  return device?.status ?? null;
}

/** End the use of this phone: token, list of households and answers of sent copies go; unsent work stays. */
export async function logOut() {
  const old = device;
  device = null;
  await transact(["meta"], "readwrite", (tx) => tx.objectStore("meta").delete("device"));
  await wipeSeen(old?.account_id);
  tell("device", {}, { everywhere: true });
  giveBack(old?.token);
}

// The ward may forget this token; when nobody hears it, its list of phones shows one that fell silent.
function giveBack(old) {
  if (!old) return;
  const headers = { Authorization: `Bearer ${old}` };
  fetch(`${settings.api}/devices/me`, { method: "DELETE", headers, credentials: "omit" }).catch(() => {});
}

async function forgetSeen(tx, account) {
  await tx.objectStore("ref").clear();
  for (const record of await tx.objectStore("sent").getAll()) {
    if (record.owner === account) await tx.objectStore("sent").delete(record.visit_id);
  }
}

// Names and addresses, and what sent forms said. Of another account's sent copies nothing is touched here.
async function wipeSeen(account = device?.account_id) {
  await transact(["ref", "sent"], "readwrite", (tx) => forgetSeen(tx, account));
  tell("records", {}, { everywhere: true });
  tell("reference", {}, { everywhere: true });
}

/** After a withdrawn phone's unsent work was saved to a file: remove it. Refuses on a phone that is not withdrawn. */
export async function wipeExported(visitIds) {
  if (device?.status !== "withdrawn") throw new Refused("not-withdrawn");
  await transact(["drafts", "outbox"], "readwrite", async (tx) => {
    for (const name of ["drafts", "outbox"]) {
      for (const id of visitIds) {
        const record = await tx.objectStore(name).get(id);
        if (record?.owner === device.account_id) await tx.objectStore(name).delete(id);
      }
    }
  });
  tell("records", {}, { everywhere: true });
}
