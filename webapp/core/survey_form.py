"""The form of a round as one definition: the sheet that people open and the form that ODK shows come from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from webapp.core.errors import N_
from webapp.core.extra_expressions import to_xform
from webapp.core.extra_questions import ExtraForm, ExtraQuestion, QuestionType
from webapp.core.survey_form_rows import CHOICES, ChoiceRow, FormRow, answer_rows, door_rows, end_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyForm:
    """A whole form: what it is called, its version, its questions and their choices."""

    form_id: str
    title: str
    version: str
    rows: tuple[FormRow, ...]
    choices: tuple[ChoiceRow, ...] = field(repr=False)


def survey_form(form_id: str, title: str, extra: ExtraForm) -> SurveyForm:
    """Make the form of a round: the built-in questions, the round's extra ones, the note."""
    rows = (*door_rows(), *answer_rows(), *_extra(extra), *end_rows())
    choices = (*CHOICES, *(row for question in extra.questions for row in _choices_of(question)))
    return SurveyForm(form_id=form_id, title=title, version=extra.version, rows=rows, choices=choices)


def extra_form_only(form_id: str, title: str, extra: ExtraForm) -> SurveyForm:
    """Make a form of the extra questions alone: the sheet that people write their questions in."""
    rows = tuple(map(extra_row, extra.questions))
    choices = tuple(row for question in extra.questions for row in _choices_of(question))
    return SurveyForm(form_id=form_id, title=title, version=extra.version, rows=rows, choices=choices)


def reserved_names() -> frozenset[str]:
    """Give the names that an extra question may not take."""
    rows = (*door_rows(), *answer_rows(), *end_rows())
    return frozenset({row.name for row in rows if row.name} | {"extra", "meta", "instanceid", "x"})


def reserved_lists() -> frozenset[str]:
    """Give the names that a list of choices of an extra question may not take."""
    return frozenset(row.list_name for row in CHOICES)


def _extra(form: ExtraForm) -> Iterator[FormRow]:
    if not form.questions:
        return
    yield FormRow(type="begin_group", name="extra", relevant="${outcome} = 'interviewed'", label=N_("Câu hỏi thêm"))
    yield from map(extra_row, form.questions)
    yield FormRow(type="end_group")


def extra_row(question: ExtraQuestion) -> FormRow:
    """Write an extra question as a row."""
    selects = question.type in {QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE}
    return FormRow(
        type=f"{question.type.value} {_list_of(question)}" if selects else question.type.value,
        name=question.name,
        label=question.label,
        hint=question.hint,
        required=question.required and question.type is not QuestionType.NOTE,
        relevant=to_xform(question.relevant) if question.relevant else "",
        constraint=to_xform(question.constraint) if question.constraint else "",
        constraint_message=question.constraint_message,
    )


def _list_of(question: ExtraQuestion) -> str:
    return f"x_{question.name}"


def _choices_of(question: ExtraQuestion) -> Iterator[ChoiceRow]:
    for choice in question.choices:
        yield ChoiceRow(list_name=_list_of(question), name=choice.name, label=choice.label)
