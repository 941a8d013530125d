"""Counting all facts of a ward again, from what was answered: it must give what the increments gave.

Visits are read with their adult lines, not through visit.measures, so the comparison proves both.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from webapp.core.adoption import Measure, measures_of
from webapp.core.facts import CountedVisit, FactKey, FactRow, Reading, Tally
from webapp.core.surveys import COUNTED, Answers, VisitOutcome
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS, answers_from
from webapp.models.household_operations import HouseholdMove
from webapp.models.households import Household
from webapp.models.surveys import AdultLineRow, Visit, VisitRevision
from webapp.queries.indicators import adult_ages
from webapp.services.fact_rows import (
    FACTS,
    add_rows,
    hold_facts,
    measures_from_json,
    measures_to_json,
    read_entries,
)

_CHUNK: Final = 1000
_VISITS: Final = cast("Table", Visit.__table__)
_IS_CURRENT: Final = and_(
    VisitRevision.ward_id == Visit.ward_id, VisitRevision.visit_id == Visit.id, VisitRevision.number == Visit.revision
)
# Both in the same order, so that they are read side by side and never held in memory as a whole.
_CURRENT: Final = (
    select(
        Visit.id,
        Visit.round_id,
        Visit.group_id,
        Visit.household_id,
        Visit.status,
        Visit.visited_on,
        Visit.submitted_at,
        Visit.measures,
        Visit.outcome,
        VisitRevision.answers,
        *(getattr(VisitRevision, name) for name in ANSWER_COLUMNS),
    )
    .join(VisitRevision, _IS_CURRENT)
    .where(Visit.ward_id == bindparam("ward"))
    .order_by(Visit.household_id, Visit.id)
)
_ADULTS: Final = (
    select(AdultLineRow.visit_id, *(getattr(AdultLineRow, name) for name in ADULT_COLUMNS))
    .join(Visit, and_(Visit.ward_id == AdultLineRow.ward_id, Visit.id == AdultLineRow.visit_id))
    .where(AdultLineRow.ward_id == bindparam("ward"), AdultLineRow.revision == Visit.revision)
    .order_by(Visit.household_id, Visit.id, AdultLineRow.line)
)


@dataclass(slots=True)
class Recount:
    """What a full recount found: every row of facts, and visits whose stored measures differ from their answers."""

    facts: dict[FactKey, Measure]
    stale: dict[UUID, dict[str, Measure]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of facts that is not what the recount gives."""

    key: FactKey
    stored: Measure
    counted: Measure


def rebuild_facts(session: Session, ward_id: UUID) -> None:
    """Replace the ward's facts (and the visits' measures) by a full recount at the ages that count now."""
    hold_facts(session, ward_id, alone=True)
    session.flush()
    found = recount(session, ward_id)
    session.execute(delete(FACTS).where(FACTS.c.ward_id == ward_id))
    add_rows(
        session, ward_id, [FactRow(*key, m.numerator, m.denominator, m.asked) for key, m in sorted(found.facts.items())]
    )
    changed = [{"visit": visit_id, "counts": measures_to_json(m)} for visit_id, m in sorted(found.stale.items())]
    if changed:
        mine = and_(_VISITS.c.ward_id == ward_id, _VISITS.c.id == bindparam("visit"))
        session.execute(update(_VISITS).where(mine).values(measures=bindparam("counts")), changed)


def compare_facts(session: Session, ward_id: UUID) -> tuple[list[Difference], int]:
    """Give the rows that differ from a recount, and how many visits keep other measures than their answers give.

    A row that is missing and one that is all zero are the same: increments leave zeros behind, a rebuild does not.
    """
    hold_facts(session, ward_id, alone=True)
    found = recount(session, ward_id)
    stored = {
        (row.period_kind, row.period_key, row.indicator_code, row.group_id): Measure(
            row.numerator, row.denominator, row.asked
        )
        for row in session.execute(select(FACTS).where(FACTS.c.ward_id == ward_id))
    }
    nothing = Measure()
    differences = [
        Difference(key, stored.get(key, nothing), found.facts.get(key, nothing))
        for key in sorted(stored.keys() | found.facts.keys())
        if stored.get(key, nothing) != found.facts.get(key, nothing)
    ]
    return differences, len(found.stale)


