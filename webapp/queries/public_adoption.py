"""Figures for everybody: of the last finished round, with small cells hidden by the one rule of core.disclosure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from webapp.core.adoption import IndicatorSource, IndicatorUnit, Measure
from webapp.core.disclosure import is_small, publish
from webapp.core.surveys import RoundStatus
from webapp.models.database import bind_ward
from webapp.queries.adoption import Figure, Overview, RoundRow, overview, survey_rounds
from webapp.queries.group_adoption import GroupRow, figures_by_group
from webapp.queries.places import WardRow
from webapp.queries.signature_use import SIGNING_STAFF

# Published group by group. None of them can be worked out from another one, as the two signature indicators could.
GROUP_CODES: Final = (
    "smartphone_adults",
    "digital_id_residents",
    "esignature_adults",
    "fibre_connected_households",
)
FINISHED: Final = frozenset({RoundStatus.CLOSED, RoundStatus.LOCKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigure:
    """A figure of the ward, and whether its counts are hidden."""

    code: str
    shown: Figure
    hidden: bool

    @property
    def measure(self) -> Measure:
        """Give the counts that may be seen."""
        return Measure() if self.hidden else self.shown.measure


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicGroup:
    """A group with what may be seen of it, by indicator code; None is a hidden cell."""

    group: GroupRow
    cells: Mapping[str, Measure | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicOverview:
    """Everything on the public page."""

    ward: WardRow
    day: dt.date
    round_name: str
    valid_from: dt.date
    threshold: int
    figures: tuple[PublicFigure, ...]
    groups: tuple[PublicGroup, ...]


def public_overview(session: Session, ward: WardRow, *, today: dt.date, threshold: int) -> PublicOverview:
    """Give the figures on the last day of the newest finished round (today when none is finished)."""
    bind_ward(session, ward.ward_id)  # nobody logged in did
    bind_ward(session, ward.ward_id)
    last = _last_finished(survey_rounds(session, ward.ward_id), today)
    day = min(last.ends_on, today) if last else today
    found = overview(session, ward.ward_id, day=day, today=today)
    groups = _groups(session, ward, found, today=today, threshold=threshold)
    return PublicOverview(
        ward=ward,
        day=day,
        round_name=last.name if last else "",
        valid_from=found.territory.valid_from,
        threshold=threshold,
        figures=tuple(
            PublicFigure(code=f.indicator.code, shown=f, hidden=_is_hidden(f, threshold)) for f in found.figures
        ),
        groups=groups,
    )


def _last_finished(rounds: list[RoundRow], today: dt.date) -> RoundRow | None:
    finished = [row for row in rounds if row.status in FINISHED and row.starts_on <= today]
    return max(finished, key=lambda row: row.ends_on, default=None)


def _is_hidden(figure: Figure, threshold: int) -> bool:
    """Tell whether a figure of the ward counts too few people; sites, machines and documents are not people."""
    if figure.indicator.source is not IndicatorSource.HOUSEHOLD and figure.indicator.code != SIGNING_STAFF:
        return False
    if figure.indicator.unit is IndicatorUnit.PER_RESIDENT:
        return 0 < figure.measure.denominator < threshold
    return is_small(figure.measure, threshold)


def _groups(
    session: Session, ward: WardRow, found: Overview, *, today: dt.date, threshold: int
) -> tuple[PublicGroup, ...]:
    indicators = [f.indicator for f in found.figures if f.indicator.code in GROUP_CODES]
    lines = figures_by_group(session, ward.ward_id, indicators, day=found.day, today=today)
    cells: dict[str, Mapping[str, Measure | None]] = {}
    for place, indicator in enumerate(indicators):
        table = {line.group.code: line.figures[place].measure for line in lines}
        cells[indicator.code] = publish(table, threshold=threshold).cells
    return tuple(
        PublicGroup(group=line.group, cells={code: cells[code][line.group.code] for code in cells}) for line in lines
    )
