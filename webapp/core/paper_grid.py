"""Reading a row of the grid in which paper forms are typed, and writing a stored visit back into cells.

One letter says what a number cannot: k (or ?) is "not known", which is never 0; an empty cell was forgotten. In cells
of yes and no c (or 1, x) is yes and 0 (or "không") is no: k alone always means "not known", as the page's legend says.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from webapp.core.errors import N_, Problem
from webapp.core.import_values import NOT_A_DAY, TOO_MANY, CellError, read_count, read_day, read_speed, read_yes_no
from webapp.core.import_values import read_outcome as read_outcome_words
from webapp.core.paper_columns import PAPER_COLUMNS, PaperColumn
from webapp.core.surveys import Answers, FibreSpeed, Totals, VisitOutcome

UNKNOWN: Final = "k"
NEEDED: Final = ("residents", "adults")
CELLS: Final = ("visited_on", "outcome", *(column.key for column in PAPER_COLUMNS))
_TOTALS: Final = frozenset(Totals.__dataclass_fields__)
_UNKNOWNS: Final = frozenset({"k", "?"})
_OUTCOMES: Final = {str(number): outcome for number, outcome in enumerate(VisitOutcome, 1)}
_SPEEDS: Final = {"1": FibreSpeed.BELOW_1G, "2": FibreSpeed.FROM_1G}
_SHORT_DAY: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})")

BLANK: Final = N_("Ô này còn trống. Không rõ thì ghi k.")
NEEDS_NUMBER: Final = N_("Ô này cần một số. Chưa biết thì để cả dòng lại, hỏi hộ rồi nhập sau.")
NOT_COUNT: Final = N_("Ghi một số nguyên, ví dụ 4. Không rõ thì ghi k.")
TOO_LARGE: Final = N_("Số này quá lớn. Xem lại phiếu.")
NOT_YES: Final = N_("Ghi c (có), 0 (không) hoặc k (không biết).")
NOT_SPEED: Final = N_("Ghi 1 (dưới 1 Gb/s), 2 (từ 1 Gb/s) hoặc k (không biết).")
NOT_OUTCOME: Final = N_("Ghi 1 (gặp), 2 (vắng), 3 (từ chối), 4 (chuyển đi) hoặc 5 (nhà trống).")
NOT_DAY: Final = N_("Ghi ngày và tháng, ví dụ 5/11.")
NOT_ASKED: Final = N_("Không gặp được thì các ô số liệu để trống. Sửa một trong hai.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """What a row says. With problems, `answers` is None; their `field` is the key of a cell."""

    outcome: VisitOutcome
    visited_on: dt.date
    answers: Answers | None
    problems: tuple[Problem, ...] = ()


def is_blank(cells: Mapping[str, str]) -> bool:
    """Tell whether nobody typed anything into the row (its day may be filled in beforehand)."""
    return not any(cells.get(key, "").strip() for key in CELLS if key != "visited_on")


def read_row(cells: Mapping[str, str], *, usual_day: dt.date) -> PaperRow:
    """Read the texts of a row (cell key → text); an empty day is `usual_day`, an empty result "gặp được"."""
    problems: list[Problem] = []
    day = _day(cells.get("visited_on", ""), usual_day, problems)
    outcome = _outcome(cells.get("outcome", ""), problems)
    if outcome is not VisitOutcome.INTERVIEWED:
        if any(cells.get(column.key, "").strip() for column in PAPER_COLUMNS):
            problems.append(Problem("outcome", NOT_ASKED))
        return PaperRow(outcome=outcome, visited_on=day, answers=None, problems=tuple(problems))
    values = {column.key: _cell(column, cells, problems) for column in PAPER_COLUMNS}
    answers = None if problems else _answers(values)
    return PaperRow(outcome=outcome, visited_on=day, answers=answers, problems=tuple(problems))


def write_row(outcome: VisitOutcome, visited_on: dt.date, answers: Answers | None) -> dict[str, str]:
    """Give the texts that say the same when read again. Raises ValueError for answers with a line an adult."""
    cells = dict.fromkeys(CELLS, "")
    cells["visited_on"] = f"{visited_on:%d/%m/%Y}"
    cells["outcome"] = next(number for number, member in _OUTCOMES.items() if member is outcome)
    if answers is None:
        return cells
    if answers.totals is None:
        msg = "a row holds totals, not persons"
        raise ValueError(msg)
    for column in PAPER_COLUMNS:
        value = getattr(answers.totals if column.key in _TOTALS else answers, column.key)
        cells[column.key] = _text(column, value, answers)
    return cells


def cell_of(path: str) -> str:
    """Give the cell that a problem of core.survey_checks is about; "" when it is about none."""
    key = path.removeprefix("totals.")
    return key if key in CELLS else ""


def _answers(values: Mapping[str, Any]) -> Answers:
    totals = Totals(**{key: value for key, value in values.items() if key in _TOTALS})
    return Answers(totals=totals, **{key: value for key, value in values.items() if key not in _TOTALS})


def _day(text: str, usual_day: dt.date, problems: list[Problem]) -> dt.date:
    text = text.strip()
    if not text:
        return usual_day
    short = _SHORT_DAY.fullmatch(text)
    try:
        found = read_day(f"{short[1]}/{short[2]}/{usual_day.year}" if short else text)
        if found is None:
            raise CellError(NOT_A_DAY)
        return found
    except CellError:
        problems.append(Problem("visited_on", NOT_DAY))
        return usual_day


def _outcome(text: str, problems: list[Problem]) -> VisitOutcome:
    text = text.strip()
    if not text or text in _OUTCOMES:
        return _OUTCOMES[text or "1"]
    try:
        found = read_outcome_words(text)
    except CellError:
        found = None
    if found is None:
        problems.append(Problem("outcome", NOT_OUTCOME))
    return found or VisitOutcome.INTERVIEWED


def _cell(column: PaperColumn, cells: Mapping[str, str], problems: list[Problem]) -> Any:  # noqa: ANN401 - by its kind
    text = cells.get(column.key, "").strip()
    if not text:
        return _empty(column, cells, problems)
    if text.casefold() in _UNKNOWNS:
        if column.key in NEEDED:
            problems.append(Problem(column.key, NEEDS_NUMBER))
        return None
    try:
        return _read(column, text)
    except CellError as error:
        refused = {"yes_no": NOT_YES, "speed": NOT_SPEED}.get(column.kind, NOT_COUNT)
        problems.append(Problem(column.key, TOO_LARGE if error.message == TOO_MANY else refused))
        return None


def _read(column: PaperColumn, text: str) -> Any:  # noqa: ANN401 - by its kind
    if column.kind == "yes_no":
        return read_yes_no(text)
    if column.kind == "speed":
        return _SPEEDS[text] if text in _SPEEDS else read_speed(text)
    return read_count(text, column.maximum)


def _empty(column: PaperColumn, cells: Mapping[str, str], problems: list[Problem]) -> bool | None:
    """Where fibre is connected it passes by; where it is not, nobody asks for its speed."""
    connected = _is_connected(cells)
    if column.key == "fibre_covered" and connected:
        return True
    if not column.optional and not (column.key == "fibre_speed" and not connected):
        problems.append(Problem(column.key, BLANK))
    return None


def _is_connected(cells: Mapping[str, str]) -> bool:
    text = cells.get("fibre_connected", "").strip()
    try:
        return bool(text) and text.casefold() not in _UNKNOWNS and bool(read_yes_no(text))
    except CellError:
        return False


def _text(column: PaperColumn, value: Any, answers: Answers) -> str:  # noqa: ANN401 - by its kind
    if value is None:
        left_out = column.optional or (column.key == "fibre_speed" and not answers.fibre_connected)
        return "" if left_out else UNKNOWN
    if column.kind == "yes_no":
        return "c" if value else "0"
    if column.kind == "speed":
        return next(text for text, speed in _SPEEDS.items() if speed is value)
    return str(value)
