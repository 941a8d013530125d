"""Figures of a run → rows of the page's tables, each number with the address of its visits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from webapp.core.quality import QualityBy, QualityCheck, QualityQuestion
from webapp.queries.quality import FigureRow

# In the order of the page: the gravest first.
CHECKS = (
    QualityCheck.SAME_HOUSEHOLD,
    QualityCheck.SAME_ANSWERS,
    QualityCheck.FAST,
    QualityCheck.BURST,
    QualityCheck.ODD_HOUR,
    QualityCheck.COPY,
    QualityCheck.OUTLIER,
    QualityCheck.ROUND_NUMBERS,
    QualityCheck.MISSING,
    QualityCheck.NOT_MET,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number with the visits behind it; None where the check had nothing to look at."""

    figure: FigureRow | None
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One group or head across all checks."""

    name: str
    cells: list[Cell]


def lines(
    figures: Iterable[FigureRow], by: QualityBy, subjects: Iterable[tuple[UUID, str]], round_id: UUID
) -> list[Line]:
    """Give a line for each subject that has a figure."""
    found = {(f.subject_id, f.check): f for f in figures if f.by is by and f.question is QualityQuestion.ALL}
    known = {subject for subject, _check in found}
    param = "group" if by is QualityBy.GROUP else "head"

    def address(subject: UUID, check: QualityCheck) -> str:
        asked: dict[str, Any] = {"round_id": round_id, "check": check.value, param: subject}
        return url_for(".findings", **asked)

    def line(subject: UUID, name: str) -> Line:
        return Line(
            name,
            [Cell(found.get((subject, check)), address(subject, check)) for check in CHECKS],
        )

    return [line(subject, name) for subject, name in subjects if subject in known]


def of_ward(
    figures: Iterable[FigureRow], round_id: UUID, *, wanted: Callable[[FigureRow], bool]
) -> list[tuple[FigureRow, str]]:
    """Give the ward's figures that are wanted, each with the address of its visits."""

    def address(figure: FigureRow) -> str:
        question = None if figure.question is QualityQuestion.ALL else figure.question.value
        return url_for(".findings", round_id=round_id, check=figure.check.value, question=question)

    return [(f, address(f)) for f in figures if f.by is QualityBy.WARD and wanted(f)]
