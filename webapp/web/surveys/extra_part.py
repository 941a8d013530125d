"""The page of extra questions: fields made from the questions, answers read from the fields.

Without scripts nothing appears while one types, so a question that an answer calls for is asked when the page is sent:
the page comes again until everything that is asked has been shown.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, Field, RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.extra_answers import extra_problems, relevant_questions
from webapp.core.extra_questions import ExtraForm, ExtraQuestion, QuestionType
from webapp.core.extra_texts import answer_of_text
from webapp.web.shared.errors import say_problem
from webapp.web.surveys.extra_words import in_words
from webapp.web.surveys.visit_fields import EXTRA, Fields
from webapp.web.surveys.visit_form import VisitPart


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the page; a note has no field."""

    question: ExtraQuestion
    label: str
    hint: str
    field: Field | None


class ExtraPart:
    """The extra questions of a draft, with what was typed."""

    def __init__(self, form: ExtraForm, fields: Fields) -> None:
        self.form = form
        made = {question.name: _field(question) for question in form.questions}
        kind = type("ExtraFields", (VisitPart,), {name: field for name, field in made.items() if field is not None})
        self._fields = kind(fields, prefix=EXTRA)
        self._given = {name: value for name in made if (value := self._value(name, fields)) not in (None, "", [])}
        self.relevant = list(relevant_questions(form.questions, self._given))
        self.errors: list[tuple[str, str]] = []

    @property
    def answers(self) -> dict[str, Any]:
        """Give what was answered to questions that are asked."""
        return {question.name: self._given[question.name] for question in self.relevant if question.name in self._given}

    @property
    def asked(self) -> list[Asked]:
        """Give the questions of the page, in order."""
        return [
            Asked(question, in_words(question.label), in_words(question.hint), self._of(question.name))
            for question in self.relevant
        ]

    @property
    def all_asked(self) -> list[Asked]:
        """Give every question, also those that only some answers call for: the preview."""
        return [
            Asked(question, in_words(question.label), in_words(question.hint), self._of(question.name))
            for question in self.form.questions
        ]

    @property
    def names(self) -> str:
        """Give the names of the questions shown, for the page to carry."""
        return " ".join(question.name for question in self.relevant)

    def unseen(self, seen: set[str]) -> list[ExtraQuestion]:
        """Give the questions that are asked and have not been shown yet."""
        return [question for question in self.relevant if question.name not in seen]

    def complete(self, seen: set[str]) -> bool:
        """Tell whether what was shown can be stored; what cannot is said at the field and in `errors`."""
        self.errors = []
        for problem in extra_problems(self.form.questions, self.answers):
            name = problem.field.removeprefix("extra.")
            field = self._of(name) if name in seen else None
            message = say_problem(problem)
            if field is not None:
                field.errors = [message]
                anchor = f"#{field.id}-0" if isinstance(field, RadioField | SelectMultipleField) else f"#{field.id}"
                self.errors.append((anchor, f"{field.label.text}: {message}"))
        return not self.errors

    def _of(self, name: str) -> Field | None:
        found: Field | None = self._fields._fields.get(name)
        return found

    def _value(self, name: str, fields: Fields) -> Any:  # noqa: ANN401 - an answer
        question = next(question for question in self.form.questions if question.name == name)
        typed = [text for text in fields.getlist(EXTRA + name) if text.strip()]
        if question.type is QuestionType.SELECT_MULTIPLE:
            return typed
        field = self._of(name)
        if isinstance(field, DateField) and field.data is not None:
            return field.data.isoformat()
        return answer_of_text(question.type, typed[0]) if typed and field is not None else None


def _field(question: ExtraQuestion) -> Any:  # noqa: ANN401 - an unbound field
    about = {"label": in_words(question.label), "validators": [] if question.required else [Optional()]}
    choices = [SelectChoice(choice.name, in_words(choice.label)) for choice in question.choices]
    match question.type:
        case QuestionType.NOTE:
            return None
        case QuestionType.SELECT_ONE:
            blank = [] if question.required else [SelectChoice("", _("Không trả lời"))]
            return RadioField(choices=[*choices, *blank], validate_choice=False, **about)
        case QuestionType.SELECT_MULTIPLE:
            look = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
            return SelectMultipleField(choices=choices, validate_choice=False, **look, **about)
        case QuestionType.DATE:
            return DateField(format=["%Y-%m-%d", "%d/%m/%Y"], **about)
        case QuestionType.TEXT:
            return TextAreaField(**about)
        case _:
            return StringField(**about)
