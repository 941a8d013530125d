"""What the pages of adoption show: figures held against targets, of a ward or a group, on a day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from webapp.core.adoption import KNOWN_HOUSEHOLDS, IndicatorSource, Measure, Target
from webapp.core.progress import Base, ProgressStatus, due_target, judge
from webapp.core.surveys import RoundStatus
from webapp.models.adoption import RegisterItem
from webapp.models.places import ResidentialGroup, Ward
from webapp.models.surveys import SurveyRound
from webapp.queries.facts import measures_as_of, round_measures
from webapp.queries.indicators import IndicatorRow, registry
from webapp.queries.signature_use import ledger_measures

NOTHING: Final = Measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """A survey round."""

    id: UUID
    name: str
    starts_on: dt.date
    ends_on: dt.date
    status: RoundStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """The ward as a place: since when its borders hold, and how many things its registers list."""

    code: str
    name: str
    valid_from: dt.date
    groups: int
    items: Mapping[str, int]

    def listed(self, indicator: IndicatorRow, *, one_group: UUID | None = None) -> int | None:
        """Give how many groups, sites or platforms the register of an indicator lists; None where it lists nothing."""
        if indicator.source is IndicatorSource.GROUP:
            return 1 if one_group else self.groups
        if indicator.source in {IndicatorSource.SITE, IndicatorSource.PLATFORM, IndicatorSource.MILESTONE}:
            return self.items.get(indicator.code, 0)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One indicator in one place on one day. `known` is how many households (or listed things) could be asked."""

    indicator: IndicatorRow
    measure: Measure
    known: int | None
    target: Target | None
    status: ProgressStatus

    @property
    def rate(self) -> float | None:
        """Give the figure; None when nobody was asked."""
        return self.measure.rate

    @property
    def coverage(self) -> float | None:
        """Give the part of the known households (or listed things) that was asked."""
        return coverage_of(self.measure, self.known)

    @property
    def gap(self) -> int | None:
        """Give how many persons or things are missing to the due target; None where there is none or nobody asked."""
        return None if self.target is None or self.rate is None else self.target.gap(self.measure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All indicators of a ward (or of one group) on one day."""

    day: dt.date
    territory: Territory
    figures: tuple[Figure, ...]
    known_households: int
    rounds: tuple[RoundRow, ...]
    base_day: dt.date | None


def coverage_of(measure: Measure, known: int | None) -> float | None:
    """Give asked ÷ known; None when nothing is known."""
    return measure.asked / known if known else None


def survey_rounds(session: Session, ward_id: UUID) -> list[RoundRow]:
    """Give the rounds, oldest first. One statement."""
    rows = session.execute(
        select(SurveyRound.id, SurveyRound.name, SurveyRound.starts_on, SurveyRound.ends_on, SurveyRound.status)
        .where(SurveyRound.ward_id == ward_id, SurveyRound.status != RoundStatus.PLANNED)
        .order_by(SurveyRound.starts_on, SurveyRound.id)
    )
    return [
        RoundRow(id=round_id, name=name, starts_on=starts_on, ends_on=ends_on, status=status)
        for round_id, name, starts_on, ends_on, status in rows
    ]


def territory(session: Session, ward_id: UUID) -> Territory:
    """Give the ward with the sizes of its registers. One statement (the ward, once for each register with items)."""
    group_count = (
        select(func.count())
        .where(ResidentialGroup.ward_id == ward_id, ResidentialGroup.is_active.is_(True))
        .scalar_subquery()
    )
    item = RegisterItem
    rows = session.execute(
        select(Ward.code, Ward.name, Ward.valid_from, group_count, item.indicator_code, func.count(item.id))
        .outerjoin(item, and_(item.ward_id == Ward.id, item.is_active.is_(True)))
        .where(Ward.id == ward_id)
        .group_by(Ward.code, Ward.name, Ward.valid_from, item.indicator_code)
    ).all()
    code, name, valid_from, count = rows[0][:4]
    return Territory(
        code=code, name=name, valid_from=valid_from, groups=count, items={row[4]: row[5] for row in rows if row[4]}
    )


def overview(
    session: Session, ward_id: UUID, *, day: dt.date, today: dt.date, group_id: UUID | None = None
) -> Overview:
    """Give every indicator of the ward, or of one group, on `day`. Eight statements."""
    indicators = registry(session, ward_id)
    place = territory(session, ward_id)
    rounds = survey_rounds(session, ward_id)
    measures = measures_as_of(session, ward_id, day, today, group_id=group_id)
    if group_id is None:
        measures |= ledger_measures(session, ward_id, day)
    first = rounds[0] if rounds and rounds[0].ends_on < day else None
    bases = round_measures(session, ward_id, first.id, group_id=group_id) if first else {}
    known = measures.get(KNOWN_HOUSEHOLDS, NOTHING).numerator
    figures = []
    for indicator in indicators:
        base = bases.get(indicator.code, NOTHING).rate
        figures.append(
            figure(
                indicator,
                measures.get(indicator.code, NOTHING),
                day=day,
                known=known
                if indicator.source is IndicatorSource.HOUSEHOLD
                else place.listed(indicator, one_group=group_id),
                base=Base(first.ends_on, base) if first and base is not None else None,
            )
        )
    return Overview(
        day=day,
        territory=place,
        figures=tuple(figures),
        known_households=known,
        rounds=tuple(rounds),
        base_day=first.ends_on if first else None,
    )


def figure(
    indicator: IndicatorRow, measure: Measure, *, day: dt.date, known: int | None, base: Base | None = None
) -> Figure:
    """Hold counts against the indicator's due target."""
    target = due_target(indicator.targets, day.year)
    status = judge(measure.rate, target, day=day, base=base, coverage=coverage_of(measure, known))
    return Figure(indicator=indicator, measure=measure, known=known, target=target, status=status)
