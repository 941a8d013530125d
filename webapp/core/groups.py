"""Lists of residential groups as people paste them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from webapp.core.errors import N_, InvalidInput, Problem
from webapp.core.text import clean, fold

MOST_GROUPS: Final = 1000
_HEADINGS: Final = frozenset({"ma", "ma to", "stt", "so", "tt", "code"})
_NAME_HEADINGS: Final = frozenset({"ten", "ten to", "to", "to dan pho", "ten to dan pho", "name", "khu pho", "thon"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One group to create. `population` is persons; None: not known."""

    code: str
    name: str
    population: int | None = None


def _population(text: str) -> int | None:
    digits = re.sub(r"[.,\s]", "", text)
    return int(digits) if digits.isdecimal() else None


def _is_heading(cells: list[str]) -> bool:
    words = [fold(cell) for cell in cells]
    return words[-1] in _NAME_HEADINGS - {"to dan pho"} or words[0] in _HEADINGS


def _free_code(name: str, used: set[str], place: int) -> str:
    number = re.search(r"(\d+)\D*$", name)
    code = f"{int(number.group(1)):02d}" if number else f"{place:02d}"
    while code in used:
        place += 1
        code = f"{place:02d}"
    return code


def _cells(line: str) -> list[str]:
    return [clean(cell) for cell in re.split(r"[;\t|]", line)]


def parse_groups(lines: Iterable[str], *, taken: Iterable[str] = ()) -> list[GroupLine]:
    """Read groups, one a line: `01;Tổ dân phố 1;850`, cells from a spreadsheet (tabs), or a bare name.

    A bare name gets its code from the number in it. `taken` are codes in use. Raises InvalidInput naming the line.
    """
    found: list[GroupLine] = []
    problems: list[Problem] = []
    used, names = set(taken), set[str]()
    for place, line in enumerate((line for line in lines if line.strip(" \t;|")), 1):
        cells = _cells(line)
        if place == 1 and _is_heading(cells):
            continue
        group = _group(cells, used, place)
        reason = _trouble(group, used, names)
        if reason:
            problems.append(Problem("groups", reason, {"line": place, "code": group.code, "name": group.name}))
            continue
        used.add(group.code)
        names.add(fold(group.name))
        found.append(group)
    if len(found) > MOST_GROUPS:
        problems = [Problem("groups", N_("Một lần nhập nhiều nhất %(most)s tổ."), {"most": MOST_GROUPS})]
    if problems:
        raise InvalidInput(problems[:10])
    return found


def _group(cells: list[str], used: set[str], place: int) -> GroupLine:
    if len(cells) == 1 or not cells[0]:
        name = cells[0] or cells[1]
        return GroupLine(code=_free_code(name, used, place), name=name)
    population = _population(cells[2]) if len(cells) > 2 else None
    return GroupLine(code=cells[0], name=cells[1], population=population)


def _trouble(group: GroupLine, used: set[str], names: set[str]) -> str | None:
    if not group.name:
        return N_("Dòng %(line)s: chưa có tên tổ.")
    if len(group.name) > 120 or len(group.code) > 20:
        return N_("Dòng %(line)s: tên tổ dài nhất 120 ký tự, mã tổ dài nhất 20 ký tự.")
    if group.code in used:
        return N_("Dòng %(line)s: mã tổ “%(code)s” đã có.")
    if fold(group.name) in names:
        return N_("Dòng %(line)s: tên tổ “%(name)s” bị lặp.")
    return None
