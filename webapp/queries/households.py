"""The list of households of a group in a round, search, and one household."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, bindparam, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus, VisitOutcome, VisitStatus
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import Visit

PAGE: Final = 20


class ListTab(StrEnum):
    """Which households of the group are listed."""

    LEFT = "left"
    DONE = "done"
    TO_CORRECT = "to_correct"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """A household with its decrypted name and address: for the screen, never for a log."""

    household_id: UUID
    group_id: UUID
    group_name: str
    number: int
    head_name: str
    address: str
    status: HouseholdStatus
    registered_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVisit:
    """The newest visit of a household in a round."""

    visit_id: UUID
    household_id: UUID
    status: VisitStatus
    outcome: VisitOutcome
    visited_on: dt.date
    return_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHousehold:
    """A household and where it stands in the round."""

    household: HouseholdRow
    visit: ListedVisit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdList:
    """One page of a list; `more` tells whether another page follows (or, in a search, whether some were left out)."""

    items: list[ListedHousehold]
    more: bool


# Made once, of tables: building these statements anew took longer than asking the database.
_HOUSEHOLD: Final = cast("Table", Household.__table__)
_GROUP: Final = cast("Table", ResidentialGroup.__table__)
_VISIT: Final = cast("Table", Visit.__table__)

HOUSEHOLDS: Final = (
    select(
        _HOUSEHOLD.c.id,
        _HOUSEHOLD.c.group_id,
        _HOUSEHOLD.c.number,
        _HOUSEHOLD.c.head_name,
        _HOUSEHOLD.c.address,
        _HOUSEHOLD.c.status,
        _HOUSEHOLD.c.registered_on,
        _GROUP.c.name.label("group_name"),
    )
    .join(_GROUP, and_(_GROUP.c.ward_id == _HOUSEHOLD.c.ward_id, _GROUP.c.id == _HOUSEHOLD.c.group_id))
    .where(_HOUSEHOLD.c.ward_id == bindparam("ward"))
)
"""What `household_row` reads; takes `ward`."""

OF_GROUP: Final = HOUSEHOLDS.where(
    _HOUSEHOLD.c.group_id == bindparam("group"), _HOUSEHOLD.c.status == HouseholdStatus.ACTIVE
).order_by(_HOUSEHOLD.c.number)
"""The households on a group's list, in its order; takes `ward` and `group`."""

_IN_ROUND: Final = select(_VISIT.c.id).where(
    _VISIT.c.ward_id == _HOUSEHOLD.c.ward_id,
    _VISIT.c.household_id == _HOUSEHOLD.c.id,
    _VISIT.c.round_id == bindparam("round"),
)
# A visit that reached the tables either counts or was returned: "left" and "done" are one look into an index each.
_TABS: Final[Mapping[ListTab, Select[*tuple[Any, ...]]]] = {
    ListTab.LEFT: OF_GROUP.where(~_IN_ROUND.exists()),
    ListTab.DONE: OF_GROUP.where(_IN_ROUND.where(_VISIT.c.status != VisitStatus.NEEDS_CORRECTION).exists()),
    ListTab.TO_CORRECT: OF_GROUP.where(
        _HOUSEHOLD.c.id.in_(
            select(_VISIT.c.household_id).where(
                _VISIT.c.ward_id == bindparam("ward"),
                _VISIT.c.round_id == bindparam("round"),
                _VISIT.c.group_id == bindparam("group"),
                _VISIT.c.status == VisitStatus.NEEDS_CORRECTION,
            )
        )
    ),
    ListTab.ALL: OF_GROUP,
}
_PAGES: Final = {tab: chosen.limit(PAGE + 1).offset(bindparam("offset")) for tab, chosen in _TABS.items()}
_NEXT: Final = _TABS[ListTab.LEFT].where(_HOUSEHOLD.c.number > bindparam("beyond")).limit(1)
_ONE: Final = HOUSEHOLDS.where(_HOUSEHOLD.c.id == bindparam("household"))
_ONE_OF_GROUPS: Final = _ONE.where(_HOUSEHOLD.c.group_id.in_(bindparam("groups", expanding=True)))
_NAMED: Final = HOUSEHOLDS.where(_HOUSEHOLD.c.id.in_(bindparam("households", expanding=True)))
_LATEST: Final = (
    select(
        _VISIT.c.id,
        _VISIT.c.household_id,
        _VISIT.c.status,
        _VISIT.c.outcome,
        _VISIT.c.visited_on,
        _VISIT.c.return_reason,
    )
    .where(
        _VISIT.c.ward_id == bindparam("ward"),
        _VISIT.c.household_id.in_(bindparam("households", expanding=True)),
        _VISIT.c.round_id == bindparam("round"),
    )
    .order_by(_VISIT.c.visited_on, _VISIT.c.submitted_at, _VISIT.c.id)
)


