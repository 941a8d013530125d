"""The gaps of "ngày … tháng … năm …" on a first page, left for the day on which the number is given."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from signing.fields.geometry import PageView
from signing.fields.text import Letter, bounds, letters_of, open_text
from signing.model import Box

FILLERS: Final = "….·_-"
NARROWEST: Final = 12.0
"""Points: a space of ordinary size between two words is four."""
WIDEST: Final = 60.0
YEAR_WIDTH: Final = 34.0
HEIGHT: Final = 17.0
BELOW: Final = 3.8
"""How far the box of a 13-point text begins below its base line."""
_WORDS: Final = re.compile(f"(ngày)([{FILLERS}]*)(tháng)([{FILLERS}]*)(năm)([{FILLERS}]*)")


@dataclass(frozen=True, slots=True)
class Gap:
    """Room for one part of the date, as seen on the page; ``dotted``: dots are printed in it."""

    box: Box
    dotted: bool


@dataclass(frozen=True, slots=True)
class DateGaps:
    """Room for day, month and year; ``year`` is None where the year is printed."""

    day: Gap
    month: Gap
    year: Gap | None


def date_gaps(pdf: bytes, page: PageView) -> DateGaps | None:
    """Find the gaps in the upper half of page 1; None when the date is printed, or the gaps are not of one line."""
    with open_text(pdf) as document:
        letters = [Letter(letter.text, page.to_view(letter.box)) for letter in letters_of(document[0])]
    owners = [index for index, letter in enumerate(letters) for _part in letter.text]
    for found in _WORDS.finditer("".join(letter.text for letter in letters)):
        words = [bounds(letters[owners[found.start(n)] : owners[found.end(n) - 1] + 1]) for n in (1, 3, 5)]
        middle = (words[0][1] + words[0][3]) / 2
        if middle < page.height / 2 or any(box[1] > middle or box[3] < middle for box in words):
            continue
        base = words[2][1]  # no letter of "năm" reaches below the line
        day = _gap(words[0][2], words[1][0], base, dotted=bool(found[2]))
        month = _gap(words[1][2], words[2][0], base, dotted=bool(found[4]))
        if day is None or month is None:
            continue
        return _with_year(letters[owners[found.end() - 1] + 1 :], words[2], (day, month), dotted=bool(found[6]))
    return None


def _with_year(rest: list[Letter], word: Box, gaps: tuple[Gap, Gap], *, dotted: bool) -> DateGaps | None:
    """Look at what follows "năm": a year, nothing, or half a year ("20…") that could not be filled well."""
    beside = itertools.takewhile(lambda letter: _on_line(letter.box, word), rest)
    text = "".join(itertools.takewhile(str.isdigit, (letter.text for letter in beside)))
    if len(text) >= 4:
        return DateGaps(*gaps, None)
    if text:
        return None
    return DateGaps(*gaps, _gap(word[2], word[2] + YEAR_WIDTH + 2, word[1], dotted=dotted))


def _on_line(box: Box, word: Box) -> bool:
    return word[1] - 2 < (box[1] + box[3]) / 2 < word[3] + 2 and 0 <= box[0] - word[2] < WIDEST


def _gap(left: float, right: float, base: float, *, dotted: bool) -> Gap | None:
    left, right = left + 1, right - 1
    if not NARROWEST <= right - left <= WIDEST:
        return None
    return Gap((left, base - BELOW, right, base - BELOW + HEIGHT), dotted)
