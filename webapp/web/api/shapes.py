"""What the API takes and gives; the OpenAPI document is made from these classes and from shared.visit_body."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from webapp.core.surveys import RoundStatus, VisitOutcome, VisitStatus
from webapp.web.shared.visit_body import Line, Scalar, Taken


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


class VisitReceipt(Given):
    """Proof that the ward has the visit: `sha256` is of its canonical content, `code` is what people read aloud."""

    visit_id: UUID
    revision: int
    sha256: str
    code: str
    submitted_at: dt.datetime


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


class BundleAnswer(Given):
    """What became of one visit of a bundle: status and body are those which it would have got alone."""

    status: int
    receipt: VisitReceipt | None = None
    problem: ProblemDocument | None = None


class BundleAnswers(Given):
    """One answer for each visit, in the order in which they came."""

    answers: list[BundleAnswer]


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
    extra: dict[str, JsonValue] | None = Field(None, exclude_if=lambda value: value is None)


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
