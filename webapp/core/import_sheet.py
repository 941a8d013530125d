"""One sheet from its header to its last household: which rows are data, which are totals, sections or signatures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from webapp.core.errors import N_
from webapp.core.import_columns import BY_KEY, SUMMED
from webapp.core.import_headings import heading_keys
from webapp.core.import_layout import Layout, Row, Sheet
from webapp.core.import_rows import GroupIndex, HouseholdLine, ImportPlan, Place, RowProblem, RowReader
from webapp.core.import_values import BadCell, Cell, CellError, is_blank, is_mark, plain_text, read_count
from webapp.core.survey_checks import RoundDays
from webapp.core.text import fold

TOTAL_ROW: Final = N_("dòng tổng cộng")
SECTION_ROW: Final = N_("dòng tên tổ")
HEADING_AGAIN: Final = N_("dòng tiêu đề lặp lại")
NOT_A_HOUSEHOLD: Final = N_("dòng ngoài bảng (ghi chú, chữ ký …)")

# "Tổng cộng", "Cộng tổ 3", "Tổng số hộ: 25"; a person called "Tống Thị Cộng" is none of these.
_TOTAL = re.compile(r"(?:tong|cong)(?: (?:cong|so|chung|ca|toan|ho|phuong|to|dan|pho|tdp|thon|\d+))*")
_DIGITS = re.compile(r"\d[\d.,\s]*")
_ANY: Final = 999_999_999


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is not a household; said on the check page, so that nothing is left out silently."""

    sheet: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """One figure of the file's own total row beside the sum of the rows above it. `by_formula`: Excel computed it."""

    sheet: str
    row: int
    key: str
    stated: int
    counted: int
    by_formula: bool = False

    @property
    def agrees(self) -> bool:
        """Tell whether both are the same."""
        return self.stated == self.counted


@dataclass(slots=True)
class SheetReading:
    """What a sheet gave. `rows` counts its data rows; `sums` adds up what they say, by column key."""

    rows: int = 0
    lines: list[HouseholdLine] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    totals: list[TotalCheck] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)


def places_of(layout: Layout, columns: Mapping[str, str]) -> list[Place]:
    """Find the mapped columns of a sheet by their headings."""
    keys = heading_keys(layout.headings)
    return [
        Place(index, BY_KEY[columns[key]], heading)
        for index, (key, heading) in enumerate(zip(keys, layout.headings, strict=True))
        if key and columns.get(key) in BY_KEY
    ]


def only_marks(sheet: Sheet, layout: Layout, index: int) -> bool:
    """Tell whether a column holds ticks and empty cells only, so that what empty means must be asked."""
    found = False
    for row in sheet.rows[layout.first :]:
        cell = row[index] if index < len(row) else None
        if is_blank(cell):
            continue
        if not is_mark(cell):
            return False
        found = True
    return found


