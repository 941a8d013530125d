"""Finding the table in a sheet: title rows above, one- to three-level headings, the row of column numbers below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from webapp.core.import_columns import REQUIRED
from webapp.core.import_headings import guess_mapping
from webapp.core.import_values import BadCell, Cell, is_blank, plain_text
from webapp.core.text import fold

Row = Sequence[Cell]
# First row, first column, last row, last column, from 0.
Merge = tuple[int, int, int, int]

_LOOK_AT: Final = 60
_MAX_HEIGHT: Final = 3
_COLUMN_NUMBER = re.compile(r"[a-d]|\d{1,2}(?: \d{1,2}){0,5}")
_NUMBERISH = re.compile(r"\(?\s*\d[\d.,\s]*\)?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, laid out from A1. `merges` are its merged ranges."""

    name: str
    rows: Sequence[Row]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table is: header rows `header`–`header + height - 1` and the first row below them, from 0."""

    header: int
    height: int
    first: int
    headings: tuple[str, ...]


def column_letter(index: int) -> str:
    """Give a column's letters: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_numberish(cell: Cell) -> bool:
    if isinstance(cell, BadCell):
        return cell.kind == "formula"
    if isinstance(cell, str):
        return _NUMBERISH.fullmatch(cell.strip()) is not None
    return cell is not None


def _may_be_header(row: Row) -> bool:
    numbers = sum(
        1 for cell in row if _is_numberish(cell) or (isinstance(cell, str) and _NUMBERISH.fullmatch(cell.strip()))
    )
    return numbers < 3


def _filled(sheet: Sheet, header: int, height: int) -> list[list[str]]:
    """Give the header rows as text, merged cells filled, and empty cells of an upper row filled from their left."""
    width = max((len(row) for row in sheet.rows[header : header + height]), default=0)
    lines = []
    for row in sheet.rows[header : header + height]:
        line = [plain_text(cell)[:200] for cell in row]
        lines.append(line + [""] * (width - len(line)))
    merged = set()
    for top, left, bottom, right in sheet.merges:
        if header <= top < header + len(lines) and left < width and not is_blank(lines[top - header][left]):
            for r in range(top, min(bottom, header + len(lines) - 1) + 1):
                for c in range(left, min(right, width - 1) + 1):
                    lines[r - header][c] = lines[top - header][left]
                    merged.add((r - header, c))
    for upper in range(len(lines) - 1):
        for c in range(1, width):
            below = any(lines[lower][c] for lower in range(upper + 1, len(lines)))
            if not lines[upper][c] and below and (upper, c) not in merged:
                lines[upper][c] = lines[upper][c - 1]
    return lines


def headings_at(sheet: Sheet, header: int, height: int) -> tuple[str, ...]:
    """Give each column's heading: the texts of its header rows, top to bottom, said once each."""
    lines = _filled(sheet, header, height)
    return tuple(" ".join(dict.fromkeys(text for text in column if text)) for column in zip(*lines, strict=True))


def layout_at(sheet: Sheet, header: int, height: int) -> Layout:
    """Take the header rows as given and find where the data begins."""
    first = header + height
    if first < len(sheet.rows) and _is_numbering(sheet.rows[first]):
        first += 1
    return Layout(header, height, first, headings_at(sheet, header, height))


def _is_numbering(row: Row) -> bool:
    """Tell whether a row only numbers the columns: 1 2 3 …, (1) (2) (3) …, A B 1 2 …, (5)=(4)/(3)."""
    texts = [fold(plain_text(cell)) for cell in row if not is_blank(cell)]
    if len(texts) < 3 or not all(
        len(text) <= 20 and re.fullmatch(r"[a-d]|\d{1,2}(?: \d{1,2})*", text) for text in texts
    ):
        return False
    numbers = [int(text.split()[0]) for text in texts if text[0].isdigit()]
    return len(numbers) >= 2 and all(b - a == 1 for a, b in pairwise(numbers))


def find_layout(sheet: Sheet) -> Layout | None:
    """Find the header by how well its headings are understood; None when no row looks like one."""
    best: tuple[float, Layout] | None = None
    usable = [
        index < _LOOK_AT and _may_be_header(row) for index, row in enumerate(sheet.rows[: _LOOK_AT + _MAX_HEIGHT])
    ]
    for header in range(len(usable)):
        for height in range(1, _MAX_HEIGHT + 1):
            if header + height > len(usable) or not all(usable[header : header + height]):
                break
            headings = headings_at(sheet, header, height)
            score = _score(headings) - 0.05 * (height - 1)
            if score > 1.5 and (best is None or score > best[0] + 1e-9):
                best = (score, layout_at(sheet, header, height))
    return None if best is None else best[1]


def _score(headings: Sequence[str]) -> float:
    told = [text for text in headings if text]
    if len(set(told)) < 2:
        return 0.0
    guesses = [guess for guess in guess_mapping([text[:120] for text in headings]) if guess.key]
    return sum(guess.confidence + (0.5 if guess.key in REQUIRED else 0.0) for guess in guesses)
