"""Rounds, progress of groups in a round, and what stands in one visit."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from webapp.core.adoption import KNOWN_HOUSEHOLDS, VISITED_HOUSEHOLDS, PeriodKind
from webapp.core.facts import ALL_KEY
from webapp.core.rounds import standing
from webapp.core.surveys import RoundStatus, VisitStatus
from webapp.models.adoption import AdoptionFact
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import RoundGroup, SurveyRound, Visit


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
    """How far a group is in a round, in households. Figures come from facts, not from a count of households.

    `own_status`: the group's own state in the round; None when it goes with the round (core.rounds.standing).
    """

    group_id: UUID
    code: str
    name: str
    known: int
    visited: int
    to_correct: int
    own_status: RoundStatus | None = None

    @property
    def left(self) -> int:
        """Give the households on the list without a visit.

        One that was found absent, then met, and whose second visit was returned stands among the visited and among
        those to correct; it is taken off twice here, for looking for such pairs would cost more than the page.
        """
        return max(0, self.known - self.visited - self.to_correct)

    @property
    def share(self) -> float | None:
        """Visited ÷ known; None for a group without households."""
        return min(1.0, self.visited / self.known) if self.known else None


# Made once, of tables: building these statements anew took longer than asking the database.
_ROUND: Final = cast("Table", SurveyRound.__table__)
_ROUNDS: Final = select(_ROUND.c.id, _ROUND.c.name, _ROUND.c.starts_on, _ROUND.c.ends_on, _ROUND.c.status).where(
    _ROUND.c.ward_id == bindparam("ward")
)
_NEWEST_FIRST: Final = _ROUNDS.order_by(_ROUND.c.starts_on.desc(), _ROUND.c.id.desc())
_ONE_ROUND: Final = _ROUNDS.where(_ROUND.c.id == bindparam("round"))
_ROUND_GROUP: Final = cast("Table", RoundGroup.__table__)
_ROUND_FOR: Final = _ONE_ROUND.add_columns(_ROUND_GROUP.c.status.label("own_status")).outerjoin(
    _ROUND_GROUP,
    and_(
        _ROUND_GROUP.c.ward_id == _ROUND.c.ward_id,
        _ROUND_GROUP.c.round_id == _ROUND.c.id,
        _ROUND_GROUP.c.group_id == bindparam("group"),
    ),
)


def list_rounds(session: Session, ward_id: UUID) -> list[RoundRow]:
    """Give the ward's rounds, the newest first. One statement."""
    return [_round(row) for row in session.execute(_NEWEST_FIRST, {"ward": ward_id})]


def get_round(session: Session, ward_id: UUID, round_id: UUID) -> RoundRow | None:
    """Find one round of the ward. One statement."""
    row = session.execute(_ONE_ROUND, {"ward": ward_id, "round": round_id}).one_or_none()
    return None if row is None else _round(row)


def get_round_for(session: Session, ward_id: UUID, round_id: UUID, group_id: UUID) -> RoundRow | None:
    """Find a round as it stands for one group: its status is the group's own when that has run ahead. One statement."""
    row = session.execute(_ROUND_FOR, {"ward": ward_id, "round": round_id, "group": group_id}).one_or_none()
    return None if row is None else replace(_round(row), status=standing(row.status, row.own_status))


def current_round(rounds: Collection[RoundRow], today: dt.date) -> RoundRow | None:
    """Choose the round to show first: the newest open one that has begun, else any open one, else the newest begun."""
    begun = [found for found in rounds if found.starts_on <= today]
    for candidates in ([r for r in begun if r.is_open], [r for r in rounds if r.is_open], begun, list(rounds)):
        if candidates:
            return max(candidates, key=lambda found: (found.starts_on, found.round_id))
    return None


_GROUP: Final = cast("Table", ResidentialGroup.__table__)
_VISIT: Final = cast("Table", Visit.__table__)
_FACT: Final = cast("Table", AdoptionFact.__table__)
_KNOWN: Final = _FACT.alias("known")
_VISITED: Final = _FACT.alias("visited")


