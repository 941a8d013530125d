"""Incoming documents (Decree 30/2020, Arts 20–24): received and checked, registered, handed on, dealt with."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from webapp.core.errors import N_, Problem, WrongState
from webapp.core.text import clean


class IncomingStatus(StrEnum):
    """Where an incoming document stands."""

    RECEIVED = "received"  # the file is here and was checked; it has no number yet
    REGISTERED = "registered"
    DONE = "done"
    RETURNED = "returned"  # sent back before it got a number: not genuine, not ours, not readable


class IncomingMedium(StrEnum):
    """How it came."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


INCOMING_MOVES: Final[Mapping[IncomingStatus, frozenset[IncomingStatus]]] = MappingProxyType(
    {
        IncomingStatus.RECEIVED: frozenset({IncomingStatus.REGISTERED, IncomingStatus.RETURNED}),
        IncomingStatus.REGISTERED: frozenset({IncomingStatus.DONE}),
        IncomingStatus.DONE: frozenset(),
        IncomingStatus.RETURNED: frozenset(),
    }
)
VALID: Final = "valid"
PAPER_VERDICT: Final = "paper"
TEXT_MAX: Final[Mapping[str, int]] = MappingProxyType(
    {
        "sender": 200,
        "notation": 80,
        "type_name": 120,
        "abstract": 500,
        "note": 300,
        "decision": 500,
        "instruction": 500,
        "outcome": 500,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFacts:
    """What the register says of a document (Decree 30, Appendix IV). Days are days in the ward."""

    arrived_on: dt.date
    sender: str
    notation: str = ""
    document_on: dt.date | None = None
    type_name: str = ""
    abstract: str = ""
    note: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """Who deals with a document, until when, and what is asked of them."""

    handler_id: UUID
    deadline_on: dt.date | None = None
    instruction: str = ""


def check_incoming_move(current: IncomingStatus, wanted: IncomingStatus) -> None:
    """Refuse a move that the table does not allow. Raises WrongState."""
    if wanted not in INCOMING_MOVES[current]:
        raise WrongState(N_("Văn bản đến này không còn ở bước đó. Hãy tải lại trang."))


def needs_decision(medium: IncomingMedium, verdict: str) -> bool:
    """Tell whether somebody must say why the document is taken although its signatures are not plainly valid."""
    return medium is IncomingMedium.ELECTRONIC and verdict != VALID


def tidy_facts(facts: IncomingFacts) -> IncomingFacts:
    """Give the same facts in normal form."""
    return IncomingFacts(
        arrived_on=facts.arrived_on,
        document_on=facts.document_on,
        **{name: clean(getattr(facts, name)) for name in ("sender", "notation", "type_name", "abstract", "note")},
        decision=facts.decision.strip(),
    )


def check_facts(facts: IncomingFacts, *, today: dt.date, decision_needed: bool) -> list[Problem]:
    """Give what is wrong, each with its field."""
    found = [
        Problem(name, N_("Không dài quá %(max)s ký tự."), {"max": TEXT_MAX[name]})
        for name in ("sender", "notation", "type_name", "abstract", "note", "decision")
        if len(getattr(facts, name)) > TEXT_MAX[name]
    ]
    if not facts.sender:
        found.append(Problem("sender", N_("Hãy ghi cơ quan, tổ chức hoặc người gửi.")))
    if not facts.abstract:
        found.append(Problem("abstract", N_("Hãy ghi trích yếu nội dung văn bản.")))
    if facts.arrived_on > today:
        found.append(Problem("arrived_on", N_("Ngày đến không được sau hôm nay.")))
    if facts.document_on is not None and facts.document_on > facts.arrived_on:
        found.append(Problem("document_on", N_("Ngày văn bản không được sau ngày đến.")))
    if decision_needed and not facts.decision:
        found.append(Problem("decision", N_("Chữ ký chưa được xác nhận hợp lệ. Hãy ghi vì sao vẫn nhận văn bản này.")))
    return found


def check_handing(handing: Handing, *, arrived_on: dt.date) -> list[Problem]:
    """Give what is wrong, each with its field."""
    found = []
    if handing.deadline_on is not None and handing.deadline_on < arrived_on:
        found.append(Problem("deadline_on", N_("Hạn giải quyết không được trước ngày đến.")))
    if len(handing.instruction) > TEXT_MAX["instruction"]:
        found.append(Problem("instruction", N_("Không dài quá %(max)s ký tự."), {"max": TEXT_MAX["instruction"]}))
    return found
