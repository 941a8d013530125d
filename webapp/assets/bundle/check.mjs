// Rebuilds into a temporary folder and compares it byte by byte with the committed one; exit 1 on a difference.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildInto } from "./build.mjs";

const committed = resolve(dirname(fileURLToPath(import.meta.url)), "../../static/dist");

function listFiles(folder, prefix = "") {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listFiles(folder, join(prefix, entry.name)) : [join(prefix, entry.name)],
  );
}

const scratch = mkdtempSync(join(tmpdir(), "assets-"));
try {
  const fresh = join(scratch, "dist");
  await buildInto(fresh);
  const names = new Set([...listFiles(fresh), ...listFiles(committed)]);
  const read = (folder, name) => {
    try {
      return readFileSync(join(folder, name));
    } catch {
      return null;
    }
  };
  const different = [...names].sort().filter((name) => {
    const [left, right] = [read(fresh, name), read(committed, name)];
    return left === null || right === null || !left.equals(right);
  });
  for (const name of different) console.error(`differs: webapp/static/dist/${name}`);
  if (different.length > 0) {
    console.error("run `npm run build` and commit webapp/static/dist");
    process.exitCode = 1;
  } else {
    console.log(`${names.size} files in webapp/static/dist match their sources`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
