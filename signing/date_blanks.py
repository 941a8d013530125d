"""The blanks of "ngày … tháng … năm …" on page 1: the day of issue is known only when the number is given.

(Decree 30/2020/NĐ-CP, article 15 and annex I: zero before days below 10 and before months 1 and 2.)
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from signing.blanks import Blank, clip
from signing.fields import PageView
from signing.fields.text import Letter, bounds, letters_of, open_text
from signing.model import Box, Place

DAY_FIELD: Final = "NgayBanHanh"
MONTH_FIELD: Final = "ThangBanHanh"
YEAR_FIELD: Final = "NamBanHanh"
FILLERS: Final = frozenset("….·_-")
HEIGHT: Final = 17.0
NARROWEST: Final = 7.0
YEAR_WIDTH: Final = 30.0
ABOVE_BASE: Final = 4.2
"""Points from the base of a line to the middle of its box, as blanks are filled (blanks.py)."""
_WORDS: Final = {DAY_FIELD: "ngày", MONTH_FIELD: "tháng", YEAR_FIELD: "năm"}
_GAP: Final = r"([\d….·_\-]{0,30})"
_DATE: Final = re.compile(f"ngày{_GAP}tháng{_GAP}năm{_GAP}")
_LABELS: Final = {DAY_FIELD: "Ngày ban hành", MONTH_FIELD: "Tháng ban hành", YEAR_FIELD: "Năm ban hành"}


def date_parts(day: date) -> dict[str, str]:
    """Return what belongs into each blank."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return {DAY_FIELD: f"{day.day:02d}", MONTH_FIELD: month, YEAR_FIELD: str(day.year)}


def date_blanks(pdf: bytes, page: PageView) -> list[tuple[Blank, Place]]:
    """Return the parts of the first printed date that were left open; what is printed already stays as it is."""
    with open_text(pdf) as document:
        letters = letters_of(document[0])
    text = "".join(letter.text for letter in letters)
    owners = [index for index, letter in enumerate(letters) for _part in letter.text]
    found = _DATE.search(text)
    if found is None:
        return []
    blanks = []
    for number, name in enumerate((DAY_FIELD, MONTH_FIELD, YEAR_FIELD), 1):
        start, end = found.span(number)
        filler = found[number]
        if any(letter.isdigit() for letter in filler):
            continue
        before = _box(letters[owners[start - 1]], page)
        middle = _box(letters[owners[start - len(_WORDS[name])]], page)[1] + ABOVE_BASE  # "n" and "t" have no descender
        after = _box(letters[owners[end]], page) if end < len(owners) else None
        dots = [letters[owners[place]] for place in range(start, end)]
        end_of_dots = page.to_view(bounds(dots))[2] if dots else 0.0
        sides = _sides(before, after, end_of_dots, page, last=name == YEAR_FIELD)
        if sides is not None:
            box = clip((sides[0], middle - HEIGHT / 2, sides[1], middle + HEIGHT / 2), page)
            blanks.append((Blank(name=name, label=_LABELS[name], opaque=bool(filler)), Place(page=0, box=box)))
    return blanks


def _box(letter: Letter, page: PageView) -> Box:
    return page.to_view(letter.box)


def _sides(
    before: Box, after: Box | None, end_of_dots: float, page: PageView, *, last: bool
) -> tuple[float, float] | None:
    """Return left and right between two letters of one line; behind the year there may be nothing but the margin."""
    same_line = after is not None and abs(after[1] - before[1]) < HEIGHT / 2 and after[0] > before[0]
    if not last and not same_line:
        return None
    right = after[0] - 1 if after is not None and same_line else page.width
    if last:
        right = min(right, max(before[2] + YEAR_WIDTH, end_of_dots))
    left = before[2] + 1
    return (left, right) if right - left >= NARROWEST else None
