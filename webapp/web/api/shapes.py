"""What the API takes and gives, as strict shapes: no unknown key, no number in quotes, no float for a count.

Answers are the domain's own dataclasses, read by pydantic, so a question is written down once. The OpenAPI document is
made from these classes.
"""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from webapp.core.surveys import Answers, RoundStatus, VisitOutcome, VisitStatus
from webapp.services.submit_visit import SubmitVisit

# Control characters are no text: no keyboard types them, and PostgreSQL takes no NUL.
_TEXT = r"^[^\x00-\x1f\x7f]*$"
Word = Annotated[str, Field(max_length=40, pattern=_TEXT)]
Line = Annotated[str, Field(max_length=200, pattern=_TEXT)]
Whole = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
Revision = Annotated[int, Field(ge=1, le=1_000_000)]
Scalar = Whole | Line | bool | None


class Taken(BaseModel):
    """A body that comes from outside."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Given(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class Ping(Given):
    """The probe's answer."""

    service: Literal["phuong-so"]
    api: Literal[1]
    now: dt.datetime


class Enrolment(Taken):
    """A one-time code, and what the phone calls itself."""

    code: Line
    name: Line = ""


class EnrolledDevice(Given):
    """The phone's token: told this once."""

    device_id: UUID
    token: str
    account_id: UUID
    account_name: str
    ward_name: str


class Group(Given):
    """A residential group."""

    id: UUID
    name: str


class Me(Given):
    """Whom the phone acts for."""

    device_id: UUID
    account_id: UUID
    account_name: str
    ward_name: str
    groups: list[Group]
    now: dt.datetime


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
    extra: dict[str, JsonValue] | None = None
    confirmed: Annotated[list[Confirmation], Field(max_length=40)] = []
    reason: Annotated[str, Field(max_length=2_000)] = ""
    form_version: Word = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    source: Literal["phone", "api"] = "phone"


class VisitReceipt(Given):
    """Proof that the ward has the visit: `sha256` is of its canonical content, `code` is what people read aloud."""

    visit_id: UUID
    revision: int
    sha256: str
    code: str
    submitted_at: dt.datetime


class RoundShape(Given):
    """A survey round and where each of the phone's groups stands in it."""

    id: UUID
    name: str
    starts_on: dt.date
    ends_on: dt.date
    status: RoundStatus
    group_status: dict[str, RoundStatus]


class VisitContentShape(Given):
    """What a visit said: answers as they were sent, unknown ones left out."""

    answers: dict[str, JsonValue] | None


class ReferenceVisit(Given):
    """The newest visit of a household in the current round."""

    id: UUID
    round_id: UUID
    revision: int
    status: VisitStatus
    outcome: VisitOutcome
    visited_on: dt.date
    return_reason: str
    return_field: str
    sha256: str
    code: str
    content: VisitContentShape


class HouseholdShape(Given):
    """A household of the phone's groups: name and address are all the phone knows of a person."""

    id: UUID
    group_id: UUID
    number: int
    head_name: str
    address: str
    assigned_to_me: bool
    last: dict[str, JsonValue] | None
    visit: ReferenceVisit | None


class Reference(Given):
    """All that a phone needs to work without signal."""

    now: dt.datetime
    today: dt.date
    form_version: str
    current_round: UUID | None
    rounds: list[RoundShape]
    groups: list[Group]
    households: list[HouseholdShape]
    extra: list[dict[str, JsonValue]]


class FieldError(Given):
    """What is wrong with one field."""

    field: str
    message: str


class SoftQuestion(Given):
    """A question to be confirmed."""

    code: str
    params: dict[str, Scalar]
    text: str


class ProblemDocument(Given):
    """RFC 9457. `code` is for programs, `detail` (Vietnamese) for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] | None = None
    questions: list[SoftQuestion] | None = None
    current_revision: int | None = None
    current_sha256: str | None = None


def command_of(body: VisitBody, confirmed: list[dict[str, object]]) -> SubmitVisit:
    """Make the order for the service."""
    return SubmitVisit(
        visit_id=body.visit_id,
        round_id=body.round_id,
        household_id=body.household_id,
        outcome=body.outcome,
        visited_on=body.visited_on,
        answers=body.answers,
        confirmed=confirmed,
        base_revision=body.base_revision,
        reason=body.reason.strip(),
        source=body.source,
        started_at=body.started_at,
        finished_at=body.finished_at,
    )
