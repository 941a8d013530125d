"""The visit as the check page carries it: one hidden field, so that sending it is quick and nothing gets lost."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from werkzeug.exceptions import BadRequest

from webapp.core.survey_questions import QUESTIONS, Question
from webapp.core.surveys import VisitOutcome
from webapp.core.visit_content import VisitContent, answers_of_stranger
from webapp.services.submit_visit import SubmitVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A visit that was checked and waits to be sent, with the questions that are to be confirmed."""

    content: VisitContent
    base_revision: int | None
    questions: tuple[Question, ...]
    form_version: str = ""

    def to_text(self) -> str:
        """Write the hidden field."""
        content = self.content
        return json.dumps(
            {
                "round": str(content.round_id),
                "household": str(content.household_id),
                "outcome": content.outcome.value,
                "visited_on": content.visited_on.isoformat(),
                "answers": content.answers.to_json() if content.answers else None,
                "base_revision": self.base_revision,
                "extra": dict(content.extra),
                "form_version": self.form_version,
                "questions": [question.to_json() for question in self.questions],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def command(self, *, reason: str) -> SubmitVisit:
        """Make the order for the service; every question of the envelope was confirmed."""
        content = self.content
        return SubmitVisit(
            visit_id=content.visit_id,
            round_id=content.round_id,
            household_id=content.household_id,
            outcome=content.outcome,
            visited_on=content.visited_on,
            answers=content.answers,
            confirmed=[question.to_json() for question in self.questions],
            base_revision=self.base_revision,
            reason=reason,
            extra=content.extra,
            form_version=self.form_version,
        )


def read_envelope(visit_id: UUID, text: str) -> Envelope:
    """Read the hidden field back. Raises BadRequest when it is not what a check page makes."""
    try:
        data = json.loads(text)
        content = VisitContent(
            visit_id=visit_id,
            round_id=UUID(data["round"]),
            household_id=UUID(data["household"]),
            outcome=VisitOutcome(data["outcome"]),
            visited_on=date.fromisoformat(data["visited_on"]),
            answers=None if data["answers"] is None else answers_of_stranger(data["answers"]),
            extra=_extra(data.get("extra", {})),
        )
        base = data["base_revision"]
        return Envelope(
            content=content,
            base_revision=None if base is None else int(base),
            questions=tuple(_question(question) for question in data["questions"]),
            form_version=str(data.get("form_version", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest from error


def _extra(data: object) -> dict[str, Any]:
    """Take a flat object; the rules of the questions say whether its values are answers."""
    if not isinstance(data, dict):
        raise TypeError
    return data


def _question(data: dict[str, Any]) -> Question:
    params = {str(name): value for name, value in data.get("params", {}).items() if isinstance(value, int | str)}
    message = QUESTIONS[data["code"]]
    message % params  # a question without its values is not one of ours: KeyError
    return Question(data["code"], message, params)
