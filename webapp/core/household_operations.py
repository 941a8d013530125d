"""Work on many households at once that can be taken back for thirty days, and lists of households as people paste them.

Decisions: a household that moves keeps its history where it was made. Visits of rounds that are over stay with the old
group, and so does what it was known as until the day of the move; visits of rounds that are still open, and those that
wait for their correction, go along, so that the new group's head finds them. Two households that were one keep the
visits of both, and the newest counts. Whatever would change the figures of a locked round is refused.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from webapp.core.errors import N_, InvalidInput, Problem
from webapp.core.text import clean, fold

UNDO_DAYS: Final = 30
MOST_HOUSEHOLDS: Final = 500
NAME_MAX: Final = 120
ADDRESS_MAX: Final = 200
_GAP: Final = re.compile(r"[;\t|]")
_HEADINGS: Final = frozenset({"stt", "so", "tt", "so ho", "ho so", "ho ten", "ho va ten", "chu ho", "ho ten chu ho"})


class OperationKind(StrEnum):
    """What was done to several households at once."""

    REGISTER = "register"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    VACATE = "vacate"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One household of a pasted list; without a number it takes the next one of the group."""

    line: int
    head_name: str
    address: str
    number: int | None = None


def undo_until(made_at: dt.datetime) -> dt.datetime:
    """Give the moment until which an operation can be taken back."""
    return made_at + dt.timedelta(days=UNDO_DAYS)


def parse_household_list(text: str) -> list[ListLine]:
    """Read households, one a line: `12; Trần Đình Ấn; 5 Lê Lợi`, cells from a spreadsheet, or name and address alone.

    Raises InvalidInput on the field "list", naming each line.
    """
    found: list[ListLine] = []
    problems: list[Problem] = []
    for line, text_of_line in enumerate(text.splitlines(), 1):
        cells = [clean(cell) for cell in _GAP.split(text_of_line)]
        if not any(cells) or (not found and fold(cells[0]) in _HEADINGS):
            continue
        household = _line(line, cells)
        reason = _trouble(household)
        if reason:
            problems.append(Problem("list", reason, {"line": line}))
        found.append(household)
    problems += _twice(found)
    if not found and not problems:
        problems = [Problem("list", N_("Dán danh sách hộ: mỗi dòng một hộ."))]
    if len(found) > MOST_HOUSEHOLDS:
        problems = [Problem("list", N_("Một lần thêm nhiều nhất %(most)s hộ."), {"most": MOST_HOUSEHOLDS})]
    if problems:
        raise InvalidInput(problems[:10])
    return found


def _line(line: int, cells: list[str]) -> ListLine:
    number = int(cells[0]) if cells[0].isascii() and cells[0].isdigit() and len(cells[0]) < 6 else None
    rest = cells[1:] if number is not None or not cells[0] else cells
    return ListLine(
        line=line, number=number, head_name=rest[0] if rest else "", address=", ".join(filter(None, rest[1:]))
    )


def _trouble(household: ListLine) -> str | None:
    if not fold(household.head_name):
        return N_("Dòng %(line)s: chưa có họ tên chủ hộ.")
    if not fold(household.address):
        return N_("Dòng %(line)s: chưa có địa chỉ. Mỗi dòng ghi: số hộ; họ tên; địa chỉ.")
    if len(household.head_name) > NAME_MAX or len(household.address) > ADDRESS_MAX:
        return N_("Dòng %(line)s: họ tên dài nhất 120 chữ, địa chỉ dài nhất 200 chữ.")
    if household.number == 0:
        return N_("Dòng %(line)s: số thứ tự phải từ 1 trở lên.")
    return None


def _twice(lines: Iterable[ListLine]) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[object, int] = {}
    for household in lines:
        keys: list[object] = [(fold(household.head_name), fold(household.address))]
        if household.number is not None:
            keys.append(household.number)
        for key in keys:
            earlier = first.setdefault(key, household.line)
            if earlier != household.line:
                message = N_("Dòng %(line)s: trùng với dòng %(earlier)s.")
                problems.append(Problem("list", message, {"line": household.line, "earlier": earlier}))
                break
    return problems
