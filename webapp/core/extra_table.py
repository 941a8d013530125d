"""A sheet of an XLSForm as lines: columns by name, words by language, problems with their place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from webapp.core.errors import N_
from webapp.core.import_layout import Sheet
from webapp.core.import_rows import RowProblem
from webapp.core.import_values import BadCell, Cell, plain_text

LANGUAGE_NAMES: Final[Mapping[str, str]] = {
    "vi": "vi",
    "tiếng việt": "vi",
    "vietnamese": "vi",
    "en": "en",
    "english": "en",
    "tiếng anh": "en",
}
_CODE: Final = re.compile(r"\(\s*([a-z]{2,3})(?:-[a-z]+)?\s*\)\s*$")
_VALUE_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One row below the header. `number` is what Excel shows; `columns`: column name → place from 0."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]
    columns: Mapping[str, int]

    def text(self, column: str) -> str:
        """Give a cell as one line of text; empty when the column or the cell is not there."""
        place = self.columns.get(column)
        return plain_text(self.cells[place]) if place is not None and place < len(self.cells) else ""

    def words(self, column: str) -> dict[str, str]:
        """Give a column's words by language; a column without a language speaks Vietnamese."""
        found: dict[str, str] = {}
        for name in self.columns:
            base, language = _split(name)
            if base == column and language and self.text(name):
                found.setdefault(language, self.text(name))
        if found.get("en") == found.get("vi"):  # an export writes the Vietnamese where there is no English
            found.pop("en", None)
        return found

    def problem(self, column: str, message: str, **params: object) -> RowProblem:
        """Say what is wrong in a cell of this row."""
        heading = next((name for name in self.columns if name == column or _split(name)[0] == column), column)
        value = self.text(heading)[:_VALUE_MAX]
        return RowProblem(
            sheet=self.sheet, row=self.number, message=message, params=params, heading=heading, value=value
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its columns and its lines."""

    name: str
    columns: Mapping[str, int]
    lines: tuple[Line, ...]

    def problems(self, *wanted: str) -> Iterator[RowProblem]:
        """Give the columns that are missing, and cells that must not be trusted (formulas, errors)."""
        there = {_split(name)[0] for name in self.columns}
        if self.lines:
            for column in wanted:
                if column not in there:
                    message = N_("Trang này thiếu cột “%(column)s”.")
                    yield RowProblem(sheet=self.name, row=0, message=message, params={"column": column})
        for line in self.lines:
            for name, place in self.columns.items():
                if place < len(line.cells) and isinstance(line.cells[place], BadCell):
                    yield line.problem(name, N_("Ô này là công thức hoặc bị lỗi. Ghi thẳng nội dung vào ô."))


def read_table(sheet: Sheet) -> Table:
    """Take the first row that holds something as the header."""
    rows = [(number, row) for number, row in enumerate(sheet.rows, 1) if any(cell is not None for cell in row)]
    if not rows:
        return Table(sheet.name, {}, ())
    columns: dict[str, int] = {}
    for place, cell in enumerate(rows[0][1]):
        name = plain_text(cell).lower()
        if name:
            columns.setdefault(name, place)
    lines = tuple(Line(sheet.name, number, tuple(row), columns) for number, row in rows[1:])
    return Table(sheet.name, columns, lines)


def _split(heading: str) -> tuple[str, str]:
    """Split `label::English (en)` into column and language; a language that is not ours is empty."""
    base, colons, language = heading.partition("::")
    if not colons:
        return heading, "vi"
    language = language.strip()
    code = _CODE.search(language)
    return base.strip(), LANGUAGE_NAMES.get(code[1] if code else language, "")