def _is_fact(fact: FromClause, code: str, kind: PeriodKind, key: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(
        fact.c.ward_id == _GROUP.c.ward_id,
        fact.c.period_kind == kind,
        fact.c.period_key == key,
        fact.c.indicator_code == code,
        fact.c.group_id == _GROUP.c.id,
    )


_PROGRESS: Final = (
    select(
        _GROUP.c.id,
        _GROUP.c.code,
        _GROUP.c.name,
        func.coalesce(_KNOWN.c.numerator, 0).label("known"),
        func.coalesce(_VISITED.c.numerator, 0).label("visited"),
        _ROUND_GROUP.c.status.label("own_status"),
    )
    .select_from(_GROUP)
    .outerjoin(_KNOWN, _is_fact(_KNOWN, KNOWN_HOUSEHOLDS, PeriodKind.ALL, literal(ALL_KEY)))
    .outerjoin(_VISITED, _is_fact(_VISITED, VISITED_HOUSEHOLDS, PeriodKind.ROUND, bindparam("round_key")))
    .outerjoin(
        _ROUND_GROUP,
        and_(
            _ROUND_GROUP.c.ward_id == _GROUP.c.ward_id,
            _ROUND_GROUP.c.round_id == bindparam("round"),
            _ROUND_GROUP.c.group_id == _GROUP.c.id,
        ),
    )
    .where(_GROUP.c.ward_id == bindparam("ward"))
    .order_by(_GROUP.c.sort_key, _GROUP.c.code)
)
_ACTIVE_GROUPS: Final = _PROGRESS.where(_GROUP.c.is_active)
_CHOSEN_GROUPS: Final = _PROGRESS.where(_GROUP.c.id.in_(bindparam("groups", expanding=True)))
_RETURNED: Final = (
    select(_VISIT.c.group_id, func.count(_VISIT.c.household_id.distinct()))
    .where(
        _VISIT.c.ward_id == bindparam("ward"),
        _VISIT.c.round_id == bindparam("round"),
        _VISIT.c.group_id.in_(bindparam("groups", expanding=True)),
        _VISIT.c.status == VisitStatus.NEEDS_CORRECTION,
    )
    .group_by(_VISIT.c.group_id)
)


def group_progress(
    session: Session,
    ward_id: UUID,
    round_id: UUID | None,
    group_ids: Collection[UUID] | None = None,
    *,
    only_returned_of: str | None = None,
) -> list[GroupProgress]:
    """Give the progress of groups in a round in their order; None asks for all groups. Two statements.

    Done and left come from facts; returned visits are counted, for one group alone when its id is given as
    `only_returned_of` (the others then say 0).
    """
    values = {"ward": ward_id, "round": round_id, "round_key": str(round_id)}
    if group_ids is None:
        rows = session.execute(_ACTIVE_GROUPS, values).all()
    else:
        rows = session.execute(_CHOSEN_GROUPS, {**values, "groups": list(group_ids)}).all()
    asked = [row.id for row in rows if only_returned_of in {None, str(row.id)}]
    returned = _returned(session, ward_id, round_id, asked) if round_id else {}
    return [
        GroupProgress(
            group_id=row.id,
            code=row.code,
            name=row.name,
            known=row.known,
            visited=row.visited,
            to_correct=returned.get(row.id, 0),
            own_status=row.own_status,
        )
        for row in rows
    ]


def _round(row: Any) -> RoundRow:  # noqa: ANN401 - a row of `_rounds`
    return RoundRow(round_id=row.id, name=row.name, starts_on=row.starts_on, ends_on=row.ends_on, status=row.status)


def _returned(session: Session, ward_id: UUID, round_id: UUID, group_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count households with a visit that waits for its correction, also those that another visit speaks for."""
    found = session.execute(_RETURNED, {"ward": ward_id, "round": round_id, "groups": list(group_ids)})
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
