"""The revisions of a visit in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webapp.core.extra_questions import ExtraQuestion
from webapp.core.survey_questions import told
from webapp.queries.visits import RevisionRow
from webapp.web.surveys.summary import Change, changes_between


@dataclass(frozen=True, slots=True)
class ToldRevision:
    """A revision, what it changed from the one before, and the questions that were confirmed with it."""

    row: RevisionRow
    changes: list[Change]
    confirmed: list[str]


def history_of(revisions: Sequence[RevisionRow], questions: Sequence[ExtraQuestion]) -> list[ToldRevision]:
    """Tell revisions (newest first), each against the one before it; `questions`: all extra ones of the round."""
    before: Sequence[RevisionRow | None] = [*revisions[1:], None]
    return [
        ToldRevision(
            row=row,
            changes=changes_between(older.content, row.content, questions) if older else [],
            confirmed=[_say(message, entry) for entry in row.confirmed if (message := told(entry))],
        )
        for row, older in zip(revisions, before, strict=True)
    ]


def _say(message: str, entry: dict[str, Any]) -> str:
    text = str(_(message, **entry.get("params", {})))
    return str(_("%(question)s (chưa được hỏi lại)", question=text)) if entry.get("unanswered") else text
