"""A visit as it comes from outside, from a phone or in a phone's backup file: a strict shape, read by pydantic.

No unknown key, no number in quotes, no float for a count. Answers are the domain's own dataclasses, so a question is
written down once.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from webapp.core.errors import Problem
from webapp.core.survey_questions import kept_confirmations
from webapp.core.surveys import Answers, VisitOutcome
from webapp.services.submit_visit import SubmitVisit

# Control characters are no text: no keyboard types them, and PostgreSQL takes no NUL.
_TEXT = r"^[^\x00-\x1f\x7f]*$"
Word = Annotated[str, Field(max_length=40, pattern=_TEXT)]
Line = Annotated[str, Field(max_length=200, pattern=_TEXT)]
Whole = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
Revision = Annotated[int, Field(ge=1, le=1_000_000)]
Scalar = Whole | Line | bool | None
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
ExtraValue = (
    Whole | Annotated[str, Field(max_length=2_000, pattern=_LINES)] | Annotated[list[Word], Field(max_length=60)]
)


class Taken(BaseModel):
    """A body that comes from outside."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Confirmation(Taken):
    """A soft question that the person answered with "đúng" (core.survey_questions)."""

    code: Word
    params: Annotated[dict[Word, Whole | Word], Field(max_length=8)] = {}
    value: Scalar = None


class VisitBody(Taken):
    """A visit, or the correction of one (`base_revision` is the revision that was corrected, `reason` says why)."""

    visit_id: UUID
    round_id: UUID
    household_id: UUID
    base_revision: Revision | None = None
    outcome: VisitOutcome
    visited_on: dt.date
    answers: Answers | None
    extra: Annotated[dict[Word, ExtraValue], Field(max_length=60)] | None = None
    confirmed: Annotated[list[Confirmation], Field(max_length=40)] = []
    reason: Annotated[str, Field(max_length=2_000)] = ""
    form_version: Word = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    source: Literal["phone", "api"] = "phone"

    def command(self, source: str = "") -> SubmitVisit:
        """Make the order for the service; `source` says how it came when not by itself."""
        confirmed = [entry.model_dump(exclude_defaults=True) for entry in self.confirmed]
        return SubmitVisit(
            visit_id=self.visit_id,
            round_id=self.round_id,
            household_id=self.household_id,
            outcome=self.outcome,
            visited_on=self.visited_on,
            answers=self.answers,
            confirmed=kept_confirmations(confirmed, self.answers),
            base_revision=self.base_revision,
            reason=self.reason.strip(),
            source=source or self.source,
            started_at=self.started_at,
            finished_at=self.finished_at,
            extra=self.extra or {},
            form_version=self.form_version,
        )


BUNDLE_MOST: Final = 20
"""Visits that may travel together: a second's work, and little enough for a poor line."""


class VisitBundle(Taken):
    """Visits that travel together; each is taken or refused for itself."""

    visits: Annotated[list[VisitBody], Field(min_length=1, max_length=BUNDLE_MOST)]


MOST_ERRORS: Final = 20
# A wrong value here is the head's to mend, on the form; anything else is the program's fault.
ANSWERED: Final = frozenset({"answers", "extra", "outcome", "visited_on"})
_WORDS: Final[Mapping[str, str]] = {
    "missing": "Thiếu mục này.",
    "extra_forbidden": "Mục này không có trong mẫu.",
    "unexpected_keyword_argument": "Mục này không có trong mẫu.",
    "enum": "Lựa chọn này không có trong phiếu.",
    "literal_error": "Lựa chọn này không có trong phiếu.",
    "int_type": "Ghi số nguyên.",
    "int_parsing_size": "Số này quá lớn.",
    "bool_type": "Chỉ nhận có, không hoặc bỏ trống.",
    "string_type": "Ghi chữ.",
    "string_too_long": "Chữ dài quá.",
    "date_parsing": "Ghi ngày dạng 2026-11-22.",
    "date_type": "Ghi ngày dạng 2026-11-22.",
}
_OTHER: Final = "Giá trị này không đúng mẫu."


def body_problems(found: Sequence[Any]) -> list[Problem]:
    """Say what pydantic found wrong with a body: one problem a field, named as core.survey_checks names it."""
    problems = [Problem(_path(item["loc"]), _WORDS.get(item["type"], _OTHER)) for item in found]
    # A union of types complains once for each of them.
    return list({problem.field: problem for problem in reversed(problems)}.values())[::-1][:MOST_ERRORS]


def _path(place: tuple[int | str, ...]) -> str:
    parts = place[1:] if len(place) > 1 and place[0] == "answers" else place
    return ".".join(str(part) for part in parts)
