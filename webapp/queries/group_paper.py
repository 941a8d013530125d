"""A group as a whole: for printing, and for the tools that work on many of its households at once."""

from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.models.households import Household
from webapp.queries.households import HOUSEHOLDS, OF_GROUP, ListedHousehold, household_row, with_visits

_HOUSEHOLD: Final = cast("Table", Household.__table__)
_NUMBERS: Final = (
    select(_HOUSEHOLD.c.number)
    .where(
        _HOUSEHOLD.c.ward_id == bindparam("ward"),
        _HOUSEHOLD.c.group_id == bindparam("group"),
        _HOUSEHOLD.c.status == HouseholdStatus.ACTIVE,
    )
    .order_by(_HOUSEHOLD.c.number)
)
_GONE: Final = HOUSEHOLDS.where(
    _HOUSEHOLD.c.group_id == bindparam("group"), _HOUSEHOLD.c.status == HouseholdStatus.VACATED
).order_by(_HOUSEHOLD.c.number)


def household_numbers(session: Session, ward_id: UUID, group_id: UUID) -> list[int]:
    """Give the numbers of the households on a group's list; nothing personal is read. One statement."""
    return list(session.scalars(_NUMBERS, {"ward": ward_id, "group": group_id}))


def whole_group(
    session: Session,
    ward_id: UUID,
    group_id: UUID,
    *,
    cipher: PersonalDataCipher,
    round_id: UUID | None = None,
    gone: bool = False,
) -> list[ListedHousehold]:
    """Give all households on a group's list (or, `gone`, those taken off it) with their state in a round.

    Two statements at most; decrypts the group.
    """
    wanted = _GONE if gone else OF_GROUP
    rows = [
        household_row(row, ward_id, cipher) for row in session.execute(wanted, {"ward": ward_id, "group": group_id})
    ]
    return with_visits(session, ward_id, rows, round_id)
