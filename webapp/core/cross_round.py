"""What is unlikely against a household's last round, as data: the phone asks the same questions by the same rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from webapp.core.surveys import AdultLine, Answers

ADULTS_CHANGED_BY: Final = 3


@dataclass(frozen=True, slots=True)
class LossRule:
    """Fewer adults have something than last round, by more than there are fewer adults.

    `total` is the count where only totals are known (empty: totals are not compared); `line` are the answers of an
    adult of which any "yes" counts.
    """

    code: str
    total: str
    line: tuple[str, ...]


LOSSES: Final = (
    LossRule("smartphone_gone", "smartphone_adults", ("smartphone",)),
    LossRule("digital_id_gone", "", ("digital_id",)),  # totals count residents of all ages, lines count adults
    LossRule("signature_gone", "esignature_adults", ("digital_signature", "e_signature")),
)
HOUSE_LOSSES: Final = {"fibre_gone": "fibre_connected"}
"""Code → answer of the house that was "yes" and is "no"."""


def rules_json() -> dict[str, Any]:
    """Give the rules as plain values, for whoever asks these questions without this program."""
    return {
        "adults_changed_by": ADULTS_CHANGED_BY,
        "losses": [{"code": rule.code, "total": rule.total, "line": list(rule.line)} for rule in LOSSES],
        "house_losses": [{"code": code, "field": name} for code, name in HOUSE_LOSSES.items()],
    }


def changes_since(answers: Answers, previous: Answers) -> Iterator[tuple[str, dict[str, int]]]:
    """Give code and values of each question that last round's answers raise."""
    before, now = previous.adult_count, answers.adult_count
    if abs(before - now) >= ADULTS_CHANGED_BY:
        yield "adults_changed", {"before": before, "now": now}
    fewer_people = max(0, before - now)
    for rule in LOSSES:
        had, has = _count(previous, rule), _count(answers, rule)
        if had is not None and has is not None and had - has > fewer_people:
            yield rule.code, {"before": had, "now": has}
    for code, name in HOUSE_LOSSES.items():
        if getattr(previous, name) and getattr(answers, name) is False:
            yield code, {}


def _count(answers: Answers, rule: LossRule) -> int | None:
    """Count the adults with it; None unless everybody's answer is known, for "not known" is not a loss."""
    if answers.totals:
        found: int | None = getattr(answers.totals, rule.total) if rule.total else None
        return found
    values = [_any_of(line, rule.line) for line in answers.adults]
    return None if None in values else sum(map(bool, values))


def _any_of(line: AdultLine, names: tuple[str, ...]) -> bool | None:
    values = [getattr(line, name) for name in names]
    return True if any(values) else None if None in values else False
