"""Keeping adoption_fact in the transaction of the act that changes it. Pages read facts, never visits.

Locks (PostgreSQL; SQLite has one writer anyway): a change holds the ward's facts *shared* and its household alone, a
rebuild or a bulk load holds the facts alone. Rows are written in the order of their keys. Callers write the audit event
last, because its chain is the one lock that all writers of a ward share.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from webapp.core.facts import CountedVisit, Reading, Tally
from webapp.core.surveys import COUNTED
from webapp.models.adoption import RegisterEntry
from webapp.models.surveys import Visit
from webapp.queries.indicators import adult_ages
from webapp.services.fact_rows import (
    add_rows,
    hold_facts,
    measures_from_json,
    measures_to_json,
    read_entries,
)
from webapp.services.facts_rebuild import rebuild_facts

__all__ = [
    "CountedVisit",
    "Reading",
    "VisitChange",
    "add_many",
    "adult_ages",
    "households_changed",
    "measures_from_json",
    "measures_to_json",
    "rebuild_facts",
    "register_changed",
    "take_back",
    "visit_changed",
    "visits_changed",
]

_CHUNK: Final = 500
# Of the table and made once: a submission runs this while the ward waits.
_VISIT: Final = cast("Table", Visit.__table__)
_VISITS: Final = select(
    _VISIT.c.id,
    _VISIT.c.round_id,
    _VISIT.c.group_id,
    _VISIT.c.household_id,
    _VISIT.c.visited_on,
    _VISIT.c.submitted_at,
    _VISIT.c.measures,
).where(_VISIT.c.ward_id == bindparam("ward"), or_(*(_VISIT.c.status == status for status in sorted(COUNTED))))
_OF_HOUSEHOLDS: Final = _VISITS.where(_VISIT.c.household_id.in_(bindparam("households", expanding=True)))
_OF_HOUSEHOLD: Final = _VISITS.where(_VISIT.c.household_id == bindparam("household"))


class VisitChange(NamedTuple):
    """What a visit counted for before and now (None: nothing), and the household's other counted visits."""

    old: CountedVisit | None
    new: CountedVisit | None
    others: Sequence[CountedVisit]


def visit_changed(
    session: Session,
    ward_id: UUID,
    *,
    old: CountedVisit | None,
    new: CountedVisit | None,
    others: Sequence[CountedVisit] | None = None,
) -> None:
    """Take back what a visit said (`old`) and add what it says now (`new`); None: it did not or does not count.

    Call it after the visit's row was written, in the same transaction. The household's other counted visits are read,
    because a visit between two others changes what the next one replaces; who read them under the household's lock
    (hold_facts) gives them as `others`. At most three statements. Call it once a transaction: two calls would take rows
    out of order and could deadlock with another writer.
    """
    visit = new or old
    if visit is None or old == new:
        return
    if others is None:
        hold_facts(session, ward_id, household_id=visit.household_id)
        found = session.execute(_OF_HOUSEHOLD, {"ward": ward_id, "household": visit.household_id})
        mine = {known.visit_id for known in (old, new) if known}
        others = [_counted(row) for row in found if row.id not in mine]
    visits_changed(session, ward_id, [VisitChange(old, new, others)])


def visits_changed(session: Session, ward_id: UUID, changes: Iterable[VisitChange]) -> None:
    """Count several visits' changes at once, each read after the ones before it. One statement for few rows."""
    tally = Tally()
    for old, new, others in changes:
        if old != new:
            tally.household([*others, old] if old else others, -1)
            tally.household([*others, new] if new else others, 1)
    add_rows(session, ward_id, tally.rows())


