"""Submitted visits that wait to be looked over."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import VisitOutcome, VisitStatus
from webapp.models.households import Household
from webapp.models.surveys import Visit, VisitRevision
from webapp.queries.visits import newest_revision

REVIEW_MOST: Final = 50


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


def list_for_review(
    session: Session, ward_id: UUID, round_id: UUID, group_id: UUID, *, cipher: PersonalDataCipher
) -> list[ReviewRow]:
    """Give a group's submitted visits of a round by list number, at most `REVIEW_MOST`. One statement."""
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
        .where(
            Visit.ward_id == ward_id,
            Visit.round_id == round_id,
            Visit.group_id == group_id,
            Visit.status == VisitStatus.SUBMITTED,
        )
        .order_by(Household.number, Visit.visited_on)
        .limit(REVIEW_MOST)
    )
    return [
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
        for row in rows
    ]
