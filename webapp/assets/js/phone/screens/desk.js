// What the phone knows about each door: the stored reference and the records of this phone, seen together.
import { fold } from "./fold.js";
import { sameId } from "../ids.js";
import { today } from "../clock.js";

/** The round in which visits are taken now for a group; null when there is none. */
export function openRound(reference, groupId) {
  const day = today();
  const open = (reference?.rounds ?? []).filter(
    (round) => round.status === "open" && (round.group_status?.[groupId] ?? "open") === "open",
  );
  return open.find((round) => round.starts_on <= day && day <= round.ends_on) ?? open.at(-1) ?? null;
}

/** The household of the reference; null when it is not on this phone. */
export const householdOf = (reference, id) =>
  (reference?.households ?? []).find((household) => sameId(household.id, id)) ?? null;

/**
 * Where a household stands: {state, record, visit}. state: left, draft, waiting, problem, returned, done, elsewhere.
 * A record of this phone goes before the ward's list while the ward has not told anything newer.
 */
export function stateOf(household, record) {
  const visit = household.visit;
  if (record?.state === "draft") return { state: "draft", record, visit };
  if (record?.state === "problem") return { state: "problem", record, visit };
  if (record?.state === "queued" || record?.state === "sending") return { state: "waiting", record, visit };
  const behind = record?.receipt && (!visit || !sameId(visit.id, record.visit_id) || visit.revision < record.receipt.revision);
  if (visit?.status === "needs_correction" && !(behind && sameId(visit.id, record.visit_id))) {
    return { state: "returned", record, visit };
  }
  if (record?.state === "sent" || visit) return { state: "done", record, visit };
  return { state: household.assigned_to_me === false ? "elsewhere" : "left", record, visit };
}

const RANK = { draft: 0, problem: 1, sending: 2, queued: 3, sent: 4 };

/** Households of a group with their states and folded words, in the order of the ward's list. */
export function doors(reference, groupId, records) {
  const round = openRound(reference, groupId);
  const newest = new Map();
  for (const record of records) {
    if (!round || !sameId(record.round_id, round.id)) continue;
    const key = record.household_id;
    const before = newest.get(key);
    if (!before || RANK[record.state] < RANK[before.state]) newest.set(key, record);
  }
  return (reference?.households ?? [])
    .filter((household) => sameId(household.group_id, groupId))
    .map((household) => ({
      household,
      ...stateOf(household, newest.get(household.id)),
      folded: fold(`${household.number} ${household.head_name} ${household.address}`),
    }));
}

export const TABS = {
  left: new Set(["left", "draft", "returned", "problem"]),
  returned: new Set(["returned", "problem"]),
  done: new Set(["done", "waiting"]),
};

/** {all, done, waiting, fix, left}: the line on top of the list. Other people's households are not counted as left. */
export function tally(found) {
  const total = { all: found.length, done: 0, waiting: 0, fix: 0, left: 0, elsewhere: 0 };
  const kinds = { done: "done", waiting: "waiting", returned: "fix", problem: "fix", elsewhere: "elsewhere" };
  for (const door of found) total[kinds[door.state] ?? "left"] += 1;
  return total;
}

const URGENT = ["returned", "problem", "draft"];

/** Returned visits first, then what was begun, then the rest in the order of the list. */
export function inOrder(found) {
  const rank = (door) => (URGENT.includes(door.state) ? URGENT.indexOf(door.state) : URGENT.length);
  return [...found].sort((one, other) => rank(one) - rank(other));
}