def list_households(
    session: Session,
    ward_id: UUID,
    group_id: UUID,
    *,
    round_id: UUID | None,
    tab: ListTab,
    page: int,
    cipher: PersonalDataCipher,
) -> HouseholdList:
    """Give one page of a group's active households by list number. Two statements; only the page is decrypted."""
    chosen = ListTab.ALL if round_id is None else tab
    values = {"ward": ward_id, "group": group_id, "offset": PAGE * (page - 1)}
    if chosen is not ListTab.ALL:
        values["round"] = round_id
    rows = [household_row(row, ward_id, cipher) for row in session.execute(_PAGES[chosen], values)]
    return HouseholdList(items=with_visits(session, ward_id, rows[:PAGE], round_id), more=len(rows) > PAGE)


def get_household(
    session: Session, ward_id: UUID, household_id: UUID, *, scope: frozenset[UUID] | None, cipher: PersonalDataCipher
) -> HouseholdRow | None:
    """Find a household within the groups of `scope` (None: the whole ward). One statement."""
    values: dict[str, Any] = {"ward": ward_id, "household": household_id}
    if scope is None:
        row = session.execute(_ONE, values).one_or_none()
    else:
        row = session.execute(_ONE_OF_GROUPS, {**values, "groups": list(scope)}).one_or_none()
    return None if row is None else household_row(row, ward_id, cipher)


def name_households(
    session: Session, ward_id: UUID, household_ids: Collection[UUID], *, cipher: PersonalDataCipher
) -> dict[UUID, HouseholdRow]:
    """Give names and addresses for a list of ids. One statement."""
    rows = session.execute(_NAMED, {"ward": ward_id, "households": list(household_ids)})
    return {row.id: household_row(row, ward_id, cipher) for row in rows}


def next_left(
    session: Session, ward_id: UUID, group_id: UUID, *, round_id: UUID, after: int, cipher: PersonalDataCipher
) -> HouseholdRow | None:
    """Give the next household of the group without a visit in the round, after a list number, else from the start."""
    for beyond in (after, 0):
        values = {"ward": ward_id, "group": group_id, "round": round_id, "beyond": beyond}
        row = session.execute(_NEXT, values).one_or_none()
        if row is not None:
            return household_row(row, ward_id, cipher)
    return None


def latest_visits(
    session: Session, ward_id: UUID, household_ids: Collection[UUID], *, round_id: UUID
) -> dict[UUID, ListedVisit]:
    """Give the newest visit of each household in a round. One statement."""
    values = {"ward": ward_id, "households": list(household_ids), "round": round_id}
    return {
        row.household_id: ListedVisit(
            visit_id=row.id,
            household_id=row.household_id,
            status=row.status,
            outcome=row.outcome,
            visited_on=row.visited_on,
            return_reason=row.return_reason,
        )
        for row in session.execute(_LATEST, values)
    }


def household_row(row: Row[*tuple[Any, ...]], ward_id: UUID, cipher: PersonalDataCipher) -> HouseholdRow:
    """Decrypt one row."""
    return HouseholdRow(
        household_id=row.id,
        group_id=row.group_id,
        group_name=row.group_name,
        number=row.number,
        head_name=cipher.decrypt(ward_id, row.head_name),
        address=cipher.decrypt(ward_id, row.address),
        status=row.status,
        registered_on=row.registered_on,
    )


def with_visits(
    session: Session, ward_id: UUID, rows: list[HouseholdRow], round_id: UUID | None
) -> list[ListedHousehold]:
    """Put the newest visit in the round beside each household."""
    visits = latest_visits(session, ward_id, [r.household_id for r in rows], round_id=round_id) if round_id else {}
    return [ListedHousehold(household=row, visit=visits.get(row.household_id)) for row in rows]
