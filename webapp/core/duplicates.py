"""Households of one group that may be the same one, written down twice: compared without marks, by name and address."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations
from typing import Final, Generic, TypeVar

from webapp.core.text import fold

Key = TypeVar("Key", bound=Hashable)
_NUMBER: Final = re.compile(r"\d+")
_WORDS_OF_STREETS: Final = frozenset({"so", "duong", "hem", "ngo", "kiet", "to", "nha", "d", "so nha"})
MOST: Final = 100


class Likeness(IntEnum):
    """How alike two households are, surest first."""

    SAME = 1
    NAME = 2
    ADDRESS = 3
    NEAR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Generic[Key]):
    """A household to be compared."""

    key: Key
    head_name: str
    address: str


@dataclass(frozen=True, slots=True)
class Pair(Generic[Key]):
    """Two households that may be one."""

    first: Key
    second: Key
    likeness: Likeness


def find_pairs(households: Sequence[Known[Key]]) -> list[Pair[Key]]:
    """Give the pairs that a person should look at, the surest first, a hundred at most.

    Equal names alone are no sign in a country of few surnames: the address must be near as well.
    """
    folded = [(item.key, fold(item.head_name), _address(item.address)) for item in households]
    found = [
        Pair(one, other, likeness)
        for (one, name, address), (other, other_name, other_address) in combinations(folded, 2)
        if (likeness := _likeness(name, other_name, address, other_address)) is not None
    ]
    return sorted(found, key=lambda pair: pair.likeness)[:MOST]


def _likeness(name: str, other_name: str, address: str, other_address: str) -> Likeness | None:
    if name == other_name:
        if address == other_address:
            return Likeness.SAME
        return Likeness.NAME if _near_address(address, other_address) else None
    if abs(len(name) - len(other_name)) > 4 and name[:2] != other_name[:2]:
        return None
    if address == other_address and (set(name.split()) & set(other_name.split())) and _near(name, other_name, 4):
        return Likeness.ADDRESS
    near = _near(name, other_name, 2) and _near_address(address, other_address)
    return Likeness.NEAR if near else None


def _address(text: str) -> str:
    return " ".join(word for word in fold(text).split() if word not in _WORDS_OF_STREETS)


def _near_address(one: str, other: str) -> bool:
    """Tell whether the numbers are the same and the words nearly; the shorter may leave some out."""
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    words, others = set(one.split()), set(other.split())
    return words <= others or others <= words or _near(one, other, 2)


def _near(one: str, other: str, most: int) -> bool:
    """Tell whether at most `most` letters differ (Levenshtein, given up early)."""
    if abs(len(one) - len(other)) > most:
        return False
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row[0] = row[0], place
        for at, match in enumerate(other, 1):
            above, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, above + (letter != match))
        if min(row) > most:
            return False
    return row[-1] <= most
