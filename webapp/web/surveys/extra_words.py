"""Extra questions and their answers in the reader's words."""

from collections.abc import Mapping
from datetime import date

from flask_babel import get_locale

from webapp.core.extra_expressions import AnswerValue
from webapp.core.extra_questions import ExtraQuestion, QuestionType
from webapp.core.extra_texts import text_of_answer
from webapp.web.shared.filters import date_vi, number_vi


def in_words(label: Mapping[str, str]) -> str:
    """Give a label in the reader's language, in Vietnamese where it has no other."""
    return label.get(str(get_locale() or "vi")) or label.get("vi", "")


def extra_label(question: ExtraQuestion | None, name: str) -> str:
    """Give what was asked."""
    return in_words(question.label) if question else name


def extra_value(question: ExtraQuestion | None, value: AnswerValue) -> str:
    """Give what was answered."""
    if question is None:
        return text_of_answer(value)
    labels = {choice.name: in_words(choice.label) for choice in question.choices}
    if isinstance(value, list):
        return ", ".join(labels.get(name, name) for name in value)
    if isinstance(value, int):
        return number_vi(value)
    if question.type is QuestionType.DATE:
        return date_vi(date.fromisoformat(value))
    return value.replace(".", ",") if question.type is QuestionType.DECIMAL else labels.get(value, value)
