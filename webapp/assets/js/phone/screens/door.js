// The page of one door: goes straight to the work that is due; else shows what the phone and the ward know.
import { list } from "../records.js";
import { readReference } from "../reference.js";
import { _ } from "../text.js";
import { button, h, notice, once } from "./dom.js";
import { address, addressOfScreen } from "./way.js";
import { isSimple } from "./choices.js";
import { doors, householdOf, openRound } from "./desk.js";
import { beginVisit, openForm } from "./open_form.js";
import { goInstead } from "./shell.js";
import { doorBadges, receiptLine } from "./states.js";

/** The screen of a household. */
export async function doorScreen(householdId) {
  const reference = await readReference();
  const household = householdOf(reference, householdId);
  if (!household) return { replace: "#/" };
  const door = doors(reference, household.group_id, await list()).find((found) => found.household === household);
  const round = openRound(reference, household.group_id);
  if (door.state === "draft") return { replace: await whereLeft(door.record.visit_id) };
  if (door.state === "waiting" || door.state === "problem") return { replace: `#/phieu/${door.record.visit_id}` };
  if (!round) return page(household, door, [notice("info", _("Chưa có đợt khảo sát nào đang mở nên chưa ghi phiếu được."))]);
  if (door.state === "returned") return { replace: await begin(household, true) };
  if (door.state === "left") return { replace: await begin(household, false) };
  return page(household, door, actions(household, door));
}

/** Where a draft was left. */
export async function whereLeft(visitId) {
  const open = await openForm(visitId);
  const screen = open.screens().includes(open.form.at) ? open.form.at : "door";
  return addressOfScreen(open, screen, isSimple());
}

async function begin(household, correct) {
  const record = await beginVisit(household, { correct });
  const open = await openForm(record.visit_id);
  const wrong = open.returnedQuestion();
  return wrong ? address(open, wrong, isSimple()) : addressOfScreen(open, "door", isSimple());
}

function actions(household, { state, record, visit }) {
  const go = (correct) => once(async () => goInstead(await begin(household, correct)));
  if (state === "elsewhere") {
    return [notice("info", _("Hộ này do người khác phụ trách trong đợt này.")), button("secondary", _("Vẫn ghi phiếu"), go(false), { picture: "edit" })];
  }
  const outcome = record?.body.outcome ?? visit?.outcome;
  const known = visit && (!record || visit.revision >= (record.receipt?.revision ?? 0));
  const approved = ["approved", "locked"].includes(visit?.status);
  return [
    outcome !== "interviewed" && button("primary", _("Đến lại, ghi phiếu mới"), go(false), { picture: "plus" }),
    approved && notice("info", _("Phường đã duyệt phiếu này nên không sửa được nữa. Cần sửa thì báo cho phường.")),
    known && !approved && button("secondary", _("Sửa phiếu đã nộp"), go(true), { picture: "edit" }),
    !known && h("p.muted", _("Muốn sửa phiếu vừa nộp: chờ máy nối mạng để lấy lại danh sách, rồi mở lại hộ này.")),
  ];
}

function page(household, door, nodes) {
  return {
    title: _("Hộ số %(number)s", { number: household.number }),
    lead: h("p.muted", h("b", household.head_name), h("br"), household.address),
    back: { href: "#/", words: _("Danh sách hộ") },
    nodes: [h("div.card", h("p", doorBadges(door)), receiptLine(door.record)), ...nodes],
  };
}
