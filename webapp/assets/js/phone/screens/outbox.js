// Where each record is, why, and what to do; nothing leaves this list by itself except what the ward has.
import { handOver, makeBackup, confirmExported } from "../backup.js";
import { current } from "../device.js";
import { onChange } from "../events.js";
import { counts, discard, list } from "../records.js";
import { readReference } from "../reference.js";
import { sendNow, sender } from "../send.js";
import { _ } from "../text.js";
import { word } from "../words.js";
import { badge, button, h, linkButton, notice, once } from "./dom.js";
import { householdOf } from "./desk.js";
import { buttons } from "./record.js";
import { recordWords } from "./states.js";

const ORDER = ["problem", "sending", "queued", "draft", "sent"];

/** The outbox. */
export async function outboxScreen() {
  const holder = h("div.questions");
  const told = h("div", { role: "status" });
  const draw = async () => holder.replaceChildren(...(await sections(await readReference())));
  await draw();
  const stop = onChange((event) => ["records", "reference", "sender", "device"].includes(event.kind) && draw());
  return {
    title: _("Phiếu trên máy này"),
    back: { href: "#/", words: _("Danh sách hộ") },
    leave: stop,
    nodes: [holder, told, ...(await tools(told))],
  };
}

async function sections(reference) {
  const records = await list();
  const total = await counts();
  const titles = {
    problem: _("Cần bạn xem"),
    sending: _("Đang gửi"),
    queued: _("Chờ gửi"),
    draft: _("Đang ghi dở"),
    sent: _("Phường đã nhận (bản xem 30 ngày)"),
  };
  const shown = ORDER.map((state) => {
    const found = records.filter((record) => record.state === state);
    return found.length > 0 && h("section.questions", h("h2", `${titles[state]}: ${found.length}`), h("ul.rows", found.map((record) => h("li", card(record, reference)))));
  });
  return [
    why(total),
    total.unsent > 0 && h("div", button("primary", _("Gửi ngay"), once(() => sendNow()), { picture: "send" })),
    !records.length && h("p.muted", _("Chưa có phiếu nào trên máy này.")),
    ...shown,
  ].filter(Boolean);
}

function why(total) {
  const { running, network } = sender();
  if (current()?.status === "login" || current()?.status === "withdrawn") return null; // the banner says it
  if (!total.unsent) return notice("ok", _("Không còn phiếu nào chờ gửi."));
  if (running) return notice("info", _("Đang gửi…"));
  if (["network", "portal", "server", "busy"].includes(network)) return notice("warn", _("Chưa gửi được"), h("p", word(network)));
  return null;
}

function card(record, reference) {
  const household = householdOf(reference, record.household_id);
  const { kind, text, why: reason } = recordWords(record);
  const mine = record.state === "draft" ? draftButtons(record) : buttons(record);
  return h("div.card",
    h("p", h("b", _("Hộ số %(number)s", { number: record.label })), household && ` · ${household.head_name}`),
    h("p", badge(kind, text)),
    reason && h("p", reason),
    mine.length > 0 && h("div.card__buttons", mine));
}

function draftButtons(record) {
  const holder = h("div.card__buttons");
  const rest = () => [
    linkButton("secondary", _("Ghi tiếp"), `#/phieu/${record.visit_id}`, { picture: "pen" }),
    button("link", _("Bỏ phiếu này"), () => {
      holder.replaceChildren(...sure());
      holder.querySelector("button:last-of-type").focus();
    }, { picture: "trash" }),
  ];
  const sure = () => [
    h("p", _("Bỏ hẳn phiếu đang ghi dở của hộ số %(number)s? Không lấy lại được.", { number: record.label })),
    button("danger", _("Bỏ phiếu"), once(() => discard(record.visit_id))),
    button("secondary", _("Giữ lại"), () => holder.replaceChildren(...rest())),
  ];
  holder.append(...rest());
  return [holder];
}

async function tools(told) {
  const { others } = await counts();
  const save = (more) => once(async () => {
    const file = await makeBackup(more);
    if (!file.count) {
      told.replaceChildren(notice("info", _("Không có phiếu nào chưa gửi để lưu.")));
      return;
    }
    await handOver(file);
    told.replaceChildren(notice("ok", _("Đã lưu %(count)s phiếu ra tệp %(name)s", { count: file.count, name: file.name }),
      h("p", _("Đưa tệp này cho phường. Phường nhập nhiều lần cũng không bị trùng.")), forget(file, told)));
  });
  return [h("section.card",
    h("h2", _("Lưu ra tệp")),
    h("p", _("Phòng khi máy hỏng hoặc lâu không có mạng: lưu phiếu chưa gửi ra một tệp rồi đưa cho phường.")),
    button("secondary", _("Lưu ra tệp"), save(), { picture: "download" }),
    others > 0 && h("p", word("others-work")),
    others > 0 && button("secondary", _("Lưu phiếu của người dùng trước"), save({ others: true }), { picture: "download" }))];
}

// Only on a phone that the ward withdrew: what was handed over in the file leaves the phone.
function forget(file, told) {
  if (current()?.status !== "withdrawn") return null;
  return button("danger", _("Tôi đã có tệp, xóa phiếu khỏi máy"), once(async () => {
    await confirmExported(file);
    told.replaceChildren(notice("ok", _("Đã xóa phiếu khỏi máy này.")));
  }));
}
