"""Indicators (domain.md §3): what a visit says for each, and progress against the plan's targets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from webapp.core.surveys import AdultLine, Answers, FibreSpeed, MinorBand, MinorLine


class IndicatorSource(StrEnum):
    """Where an indicator's counts come from."""

    HOUSEHOLD = "household"
    GROUP = "group"
    SITE = "site"
    WARD = "ward"
    PLATFORM = "platform"
    MILESTONE = "milestone"
    LEDGER = "ledger"


class TargetOperator(StrEnum):
    """How a value is held against its target."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"


class IndicatorUnit(StrEnum):
    """How the ratio is read."""

    PERCENT = "percent"
    PER_RESIDENT = "per_resident"
    MILESTONE = "milestone"


class PeriodKind(StrEnum):
    """Grains in which facts are kept. A key is `all`, `2026-11`, `2026-11-22` or a round's UUID.

    `all`, `month` and `day` rows hold *changes*: adoption as of day D is the sum of the months before D's month and of
    the days of that month up to D (or `all` when D is today or later). `round` rows hold the state of that round.
    """

    ALL = "all"
    MONTH = "month"
    DAY = "day"
    ROUND = "round"


# Reserved codes beside the registry's: active households on the list, and households with a visit in the round.
KNOWN_HOUSEHOLDS: Final = "known_households"
VISITED_HOUSEHOLDS: Final = "visited_households"


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts for one indicator: persons or things with it ÷ persons or things asked, and households asked."""

    numerator: int = 0
    denominator: int = 0
    asked: int = 0

    def __add__(self, other: "Measure") -> "Measure":
        return Measure(self.numerator + other.numerator, self.denominator + other.denominator, self.asked + other.asked)

    def __neg__(self) -> "Measure":
        return Measure(-self.numerator, -self.denominator, -self.asked)

    def __bool__(self) -> bool:
        return bool(self.numerator or self.denominator or self.asked)

    @property
    def rate(self) -> float | None:
        """Numerator ÷ denominator; None when nobody was asked ("–", not 0 %)."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target of the plan. `value` is a ratio (1.0 = 100 %)."""

    year: int
    operator: TargetOperator
    value: float
    plan_section: str

    def met_by(self, rate: float | None) -> bool:
        """Tell whether the rate reaches the target; unknown never does."""
        if rate is None:
            return False
        return rate > self.value if self.operator is TargetOperator.MORE_THAN else rate >= self.value

    def gap(self, measure: Measure) -> int:
        """How many more persons (or households, groups …) the target needs at today's denominator."""
        if not measure.denominator:
            return 0
        needed = self.value * measure.denominator
        whole = int(needed + 1e-9)
        if self.operator is TargetOperator.MORE_THAN or needed - whole > 1e-9:
            whole += 1
        return max(0, whole - measure.numerator)


# Ages from which an indicator may count; the survey asks smartphones of 15–17 by band (domain.md §3 [?]).
ADULT_AGES: Final = (18, 15)
# Indicators whose count can follow the age: of the others, the survey does not ask 15–17 (or the name says the age).
AGE_ADJUSTABLE: Final = frozenset({"smartphone_adults"})


def _of_lines(lines: Iterable[bool | None]) -> Measure:
    known = [value for value in lines if value is not None]
    return Measure(sum(known), len(known), 1 if known else 0)


def _of_counts(numerator: int | None, denominator: int | None) -> Measure:
    if numerator is None or not denominator:
        return Measure()
    return Measure(numerator, denominator, 1)


def _minors(answers: Answers, bands: frozenset[MinorBand], pick: Callable[[MinorLine], int | None]) -> Measure:
    total = Measure()
    for line in answers.minors:
        if line.band in bands:
            total += _of_counts(pick(line), line.count)
    return Measure(total.numerator, total.denominator, min(total.asked, 1))


def _together(first: Measure, second: Measure) -> Measure:
    total = first + second
    return Measure(total.numerator, total.denominator, min(total.asked, 1))


