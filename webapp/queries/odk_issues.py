"""Forms from ODK that wait for somebody: something in them cannot be true."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.errors import Problem
from webapp.core.odk_submissions import OdkStatus
from webapp.core.ports import PersonalDataCipher
from webapp.models.accounts import Account
from webapp.models.households import Household
from webapp.models.odk import OdkSubmission
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import SurveyRound, Visit

ISSUES_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OdkIssue:
    """One waiting form. `answers`: the texts of the form (values, adults, extra)."""

    submission_id: UUID
    visit_id: UUID
    base_revision: int | None
    round_id: UUID
    round_name: str
    group_id: UUID
    group_name: str
    household_id: UUID
    number: int
    address: str
    sent_by: str
    received_at: dt.datetime
    problems: tuple[Problem, ...]
    answers: dict[str, Any]


def _waiting(ward_id: UUID, scope: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    """Say what waits: kept with an issue, and the visit has not moved on since (completed on the page)."""
    conditions = [
        OdkSubmission.ward_id == ward_id,
        OdkSubmission.status == OdkStatus.HAS_ISSUE,
        or_(Visit.id.is_(None), Visit.revision <= func.coalesce(OdkSubmission.base_revision, 0)),
    ]
    return conditions if scope is None else [*conditions, OdkSubmission.group_id.in_(sorted(scope))]


_VISIT = and_(Visit.ward_id == OdkSubmission.ward_id, Visit.id == OdkSubmission.visit_id)


def count_issues(session: Session, ward_id: UUID, scope: Collection[UUID] | None) -> int:
    """Count what waits. One statement."""
    found = select(func.count()).select_from(OdkSubmission).outerjoin(Visit, _VISIT).where(*_waiting(ward_id, scope))
    return session.scalar(found) or 0


def list_issues(
    session: Session,
    ward_id: UUID,
    scope: Collection[UUID] | None,
    *,
    cipher: PersonalDataCipher,
    submission_id: UUID | None = None,
) -> list[OdkIssue]:
    """Give what waits, the oldest first, at most ISSUES_MAX. One statement."""
    wanted = (
        select(OdkSubmission, SurveyRound.name, ResidentialGroup.name, Household, Account.display_name)
        .outerjoin(Visit, _VISIT)
        .join(SurveyRound, _same(SurveyRound, OdkSubmission.round_id))
        .join(ResidentialGroup, _same(ResidentialGroup, OdkSubmission.group_id))
        .join(Household, _same(Household, OdkSubmission.household_id))
        .join(Account, Account.id == OdkSubmission.account_id)
        .where(*_waiting(ward_id, scope))
        .order_by(OdkSubmission.received_at, OdkSubmission.id)
        .limit(ISSUES_MAX)
    )
    if submission_id is not None:
        wanted = wanted.where(OdkSubmission.id == submission_id)
    return [
        OdkIssue(
            submission_id=row.id,
            visit_id=row.visit_id,
            base_revision=row.base_revision,
            round_id=row.round_id,
            round_name=round_name,
            group_id=row.group_id,
            group_name=group_name,
            household_id=row.household_id,
            number=household.number,
            address=cipher.decrypt(ward_id, household.address),
            sent_by=sent_by,
            received_at=row.received_at,
            problems=tuple(Problem(p["field"], p["message"], p["params"]) for p in row.problems),
            answers=row.answers,
        )
        for row, round_name, group_name, household, sent_by in session.execute(wanted)
    ]


def _same(table: Any, column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped class and its key
    return and_(table.ward_id == OdkSubmission.ward_id, table.id == column)
