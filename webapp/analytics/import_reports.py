"""The list of what is wrong in a workbook, as lines and as a CSV file that opens in Excel."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from webapp.analytics.exports import csv_bytes
from webapp.core.import_rows import RowProblem

Say = Callable[[str, Mapping[str, object]], str]


def problem_line(problem: RowProblem, say: Say) -> str:
    """Give one problem as a line: `dòng 12, cột “Số điện thoại TM”: …`."""
    where = [f"trang “{problem.sheet}”"] if problem.sheet and problem.sheet != "CSV" else []
    where += [f"dòng {problem.row}"] if problem.row else []
    where += [f"cột “{problem.heading}”"] if problem.heading else []
    value = f" (ô ghi “{problem.value}”)" if problem.value else ""
    place = ", ".join(where)
    message = say(problem.message, problem.params) + value
    return f"{place}: {message}" if place else message


def problems_csv(problems: Iterable[RowProblem], headings: Sequence[str], say: Say) -> bytes:
    """Write the problems as CSV with a BOM (Excel then reads the accents); cells are made harmless."""
    rows = (
        (
            problem.sheet,
            problem.row or "",
            problem.column,
            problem.heading,
            problem.value,
            say(problem.message, problem.params),
        )
        for problem in problems
    )
    return csv_bytes(headings, rows)
