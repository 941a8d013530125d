"""The list of households of a group in a round, search, and one household."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, bindparam, func, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus, VisitOutcome, VisitStatus
from webapp.models.households import Household, HouseholdAssignment
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
    return_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHousehold:
    """A household and where it stands in the round."""

    household: HouseholdRow
    visit: ListedVisit | None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class AssignedHousehold:
    """A household of a group and whom it was given to, if to anybody."""

    household: HouseholdRow
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class OwnShare:
    """How a head sees the list of a group in which households were given to heads: theirs first, or only theirs."""

    account_id: UUID
    only: bool = False


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
_GIVEN: Final = cast("Table", HouseholdAssignment.__table__)
_IS_GIVEN: Final = and_(
    _GIVEN.c.ward_id == _HOUSEHOLD.c.ward_id,
    _GIVEN.c.household_id == _HOUSEHOLD.c.id,
    _GIVEN.c.group_id == _HOUSEHOLD.c.group_id,
)
_IS_MINE: Final = and_(_IS_GIVEN, _GIVEN.c.account_id == bindparam("me"))


def _own_first(chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    listed = chosen.add_columns(_GIVEN.c.household_id.label("mine")).outerjoin(_GIVEN, _IS_MINE)
    return listed.order_by(None).order_by(_GIVEN.c.household_id.is_(None), _HOUSEHOLD.c.number)


def _own_only(chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return chosen.add_columns(_GIVEN.c.household_id.label("mine")).join(_GIVEN, _IS_MINE)


_OWN_PAGES: Final = {
    (tab, only): (_own_only if only else _own_first)(chosen).limit(PAGE + 1).offset(bindparam("offset"))
    for tab, chosen in _TABS.items()
    for only in (False, True)
}
_ASSIGNED: Final = OF_GROUP.add_columns(_GIVEN.c.account_id).outerjoin(_GIVEN, _IS_GIVEN)
_OWN_COUNT: Final = (
    select(func.count())
    .select_from(_GIVEN)
    .where(
        _GIVEN.c.ward_id == bindparam("ward"),
        _GIVEN.c.group_id == bindparam("group"),
        _GIVEN.c.account_id == bindparam("me"),
    )
)
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
        _VISIT.c.return_field,
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
    own: OwnShare | None = None,
    cipher: PersonalDataCipher,
) -> HouseholdList:
    """Give one page of a group's active households by list number, or a head's own ones first.

    Two statements; only the page is decrypted.
    """
    chosen = ListTab.ALL if round_id is None else tab
    values = {"ward": ward_id, "group": group_id, "offset": PAGE * (page - 1)}
    if chosen is not ListTab.ALL:
        values["round"] = round_id
    if own is not None:
        values["me"] = own.account_id
    found = session.execute(_OWN_PAGES[chosen, own.only] if own else _PAGES[chosen], values).all()
    rows = [household_row(row, ward_id, cipher) for row in found[:PAGE]]
    mine = {row.id for row in found if own and row.mine}
    return HouseholdList(items=with_visits(session, ward_id, rows, round_id, mine), more=len(found) > PAGE)


def own_count(session: Session, ward_id: UUID, group_id: UUID, account_id: UUID) -> int:
    """Count the households of a group that were given to this head, from an index. One statement."""
    return session.scalar(_OWN_COUNT, {"ward": ward_id, "group": group_id, "me": account_id}) or 0


def assigned_households(
    session: Session, ward_id: UUID, group_id: UUID, *, cipher: PersonalDataCipher
) -> list[AssignedHousehold]:
    """Give all households on a group's list with whom each was given to. One statement."""
    rows = session.execute(_ASSIGNED, {"ward": ward_id, "group": group_id})
    return [AssignedHousehold(household_row(row, ward_id, cipher), row.account_id) for row in rows]


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
            return_field=row.return_field,
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
    session: Session,
    ward_id: UUID,
    rows: list[HouseholdRow],
    round_id: UUID | None,
    mine: Collection[UUID] = (),
) -> list[ListedHousehold]:
    """Put the newest visit in the round beside each household; `mine` are those of the person who looks."""
    visits = latest_visits(session, ward_id, [r.household_id for r in rows], round_id=round_id) if round_id else {}
    return [
        ListedHousehold(household=row, visit=visits.get(row.household_id), mine=row.household_id in mine)
        for row in rows
    ]
