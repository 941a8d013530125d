"""Questions that a ward adds to the built-in form for one round (domain.md §4 has the built-in ones).

A form version is immutable: answers say which version they were given to, and an old version stays readable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from webapp.core import extra_expressions as language
from webapp.core.extra_expressions import Expression, QuestionKind

QUESTIONS_MAX: Final = 60
CHOICES_MAX: Final = 60
LABEL_MAX: Final = 300
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
CHOICE_NAME: Final = re.compile(r"[A-Za-z0-9_.+-]{1,40}")

# The built-in form's own version, yyyymmdd; the number of the extra questions behind it makes it what an answer names.
BUILT_IN: Final = "20261122"


class ExtraFormStatus(StrEnum):
    """A version is drafted, then used for the round, then retired by the next one."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class QuestionType(StrEnum):
    """The types of XLSForm that are understood."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    NOTE = "note"


KINDS: Final[Mapping[QuestionType, str]] = {
    QuestionType.INTEGER: QuestionKind.NUMBER,
    QuestionType.DECIMAL: QuestionKind.NUMBER,
    QuestionType.TEXT: QuestionKind.TEXT,
    QuestionType.DATE: QuestionKind.TEXT,
    QuestionType.SELECT_ONE: QuestionKind.CHOICE,
    QuestionType.SELECT_MULTIPLE: QuestionKind.CHOICES,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list. `label`: language ("vi", "en") → words."""

    name: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraQuestion:
    """One question. `relevant` and `constraint` look at earlier extra questions only."""

    name: str
    type: QuestionType
    label: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    choices: tuple[Choice, ...] = ()
    relevant: Expression | None = None
    constraint: Expression | None = None
    constraint_message: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give plain values: what is stored, and what the phone reads."""
        return {
            "name": self.name,
            "type": self.type.value,
            "label": dict(self.label),
            "hint": dict(self.hint),
            "required": self.required,
            "choices": [{"name": choice.name, "label": dict(choice.label)} for choice in self.choices],
            "relevant": self.relevant and language.to_json(self.relevant),
            "constraint": self.constraint and language.to_json(self.constraint),
            "constraint_message": dict(self.constraint_message),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read `to_json` back."""
        return cls(
            name=data["name"],
            type=QuestionType(data["type"]),
            label=data["label"],
            hint=data["hint"],
            required=data["required"],
            choices=tuple(Choice(choice["name"], choice["label"]) for choice in data["choices"]),
            relevant=data["relevant"] and language.from_json(data["relevant"]),
            constraint=data["constraint"] and language.from_json(data["constraint"]),
            constraint_message=data["constraint_message"],
        )


@dataclass(frozen=True, slots=True)
class ExtraForm:
    """The extra questions of a round in one version. Number 0 has none."""

    number: int
    questions: tuple[ExtraQuestion, ...]

    @property
    def version(self) -> str:
        """Give the version that an answer names (yyyymmdd and the number)."""
        return form_version(self.number)


NO_QUESTIONS: Final = ExtraForm(0, ())


def form_version(number: int) -> str:
    """Write a version as phones, files and forms carry it."""
    return f"{BUILT_IN}{number:02d}"


def number_of(version: str) -> int | None:
    """Read the number of the extra questions back, also of an older built-in form; None when it is not a version."""
    return int(version[8:]) if re.fullmatch(r"\d{10,12}", version) else None
