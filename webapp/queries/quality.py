"""The quality page: the newest finished run of a round, its numbers, and the visits behind each of them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from webapp.core.quality import QualityBy, QualityCheck, QualityQuestion
from webapp.models.accounts import Account
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.models.quality import QualityFigure, QualityFinding, QualityRun
from webapp.models.surveys import Visit

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A finished run."""

    run_id: UUID
    visits: int
    finished_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """Visits pointed at ÷ visits that could be."""

    check: QualityCheck
    question: QualityQuestion
    by: QualityBy
    subject_id: UUID
    numerator: int
    denominator: int

    @property
    def share(self) -> float:
        """Numerator ÷ denominator."""
        return self.numerator / self.denominator if self.denominator else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Which findings are listed; None: all."""

    check: QualityCheck
    question: QualityQuestion | None = None
    group_id: UUID | None = None
    made_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a visit is on the list."""

    question: QualityQuestion
    value: float | None
    bound: float | None
    other_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFinding:
    """A visit (or, without one, a household) with all its reasons. No name: the page of the visit has it."""

    visit_id: UUID | None
    household_id: UUID
    group_id: UUID
    group_name: str
    number: int
    visited_on: dt.date | None
    made_by: str
    reasons: tuple[Reason, ...]


def latest_run(session: Session, ward_id: UUID, round_id: UUID) -> RunRow | None:
    """Give the newest finished run of a round. One statement."""
    row = session.execute(
        select(QualityRun.id, QualityRun.visits, QualityRun.finished_at)
        .where(QualityRun.ward_id == ward_id, QualityRun.round_id == round_id, QualityRun.finished_at.is_not(None))
        .order_by(QualityRun.finished_at.desc(), QualityRun.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else RunRow(run_id=row.id, visits=row.visits, finished_at=row.finished_at)


def run_figures(session: Session, ward_id: UUID, run_id: UUID) -> list[FigureRow]:
    """Give every number of a run: some dozens a group and head, however many households. One statement."""
    names = ("check", "question", "by", "subject_id", "numerator", "denominator")
    rows = session.execute(
        select(*(getattr(QualityFigure, name).label(name) for name in names)).where(
            QualityFigure.ward_id == ward_id, QualityFigure.run_id == run_id
        )
    )
    return [FigureRow(**row._asdict()) for row in rows]


def account_names(session: Session, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the names of the people who wrote visits down. One statement."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(account_ids)))
    return dict(rows.all())


def count_findings(session: Session, ward_id: UUID, run_id: UUID, wanted: FindingFilter) -> int:
    """Count the visits (or households) behind a number. One statement."""
    listed = _subjects(ward_id, run_id, wanted).subquery()
    return session.scalar(select(func.count()).select_from(listed)) or 0


def list_findings(
    session: Session, ward_id: UUID, run_id: UUID, wanted: FindingFilter, *, page: int
) -> list[ListedFinding]:
    """Give a page of them by group and list number, each with its reasons. Two statements."""
    subjects = _subjects(ward_id, run_id, wanted).subquery()
    rows = session.execute(
        select(
            subjects.c.visit_id,
            subjects.c.household_id,
            Household.number,
            ResidentialGroup.id.label("group_id"),
            ResidentialGroup.name.label("group_name"),
            Visit.visited_on,
            Account.display_name,
        )
        .join(Household, and_(Household.ward_id == ward_id, Household.id == subjects.c.household_id))
        .join(ResidentialGroup, and_(ResidentialGroup.ward_id == ward_id, ResidentialGroup.id == subjects.c.group_id))
        .outerjoin(Visit, and_(Visit.ward_id == ward_id, Visit.id == subjects.c.visit_id))
        .outerjoin(Account, Account.id == subjects.c.made_by)
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code, Household.number, subjects.c.visit_id)
        .limit(PAGE)
        .offset(PAGE * (page - 1))
    ).all()
    reasons = _reasons(session, ward_id, run_id, wanted, [row.household_id for row in rows])
    return [
        ListedFinding(
            visit_id=row.visit_id,
            household_id=row.household_id,
            group_id=row.group_id,
            group_name=row.group_name,
            number=row.number,
            visited_on=row.visited_on,
            made_by=row.display_name or "",
            reasons=tuple(reasons[row.visit_id, row.household_id]),
        )
        for row in rows
    ]


def _matching(ward_id: UUID, run_id: UUID, wanted: FindingFilter) -> list[ColumnElement[bool]]:
    found = [
        QualityFinding.ward_id == ward_id,
        QualityFinding.run_id == run_id,
        QualityFinding.check == wanted.check,
    ]
    if wanted.question is not None:
        found.append(QualityFinding.question == wanted.question)
    if wanted.group_id is not None:
        found.append(QualityFinding.group_id == wanted.group_id)
    if wanted.made_by is not None:
        found.append(QualityFinding.made_by == wanted.made_by)
    return found


def _subjects(ward_id: UUID, run_id: UUID, wanted: FindingFilter) -> Select[*tuple[Any, ...]]:
    columns = (QualityFinding.visit_id, QualityFinding.household_id, QualityFinding.group_id, QualityFinding.made_by)
    return select(*columns).where(*_matching(ward_id, run_id, wanted)).distinct()


def _reasons(
    session: Session, ward_id: UUID, run_id: UUID, wanted: FindingFilter, household_ids: Collection[UUID]
) -> dict[tuple[UUID | None, UUID], list[Reason]]:
    rows = session.execute(
        select(
            QualityFinding.visit_id,
            QualityFinding.household_id,
            QualityFinding.question,
            QualityFinding.value,
            QualityFinding.bound,
            QualityFinding.other_id,
        )
        .where(*_matching(ward_id, run_id, wanted), QualityFinding.household_id.in_(household_ids))
        .order_by(QualityFinding.number)
    )
    found: dict[tuple[UUID | None, UUID], list[Reason]] = {}
    for row in rows:
        reason = Reason(question=row.question, value=row.value, bound=row.bound, other_id=row.other_id)
        found.setdefault((row.visit_id, row.household_id), []).append(reason)
    return found
