// What stands above every screen: how much is not sent yet, and what is in the way on this phone.
import { current, tryAgain } from "../device.js";
import { onChange } from "../events.js";
import { health } from "../health.js";
import { counts } from "../records.js";
import { sender } from "../send.js";
import { ageWords, _ } from "../text.js";
import { word } from "../words.js";
import { button, h, icon, linkButton, notice, once } from "./dom.js";

const STORAGE = new Set(["storage-refused", "storage-full", "storage-closed", "storage-blocked", "storage-newer"]);
let storageTrouble = "";
const closed = new Set(); // hints that were read; told again at the next start

/** Draw the frame now and at every change. */
export async function startFrame() {
  onChange((event) => {
    if (event.kind === "storage") storageTrouble = event.code;
    if (event.kind === "saved") storageTrouble = "";
    later();
  });
  globalThis.addEventListener("hashchange", later);
  setInterval(later, 60_000); // "oldest 2 days" grows by itself
  await draw();
}

let waiting = null;
function later() {
  waiting ??= setTimeout(() => {
    waiting = null;
    draw().catch(() => {});
  }, 60);
}

async function draw() {
  const device = current();
  if (device?.ward_name) document.querySelector("[data-ward]").textContent = device.ward_name;
  let total = null;
  try {
    total = await counts();
  } catch {
    storageTrouble ||= "storage-closed";
  }
  const status = document.querySelector("[data-status]");
  const made = stateBar(total, device);
  if (status.firstChild?.outerHTML !== made?.outerHTML) status.replaceChildren(...(made ? [made] : []));
  await drawBanners();
}

function stateBar(total, device) {
  if (!device && !total?.others) return null;
  const { kind, picture, text } = stateWords(total, device);
  return h(`a.state-bar.state-bar--${kind}`, { href: "#/gui" }, icon(picture), h("span", text), icon("right"));
}

function stateWords(total, device) {
  if (storageTrouble || !total) return { kind: "danger", picture: "danger", text: _("Máy chưa lưu được, xem ngay") };
  const age = total.oldest_unsent_at && ageWords(total.oldest_unsent_at);
  const line = total.unsent && _("%(count)s chưa gửi · cũ nhất %(age)s", { count: total.unsent, age });
  const look = _("%(count)s cần xem", { count: total.problem });
  if (total.problem) return { kind: "danger", picture: "danger", text: `${line} · ${look}` };
  if (line && device?.status !== "ok") return { kind: "danger", picture: "danger", text: line };
  if (line) return { kind: isOld(total) ? "danger" : "warn", picture: sender().running ? "send" : "clock", text: line };
  if (total.draft) return { kind: "info", picture: "pen", text: _("Đã gửi hết · %(count)s đang ghi dở", { count: total.draft }) };
  return { kind: "ok", picture: "ok", text: _("Đã gửi hết") };
}

const isOld = (total) => Date.now() - Date.parse(total.oldest_unsent_at) > 3 * 24 * 3600 * 1000;

async function drawBanners() {
  const found = await health().catch(() => [{ code: storageTrouble || "storage-closed", level: "stop" }]);
  const codes = new Map(found.map(({ code, level }) => [code, level]));
  if (storageTrouble) codes.set(storageTrouble, "stop");
  const calm = ["", "#/", "#/gui"].includes(location.hash); // hints wait until nobody is being asked anything
  const shown = [...codes].filter(([code, level]) => !closed.has(code) && (calm || level !== "tell"));
  const holder = document.querySelector("[data-banners]");
  const sign = JSON.stringify(shown);
  if (holder.dataset.sign === sign) return;
  holder.dataset.sign = sign;
  holder.replaceChildren(...shown.map(([code, level]) => banner(code, level)));
}

function banner(code, level) {
  const kind = { stop: "danger", warn: "warn", tell: "info" }[level];
  const close = () => {
    closed.add(code);
    drawBanners();
  };
  const node = notice(kind, "", h("p", word(code)), actions(code), level === "tell" && button("link", _("Đã đọc"), close, { "aria-label": _("Đã đọc: %(text)s", { text: word(code).slice(0, 40) }) }));
  if (level === "stop") node.setAttribute("role", "alert");
  return node;
}

function actions(code) {
  const outbox = () => linkButton("secondary", _("Xem phiếu trên máy"), "#/gui");
  if (code === "login") {
    const again = button("secondary", _("Thử lại"), once(() => tryAgain()));
    return h("div.card__buttons", linkButton("secondary", _("Nhập mã mới"), "#/bat-dau"), again);
  }
  return ["device-withdrawn", "stale", "others-work", "not-persisted"].includes(code) || STORAGE.has(code) ? h("div.card__buttons", outbox()) : null;
}
