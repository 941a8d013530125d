"""Rounds, progress of groups in a round, and what stands in one visit."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from webapp.core.adoption import KNOWN_HOUSEHOLDS, VISITED_HOUSEHOLDS, PeriodKind
from webapp.core.facts import ALL_KEY
from webapp.core.surveys import COUNTED, RoundStatus, VisitStatus
from webapp.models.adoption import AdoptionFact
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import SurveyRound, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """A survey round. Days are the ward's."""

    round_id: UUID
    name: str
    starts_on: dt.date
    ends_on: dt.date
    status: RoundStatus

    @property
    def is_open(self) -> bool:
        """Tell whether visits are taken."""
        return self.status is RoundStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupProgress:
    """How far a group is in a round, in households. Figures come from facts, not from a count of households."""

    group_id: UUID
    code: str
    name: str
    known: int
    visited: int
    to_correct: int

    @property
    def left(self) -> int:
        """Households on the list without a visit."""
        return max(0, self.known - self.visited - self.to_correct)

    @property
    def share(self) -> float | None:
        """Visited ÷ known; None for a group without households."""
        return min(1.0, self.visited / self.known) if self.known else None


def list_rounds(session: Session, ward_id: UUID) -> list[RoundRow]:
    """Give the ward's rounds, the newest first. One statement."""
    found = session.execute(
        _rounds().where(SurveyRound.ward_id == ward_id).order_by(SurveyRound.starts_on.desc(), SurveyRound.id.desc())
    )
    return [_round(row) for row in found]


def get_round(session: Session, ward_id: UUID, round_id: UUID) -> RoundRow | None:
    """Find one round of the ward. One statement."""
    row = session.execute(_rounds().where(SurveyRound.ward_id == ward_id, SurveyRound.id == round_id)).one_or_none()
    return None if row is None else _round(row)


def current_round(rounds: Collection[RoundRow], today: dt.date) -> RoundRow | None:
    """Choose the round to show first: the newest open one that has begun, else any open one, else the newest begun."""
    begun = [found for found in rounds if found.starts_on <= today]
    for candidates in ([r for r in begun if r.is_open], [r for r in rounds if r.is_open], begun, list(rounds)):
        if candidates:
            return max(candidates, key=lambda found: (found.starts_on, found.round_id))
    return None


def group_progress(
    session: Session, ward_id: UUID, round_id: UUID | None, group_ids: Collection[UUID] | None = None
) -> list[GroupProgress]:
    """Give the progress of groups in a round in their order; None asks for all groups. Two statements.

    The cost depends on the number of groups, not on that of households.
    """
    known, visited = aliased(AdoptionFact), aliased(AdoptionFact)
    rows = session.execute(
        select(
            ResidentialGroup.id,
            ResidentialGroup.code,
            ResidentialGroup.name,
            func.coalesce(known.numerator, 0).label("known"),
            func.coalesce(visited.numerator, 0).label("visited"),
        )
        .outerjoin(known, _fact(known, KNOWN_HOUSEHOLDS, PeriodKind.ALL, ALL_KEY))
        .outerjoin(visited, _fact(visited, VISITED_HOUSEHOLDS, PeriodKind.ROUND, str(round_id)))
        .where(
            ResidentialGroup.ward_id == ward_id,
            ResidentialGroup.is_active if group_ids is None else ResidentialGroup.id.in_(group_ids),
        )
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code)
    ).all()
    returned = _returned(session, ward_id, round_id, [row.id for row in rows]) if round_id else {}
    return [
        GroupProgress(
            group_id=row.id,
            code=row.code,
            name=row.name,
            known=row.known,
            visited=row.visited,
            to_correct=returned.get(row.id, 0),
        )
        for row in rows
    ]


def _rounds() -> Select[*tuple[Any, ...]]:
    return select(SurveyRound.id, SurveyRound.name, SurveyRound.starts_on, SurveyRound.ends_on, SurveyRound.status)


def _round(row: Any) -> RoundRow:  # noqa: ANN401 - a row of `_rounds`
    return RoundRow(round_id=row.id, name=row.name, starts_on=row.starts_on, ends_on=row.ends_on, status=row.status)


def _fact(fact: type[AdoptionFact], code: str, kind: PeriodKind, key: str) -> ColumnElement[bool]:
    return and_(
        fact.ward_id == ResidentialGroup.ward_id,
        fact.period_kind == kind,
        fact.period_key == key,
        fact.indicator_code == code,
        fact.group_id == ResidentialGroup.id,
    )


def _returned(session: Session, ward_id: UUID, round_id: UUID, group_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count households that wait for a correction and have no other visit that counts."""
    other = aliased(Visit)
    found = session.execute(
        select(Visit.group_id, func.count(Visit.household_id.distinct()))
        .where(
            Visit.ward_id == ward_id,
            Visit.round_id == round_id,
            Visit.group_id.in_(group_ids),
            Visit.status == VisitStatus.NEEDS_CORRECTION,
            ~select(other.id)
            .where(
                other.ward_id == ward_id,
                other.household_id == Visit.household_id,
                other.round_id == round_id,
                other.status.in_(sorted(COUNTED)),
            )
            .exists(),
        )
        .group_by(Visit.group_id)
    )
    return dict(found.all())


def review_counts(session: Session, ward_id: UUID, round_id: UUID, group_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count submitted visits that nobody has looked over yet, by group. One statement."""
    found = session.execute(
        select(Visit.group_id, func.count())
        .where(
            Visit.ward_id == ward_id,
            Visit.round_id == round_id,
            Visit.group_id.in_(group_ids),
            Visit.status == VisitStatus.SUBMITTED,
        )
        .group_by(Visit.group_id)
    )
    return dict(found.all())


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A residential group of the ward."""

    group_id: UUID
    code: str
    name: str


def list_groups(session: Session, ward_id: UUID, group_ids: Collection[UUID] | None = None) -> list[GroupRow]:
    """Give active groups in their order; None asks for all. One statement."""
    rows = session.execute(
        select(ResidentialGroup.id, ResidentialGroup.code, ResidentialGroup.name)
        .where(
            ResidentialGroup.ward_id == ward_id,
            ResidentialGroup.is_active,
            *([] if group_ids is None else [ResidentialGroup.id.in_(group_ids)]),
        )
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code)
    )
    return [GroupRow(row.id, row.code, row.name) for row in rows]
