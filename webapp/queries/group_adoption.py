"""Adoption group by group: which groups lag, by persons missing and not by percent."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.adoption import KNOWN_HOUSEHOLDS, IndicatorSource
from webapp.core.errors import NotFound
from webapp.models.places import ResidentialGroup
from webapp.queries.adoption import NOTHING, Figure, figure
from webapp.queries.facts import group_measures_as_of
from webapp.queries.indicators import IndicatorRow

# Sources that know groups; sites, platforms, ward counts and the ledger belong to the ward as a whole.
BY_GROUP: Final = frozenset({IndicatorSource.HOUSEHOLD, IndicatorSource.GROUP})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A residential group."""

    id: UUID
    code: str
    name: str
    population: int | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """One group with its figures, in the order of the indicators asked for."""

    group: GroupRow
    known_households: int
    figures: tuple[Figure, ...]


def groups(session: Session, ward_id: UUID) -> list[GroupRow]:
    """Give the groups in their order. One statement."""
    group = ResidentialGroup
    rows = session.execute(
        select(group.id, group.code, group.name, group.population, group.is_active)
        .where(group.ward_id == ward_id)
        .order_by(group.sort_key, group.code)
    )
    return [
        GroupRow(id=group_id, code=code, name=name, population=population, is_active=active)
        for group_id, code, name, population, active in rows
    ]


def find_group(session: Session, ward_id: UUID, group_id: UUID) -> GroupRow:
    """Give one group. Raises NotFound."""
    for group in groups(session, ward_id):
        if group.id == group_id:
            return group
    raise NotFound


def figures_by_group(
    session: Session, ward_id: UUID, indicators: Collection[IndicatorRow], *, day: dt.date, today: dt.date
) -> list[GroupFigures]:
    """Give the figures of every active group (and of closed ones that still have counts). Two statements.

    Groups are held against the target, not against a pace: a group may have been surveyed in one round only.
    """
    wanted = [indicator for indicator in indicators if indicator.source in BY_GROUP]
    codes = [KNOWN_HOUSEHOLDS, *(indicator.code for indicator in wanted)]
    measures = group_measures_as_of(session, ward_id, day, today, codes=codes)
    found = []
    for group in groups(session, ward_id):
        known = measures.get(KNOWN_HOUSEHOLDS, {}).get(group.id, NOTHING).numerator
        figures = tuple(
            figure(
                indicator,
                measures.get(indicator.code, {}).get(group.id, NOTHING),
                day=day,
                known=known if indicator.source is IndicatorSource.HOUSEHOLD else 1,
            )
            for indicator in wanted
        )
        if group.is_active or known or any(f.measure for f in figures):
            found.append(GroupFigures(group=group, known_households=known, figures=figures))
    return found
