"""One visit: what it says, its revisions, what the household said before, and lists for review."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from webapp.core.rounds import standing
from webapp.core.surveys import COUNTED, Answers, RoundStatus, VisitOutcome, VisitStatus
from webapp.core.visit_content import ADULT_COLUMNS, VisitContent, answers_from, receipt_code
from webapp.models.accounts import Account
from webapp.models.households import Household
from webapp.models.surveys import AdultLineRow, RoundGroup, SurveyRound, Visit, VisitRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit and the content of its newest revision. `number` is the household's place on its group's list.

    `round_status` is what holds for the visit's group; `confirmed` what was asked once more and confirmed.
    """

    content: VisitContent
    group_id: UUID
    number: int
    round_name: str
    round_status: RoundStatus
    status: VisitStatus
    revision: int
    submitted_at: dt.datetime
    return_reason: str
    return_field: str
    confirmed: list[dict[str, Any]]
    sha256: str

    @property
    def code(self) -> str:
        """Give the receipt's short code."""
        return receipt_code(self.sha256)

    @property
    def may_correct(self) -> bool:
        """Tell whether its state lets it be corrected."""
        open_states = {VisitStatus.SUBMITTED, VisitStatus.NEEDS_CORRECTION}
        return self.round_status is RoundStatus.OPEN and self.status in open_states


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """One revision: who wrote it down, when, why, and what it said."""

    number: int
    made_at: dt.datetime
    made_by: str
    reason: str
    source: str
    sha256: str
    confirmed: list[dict[str, Any]]
    content: VisitContent


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """A visit in a household's history."""

    visit_id: UUID
    round_id: UUID
    round_name: str
    outcome: VisitOutcome
    status: VisitStatus
    visited_on: dt.date
    revision: int


def get_visit(session: Session, ward_id: UUID, visit_id: UUID) -> VisitRow | None:
    """Find a visit of the ward with what it says now. Two statements."""
    row = session.execute(
        select(
            Visit.id.label("visit_id"),
            Visit.round_id,
            Visit.household_id,
            Visit.group_id,
            Visit.status,
            Visit.revision,
            Visit.submitted_at,
            Visit.return_reason,
            Visit.return_field,
            VisitRevision.confirmed,
            Household.number,
            SurveyRound.name.label("round_name"),
            SurveyRound.status.label("round_status"),
            RoundGroup.status.label("group_status"),
            *_SAID,
        )
        .join(VisitRevision, newest_revision())
        .join(Household, and_(Household.ward_id == Visit.ward_id, Household.id == Visit.household_id))
        .join(SurveyRound, and_(SurveyRound.ward_id == Visit.ward_id, SurveyRound.id == Visit.round_id))
        .outerjoin(
            RoundGroup,
            and_(
                RoundGroup.ward_id == Visit.ward_id,
                RoundGroup.round_id == Visit.round_id,
                RoundGroup.group_id == Visit.group_id,
            ),
        )
        .where(Visit.ward_id == ward_id, Visit.id == visit_id)
    ).one_or_none()
    if row is None:
        return None
    lines = _lines(session, ward_id, visit_id, row.revision)
    return VisitRow(
        content=_content(row, lines),
        group_id=row.group_id,
        number=row.number,
        round_name=row.round_name,
        round_status=standing(row.round_status, row.group_status),
        status=row.status,
        revision=row.revision,
        submitted_at=row.submitted_at,
        return_reason=row.return_reason,
        return_field=row.return_field,
        confirmed=row.confirmed,
        sha256=row.sha256,
    )


def list_revisions(session: Session, ward_id: UUID, visit_id: UUID) -> list[RevisionRow]:
    """Give all revisions of a visit, the newest first. Two statements."""
    rows = session.execute(
        select(
            Visit.id.label("visit_id"),
            Visit.round_id,
            Visit.household_id,
            VisitRevision.number,
            VisitRevision.made_at,
            VisitRevision.reason,
            VisitRevision.source,
            VisitRevision.confirmed,
            Account.display_name,
            *_SAID,
        )
        .join(VisitRevision, and_(VisitRevision.ward_id == Visit.ward_id, VisitRevision.visit_id == Visit.id))
        .outerjoin(Account, Account.id == VisitRevision.made_by)
        .where(Visit.ward_id == ward_id, Visit.id == visit_id)
        .order_by(VisitRevision.number.desc())
    ).all()
    lines = _lines(session, ward_id, visit_id)
    return [
        RevisionRow(
            number=row.number,
            made_at=row.made_at,
            made_by=row.display_name or "",
            reason=row.reason,
            source=row.source,
            sha256=row.sha256,
            confirmed=row.confirmed,
            content=_content(row, [line for line in lines if line.revision == row.number]),
        )
        for row in rows
    ]


