"""From the rows of a sheet to households and visits, or to a message at the very cell that is wrong."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from webapp.core.errors import N_, Problem
from webapp.core.import_answers import answers_of
from webapp.core.import_columns import PERSONAL, Column
from webapp.core.import_layout import column_letter
from webapp.core.import_values import (
    ERROR_CELL,
    FORMULA,
    BadCell,
    Cell,
    CellError,
    group_keys,
    is_blank,
    plain_text,
    read_count,
    read_day,
    read_outcome,
    read_speed,
    read_yes_no,
)
from webapp.core.survey_checks import RoundDays, hard_problems
from webapp.core.surveys import Answers, VisitOutcome

NAME_MAX: Final = 120
ADDRESS_MAX: Final = 200

MISSING_NAME: Final = N_("chưa có họ tên chủ hộ")
TOO_LONG: Final = N_("dài quá %(most)s chữ; hãy rút gọn")
NO_GROUP: Final = N_("chưa biết hộ thuộc tổ nào; hãy ghi tổ, hoặc chọn tổ ở bước ghép cột")
UNKNOWN_GROUP: Final = N_("không có tổ này trong danh sách tổ của phường; hãy sửa tên tổ cho đúng")
NUMBER_FROM_ONE: Final = N_("số thứ tự hộ phải từ 1 trở lên")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What the person decided on the mapping screen. `columns`: heading key → column key, unused headings left out."""

    columns: Mapping[str, str]
    visited_on: dt.date
    group_id: UUID | None = None
    blank_is_no: frozenset[str] = frozenset()
    skip_visited: bool = False
    accept_difference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """What is wrong where. `row` is the number Excel shows; `column` its letters, empty for the whole row.

    `value` is what the cell holds, except for names, addresses and notes, which never enter a message.
    """

    sheet: str
    row: int
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    column: str = ""
    heading: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdLine:
    """One row that can be stored: a household as the file names it, and its visit."""

    sheet: str
    row: int
    group_id: UUID
    number: int | None
    head_name: str
    address: str
    visited_on: dt.date
    outcome: VisitOutcome
    answers: Answers | None


class GroupIndex:
    """Finds a group however it is written; forms that could be two groups find none."""

    def __init__(self, groups: Mapping[UUID, tuple[str, str]]) -> None:
        """Take group id → (code, name)."""
        self._names = {group_id: name for group_id, (_code, name) in groups.items()}
        claims: dict[str, set[UUID]] = {}
        for group_id, (code, name) in groups.items():
            for key in (*group_keys(code), *group_keys(name)):
                claims.setdefault(key, set()).add(group_id)
        self._asked: dict[str, UUID | None] = {}
        self._found = {key: next(iter(ids)) for key, ids in claims.items() if len(ids) == 1}

    def find(self, text: str) -> UUID | None:
        """Give the group that a text names."""
        if text not in self._asked:
            self._asked[text] = next((self._found[key] for key in group_keys(text) if key in self._found), None)
        return self._asked[text]

    def name(self, group_id: UUID) -> str:
        """Give a group's name."""
        return self._names[group_id]


@dataclass(frozen=True, slots=True)
class Place:
    """A mapped column of one sheet."""

    index: int
    column: Column
    heading: str


_READERS: Final[Mapping[str, Callable[[Cell], object]]] = {
    "yes_no": read_yes_no,
    "date": read_day,
    "outcome": read_outcome,
    "speed": read_speed,
    "text": plain_text,
    "group": plain_text,
}


class RowReader:
    """Reads the data rows of one sheet one by one and collects what is wrong with them."""

    def __init__(self, sheet: str, places: list[Place], plan: ImportPlan, groups: GroupIndex, days: RoundDays) -> None:
        """Take the sheet's name, its mapped columns, what was decided, the ward's groups and the round's days."""
        self.sheet, self._plan, self._groups, self._days = sheet, plan, groups, days
        self.problems: list[RowProblem] = []
        self.places = {place.column.key: place for place in places}
        self._cells = [(place, self._reader(place.column)) for place in places]

    @staticmethod
    def _reader(column: Column) -> Callable[[Cell], object]:
        if column.kind == "count":
            return partial(read_count, maximum=column.maximum)
        return _READERS[column.kind]

    def _blame(self, row: int, key: str, message: str, cell: Cell = None, /, **params: object) -> None:
        place = self.places.get(key)
        hidden = key in PERSONAL or isinstance(cell, BadCell)
        self.problems.append(
            RowProblem(
                sheet=self.sheet,
                row=row,
                message=message,
                params=params,
                column=column_letter(place.index) if place else "",
                heading=place.heading if place else "",
                value="" if hidden else plain_text(cell)[:80],
            )
        )

    def values(self, row: int, cells: Sequence[Cell]) -> dict[str, Any]:
        """Read the mapped cells of a row (number as Excel shows it); unreadable ones are blamed and left out."""
        values: dict[str, Any] = {}
        for place, read in self._cells:
            cell = cells[place.index] if place.index < len(cells) else None
            key = place.column.key
            if isinstance(cell, BadCell):
                reference = f"{column_letter(place.index)}{row}"
                self._blame(row, key, FORMULA if cell.kind == "formula" else ERROR_CELL, cell, cell=reference)
                continue
            try:
                values[key] = False if key in self._plan.blank_is_no and is_blank(cell) else read(cell)
            except CellError as error:
                self._blame(row, key, error.message, cell, **error.params)
        return values

    def line(self, row: int, values: Mapping[str, Any], group: tuple[UUID | None, str]) -> HouseholdLine | None:
        """Build the household and visit of a row; None when something is wrong with it.

        `group` is the group found and the text that named it.
        """
        group_id = group[0]
        if group_id is None:
            self._blame(row, "group", UNKNOWN_GROUP if group[1] else NO_GROUP, group[1])
        name, address = values.get("head_name") or "", values.get("address") or ""
        self._check_person(row, name, address)
        if values.get("number") == 0:
            self._blame(row, "number", NUMBER_FROM_ONE, 0)
        visited_on = values.get("visited_on") or self._plan.visited_on
        outcome = values.get("outcome") or VisitOutcome.INTERVIEWED
        answers = answers_of(outcome, values, partial(self._blame, row))
        if not self._blamed(row):
            for problem in hard_problems(outcome, visited_on, answers, self._days):
                self._blame_problem(row, problem, values)
        if self._blamed(row) or group_id is None:
            return None
        return HouseholdLine(
            sheet=self.sheet,
            row=row,
            group_id=group_id,
            number=values.get("number"),
            head_name=name,
            address=address or self._groups.name(group_id),
            visited_on=visited_on,
            outcome=outcome,
            answers=answers,
        )

    def _blamed(self, row: int) -> bool:
        return bool(self.problems) and self.problems[-1].row == row

    def _blame_problem(self, row: int, problem: Problem, values: Mapping[str, Any]) -> None:
        key = problem.field.rsplit(".", 1)[-1]
        value = values.get(key)
        self._blame(row, key, problem.message, value if isinstance(value, int | dt.date) else None, **problem.params)

    def _check_person(self, row: int, name: str, address: str) -> None:
        if not any(letter.isalpha() for letter in name):
            self._blame(row, "head_name", MISSING_NAME)
        for key, text, most in (("head_name", name, NAME_MAX), ("address", address, ADDRESS_MAX)):
            if len(text) > most:
                self._blame(row, key, TOO_LONG, most=most)
