"""What may be answered to extra questions: the same rules on every way in (page, phone, ODK, file)."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from webapp.core.errors import N_, Problem
from webapp.core.extra_expressions import holds
from webapp.core.extra_questions import ExtraQuestion, QuestionType

TEXT_MAX: Final = 500
INTEGER_MAX: Final = 999_999_999
DECIMAL: Final = re.compile(r"-?(0|[1-9]\d{0,8})(\.\d{1,6})?")
EARLIEST_DAY: Final = dt.date(1900, 1, 1)
LATEST_DAY: Final = dt.date(2100, 12, 31)
_MISSING: Final = N_("Ô này chưa có nội dung. Hãy điền vào.")
_NOT_FITTING: Final = N_("Nội dung ô này không hợp lệ.")


def relevant_questions(questions: Iterable[ExtraQuestion], extra: Mapping[str, Any]) -> Iterator[ExtraQuestion]:
    """Give the questions that are asked, in order; an answer to a question that is not asked does not count."""
    counted: dict[str, Any] = {}
    for question in questions:
        if question.relevant is None or holds(question.relevant, counted):
            if question.name in extra:
                counted[question.name] = extra[question.name]
            yield question


def extra_problems(questions: Iterable[ExtraQuestion], extra: Mapping[str, Any]) -> list[Problem]:
    """Give everything that is wrong with the answers: missing, not asked, not one of the choices, out of bounds."""
    questions = tuple(questions)
    asked = {question.name: question for question in relevant_questions(questions, extra)}
    problems = [Problem(f"extra.{name}", _NOT_FITTING) for name in sorted(set(extra) - set(asked))]
    for name, question in asked.items():
        if name in extra:
            problems += _of_answer(question, extra[name], extra)
        elif question.required and question.type is not QuestionType.NOTE:
            problems.append(Problem(f"extra.{name}", _MISSING))
    return problems


def _of_answer(question: ExtraQuestion, value: object, extra: Mapping[str, Any]) -> Iterator[Problem]:
    problem = _of_value(question, value)
    if problem is None and question.constraint is not None and not holds(question.constraint, extra, value):  # type: ignore[arg-type]  # _of_value looked
        own = question.constraint_message.get("vi", "")
        problem = Problem(f"extra.{question.name}", own or _NOT_FITTING)
    if problem is not None:
        yield problem


def _of_value(question: ExtraQuestion, value: object) -> Problem | None:
    """Check type, length and choices: exactly what `AnswerValue` allows for the type."""
    message, params = _VALUE_CHECKS[question.type](question, value)
    return Problem(f"extra.{question.name}", message, params) if message else None


_Told = tuple[str, dict[str, object]]
_FINE: Final[_Told] = ("", {})


def _integer(_question: ExtraQuestion, value: object) -> _Told:
    if type(value) is not int:
        return N_("Hãy nhập một số nguyên, ví dụ 4."), {}
    if abs(value) > INTEGER_MAX:
        return N_("Số này quá lớn. Ghi số từ 0 đến %(most)s."), {"most": INTEGER_MAX}
    return _FINE


def _decimal(_question: ExtraQuestion, value: object) -> _Told:
    right = isinstance(value, str) and DECIMAL.fullmatch(value)
    return _FINE if right else (N_("Hãy nhập một số, ví dụ 4,5."), {})


def _words(_question: ExtraQuestion, value: object) -> _Told:
    if not isinstance(value, str) or not value.strip():
        return _MISSING, {}
    return (N_("Không dài quá %(max)d ký tự."), {"max": TEXT_MAX}) if len(value) > TEXT_MAX else _FINE


def _day(_question: ExtraQuestion, value: object) -> _Told:
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    right = day is not None and EARLIEST_DAY <= day <= LATEST_DAY
    return _FINE if right else (N_("Ngày chưa đúng. Ví dụ: 22/11/2026."), {})


def _one(question: ExtraQuestion, value: object) -> _Told:
    right = isinstance(value, str) and value in {choice.name for choice in question.choices}
    return _FINE if right else (N_("Hãy chọn một trong các mục có sẵn."), {})


def _several(question: ExtraQuestion, value: object) -> _Told:
    names = {choice.name for choice in question.choices}
    chosen = value if isinstance(value, list) else []
    right = chosen and all(isinstance(name, str) and name in names for name in chosen)
    return _FINE if right and len(set(chosen)) == len(chosen) else (N_("Hãy chọn trong các mục có sẵn."), {})


def _nothing(_question: ExtraQuestion, _value: object) -> _Told:
    return _NOT_FITTING, {}


_VALUE_CHECKS: Final[Mapping[QuestionType, Callable[[ExtraQuestion, object], _Told]]] = {
    QuestionType.INTEGER: _integer,
    QuestionType.DECIMAL: _decimal,
    QuestionType.TEXT: _words,
    QuestionType.DATE: _day,
    QuestionType.SELECT_ONE: _one,
    QuestionType.SELECT_MULTIPLE: _several,
    QuestionType.NOTE: _nothing,
}
