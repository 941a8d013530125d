"""Back-checks: which visits are asked again, and how far the second answers agree with the first.

The draw orders each group's visits by a hash of seed and visit, and takes the first ones: anybody can repeat it from
the seed, in any language and any year.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from math import ceil
from typing import Any, Final, Self
from uuid import UUID

from webapp.core.errors import N_, Problem
from webapp.core.survey_checks import ADULTS_MAX
from webapp.core.surveys import Answers

SEED_MAX: Final = 999_999


class BackCheckQuestion(StrEnum):
    """What is asked again. `VISITED` is compared with "yes": the first visit is there."""

    VISITED = "visited"
    RESIDENTS = "residents"
    ADULTS = "adults"
    SMARTPHONE_ADULTS = "smartphone_adults"
    SIGNATURE_ADULTS = "signature_adults"
    FIBRE_CONNECTED = "fibre_connected"
    IOT_CONNECTIONS = "iot_connections"


# Cohen's kappa corrects for agreement by chance among few categories; among counts it says nothing more than percent.
CATEGORICAL: Final = frozenset({BackCheckQuestion.FIBRE_CONNECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAnswers:
    """The answers that are compared. None: not known, and then not compared."""

    visited: bool | None = None
    residents: int | None = None
    adults: int | None = None
    smartphone_adults: int | None = None
    signature_adults: int | None = None
    fibre_connected: bool | None = None
    iot_connections: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Give plain values, unknowns left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from `to_json`."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    @classmethod
    def of(cls, answers: Answers) -> Self:
        """Give what the first visit said."""
        totals, lines = answers.totals, answers.adults
        return cls(
            visited=True,
            residents=answers.resident_count,
            adults=answers.adult_count,
            smartphone_adults=totals.smartphone_adults if totals else _count([line.smartphone for line in lines]),
            signature_adults=totals.esignature_adults if totals else _count([line.has_signature for line in lines]),
            fibre_connected=answers.fibre_connected,
            iot_connections=answers.iot_connections,
        )


def _count(values: Sequence[bool | None]) -> int | None:
    return None if None in values else sum(map(bool, values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far first and second answers to a question agree. `kappa` is None where it says nothing."""

    question: BackCheckQuestion
    compared: int
    agreed: int
    kappa: float | None = None

    @property
    def share(self) -> float | None:
        """Agreed ÷ compared; None when nothing could be compared."""
        return self.agreed / self.compared if self.compared else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """A question to which the second answer was another."""

    question: BackCheckQuestion
    first: Any
    second: Any


Pair = tuple[KeyAnswers, KeyAnswers]


def allocate(population: Mapping[UUID, int], wanted: int, *, percent: bool) -> dict[UUID, int]:
    """Share the sample among groups: in proportion, at least one of each group that has visits, never more than it has.

    `wanted` is a number of visits, or a percentage of each group (rounded up).
    """
    sizes = {group: size for group, size in population.items() if size > 0}
    if percent:
        return {group: min(size, ceil(size * wanted / 100)) for group, size in sizes.items()}
    whole = sum(sizes.values())
    target = min(max(wanted, len(sizes)), whole)
    parts = {group: max(1, target * size // whole) for group, size in sizes.items()}
    order = sorted(sizes, key=lambda group: (-(target * sizes[group] % whole), group.bytes))
    while (short := target - sum(parts.values())) != 0:
        step = 1 if short > 0 else -1
        movable = [g for g in order if (parts[g] < sizes[g] if step > 0 else parts[g] > 1)]
        for group in movable[: abs(short)] if step > 0 else movable[::-1][: abs(short)]:
            parts[group] += step
    return parts


def draw(visits: Iterable[tuple[UUID, UUID]], seed: int, wanted: int, *, percent: bool) -> list[UUID]:
    """Draw from (visit, group) pairs; the same pairs and seed give the same visits in the same order."""
    groups: dict[UUID, list[UUID]] = {}
    for visit_id, group_id in visits:
        groups.setdefault(group_id, []).append(visit_id)
    parts = allocate({group: len(members) for group, members in groups.items()}, wanted, percent=percent)
    return [
        visit_id
        for group in sorted(groups, key=lambda found: found.bytes)
        for visit_id in sorted(groups[group], key=lambda found: _lot(seed, found))[: parts[group]]
    ]


def _lot(seed: int, visit_id: UUID) -> bytes:
    return hashlib.sha256(f"{seed}:{visit_id.hex}".encode()).digest()


def agreements(pairs: Sequence[Pair]) -> list[Agreement]:
    """Compare first with second answers, question by question."""
    return [_agreement(question, pairs) for question in BackCheckQuestion]


def _agreement(question: BackCheckQuestion, pairs: Sequence[Pair]) -> Agreement:
    both = [(getattr(first, question), getattr(second, question)) for first, second in pairs]
    known = [(first, second) for first, second in both if first is not None and second is not None]
    agreed = sum(first == second for first, second in known)
    kappa = cohen_kappa(known) if question in CATEGORICAL else None
    return Agreement(question=question, compared=len(known), agreed=agreed, kappa=kappa)


def cohen_kappa(pairs: Sequence[tuple[Any, Any]]) -> float | None:
    """Give Cohen's kappa (1960), or None when there is nothing to compare or all answers are one and the same."""
    if not pairs:
        return None
    n = len(pairs)
    observed = sum(first == second for first, second in pairs) / n
    values = {value for pair in pairs for value in pair}
    chance = sum(
        sum(first == value for first, _ in pairs) * sum(second == value for _, second in pairs) for value in values
    ) / (n * n)
    return None if chance == 1 else (observed - chance) / (1 - chance)


def discrepancies(first: KeyAnswers, second: KeyAnswers) -> list[Discrepancy]:
    """Give the questions whose answers differ; what one side did not know is not held against anybody."""
    return [
        Discrepancy(question=question, first=before, second=after)
        for question in BackCheckQuestion
        if (before := getattr(first, question)) is not None
        and (after := getattr(second, question)) is not None
        and before != after
    ]


def answer_problems(answers: KeyAnswers) -> list[Problem]:
    """Give what cannot be true of second answers."""
    problems = []
    if (answers.adults or 0) > ADULTS_MAX:
        problems.append(Problem("adults", N_("Số này quá lớn. Ghi số từ 0 đến %(most)s."), {"most": ADULTS_MAX}))
    for name, whole in (("adults", "residents"), ("smartphone_adults", "adults"), ("signature_adults", "adults")):
        part, most = getattr(answers, name), getattr(answers, whole)
        if part is not None and most is not None and part > most:
            text = N_("Số này (%(value)s) nhiều hơn số người được hỏi (%(most)s). Sửa một trong hai.")
            problems.append(Problem(name, text, {"value": part, "most": most}))
    return problems
