// One record: where it is now and what comes next; after the form is finished this is the receipt.
import { onChange } from "../events.js";
import { sendAgain } from "../queue.js";
import { find, list, reopen } from "../records.js";
import { readReference } from "../reference.js";
import { sendNow } from "../send.js";
import { _ } from "../text.js";
import { button, h, linkButton, notice, once } from "./dom.js";
import { doors, inOrder, householdOf } from "./desk.js";
import { whereLeft } from "./door.js";
import { openForm } from "./open_form.js";
import { goInstead, tellReader } from "./shell.js";
import { recordWords, receiptWords } from "./states.js";

/** The screen of a record that is not being written. */
export async function recordScreen(visitId) {
  const record = await find(visitId);
  if (!record) return { replace: "#/gui" };
  if (record.state === "draft") return { replace: await whereLeft(visitId) };
  const place = h("div");
  const actions = h("div.questions");
  const draw = (now) => {
    place.replaceChildren(stateNotice(now));
    actions.replaceChildren(...buttons(now));
  };
  draw(record);
  const stop = onChange(async (event) => {
    if (event.kind !== "records") return;
    const now = await find(visitId);
    if (!now || now.state === "draft") return;
    draw(now);
    tellReader(recordWords(now).text);
  });
  const reference = await readReference();
  const household = householdOf(reference, record.household_id);
  return {
    title: _("Phiếu hộ số %(number)s", { number: record.label }),
    lead: household && h("p.muted", h("b", household.head_name), h("br"), household.address),
    back: { href: "#/", words: _("Danh sách hộ") },
    leave: stop,
    nodes: [place, actions, await following(reference, record)],
  };
}

function stateNotice(record) {
  const { kind, text, why } = recordWords(record);
  if (record.state === "sent") {
    return notice("ok", receiptWords(record), h("p", _("Giữ mã này nếu cần hỏi lại phường. Bản chỉ để xem còn trên máy 30 ngày.")));
  }
  const safe = record.state === "queued" && !why && _("Máy sẽ tự gửi khi có mạng. Bạn có thể đi tiếp hộ khác.");
  return notice(kind, text, why && h("p", why), safe && h("p", safe));
}

/** What a person can do with a record, also used by the outbox. */
export function buttons(record) {
  const mend = once(() => reopenAndGo(record));
  const again = once(async () => {
    await sendAgain(record.visit_id);
    await sendNow();
  });
  if (record.state === "problem") {
    return [
      button("primary", _("Mở phiếu để sửa"), mend, { picture: "edit" }),
      button("secondary", _("Gửi lại như cũ"), again, { picture: "send" }),
    ];
  }
  if (record.state !== "queued") return [];
  return [
    button("secondary", _("Gửi ngay"), record.held ? again : once(() => sendNow()), { picture: "send" }),
    button("link", _("Mở lại để sửa"), mend, { picture: "edit" }),
  ];
}

/** Take a record out of the outbox and open its form; on top of what the ward has now, when that is newer. */
export async function reopenAndGo(record) {
  const draft = await reopen(record.visit_id);
  if (!draft) return;
  const open = await openForm(draft.visit_id);
  const newer = record.problem?.current_revision;
  if (Number.isInteger(newer) && newer !== draft.body.base_revision) {
    open.record.body.base_revision = newer;
    open.form.base_revision = newer;
    open.touch();
  }
  open.toldBy(record.problem);
  location.hash = await whereLeft(draft.visit_id);
}

async function following(reference, record) {
  const left = doors(reference, record.group_id, await list()).filter((door) => ["returned", "draft", "left"].includes(door.state));
  const later = left.filter((door) => door.household.number > Number(record.label));
  const next = inOrder(later)[0] ?? inOrder(left)[0];
  const done = notice("ok", _("Tổ đã đi hết các hộ trong đợt này."));
  const card = next && h("div.card",
    h("h2", _("Hộ tiếp theo")),
    h("p", h("b", _("Số %(number)s – %(name)s", { number: next.household.number, name: next.household.head_name })), h("br"), next.household.address));
  const go = next
    ? button("primary", _("Ghi phiếu hộ này"), () => goInstead(`#/ho/${next.household.id}`), { picture: "pen" })
    : linkButton("primary", _("Danh sách hộ"), "#/", { picture: "house" });
  return [card ?? done, h("div.dock", h("div.dock__buttons", go))];
}
