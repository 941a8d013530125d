// "Lưu ra tệp": everything that the ward does not have yet, in one file that the ward can read in, any number of times.
import { inMemory } from "./autosave.js";
import { nowIso } from "./clock.js";
import { current, owner, wipeExported } from "./device.js";
import { canonicalJson, sha256, tidy } from "./hash.js";
import { list } from "./records.js";

/** Make the file of this account's drafts and unsent records (or, `others: true`, of those left by other accounts). */
export async function makeBackup({ others = false } = {}) {
  const records = await unsent(others);
  const content = {
    format: "phuong-so-backup",
    version: 1,
    made_at: nowIso(),
    device_id: current()?.device_id ?? null,
    account_id: others ? null : owner(),
    records,
    checksum: await sha256(canonicalJson(records)),
  };
  const day = content.made_at.slice(0, 16).replace(/[-:T]/g, "");
  return {
    name: `phuong-so-${day}-${records.length}-phieu.json`,
    text: JSON.stringify(content, null, 1),
    count: records.length,
    visit_ids: records.map((record) => record.visit_id),
  };
}

// The number of the house stays here; what is typed counts, also when the storage is full and only memory holds it.
async function unsent(others) {
  let found;
  try {
    found = await list({ others });
  } catch {
    found = inMemory();
  }
  return found.filter((record) => record.state !== "sent").map(({ label, ...record }) => tidy(record));
}

/** Hand the file to the person: shared where pages cannot save files (iPhone's home screen), else as a download. */
export async function handOver({ name, text }) {
  const file = new File([text], name, { type: "application/json" });
  if (navigator.standalone && navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file] });
    return "shared";
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return "saved";
}

/** The person saw the file: a phone that the ward withdrew now forgets what is in it. */
export const confirmExported = ({ visit_ids }) => wipeExported(visit_ids);
