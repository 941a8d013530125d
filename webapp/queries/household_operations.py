"""What was done to many households lately, and whether it can still be taken back."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from webapp.core.household_operations import OperationKind, undo_until
from webapp.models.accounts import Account
from webapp.models.household_operations import HouseholdOperation, HouseholdOperationItem
from webapp.models.places import ResidentialGroup

MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRow:
    """An operation of the last thirty days. `touched_later`: another one with the same household came after it."""

    operation_id: UUID
    kind: OperationKind
    group_name: str
    made_at: dt.datetime
    made_by: str
    undone_at: dt.datetime | None
    touched_later: bool
    households: int
    numbers: list[int]

    @property
    def may_undo(self) -> bool:
        """Tell whether the button is shown; the service has the last word."""
        return self.undone_at is None and not self.touched_later

    @property
    def until(self) -> dt.datetime:
        """Give the moment until which it can be taken back."""
        return undo_until(self.made_at)


def recent_operations(session: Session, ward_id: UUID, *, now: dt.datetime) -> list[OperationRow]:
    """Give the operations that can still be taken back by their age, the newest first. Two statements."""
    later, mine, theirs = aliased(HouseholdOperation), aliased(HouseholdOperationItem), aliased(HouseholdOperationItem)
    touched = exists().where(
        mine.ward_id == HouseholdOperation.ward_id,
        mine.operation_id == HouseholdOperation.id,
        theirs.ward_id == mine.ward_id,
        theirs.household_id == mine.household_id,
        later.ward_id == theirs.ward_id,
        later.id == theirs.operation_id,
        later.id > HouseholdOperation.id,
        later.undone_at.is_(None),
    )
    rows = session.execute(
        select(
            HouseholdOperation.id,
            HouseholdOperation.kind,
            HouseholdOperation.made_at,
            HouseholdOperation.undone_at,
            HouseholdOperation.household_count,
            ResidentialGroup.name,
            Account.display_name,
            touched.label("touched_later"),
        )
        .join(
            ResidentialGroup,
            and_(
                ResidentialGroup.ward_id == HouseholdOperation.ward_id,
                ResidentialGroup.id == HouseholdOperation.group_id,
            ),
        )
        .outerjoin(Account, Account.id == HouseholdOperation.made_by)
        .where(HouseholdOperation.ward_id == ward_id, HouseholdOperation.made_at >= now - (undo_until(now) - now))
        .order_by(HouseholdOperation.made_at.desc(), HouseholdOperation.id.desc())
        .limit(MOST)
    ).all()
    numbers = _numbers(session, ward_id, [row.id for row in rows])
    return [
        OperationRow(
            operation_id=row.id,
            kind=row.kind,
            group_name=row.name,
            made_at=row.made_at,
            made_by=row.display_name or "",
            undone_at=row.undone_at,
            touched_later=row.touched_later,
            households=row.household_count,
            numbers=numbers.get(row.id, []),
        )
        for row in rows
    ]


def _numbers(session: Session, ward_id: UUID, ids: list[UUID]) -> dict[UUID, list[int]]:
    """Give the list numbers that the households of each operation had (or got, when it made them)."""
    found: dict[UUID, list[int]] = {}
    rows = session.execute(
        select(HouseholdOperationItem.operation_id, HouseholdOperationItem.before, HouseholdOperationItem.after).where(
            HouseholdOperationItem.ward_id == ward_id, HouseholdOperationItem.operation_id.in_(ids)
        )
    )
    for row in rows:
        found.setdefault(row.operation_id, []).append((row.before or row.after)["number"])
    return {key: sorted(numbers) for key, numbers in found.items()}
