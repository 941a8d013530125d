"""Extra questions of a round: the version in use, one version, all versions."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from webapp.core.extra_questions import NO_QUESTIONS, ExtraForm, ExtraFormStatus, ExtraQuestion
from webapp.models.accounts import Account
from webapp.models.extra_forms import ExtraFormRow
from webapp.models.surveys import SurveyRound

_USED = ExtraFormRow.status != ExtraFormStatus.DRAFT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraFormVersion:
    """A version on the page of forms."""

    form_id: UUID
    round_id: UUID
    status: ExtraFormStatus
    made_at: dt.datetime
    made_by: str
    form: ExtraForm


def active_form(session: Session, ward_id: UUID, round_id: UUID) -> ExtraForm:
    """Give the extra questions that a round asks now; number 0 without questions when it has none. One statement."""
    return _one(session, ward_id, round_id, ExtraFormRow.status == ExtraFormStatus.ACTIVE) or NO_QUESTIONS


def used_form(session: Session, ward_id: UUID, round_id: UUID, number: int) -> ExtraForm | None:
    """Give a version that is or was in use; None for drafts and for what never was. One statement."""
    return _one(session, ward_id, round_id, ExtraFormRow.number == number, _USED)


def used_versions(session: Session, ward_id: UUID, round_id: UUID | None = None) -> list[tuple[UUID, ExtraForm]]:
    """Give each version that is or was in use with its round (None: of all rounds), the newest first. One statement."""
    rows = session.execute(
        select(ExtraFormRow.round_id, ExtraFormRow.number, ExtraFormRow.questions)
        .join(SurveyRound, and_(SurveyRound.ward_id == ExtraFormRow.ward_id, SurveyRound.id == ExtraFormRow.round_id))
        .where(ExtraFormRow.ward_id == ward_id, _USED, *([ExtraFormRow.round_id == round_id] if round_id else []))
        .order_by(SurveyRound.starts_on.desc(), ExtraFormRow.round_id, ExtraFormRow.number.desc())
    )
    return [(row.round_id, ExtraForm(row.number, tuple(map(ExtraQuestion.from_json, row.questions)))) for row in rows]


def _one(session: Session, ward_id: UUID, round_id: UUID, *which: ColumnElement[bool]) -> ExtraForm | None:
    row = session.execute(
        select(ExtraFormRow.number, ExtraFormRow.questions).where(
            ExtraFormRow.ward_id == ward_id, ExtraFormRow.round_id == round_id, *which
        )
    ).one_or_none()
    return None if row is None else ExtraForm(row.number, tuple(map(ExtraQuestion.from_json, row.questions)))


def list_versions(session: Session, ward_id: UUID, round_id: UUID) -> list[ExtraFormVersion]:
    """Give all versions of a round, the newest first. One statement."""
    rows = session.execute(
        select(ExtraFormRow, Account.display_name)
        .outerjoin(Account, Account.id == ExtraFormRow.made_by)
        .where(ExtraFormRow.ward_id == ward_id, ExtraFormRow.round_id == round_id)
        .order_by(ExtraFormRow.number.desc())
    )
    return [
        ExtraFormVersion(
            form_id=row.id,
            round_id=row.round_id,
            status=row.status,
            made_at=row.made_at,
            made_by=name or "",
            form=ExtraForm(row.number, tuple(map(ExtraQuestion.from_json, row.questions))),
        )
        for row, name in rows
    ]