def take_back(session: Session, ward_id: UUID, visits: Sequence[CountedVisit]) -> None:
    """Take back what visits said that no longer count. Call it once a transaction, after their rows were written.

    A statement for some hundred households, one for the rows.
    """
    hold_facts(session, ward_id, alone=True)
    gone = {visit.visit_id for visit in visits}
    stays = _earlier(session, ward_id, {visit.household_id for visit in visits}, gone)
    before: dict[UUID, list[CountedVisit]] = {household_id: list(others) for household_id, others in stays.items()}
    for visit in visits:
        before.setdefault(visit.household_id, []).append(visit)
    tally = Tally()
    for household_id, timeline in before.items():
        tally.household(timeline, -1)
        tally.household(stays.get(household_id, ()), 1)
    add_rows(session, ward_id, tally.rows())


def households_changed(session: Session, ward_id: UUID, *, group_id: UUID, day: dt.date, change: int) -> None:
    """Count households of a group's list from `day` on: +1 on registered_on, −1 on vacated_on.

    To undo a vacation, or to move a household to another group, give back the same day with the opposite sign.
    """
    hold_facts(session, ward_id)
    tally = Tally()
    tally.known_households(group_id, day, change)
    add_rows(session, ward_id, tally.rows())


def register_changed(session: Session, ward_id: UUID, *readings: Reading) -> None:
    """Count register entries that were just added (none is ever changed); without a group they count for the ward."""
    hold_facts(session, ward_id, alone=True)
    tally = Tally()
    _count_readings(session, ward_id, tally, readings)
    add_rows(session, ward_id, tally.rows())


def add_many(
    session: Session,
    ward_id: UUID,
    *,
    visits: Sequence[CountedVisit] = (),
    households: Iterable[tuple[UUID, dt.date]] = (),
    readings: Sequence[Reading] = (),
    nothing_before: bool = False,
) -> None:
    """Count many new visits, households (group, registered_on) and register entries at once (import, seeds).

    Call it after the rows were written, in the same transaction. `nothing_before` promises that these households have
    no other counted visit, and saves reading them.
    """
    hold_facts(session, ward_id, alone=True)
    tally = Tally()
    timelines: dict[UUID, list[CountedVisit]] = defaultdict(list)
    for visit in visits:
        timelines[visit.household_id].append(visit)
    if not nothing_before:
        added = {visit.visit_id for visit in visits}
        for household_id, others in _earlier(session, ward_id, timelines, added).items():
            tally.household(others, -1)
            timelines[household_id].extend(others)
    for timeline in timelines.values():
        tally.household(timeline)
    for group_id, day in households:
        tally.known_households(group_id, day, 1)
    if readings:
        _count_readings(session, ward_id, tally, readings)
    add_rows(session, ward_id, tally.rows())


def _count_readings(session: Session, ward_id: UUID, tally: Tally, readings: Sequence[Reading]) -> None:
    """Replace what the subjects of `readings` counted before by what they count with them. One statement."""
    added = {reading.entry_id for reading in readings}
    subjects: dict[object, list[Reading]] = {reading.subject: [] for reading in readings}
    codes = sorted({reading.indicator_code for reading in readings})
    for other in read_entries(session, ward_id, RegisterEntry.indicator_code.in_(codes)):
        if other.subject in subjects and other.entry_id not in added:
            subjects[other.subject].append(other)
    for others in subjects.values():
        tally.subject(others, -1)
    for reading in readings:
        subjects[reading.subject].append(reading)
    for entries in subjects.values():
        tally.subject(entries)


def _earlier(
    session: Session, ward_id: UUID, households: Collection[UUID], added: Collection[UUID]
) -> dict[UUID, list[CountedVisit]]:
    found: dict[UUID, list[CountedVisit]] = defaultdict(list)
    wanted = list(households)
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        for row in session.execute(_OF_HOUSEHOLDS, {"ward": ward_id, "households": chunk}):
            if row.id not in added:
                found[row.household_id].append(_counted(row))
    return found


def _counted(row: Row[*tuple[Any, ...]]) -> CountedVisit:
    return CountedVisit(
        visit_id=row.id,
        round_id=row.round_id,
        group_id=row.group_id,
        household_id=row.household_id,
        visited_on=row.visited_on,
        submitted_at=row.submitted_at,
        measures=measures_from_json(row.measures),
    )
