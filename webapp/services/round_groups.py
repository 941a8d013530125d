"""One group of a round closed, opened again or locked ahead of the others."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.core.rounds import check_group_move, standing
from webapp.core.surveys import RoundStatus
from webapp.core.text import clean
from webapp.models.locking import locked_row
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import RoundGroup
from webapp.services.audit import record
from webapp.services.fact_rows import hold_facts
from webapp.services.rounds import held_round, lock_visits

REASON_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveGroup:
    """Where a group of a round shall stand; opening it again needs a reason."""

    round_id: UUID
    group_id: UUID
    wanted: RoundStatus
    reason: str = ""


def move_group(session: Session, command: MoveGroup, *, actor: Actor, clock: Clock) -> None:
    """Close, open again or lock one group of a round; locking locks its counted visits.

    Waits for visits on their way in. Raises InvalidInput without the reason, NotFound, WrongState and NotAllowed.
    """
    require(actor, Permission.ROUND_MANAGE)
    reason = _reason(command)
    of_round = held_round(session, actor.ward_id, command.round_id).status
    hold_facts(session, actor.ward_id, alone=True)
    if session.get(ResidentialGroup, (actor.ward_id, command.group_id)) is None:
        raise NotFound
    key = {"ward_id": actor.ward_id, "round_id": command.round_id, "group_id": command.group_id}
    first = {"status": RoundStatus.OPEN, "changed_at": clock.now(), "changed_by": actor.account_id}
    row = locked_row(session, RoundGroup, key, **first)
    before = standing(of_round, row.status)
    check_group_move(of_round, row.status, command.wanted)
    row.status, row.reason = command.wanted, reason
    row.changed_at, row.changed_by = clock.now(), actor.account_id
    session.flush()
    detail: dict[str, Any] = {"group": str(command.group_id), "before": before.value, "to": command.wanted.value}
    if command.wanted is RoundStatus.LOCKED:
        detail["visits"] = lock_visits(session, actor.ward_id, command.round_id, command.group_id)
    record(session, AuditTag.ROUND_GROUP_CHANGE, actor=actor, clock=clock, subject=command.round_id, **detail)


def _reason(command: MoveGroup) -> str:
    reason = clean(command.reason)
    if command.wanted is RoundStatus.OPEN and not reason:
        raise InvalidInput(Problem("reason", N_("Ghi lý do mở lại, ví dụ “Tổ còn 5 hộ đi vắng chưa hỏi”.")))
    if len(reason) > REASON_MAX:
        raise InvalidInput(Problem("reason", N_("Lý do dài quá %(most)s chữ."), {"most": REASON_MAX}))
    return reason
