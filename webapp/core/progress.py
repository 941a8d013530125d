"""Holding a figure against the plan: which target is due, whether the pace is enough, and when not to judge at all.

The bands are those published by Open SDG and Statistics Canada (95 %, 60 %, 0 %), but on percentage points along a
straight path from the first survey round to the end of the target's year: growth ratios call 3 % after a year on the
way from 1 % to 60 % "on track".
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from webapp.core.adoption import Target

# Below this share of households asked, a figure is shown but not judged.
ENOUGH_COVERAGE: Final = 0.5
# A pace needs some time to show.
SHORTEST_PACE: Final = dt.timedelta(days=30)
ON_TRACK_FROM: Final = 0.95
SPEED_UP_FROM: Final = 0.60


class ProgressStatus(StrEnum):
    """How a figure stands; always shown as a word, never by colour alone."""

    MET = "met"
    ON_TRACK = "on_track"
    SPEED_UP = "speed_up"
    SLOW = "slow"
    DECLINING = "declining"
    NOT_MET = "not_met"
    OVERDUE = "overdue"
    LOW_COVERAGE = "low_coverage"
    UNKNOWN = "unknown"
    WATCHED = "watched"


@dataclass(frozen=True, slots=True)
class Base:
    """Where the path starts: the ratio of the first round and the day the round ended."""

    day: dt.date
    rate: float


def due_target(targets: Iterable[Target], year: int) -> Target | None:
    """Give the next target due in `year` or later; the newest past one when all are past."""
    ordered = sorted(targets, key=lambda target: target.year)
    return next((target for target in ordered if target.year >= year), ordered[-1] if ordered else None)


def judge(
    rate: float | None, target: Target | None, *, day: dt.date, base: Base | None = None, coverage: float | None = None
) -> ProgressStatus:
    """Say how `rate` stands on `day`. Unknown is never judged, nor is a figure that too few were asked for."""
    if rate is None:
        return ProgressStatus.UNKNOWN
    if target is None:
        return ProgressStatus.WATCHED
    if coverage is not None and coverage < ENOUGH_COVERAGE:
        return ProgressStatus.LOW_COVERAGE
    if target.met_by(rate):
        return ProgressStatus.MET
    if day.year > target.year:
        return ProgressStatus.OVERDUE
    return _pace(rate, target, day, base)


def _pace(rate: float, target: Target, day: dt.date, base: Base | None) -> ProgressStatus:
    if base is None or day - base.day < SHORTEST_PACE:
        return ProgressStatus.NOT_MET
    end = dt.date(target.year, 12, 31)
    planned = base.rate + (target.value - base.rate) * (day - base.day) / (end - base.day)
    if planned <= base.rate:
        return ProgressStatus.DECLINING if rate < base.rate else ProgressStatus.NOT_MET
    reached = (rate - base.rate) / (planned - base.rate)
    if reached >= ON_TRACK_FROM:
        return ProgressStatus.ON_TRACK
    if reached >= SPEED_UP_FROM:
        return ProgressStatus.SPEED_UP
    return ProgressStatus.SLOW if reached >= 0 else ProgressStatus.DECLINING
