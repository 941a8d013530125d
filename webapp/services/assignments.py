"""Giving a group's households to one of its heads."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Table, delete, insert, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.core.surveys import HouseholdStatus
from webapp.models.households import HouseholdAssignment
from webapp.models.places import ResidentialGroup
from webapp.queries.group_heads import group_heads
from webapp.services.audit import record
from webapp.services.household_rows import HOUSEHOLD

ASSIGNMENT: Table = HouseholdAssignment.__table__  # type: ignore[assignment]  # declared as FromClause


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignHouseholds:
    """Households of a group, by id and by list number, and the head who gets them; None takes them back."""

    group_id: UUID
    account_id: UUID | None
    household_ids: frozenset[UUID] = field(default_factory=frozenset)
    numbers: frozenset[int] = field(default_factory=frozenset)


def assign_households(session: Session, command: AssignHouseholds, *, actor: Actor, clock: Clock) -> int:
    """Give the chosen households to one head of the group; give how many. What they had before is replaced.

    Raises InvalidInput, NotFound, NotAllowed.
    """
    require(actor, Permission.ROUND_MANAGE)
    _hold_group(session, actor.ward_id, command.group_id)
    _check_head(session, command, actor=actor, clock=clock)
    chosen = _chosen(session, command, actor.ward_id)
    session.execute(
        delete(ASSIGNMENT).where(ASSIGNMENT.c.ward_id == actor.ward_id, ASSIGNMENT.c.household_id.in_(chosen))
    )
    if command.account_id is not None:
        given = {
            "ward_id": actor.ward_id,
            "group_id": command.group_id,
            "account_id": command.account_id,
            "assigned_at": clock.now(),
            "assigned_by": actor.account_id,
        }
        session.execute(insert(ASSIGNMENT), [{**given, "household_id": household_id} for household_id in chosen])
    to = str(command.account_id) if command.account_id else None
    record(
        session,
        AuditTag.HOUSEHOLD_ASSIGN,
        actor=actor,
        clock=clock,
        subject=command.group_id,
        to=to,
        households=len(chosen),
    )
    return len(chosen)


def _hold_group(session: Session, ward_id: UUID, group_id: UUID) -> None:
    """Let one assignment in the group wait for another: two at once would each insert the same household."""
    if session.get(ResidentialGroup, (ward_id, group_id), with_for_update={"key_share": True}) is None:
        raise NotFound


def _check_head(session: Session, command: AssignHouseholds, *, actor: Actor, clock: Clock) -> None:
    heads = group_heads(session, actor.ward_id, command.group_id, now=clock.now())
    if command.account_id is not None and command.account_id not in {head.account_id for head in heads}:
        raise InvalidInput(Problem("account_id", N_("Chọn tổ trưởng hoặc người thay của tổ này.")))


def _chosen(session: Session, command: AssignHouseholds, ward_id: UUID) -> list[UUID]:
    found = session.execute(
        select(HOUSEHOLD.c.id, HOUSEHOLD.c.number).where(
            HOUSEHOLD.c.ward_id == ward_id,
            HOUSEHOLD.c.group_id == command.group_id,
            HOUSEHOLD.c.status == HouseholdStatus.ACTIVE,
            or_(HOUSEHOLD.c.id.in_(command.household_ids), HOUSEHOLD.c.number.in_(command.numbers)),
        )
    ).all()
    missing = command.numbers - {row.number for row in found}
    if command.household_ids - {row.id for row in found}:
        raise InvalidInput(N_("Có hộ vừa rời danh sách của tổ. Tải lại trang rồi chọn lại."))
    if not found:
        raise InvalidInput(Problem("numbers", N_("Chọn ít nhất một hộ, hoặc ghi số hộ như 1-20, 35.")))
    if missing and not any(row.number in command.numbers for row in found):
        raise InvalidInput(Problem("numbers", N_("Tổ không có hộ nào mang những số này.")))
    return [row.id for row in found]