def previous_answers(session: Session, ward_id: UUID, household_id: UUID, *, round_id: UUID) -> Answers | None:
    """Give what the household last answered in another round, if it ever did. Two statements."""
    row = session.execute(
        select(Visit.id.label("visit_id"), Visit.round_id, Visit.household_id, Visit.revision, *_SAID)
        .join(VisitRevision, newest_revision())
        .where(
            Visit.ward_id == ward_id,
            Visit.household_id == household_id,
            Visit.round_id != round_id,
            Visit.outcome == VisitOutcome.INTERVIEWED,
            Visit.status.in_(sorted(COUNTED)),
        )
        .order_by(Visit.visited_on.desc(), Visit.submitted_at.desc(), Visit.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _content(row, _lines(session, ward_id, row.visit_id, row.revision)).answers


def household_visits(session: Session, ward_id: UUID, household_id: UUID) -> list[PastVisit]:
    """Give the visits of a household over all rounds, the newest first. One statement."""
    rows = session.execute(
        _past()
        .where(Visit.ward_id == ward_id, Visit.household_id == household_id)
        .order_by(Visit.visited_on.desc(), Visit.submitted_at.desc(), Visit.id.desc())
    )
    return [_past_row(row) for row in rows]


def _past() -> Select[*tuple[Any, ...]]:
    return select(
        Visit.id,
        Visit.round_id,
        SurveyRound.name,
        Visit.outcome,
        Visit.status,
        Visit.visited_on,
        Visit.revision,
    ).join(SurveyRound, and_(SurveyRound.ward_id == Visit.ward_id, SurveyRound.id == Visit.round_id))


def _past_row(row: Row[*tuple[Any, ...]]) -> PastVisit:
    return PastVisit(
        visit_id=row.id,
        round_id=row.round_id,
        round_name=row.name,
        outcome=row.outcome,
        status=row.status,
        visited_on=row.visited_on,
        revision=row.revision,
    )


_SAID = (
    VisitRevision.outcome,
    VisitRevision.visited_on,
    VisitRevision.sha256,
    VisitRevision.fibre_covered,
    VisitRevision.fibre_connected,
    VisitRevision.fibre_speed,
    VisitRevision.iot_connections,
    VisitRevision.payment_accounts,
    VisitRevision.answers,
    VisitRevision.extra,
)


def newest_revision() -> ColumnElement[bool]:
    """Join a visit to the revision that speaks for it."""
    return and_(
        VisitRevision.ward_id == Visit.ward_id,
        VisitRevision.visit_id == Visit.id,
        VisitRevision.number == Visit.revision,
    )


def _lines(session: Session, ward_id: UUID, visit_id: UUID, revision: int | None = None) -> list[Row[*tuple[Any, ...]]]:
    wanted = select(AdultLineRow.revision, *(getattr(AdultLineRow, name) for name in ADULT_COLUMNS)).where(
        AdultLineRow.ward_id == ward_id, AdultLineRow.visit_id == visit_id
    )
    if revision is not None:
        wanted = wanted.where(AdultLineRow.revision == revision)
    return list(session.execute(wanted.order_by(AdultLineRow.revision, AdultLineRow.line)))


def _content(row: Row[*tuple[Any, ...]], lines: Collection[Row[*tuple[Any, ...]]]) -> VisitContent:
    interviewed = row.outcome is VisitOutcome.INTERVIEWED
    return VisitContent(
        visit_id=row.visit_id,
        round_id=row.round_id,
        household_id=row.household_id,
        outcome=row.outcome,
        visited_on=row.visited_on,
        answers=answers_from(row.answers, row, lines) if interviewed else None,
        extra=row.extra,
    )
