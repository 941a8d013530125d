"""Guessing what a heading means: folded synonyms first, then the words it shares with them, always with a confidence.

A guess is only offered; the person confirms it on the mapping screen.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from webapp.core.import_columns import COLUMNS
from webapp.core.import_values import phrases, words
from webapp.core.text import fold

GUESS: Final = 0.6
# Words that tell nothing: "số người có …", "tổng số …".
_EMPTY_WORDS: Final = frozenset(
    words("so nguoi tong co cua cac duoc la ho gia dinh trong dan da luong hien nay hay ghi ro vi du dvt mot nhung")
)
_BRACKETS = re.compile(r"\([^()]*\)")
_NEGATIVE: Final = frozenset({"khong", "chua"})
# Columns that real tables have and that must not be taken: personal data the survey does not need (domain.md §4).
_NOT_TAKEN: Final = phrases(
    "so dien thoai | dien thoai | sdt | dien thoai lien he | so dien thoai chu ho | cmnd | so cmnd | so cccd"
    "| so cccd chu ho | so can cuoc cong dan chu ho | so dinh danh chu ho | ngay sinh | ngay thang nam sinh | nam sinh"
    "| gioi tinh | ho khau | so ho khau | email | dan toc | ton giao | nghe nghiep | nam | nu | ky ten | ky nhan"
    "| chu ky | nguoi khao sat | can bo khao sat | nguoi lap"
)
# Read as one word each, so that "số điện thoại" is not close to "số điện thoại thông minh".
_COMPOUNDS: Final = (
    ("dien thoai thong minh", "smartphone"), ("dien thoai tm", "smartphone"), ("dttm", "smartphone"),
    ("dt thong minh", "smartphone"), ("chu ky so", "chukyso"), ("cks", "chukyso"), ("chu ky dien tu", "chukydientu"),
    ("ckdt", "chukydientu"), ("cap quang", "capquang"), ("dinh danh dien tu", "vneid"), ("muc do", "muc"),
    ("can cuoc cong dan", "cancuoc"), ("cccd", "cancuoc"), ("can cuoc", "cancuoc"), ("nhan khau", "nhankhau"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """What a heading seems to mean, with confidence 0–1; key "" when nothing fits."""

    key: str
    confidence: float


_EXACT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(_NOT_TAKEN, ""),
        **{heading: column.key for column in reversed(COLUMNS) for heading in reversed(column.headings)},
    }
)


def _bare(folded: str) -> tuple[str, ...]:
    padded = f" {folded} "
    for phrase, one in _COMPOUNDS:
        padded = padded.replace(f" {phrase} ", f" {one} ")
    telling = tuple(word for word in padded.split() if word not in _EMPTY_WORDS)
    return telling or tuple(padded.split())


_BARE: Final = (
    *((column.key, _bare(heading)) for column in COLUMNS for heading in column.headings),
    *(("", _bare(heading)) for heading in _NOT_TAKEN),
)


def heading_key(text: str) -> str:
    """Give the form of a heading under which mappings are remembered."""
    return fold(text)


@lru_cache(maxsize=2048)
def guess_heading(text: str) -> Guess:
    """Guess what a heading means: exact synonym 1.0, the same without brackets 0.95, otherwise by shared words."""
    folded = fold(text)
    for known, confidence in ((folded, 1.0), (fold(_BRACKETS.sub(" ", text)), 0.95)):
        if known in _EXACT:
            return Guess(_EXACT[known], confidence)
    bare = fold(_BRACKETS.sub(" ", text)) or folded
    return _closest(_bare(bare)) if bare else Guess("", 0.0)


def _closest(said: Sequence[str]) -> Guess:
    best = Guess("", 0.0)
    given = set(said)
    for key, known in _BARE:
        wanted = set(known)
        shared = len(given & wanted - _NEGATIVE)
        if not shared or bool(given & _NEGATIVE) != bool(wanted & _NEGATIVE) or _digits(given) != _digits(wanted):
            continue
        overlap = 2 * len(given & wanted) / (len(given) + len(wanted))
        spelling = difflib.SequenceMatcher(None, " ".join(said), " ".join(known)).ratio()
        score = round(min(0.9, 0.6 * overlap + 0.4 * spelling), 3)
        if score > best.confidence:
            best = Guess(key, score)
    return best if best.confidence >= GUESS else Guess("", best.confidence)


def _digits(said: Iterable[str]) -> set[str]:
    # "từ 14 tuổi" and "từ 15 tuổi", "mức 1" and "mức 2" differ in what matters most.
    return {word for word in said if word.isdigit()}


def guess_mapping(headings: Sequence[str]) -> list[Guess]:
    """Guess all headings of a sheet; a key goes to its surest heading only, the others stay open."""
    guesses = [guess_heading(heading) for heading in headings]
    winner: dict[str, int] = {}
    for index, guess in enumerate(guesses):
        if guess.key and (guess.key not in winner or guess.confidence > guesses[winner[guess.key]].confidence):
            winner[guess.key] = index
    return [guess if winner.get(guess.key) == index else Guess("", 0.0) for index, guess in enumerate(guesses)]


def heading_keys(headings: Sequence[str]) -> list[str]:
    """Give each heading's key, the second of the same name with "#2", so that a mapping by heading is unambiguous."""
    seen: dict[str, int] = {}
    keys = []
    for heading in headings:
        key = heading_key(heading)
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 or not key else f"{key}#{seen[key]}")
    return keys
