"""Households that are on a list already, numbers that are taken, and what became of a merged household."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from webapp.core.errors import N_, InvalidInput, Problem
from webapp.core.household_operations import ListLine, OperationKind
from webapp.core.surveys import HouseholdStatus
from webapp.models.household_operations import HouseholdOperation, HouseholdOperationItem
from webapp.services.household_rows import HOUSEHOLD


def refuse_twins(
    session: Session,
    ward_id: UUID,
    group_id: UUID,
    wanted: Sequence[tuple[ListLine | None, bytes]],
    *,
    but: Collection[UUID] = (),
) -> None:
    """Refuse households whose name and address are on the group's list already. Raises InvalidInput."""
    rows = session.execute(
        select(HOUSEHOLD.c.identity_token, HOUSEHOLD.c.number).where(
            HOUSEHOLD.c.ward_id == ward_id,
            HOUSEHOLD.c.group_id == group_id,
            HOUSEHOLD.c.status == HouseholdStatus.ACTIVE,
            HOUSEHOLD.c.identity_token.in_([token for _line, token in wanted]),
            HOUSEHOLD.c.id.not_in(but),
        )
    )
    known = {row.identity_token: row.number for row in rows}
    problems = []
    for line, token in wanted:
        if token in known:
            message, params = N_("Cùng họ tên và địa chỉ với hộ số %(number)s đã có trong tổ."), {}
            if line is not None:
                message, params = N_("Dòng %(line)s: đã có trong tổ, là hộ số %(number)s."), {"line": line.line}
            problems.append(Problem("list" if line else "head_name", message, {**params, "number": known[token]}))
    if problems:
        raise InvalidInput(problems[:10])


def taken_numbers(session: Session, ward_id: UUID, group_id: UUID, numbers: Collection[int]) -> set[int]:
    """Give those of the numbers that the group has used, also for households that have left."""
    return set(
        session.scalars(
            select(HOUSEHOLD.c.number).where(
                HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.group_id == group_id, HOUSEHOLD.c.number.in_(numbers)
            )
        )
    )


def survivor_of(session: Session, ward_id: UUID, household_id: UUID) -> UUID | None:
    """Give the household into which this one was merged (and that one, if it was merged too); None when it was not."""
    gone, kept = aliased(HouseholdOperationItem), aliased(HouseholdOperationItem)
    found: UUID | None = None
    seen = {household_id}
    while True:
        following = session.scalar(
            select(kept.household_id)
            .join(gone, and_(gone.ward_id == kept.ward_id, gone.operation_id == kept.operation_id))
            .join(
                HouseholdOperation,
                and_(HouseholdOperation.ward_id == kept.ward_id, HouseholdOperation.id == kept.operation_id),
            )
            .where(
                kept.ward_id == ward_id,
                kept.part == "kept",
                gone.part == "gone",
                gone.household_id == (found or household_id),
                HouseholdOperation.kind == OperationKind.MERGE,
                HouseholdOperation.undone_at.is_(None),
            )
        )
        if following is None or following in seen:
            return found
        seen.add(following)
        found = following
