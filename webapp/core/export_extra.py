"""Answers to extra questions in an export: which columns there are, and what a revision puts into them.

Free text may name a person, so it is taken out here, where the questions are chosen: an answer whose question is not
among them (free text without the right to names, or nobody's question) has no way into a file.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self
from uuid import UUID

from webapp.core.exports import ALL_VISIT_COLUMNS, Column, Wording
from webapp.core.extra_expressions import AnswerValue
from webapp.core.extra_questions import ExtraForm, ExtraQuestion, QuestionType
from webapp.core.extra_texts import text_of_answer

PREFIX: Final = "them_"
_TYPED: Final[Mapping[QuestionType, Callable[[str], object]]] = {
    QuestionType.INTEGER: int,
    QuestionType.DECIMAL: Decimal,
    QuestionType.DATE: dt.date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class ExtraColumns:
    """`columns`: one a question name; `questions`: those that may be given, by round and version, by name."""

    columns: tuple[Column, ...]
    questions: Mapping[tuple[UUID, int], Mapping[str, ExtraQuestion]]

    @classmethod
    def of(cls, versions: Iterable[tuple[UUID, ExtraForm]], *, names: bool) -> Self:
        """Take the questions of all versions (round and form, the newest first: its words head the column)."""
        questions = {
            (round_id, form.number): {
                question.name: question
                for question in form.questions
                if question.type is not QuestionType.NOTE and (names or question.type is not QuestionType.TEXT)
            }
            for round_id, form in versions
        }
        newest: dict[str, ExtraQuestion] = {}
        for asked in questions.values():
            for name, question in asked.items():
                newest.setdefault(name, question)
        return cls(_columns(newest), questions)

    def given(self, stored: Any) -> dict[str, AnswerValue]:  # noqa: ANN401 - a row of the stream
        """Give the answers of a stored revision that may leave the house, as they are stored."""
        return {name: stored.extra[name] for name in self._asked(stored) if name in stored.extra}

    def cells(self, stored: Any, wording: Wording) -> dict[str, object]:  # noqa: ANN401 - a row of the stream
        """Give the same answers by column code: numbers and days as such, choices in words or by their names."""
        asked = self._asked(stored)
        return {PREFIX + name: _cell(asked[name], value, wording) for name, value in self.given(stored).items()}

    def _asked(self, stored: Any) -> Mapping[str, ExtraQuestion]:  # noqa: ANN401 - a row of the stream
        return self.questions.get((stored.round_id, stored.extra_form), {})


NO_EXTRA: Final = ExtraColumns((), {})


def _columns(questions: Mapping[str, ExtraQuestion]) -> tuple[Column, ...]:
    """Head each column with its question; where two have the same words, the name tells them apart."""
    labels = {name: question.label.get("vi") or name for name, question in questions.items()}
    taken = [*labels.values(), *(column.heading for column in ALL_VISIT_COLUMNS)]
    return tuple(
        Column(PREFIX + name, label if taken.count(label) == 1 else f"{label} ({PREFIX}{name})")
        for name, label in labels.items()
    )


def _cell(question: ExtraQuestion, value: AnswerValue, wording: Wording) -> object:
    text = text_of_answer(value)
    if question.type in _TYPED:
        try:
            return _TYPED[question.type](text)
        except (ValueError, ArithmeticError):
            return text  # one odd value must not break off a file of a hundred thousand rows
    if wording is Wording.CODES or not question.choices:
        return text
    labels = {choice.name: choice.label.get("vi") or choice.name for choice in question.choices}
    chosen = value if isinstance(value, list) else [text]
    return ", ".join(labels.get(name, name) for name in chosen)
