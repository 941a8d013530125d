"""The arithmetic of facts: what a household's visits, a list of households and a register add to adoption_fact.

Decision: adoption on a day is what the newest counted visit of each household up to that day says, *whatever its
outcome*. A household whose newest visit found nobody at home (or was refused, or has moved away) says nothing that day:
it leaves numerator, denominator and coverage, instead of being carried forward from an older answer.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from webapp.core.adoption import KNOWN_HOUSEHOLDS, VISITED_HOUSEHOLDS, Measure, PeriodKind
from webapp.core.ids import NIL

ALL_KEY: Final = "all"

FactKey = tuple[PeriodKind, str, str, UUID]
"""Period kind, period key, indicator code, group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedVisit:
    """A visit that counts (core.surveys.COUNTED) and what it says, by indicator code."""

    visit_id: UUID
    round_id: UUID
    group_id: UUID
    household_id: UUID
    visited_on: dt.date
    submitted_at: dt.datetime
    measures: Mapping[str, Measure]

    @property
    def order(self) -> tuple[dt.date, dt.datetime, UUID]:
        """Where the visit stands among those of its household; the last one speaks for it."""
        return self.visited_on, self.submitted_at, self.visit_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A register entry: what was found on a day for one subject (an item, a group, or the ward as a whole).

    A denominator of 0 with a numerator of 0 says "not known (any more)" and takes the subject out of the count.
    """

    entry_id: UUID
    indicator_code: str
    item_id: UUID | None
    group_id: UUID | None
    observed_on: dt.date
    recorded_at: dt.datetime
    numerator: int
    denominator: int

    @property
    def subject(self) -> tuple[str, UUID, UUID]:
        """What the entry is about."""
        return self.indicator_code, self.item_id or NIL, self.group_id or NIL

    @property
    def order(self) -> tuple[dt.date, dt.datetime, UUID]:
        """Where the entry stands among those of its subject; the last one counts."""
        return self.observed_on, self.recorded_at, self.entry_id

    @property
    def measure(self) -> Measure:
        """What it adds to the counts."""
        return Measure(self.numerator, self.denominator, 1 if self.denominator else 0)


class FactRow(NamedTuple):
    """One row of facts: a change (`all`, `month`, `day`) or the state of a round; a tuple, for a visit makes forty."""

    kind: PeriodKind
    key: str
    code: str
    group_id: UUID
    numerator: int
    denominator: int
    asked: int


class Tally:
    """Adds up rows of facts. Days are kept until the end and only then spread over day, month and all."""

    def __init__(self) -> None:
        self._days: dict[tuple[dt.date, UUID], dict[str, list[int]]] = {}
        self._rounds: dict[tuple[UUID, UUID], dict[str, list[int]]] = {}

    def household(self, visits: Iterable[CountedVisit], sign: int = 1) -> None:
        """Add (or take back, sign −1) all counted visits of one household: each replaces the one before it."""
        before: CountedVisit | None = None
        last_of_round: dict[UUID, CountedVisit] = {}
        for visit in sorted(visits, key=lambda visit: visit.order):
            if before is not None:
                self._change(visit.visited_on, before.group_id, before.measures, -sign)
            self._change(visit.visited_on, visit.group_id, visit.measures, sign)
            last_of_round[visit.round_id] = before = visit
        for visit in last_of_round.values():
            bucket = self._rounds.setdefault((visit.round_id, visit.group_id), {})
            _add(bucket, visit.measures, sign)
            _add(bucket, {VISITED_HOUSEHOLDS: Measure(1)}, sign)

    def known_households(self, group_id: UUID, day: dt.date, change: int) -> None:
        """Add households to a group's list from a day on (negative: take them off)."""
        self._change(day, group_id, {KNOWN_HOUSEHOLDS: Measure(change)}, 1)

    def subject(self, readings: Iterable[Reading], sign: int = 1) -> None:
        """Add (or take back) all entries of one subject of a register: each replaces the one before it."""
        before: Reading | None = None
        for reading in sorted(readings, key=lambda reading: reading.order):
            group = reading.group_id or NIL
            if before is not None:
                self._change(reading.observed_on, group, {reading.indicator_code: before.measure}, -sign)
            self._change(reading.observed_on, group, {reading.indicator_code: reading.measure}, sign)
            before = reading

    def _change(self, day: dt.date, group_id: UUID, measures: Mapping[str, Measure], sign: int) -> None:
        _add(self._days.setdefault((day, group_id), {}), measures, sign)

    def rows(self) -> list[FactRow]:
        """Give the rows that are not all zero, in the order of their keys (so that writers cannot deadlock)."""
        sums: dict[tuple[PeriodKind, str, UUID], dict[str, list[int]]] = {}
        for period, bucket in self._spread():
            held = sums.get(period)
            sums[period] = bucket if held is None else _summed(held, bucket)
        rows = [
            FactRow(kind, key, code, group_id, numerator, denominator, asked)
            for (kind, key, group_id), bucket in sums.items()
            for code, (numerator, denominator, asked) in bucket.items()
            if numerator or denominator or asked
        ]
        rows.sort()
        return rows

    def _spread(self) -> Iterator[tuple[tuple[PeriodKind, str, UUID], dict[str, list[int]]]]:
        for (day, group_id), bucket in self._days.items():
            text = day.isoformat()
            yield (PeriodKind.ALL, ALL_KEY, group_id), bucket
            yield (PeriodKind.MONTH, text[:7], group_id), bucket
            yield (PeriodKind.DAY, text, group_id), bucket
        for (round_id, group_id), bucket in self._rounds.items():
            yield (PeriodKind.ROUND, str(round_id), group_id), bucket


def _add(bucket: dict[str, list[int]], measures: Mapping[str, Measure], sign: int) -> None:
    for code, measure in measures.items():
        held = bucket.get(code)
        if held is None:
            bucket[code] = [sign * measure.numerator, sign * measure.denominator, sign * measure.asked]
        else:
            held[0] += sign * measure.numerator
            held[1] += sign * measure.denominator
            held[2] += sign * measure.asked


def _summed(first: dict[str, list[int]], second: dict[str, list[int]]) -> dict[str, list[int]]:
    """Add two buckets up in a third one: a day's bucket stands behind its month and behind all days too."""
    return {
        code: [x + y for x, y in zip(first.get(code, _NOTHING), second.get(code, _NOTHING), strict=True)]
        for code in first.keys() | second.keys()
    }


_NOTHING: Final = (0, 0, 0)
