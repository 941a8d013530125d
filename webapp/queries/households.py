"""The list of households of a group in a round, search, and one household."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import COUNTED, HouseholdStatus, VisitOutcome, VisitStatus
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
    wanted = (
        households()
        .where(Household.ward_id == ward_id, Household.group_id == group_id, Household.status == HouseholdStatus.ACTIVE)
        .order_by(Household.number)
        .limit(PAGE + 1)
        .offset(PAGE * (page - 1))
    )
    if round_id is not None:
        wanted = wanted.where(*_in_tab(tab, round_id))
    rows = [household_row(row, ward_id, cipher) for row in session.execute(wanted)]
    return HouseholdList(items=with_visits(session, ward_id, rows[:PAGE], round_id), more=len(rows) > PAGE)


def get_household(
    session: Session, ward_id: UUID, household_id: UUID, *, scope: frozenset[UUID] | None, cipher: PersonalDataCipher
) -> HouseholdRow | None:
    """Find a household within the groups of `scope` (None: the whole ward). One statement."""
    wanted = households().where(Household.ward_id == ward_id, Household.id == household_id)
    if scope is not None:
        wanted = wanted.where(Household.group_id.in_(scope))
    row = session.execute(wanted).one_or_none()
    return None if row is None else household_row(row, ward_id, cipher)


def name_households(
    session: Session, ward_id: UUID, household_ids: Collection[UUID], *, cipher: PersonalDataCipher
) -> dict[UUID, HouseholdRow]:
    """Give names and addresses for a list of ids. One statement."""
    rows = session.execute(households().where(Household.ward_id == ward_id, Household.id.in_(household_ids)))
    return {row.id: household_row(row, ward_id, cipher) for row in rows}


def next_left(
    session: Session, ward_id: UUID, group_id: UUID, *, round_id: UUID, after: int, cipher: PersonalDataCipher
) -> HouseholdRow | None:
    """Give the next household of the group without a visit in the round, after a list number, else from the start."""
    for beyond in (after, 0):
        row = session.execute(
            households()
            .where(
                Household.ward_id == ward_id,
                Household.group_id == group_id,
                Household.status == HouseholdStatus.ACTIVE,
                Household.number > beyond,
                *_in_tab(ListTab.LEFT, round_id),
            )
            .order_by(Household.number)
            .limit(1)
        ).one_or_none()
        if row is not None:
            return household_row(row, ward_id, cipher)
    return None


def latest_visits(
    session: Session, ward_id: UUID, household_ids: Collection[UUID], *, round_id: UUID
) -> dict[UUID, ListedVisit]:
    """Give the newest visit of each household in a round. One statement."""
    rows = session.execute(
        select(Visit.id, Visit.household_id, Visit.status, Visit.outcome, Visit.visited_on, Visit.return_reason)
        .where(Visit.ward_id == ward_id, Visit.household_id.in_(household_ids), Visit.round_id == round_id)
        .order_by(Visit.visited_on, Visit.submitted_at, Visit.id)
    )
    return {
        row.household_id: ListedVisit(
            visit_id=row.id,
            household_id=row.household_id,
            status=row.status,
            outcome=row.outcome,
            visited_on=row.visited_on,
            return_reason=row.return_reason,
        )
        for row in rows
    }


def households() -> Select[*tuple[Any, ...]]:
    """Select what `household_row` reads."""
    return select(
        Household.id,
        Household.group_id,
        Household.number,
        Household.head_name,
        Household.address,
        Household.status,
        Household.registered_on,
        ResidentialGroup.name.label("group_name"),
    ).join(
        ResidentialGroup,
        and_(ResidentialGroup.ward_id == Household.ward_id, ResidentialGroup.id == Household.group_id),
    )


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


def _in_tab(tab: ListTab, round_id: UUID) -> list[ColumnElement[bool]]:
    if tab is ListTab.LEFT:
        return [~_visited(round_id, [*COUNTED, VisitStatus.NEEDS_CORRECTION])]
    if tab is ListTab.DONE:
        return [_visited(round_id, COUNTED)]
    if tab is ListTab.TO_CORRECT:
        return [_visited(round_id, [VisitStatus.NEEDS_CORRECTION])]
    return []


def _visited(round_id: UUID, statuses: Iterable[VisitStatus]) -> ColumnElement[bool]:
    return (
        select(Visit.id)
        .where(
            Visit.ward_id == Household.ward_id,
            Visit.household_id == Household.id,
            Visit.round_id == round_id,
            Visit.status.in_(sorted(statuses)),
        )
        .correlate(Household)
        .exists()
    )


def with_visits(
    session: Session, ward_id: UUID, rows: list[HouseholdRow], round_id: UUID | None
) -> list[ListedHousehold]:
    """Put the newest visit in the round beside each household."""
    visits = latest_visits(session, ward_id, [r.household_id for r in rows], round_id=round_id) if round_id else {}
    return [ListedHousehold(household=row, visit=visits.get(row.household_id)) for row in rows]