class SheetReader:
    """Walks through the rows of one sheet."""

    def __init__(self, sheet: Sheet, layout: Layout, plan: ImportPlan, *, groups: GroupIndex, days: RoundDays) -> None:
        """Take the sheet, where its table is, what was decided, the ward's groups and the round's days."""
        self._sheet, self._layout, self._plan, self._groups = sheet, layout, plan, groups
        self._places = places_of(layout, plan.columns)
        self._by_key = {place.column.key: place for place in self._places}
        self._reader = RowReader(sheet.name, self._places, plan, groups, days)
        self._counting = [place.index for place in self._places if place.column.kind in {"count", "yes_no", "outcome"}]
        self._merged = self._merged_groups()
        self._by_name = None if fold(sheet.name).isdigit() else groups.find(sheet.name)
        self._heading = fold(self._by_key["head_name"].heading) if "head_name" in self._by_key else ""
        self._summed = [key for key in SUMMED if key in self._by_key]
        self._section: UUID | None = None
        self._since: dict[str, int] = {}
        self.reading = SheetReading(problems=self._reader.problems)

    def read(self) -> SheetReading:
        """Read all rows."""
        last = self._last_household()
        for index in range(self._layout.first, len(self._sheet.rows)):
            row = self._sheet.rows[index]
            if all(is_blank(cell) for cell in row):
                continue
            reason = self._why_not(index, row, last)
            if reason:
                self.reading.skipped.append(SkippedRow(self._sheet.name, index + 1, reason))
            else:
                self._take(index, row)
        return self.reading

    def _cell(self, row: Row, key: str) -> Cell:
        place = self._by_key.get(key)
        return row[place.index] if place and place.index < len(row) else None

    def _last_household(self) -> int:
        """Give the last row with a figure in a mapped column; below it stand dates and signatures."""
        for index in range(len(self._sheet.rows) - 1, self._layout.first - 1, -1):
            row = self._sheet.rows[index]
            if not self._is_total(row) and any(i < len(row) and _is_figure(row[i]) for i in self._counting):
                return index
        return -1

    def _why_not(self, index: int, row: Row, last: int) -> str:
        if self._is_total(row):
            self._compare(index, row)
            return TOTAL_ROW
        if self._is_section(row):
            return SECTION_ROW
        if self._is_heading(row):
            return HEADING_AGAIN
        used = any(not is_blank(self._cell(row, key)) for key in self._by_key)
        return NOT_A_HOUSEHOLD if index > last or not used else ""

    def _is_heading(self, row: Row) -> bool:
        name, place = self._cell(row, "head_name"), self._by_key.get("head_name")
        if place is None or not isinstance(name, str) or len(name.split()) != len(place.heading.split()):
            return False
        return fold(name) == self._heading

    def _is_total(self, row: Row) -> bool:
        if _is_figure(self._cell(row, "number")):
            return False
        texts = (fold(cell) for cell in row if isinstance(cell, str) and cell.strip())
        return any(_TOTAL.fullmatch(text) for text, _ in zip(texts, range(2), strict=False))

    def _is_section(self, row: Row) -> bool:
        filled = [cell for cell in row if cell is not None]
        texts = {plain_text(cell) for cell in filled if not is_blank(cell)} if len(filled) < 4 else set()
        if len(texts) != 1:
            return False
        text = texts.pop()
        group_id = self._groups.find(text)
        if group_id is None or fold(text).isdigit():
            return False
        self._section = group_id
        return True

    def _merged_groups(self) -> dict[int, Cell]:
        """Give the group of rows that lie in a merged group cell; other columns are never filled from a neighbour."""
        place = self._by_key.get("group")
        found: dict[int, Cell] = {}
        for top, left, bottom, right in self._sheet.merges:
            if place and left <= place.index <= right and top >= self._layout.first and top < len(self._sheet.rows):
                row = self._sheet.rows[top]
                for index in range(top, min(bottom + 1, len(self._sheet.rows))):
                    found[index] = row[left] if left < len(row) else None
        return found

    def _group_of(self, index: int, row: Row) -> tuple[UUID | None, str]:
        cell = self._cell(row, "group")
        text = plain_text(self._merged.get(index) if is_blank(cell) else cell)
        if text:
            return self._groups.find(text), text
        return self._section or self._plan.group_id or self._by_name, ""

    def _take(self, index: int, row: Row) -> None:
        self.reading.rows += 1
        values = self._reader.values(index + 1, row)
        self._add_up(values)
        line = self._reader.line(index + 1, values, self._group_of(index, row))
        if line is not None:
            self.reading.lines.append(line)

    def _add_up(self, values: Mapping[str, Any]) -> None:
        sums, since = self.reading.sums, self._since
        for key in self._summed:
            value = values.get(key)
            if value is not None:
                sums[key] = sums.get(key, 0) + value
                since[key] = since.get(key, 0) + value

    def _compare(self, index: int, row: Row) -> None:
        """Hold a total row against the rows since the last one and against all rows: the better fit is meant."""
        stated = {key: found for key in SUMMED if (found := _stated(self._cell(row, key))) is not None}
        bases: Sequence[Mapping[str, int]] = (self.reading.sums, self._since)
        best = min(bases, key=lambda sums: sum(sums.get(key, 0) != value for key, (value, _) in stated.items()))
        self.reading.totals += [
            TotalCheck(self._sheet.name, index + 1, key, value, best.get(key, 0), by_formula)
            for key, (value, by_formula) in stated.items()
        ]
        self._since = {}


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, BadCell):
        return True
    if isinstance(cell, str):
        return bool(_DIGITS.fullmatch(cell.strip())) or is_mark(cell)
    return cell is not None


def _stated(cell: Cell) -> tuple[int, bool] | None:
    by_formula = isinstance(cell, BadCell)
    if isinstance(cell, BadCell):
        cell = cell.text
    try:
        value = read_count(cell, _ANY)
    except CellError:
        return None
    return None if value is None else (value, by_formula)
