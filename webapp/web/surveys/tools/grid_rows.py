"""A row of the grid between page and services: what was typed, what is stored, and how it is told."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp.core.errors import DomainError, InvalidInput, Problem
from webapp.core.ids import new_id
from webapp.core.paper_columns import PAPER_COLUMNS
from webapp.core.paper_grid import CELLS, cell_of, write_row
from webapp.core.surveys import VisitOutcome, VisitStatus
from webapp.core.visit_content import Receipt
from webapp.queries.households import HouseholdRow
from webapp.queries.paper_grid import StoredVisit
from webapp.web.shared.errors import say, say_problem

# new: nothing stored; saved: stored and can be typed over; kept: stored, to be looked at elsewhere.
RowState = Literal["new", "saved", "kept", "error", "ask", "taken"]
CHANGEABLE: Final = frozenset({VisitStatus.SUBMITTED, VisitStatus.NEEDS_CORRECTION})
MINE: Final = "mine"


@dataclass(slots=True, kw_only=True)
class GridRow:
    """One row. `seen`: newest visit of the household and its revision when the row was made ("" for none)."""

    household: HouseholdRow
    visit_id: UUID
    base: int | None = None
    seen: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    state: RowState = "new"
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    questions: list[tuple[str, str]] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    theirs: str = ""
    link: UUID | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the row has cells to type into."""
        return self.state != "kept"

    def to_json(self) -> dict[str, Any]:
        """Give what the script needs; no name and no address."""
        return {
            "household": str(self.household.household_id),
            "visit": str(self.visit_id),
            "base": self.base or "",
            "seen": self.seen,
            "cells": self.cells,
            "state": self.state,
            "word": state_word(self.state),
            "message": self.message,
            "errors": self.errors,
            "questions": self.questions,
            "differences": self.differences,
            "theirs": self.theirs,
        }


def state_word(state: RowState) -> str:
    """Say in words where a row stands."""
    words = {
        "new": _("Chưa nhập"),
        "saved": _("Đã lưu"),
        "kept": _("Đã có phiếu"),
        "error": _("Có lỗi"),
        "ask": _("Cần hỏi lại"),
        "taken": _("Người khác đã lưu"),
    }
    return str(words[state])


def label_of(cell: str) -> str:
    """Give the words of a cell's column."""
    labels = {"visited_on": _("Ngày"), "outcome": _("Kết quả")}
    labels.update({column.key: _(column.label) for column in PAPER_COLUMNS})
    return str(labels.get(cell, cell))


def row_of(household: HouseholdRow, stored: StoredVisit | None) -> GridRow:
    """Make the row of a household as it stands: stored totals can be typed over, everything else is only shown."""
    if stored is None:
        return GridRow(household=household, visit_id=new_id())
    seen = f"{stored.visit_id}:{stored.revision}"
    if stored.by_lines or stored.status not in CHANGEABLE:
        by = _("ghi từng người") if stored.by_lines else _("đã duyệt hoặc đã chốt")
        cells = {} if stored.by_lines else write_row(stored.outcome, stored.visited_on, stored.answers)
        row = GridRow(household=household, visit_id=stored.visit_id, seen=seen, cells=cells, state="kept")
        row.message, row.link = str(by), stored.visit_id
        return row
    if stored.outcome is not VisitOutcome.INTERVIEWED and stored.status is VisitStatus.SUBMITTED:
        # Nobody was met then: what comes from paper now is a visit of its own.
        row = GridRow(household=household, visit_id=new_id(), seen=seen)
        row.message = str(_("Lần đến ngày %(day)s không gặp.", day=f"{stored.visited_on:%d/%m/%Y}"))
        return row
    cells = write_row(stored.outcome, stored.visited_on, stored.answers)
    return GridRow(
        household=household, visit_id=stored.visit_id, base=stored.revision, seen=seen, cells=cells, state="saved"
    )


def typed_cells(form: MultiDict[str, str], prefix: str) -> dict[str, str]:
    """Give the texts of a row as they were sent."""
    return {key: form.get(f"{prefix}{key}", "").strip()[:20] for key in CELLS}


def read_seen(text: str) -> tuple[UUID, int] | None:
    """Read what the row saw. Raises ValueError."""
    if not text:
        return None
    visit_id, _colon, revision = text.partition(":")
    return UUID(visit_id), int(revision)


def show_problems(row: GridRow, problems: Iterable[Problem]) -> None:
    """Put messages at their cells; what has none stands on the row."""
    row.state = "error"
    for problem in problems:
        cell = cell_of(problem.field)
        if cell:
            row.errors.setdefault(cell, say_problem(problem))
        else:
            row.message = say_problem(problem)


def show_result(row: GridRow, result: Receipt | DomainError) -> None:
    """Say what became of the row."""
    if isinstance(result, Receipt):
        row.visit_id, row.base, row.state = result.visit_id, result.revision, "saved"
        row.seen, row.message = f"{result.visit_id}:{result.revision}", str(_("mã %(code)s", code=result.code))
        row.questions, row.differences, row.theirs = [], [], ""
    elif isinstance(result, InvalidInput):
        show_problems(row, result.problems)
    else:
        row.state, row.message = "error", say(result)


def show_taken(row: GridRow, stored: StoredVisit, typed: Mapping[str, str], day: dt.date) -> None:
    """Tell what the other person stored and what was typed here, cell by cell."""
    row.state = "taken"
    theirs = {} if stored.by_lines else write_row(stored.outcome, stored.visited_on, stored.answers)
    mine = {**typed, "visited_on": typed.get("visited_on") or f"{day:%d/%m/%Y}", "outcome": typed.get("outcome") or "1"}
    row.differences = [
        str(
            _(
                "%(what)s: đã lưu %(theirs)s, bạn ghi %(mine)s",
                what=label_of(key),
                theirs=theirs[key] or _("trống"),
                mine=mine.get(key) or _("trống"),
            )
        )
        for key in CELLS
        if theirs and theirs[key] != mine.get(key, "")
    ]
    row.message = str(_("Người khác vừa lưu phiếu ghi từng người của hộ này.")) if stored.by_lines else ""
    if not stored.by_lines and stored.status in CHANGEABLE:
        row.theirs = f"{stored.visit_id}:{stored.revision}"
    row.link = stored.visit_id
