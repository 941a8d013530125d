"""Extra answers as texts (a page, an ODK form, a table) and back; what does not fit stays a text, to be refused."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from webapp.core.extra_expressions import AnswerValue
from webapp.core.extra_questions import ExtraQuestion, QuestionType
from webapp.core.text import clean

_INTEGER: Final = re.compile(r"-?\d{1,12}")


def answers_of_texts(questions: Iterable[ExtraQuestion], texts: Mapping[str, str]) -> dict[str, Any]:
    """Turn texts into stored values. Blanks and notes are no answers; several choices stand apart by spaces."""
    types = {question.name: question.type for question in questions}
    return {
        name: answer_of_text(types.get(name), text)
        for name, text in texts.items()
        if text.strip() and types.get(name) is not QuestionType.NOTE
    }


def answer_of_text(kind: QuestionType | None, text: str) -> AnswerValue:
    """Turn one text into the value of its type."""
    text = text.strip()
    if kind is QuestionType.INTEGER and _INTEGER.fullmatch(text):
        return int(text)
    if kind is QuestionType.SELECT_MULTIPLE:
        return text.split()
    if kind is QuestionType.DECIMAL:
        return _plain_decimal(text)
    return clean(text) if kind is QuestionType.TEXT else text


def text_of_answer(value: AnswerValue) -> str:
    """Write a stored value as the text that reads back to it."""
    return " ".join(value) if isinstance(value, list) else str(value)


def _plain_decimal(text: str) -> str:
    """Write 1.655E2, 165,5 and 165.50 as 165.5: the same number has the same hash."""
    try:
        number = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 12:
        return text
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