_ALL_MINORS: Final = frozenset(MinorBand)
_FROM_14: Final = frozenset({MinorBand.M14, MinorBand.M15_17})
_FROM_15: Final = frozenset({MinorBand.M15_17})


def _level_two(line: AdultLine) -> bool | None:
    return None if line.vneid_level is None else line.vneid_level >= 2


def _smartphone(answers: Answers, adult_age: int) -> Measure:
    if answers.totals:
        return _of_counts(answers.totals.smartphone_adults, answers.totals.adults)
    adults = _of_lines(line.smartphone for line in answers.adults)
    if adult_age == 15:
        return _together(adults, _minors(answers, _FROM_15, lambda line: line.smartphone))
    return adults


def _digital_id(answers: Answers, _adult_age: int) -> Measure:
    if answers.totals:
        return _of_counts(answers.totals.digital_id_residents, answers.totals.residents)
    adults = _of_lines(line.digital_id for line in answers.adults)
    return _together(adults, _minors(answers, _ALL_MINORS, lambda line: line.digital_id))


def _vneid_l2(answers: Answers, _adult_age: int) -> Measure:
    if answers.totals:
        return _of_counts(answers.totals.vneid_l2, answers.totals.residents_14plus)
    adults = _of_lines(_level_two(line) for line in answers.adults)
    return _together(adults, _minors(answers, _FROM_14, lambda line: line.vneid_l2))


def _esignature(answers: Answers, _adult_age: int) -> Measure:
    if answers.totals:
        return _of_counts(answers.totals.esignature_adults, answers.totals.adults)
    return _of_lines(line.has_signature for line in answers.adults)


def _digital_signature(answers: Answers, _adult_age: int) -> Measure:
    if answers.totals:
        return _of_counts(answers.totals.digital_signature_adults, answers.totals.adults)
    return _of_lines(line.digital_signature for line in answers.adults)


def _yes_no(value: bool | None) -> Measure:  # noqa: FBT001 - an answer, not a switch
    return Measure() if value is None else Measure(int(value), 1, 1)


def _gigabit(answers: Answers, _adult_age: int) -> Measure:
    if not answers.fibre_connected or answers.fibre_speed is None:
        return Measure()
    return _yes_no(answers.fibre_speed is FibreSpeed.FROM_1G)


def _payment(answers: Answers, _adult_age: int) -> Measure:
    of_age = answers.residents_15plus
    if of_age is None and not answers.totals:
        of_age = len(answers.adults) + sum(m.count for m in answers.minors if m.band in _FROM_15)
    return _of_counts(answers.payment_accounts, of_age)


# What one interviewed visit says for each household-sourced indicator of the registry.
HOUSEHOLD_MEASURES: Final[Mapping[str, Callable[[Answers, int], Measure]]] = MappingProxyType(
    {
        "smartphone_adults": _smartphone,
        "digital_id_residents": _digital_id,
        "vneid_l2": _vneid_l2,
        "esignature_adults": _esignature,
        "digital_signature_adults": _digital_signature,
        "fibre_connected_households": lambda answers, _age: _yes_no(answers.fibre_connected),
        "fibre_covered_households": lambda answers, _age: _yes_no(answers.fibre_covered),
        "fibre_1gbps_users": _gigabit,
        "iot_per_resident": lambda answers, _age: _of_counts(answers.iot_connections, answers.resident_count),
        "payment_accounts_15plus": _payment,
    }
)


def measures_of(answers: Answers | None, adult_ages: Mapping[str, int]) -> dict[str, Measure]:
    """Give the counts of one visit by indicator code; indicators that the visit says nothing about are left out.

    `adult_ages` maps indicator code to the age that counts (18 when absent). None (absent, refused …) gives {}.
    """
    if answers is None:
        return {}
    found = {code: rule(answers, adult_ages.get(code, 18)) for code, rule in HOUSEHOLD_MEASURES.items()}
    return {code: measure for code, measure in found.items() if measure}
