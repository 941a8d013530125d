"""Submitted visits that wait to be looked over."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import VisitOutcome, VisitStatus
from webapp.models.households import Household
from webapp.models.surveys import Visit, VisitRevision
from webapp.queries.visits import newest_revision

REVIEW_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """A submitted visit that waits to be looked over."""

    visit_id: UUID
    number: int
    head_name: str
    outcome: VisitOutcome
    visited_on: dt.date
    submitted_at: dt.datetime
    revision: int
    totals_only: bool
    source: str
    confirmed: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A page of visits to look over; `more` tells whether another follows."""

    rows: list[ReviewRow]
    more: bool


def unquestioned_visits(session: Session, ward_id: UUID, round_id: UUID, group_id: UUID) -> dict[UUID, int]:
    """Give a group's submitted visits about which nothing was asked once more, with their revisions. One statement."""
    rows = session.execute(
        select(Visit.id, Visit.revision)
        .join(VisitRevision, newest_revision())
        .where(*_waiting(ward_id, round_id, group_id), cast(VisitRevision.confirmed, Text) == "[]")
    )
    return {row.id: row.revision for row in rows}


def _waiting(ward_id: UUID, round_id: UUID, group_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Visit.ward_id == ward_id,
        Visit.round_id == round_id,
        Visit.group_id == group_id,
        Visit.status == VisitStatus.SUBMITTED,
    )


def list_for_review(
    session: Session, ward_id: UUID, round_id: UUID, group_id: UUID, *, page: int = 1, cipher: PersonalDataCipher
) -> ReviewPage:
    """Give a page of a group's submitted visits of a round by list number. One statement."""
    rows = session.execute(
        select(
            Visit.id,
            Visit.outcome,
            Visit.visited_on,
            Visit.submitted_at,
            Visit.revision,
            Household.number,
            Household.head_name,
            VisitRevision.totals_only,
            VisitRevision.source,
            VisitRevision.confirmed,
        )
        .join(VisitRevision, newest_revision())
        .join(Household, and_(Household.ward_id == Visit.ward_id, Household.id == Visit.household_id))
        .where(*_waiting(ward_id, round_id, group_id))
        .order_by(Household.number, Visit.visited_on, Visit.id)
        .limit(REVIEW_PAGE + 1)
        .offset(REVIEW_PAGE * (page - 1))
    ).all()
    found = [
        ReviewRow(
            visit_id=row.id,
            number=row.number,
            head_name=cipher.decrypt(ward_id, row.head_name),
            outcome=row.outcome,
            visited_on=row.visited_on,
            submitted_at=row.submitted_at,
            revision=row.revision,
            totals_only=row.totals_only,
            source=row.source,
            confirmed=row.confirmed,
        )
        for row in rows[:REVIEW_PAGE]
    ]
    return ReviewPage(found, more=len(rows) > REVIEW_PAGE)
