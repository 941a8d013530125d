// Bundles webapp/assets into webapp/static/dist (or the folder given as first argument).
// Entry files keep their names and get ?v=<hash> through manifest.json; fonts and pictures that the
// style sheet refers to carry the hash in their names. The same sources always give the same bytes.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { drawIcons } from "./icons.mjs";

const assets = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const shared = {
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  target: ["chrome90", "safari15", "firefox100"],
};

/** Build everything into `target`, which is emptied first. */
export async function buildInto(target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, "files"), { recursive: true });
  await build({
    ...shared,
    entryPoints: [join(assets, "css/app.css")],
    outdir: target,
    assetNames: "files/[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "file" },
  });
  await build({ ...shared, entryPoints: [join(assets, "js/app.js")], outdir: target, format: "esm" });
  await build({ ...shared, entryPoints: [join(assets, "js/theme.js")], outdir: target, format: "iife" });
  await buildPlacing(target);
  for (const name of ["agent", "vgca"]) {
    await build({ ...shared, entryPoints: { [name]: join(assets, `js/${name}/main.js`) }, outdir: target, format: "esm" });
  }
  const phone = await buildPhone(target);
  await drawIcons(join(assets, "img/mark.svg"), target);
  for (const name of readdirSync(join(assets, "img"))) {
    copyFileSync(join(assets, "img", name), join(target, name));
  }
  const font = dirname(require.resolve("@fontsource/be-vietnam-pro/package.json"));
  copyFileSync(join(font, "LICENSE"), join(target, "files", "be-vietnam-pro-LICENSE.txt"));
  const reader = dirname(require.resolve("pdfjs-dist/package.json"));
  copyFileSync(join(reader, "LICENSE"), join(target, "files", "pdfjs-dist-LICENSE.txt"));
  writeManifest(target);
  writePhoneFiles(target, phone);
  writePhoneWords(target);
}

/** The page for placing signatures; pdf.js and its worker are files of their own, fetched by that page only. */
async function buildPlacing(target) {
  const entryPoints = { place: join(assets, "js/place/main.js"), pdf: join(assets, "js/place/pdf.js") };
  await build({ ...shared, entryPoints, outdir: target, format: "esm" });
  await build({
    ...shared,
    // A classic worker: Firefox knows module workers only since version 114.
    entryPoints: { "pdf-worker": require.resolve("pdfjs-dist/legacy/build/pdf.worker.mjs") },
    define: { "import.meta.url": "globalThis.location.href" },
    outdir: target,
    format: "iife",
  });
}

/** The offline form: its own style sheet, script and service worker. Gives the fonts and pictures its style sheet uses. */
async function buildPhone(target) {
  const style = await build({
    ...shared,
    entryPoints: [join(assets, "css/phone.css")],
    outdir: target,
    assetNames: "files/[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "file" },
    metafile: true,
  });
  const entryPoints = { phone: join(assets, "js/phone/main.js"), "phone-worker": join(assets, "js/phone/worker.js") };
  await build({ ...shared, entryPoints, outdir: target, format: "esm" });
  const used = new Set(Object.values(style.metafile.outputs).flatMap((output) => output.imports.map((one) => one.path)));
  return [...used].map((path) => `files/${basename(path)}`).sort();
}

// What the service worker keeps beside the page itself, as addresses below static/dist.
function writePhoneFiles(target, used) {
  const manifest = JSON.parse(readFileSync(join(target, "manifest.json"), "utf8"));
  const files = ["phone.css", "phone.js", "theme.js", "mark.svg", "icon-192.png"].map((name) => manifest[name]);
  writeFileSync(join(target, "phone.json"), `${JSON.stringify([...files, ...used], null, 2)}\n`);
}

// The Vietnamese texts of the offline form's scripts, for the server to translate: every _("…") and N_("…").
function writePhoneWords(target) {
  const folder = join(assets, "js/phone");
  const scripts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
  const texts = scripts.flatMap((name) => {
    const found = readFileSync(join(folder, name), "utf8").matchAll(/\bN?_\(\s*("(?:[^"\\]|\\.)*")/g);
    return Array.from(found, (match) => JSON.parse(match[1]));
  });
  writeFileSync(join(target, "phone-words.json"), `${JSON.stringify([...new Set(texts)].sort(), null, 1)}\n`);
}

// {"app.css": "app.css?v=1a2b3c4d5e"}; fonts are listed under their plain names so pages can preload them.
function writeManifest(target) {
  const manifest = {};
  for (const name of readdirSync(target).sort()) {
    const file = join(target, name);
    if (name === "files") continue;
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 10);
    manifest[name] = `${name}?v=${hash}`;
  }
  for (const name of readdirSync(join(target, "files")).sort()) {
    if (name.endsWith(".woff2")) manifest[name.replace(/-[A-Z0-9]{8}\.woff2$/, ".woff2")] = `files/${name}`;
  }
  writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildInto(resolve(process.argv[2] ?? join(assets, "../static/dist")));
}