def recount(session: Session, ward_id: UUID) -> Recount:
    """Count everything again: visits from their answers, households from the list, registers from their entries."""
    tally, stale = Tally(), {}
    for _household, visits in groupby(_visits(session, ward_id), key=lambda pair: pair[0].household_id):
        counted = []
        for visit, is_counted, is_stale in visits:
            if is_stale:
                stale[visit.visit_id] = dict(visit.measures)
            if is_counted:
                counted.append(visit)
        tally.household(counted)
    _households(session, ward_id, tally)
    subjects: dict[object, list[Reading]] = {}
    for reading in read_entries(session, ward_id):
        subjects.setdefault(reading.subject, []).append(reading)
    for readings in subjects.values():
        tally.subject(readings)
    return Recount({row[:4]: Measure(*row[4:]) for row in tally.rows()}, stale)


def known_by_moves(
    session: Session, ward_id: UUID, *conditions: ColumnElement[bool]
) -> list[tuple[UUID, dt.date, int]]:
    """Give what moves change in the count of known households: group, day, change. One statement.

    A household is counted from its first day in the group where it is now; each move takes it from there to where it
    came from, and hands it on again on its own day. Absences (no group) work the same.
    """
    rows = session.execute(
        select(HouseholdMove.from_group_id, HouseholdMove.to_group_id, HouseholdMove.moved_on, Household.registered_on)
        .join(Household, and_(Household.ward_id == HouseholdMove.ward_id, Household.id == HouseholdMove.household_id))
        .where(HouseholdMove.ward_id == ward_id, *conditions)
    )
    changes = []
    for row in rows:
        if row.from_group_id is not None:
            changes += [(row.from_group_id, row.registered_on, 1), (row.from_group_id, row.moved_on, -1)]
        if row.to_group_id is not None:
            changes += [(row.to_group_id, row.registered_on, -1), (row.to_group_id, row.moved_on, 1)]
    return changes


def _households(session: Session, ward_id: UUID, tally: Tally) -> None:
    for day, change in ((Household.registered_on, 1), (Household.vacated_on, -1)):
        rows = session.execute(
            select(Household.group_id, day, func.count())
            .where(Household.ward_id == ward_id)
            .group_by(Household.group_id, day)
        )
        for group_id, on, count in rows:
            if on is not None:
                tally.known_households(group_id, on, change * count)
    for group_id, on, change in known_by_moves(session, ward_id):
        tally.known_households(group_id, on, change)


def _visits(session: Session, ward_id: UUID) -> Iterator[tuple[CountedVisit, bool, bool]]:
    """Give every visit, household by household, with whether it counts and whether its stored measures are stale."""
    ages = adult_ages(session, ward_id)
    lines = _lines(session, ward_id)
    waiting = next(lines, None)
    for row in session.execute(_CURRENT, {"ward": ward_id}).yield_per(_CHUNK):
        adults: list[Row[Any]] = []
        if waiting is not None and waiting[0] == row.id:
            adults = waiting[1]
            waiting = next(lines, None)
        visit = CountedVisit(
            visit_id=row.id,
            round_id=row.round_id,
            group_id=row.group_id,
            household_id=row.household_id,
            visited_on=row.visited_on,
            submitted_at=row.submitted_at,
            measures=measures_of(_answers(row, adults), ages),
        )
        yield visit, row.status in COUNTED, measures_from_json(row.measures) != visit.measures


def _answers(row: Row[Any], adults: list[Row[Any]]) -> Answers | None:
    if row.outcome is not VisitOutcome.INTERVIEWED:
        return None
    return answers_from(row.answers, row, adults)


def _lines(session: Session, ward_id: UUID) -> Iterator[tuple[UUID, list[Row[Any]]]]:
    rows = session.execute(_ADULTS, {"ward": ward_id}).yield_per(_CHUNK)
    for visit_id, lines in groupby(rows, key=lambda row: row.visit_id):
        yield visit_id, list(lines)
