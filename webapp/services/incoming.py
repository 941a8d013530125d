"""Receiving and registering incoming documents: the file is hashed and checked first, then it gets its number."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import format_number, tidy_filename
from webapp.core.errors import N_, Conflict, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.incoming import (
    PAPER_VERDICT,
    TEXT_MAX,
    IncomingFacts,
    IncomingMedium,
    IncomingStatus,
    check_facts,
    check_incoming_move,
    needs_decision,
    tidy_facts,
)
from webapp.core.ports import Clock, FileStore
from webapp.core.text import fold
from webapp.models.incoming import IncomingDocument, IncomingSeries
from webapp.models.locking import locked_row
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveIncoming:
    """A document that has arrived; `report` is the verification room's verdict on `content` (both empty: paper)."""

    medium: IncomingMedium
    content: bytes = field(default=b"", repr=False)
    filename: str = ""
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)


def receive_incoming(
    session: Session, command: ReceiveIncoming, *, actor: Actor, clock: Clock, files: FileStore
) -> UUID:
    """Keep the file under its hash together with the verdict; give the document's id.

    Raises InvalidInput when the same file was received before, Conflict when the verdict is about another file.
    """
    require(actor, Permission.INCOMING_REGISTER)
    paper = command.medium is IncomingMedium.PAPER
    if not command.content and not paper:
        raise InvalidInput(Problem("content", N_("Hãy chọn tệp văn bản đã nhận.")))
    sha256 = _kept(session, command, actor=actor, files=files) if command.content else None
    document = IncomingDocument(
        ward_id=actor.ward_id,
        id=new_id(),
        status=IncomingStatus.RECEIVED,
        medium=command.medium,
        arrived_on=clock.today(),
        file_sha256=sha256,
        file_name=tidy_filename(command.filename) if command.content else "",
        file_size=len(command.content),
        verdict=PAPER_VERDICT if paper else str(command.report["verdict"]),
        report=dict(command.report),
        received_at=clock.now(),
        received_by=actor.account_id,
    )
    session.add(document)
    session.flush()
    told = {"sha256": sha256, "verdict": document.verdict}
    record(session, AuditTag.INCOMING_RECEIVE, actor=actor, clock=clock, subject=document.id, **told)
    return document.id


def register_incoming(session: Session, document_id: UUID, facts: IncomingFacts, *, actor: Actor, clock: Clock) -> str:
    """Give the next number of the year's incoming series; give it as written (`07`).

    The series stays locked until the transaction ends: a number that is not used in the end was never taken. Raises
    InvalidInput, WrongState.
    """
    require(actor, Permission.INCOMING_REGISTER)
    document = find_incoming(session, actor, document_id, lock=True)
    check_incoming_move(document.status, IncomingStatus.REGISTERED)
    facts = tidy_facts(facts)
    needed = needs_decision(document.medium, document.verdict)
    if problems := check_facts(facts, today=clock.today(), decision_needed=needed):
        raise InvalidInput(problems)
    _write(document, facts)
    year = clock.today().year
    series = locked_row(session, IncomingSeries, {"ward_id": actor.ward_id, "year": year}, last_number=0)
    series.last_number += 1
    document.year, document.number = year, series.last_number
    document.status = IncomingStatus.REGISTERED
    document.registered_at, document.registered_by = clock.now(), actor.account_id
    document.search_text = _search_text(document)
    session.flush()
    told = {"number": series.last_number, "year": year, "against_verdict": needed}
    record(session, AuditTag.INCOMING_REGISTER, actor=actor, clock=clock, subject=document.id, **told)
    return format_number(series.last_number)


def return_incoming(session: Session, document_id: UUID, reason: str, *, actor: Actor, clock: Clock) -> None:
    """Send a document back before it gets a number. Raises InvalidInput without a reason, WrongState."""
    require(actor, Permission.INCOMING_REGISTER)
    document = find_incoming(session, actor, document_id, lock=True)
    check_incoming_move(document.status, IncomingStatus.RETURNED)
    reason = reason.strip()
    if not reason or len(reason) > TEXT_MAX["decision"]:
        raise InvalidInput(Problem("reason", N_("Hãy ghi lý do trả lại để báo cho nơi gửi (tối đa 500 ký tự).")))
    document.status, document.decision = IncomingStatus.RETURNED, reason
    record(session, AuditTag.INCOMING_RETURN, actor=actor, clock=clock, subject=document.id)


def confirm_receipt(session: Session, document_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Note that the sender was told that the document arrived; a second time changes nothing. Raises NotFound."""
    require(actor, Permission.INCOMING_REGISTER)
    document = find_incoming(session, actor, document_id, lock=True)
    if document.number is None:
        raise NotFound
    if document.confirmed_at is None:
        document.confirmed_at = clock.now()
        record(session, AuditTag.INCOMING_CONFIRM, actor=actor, clock=clock, subject=document.id)


def find_incoming(session: Session, actor: Actor, document_id: UUID, *, lock: bool = False) -> IncomingDocument:
    """Give the ward's document, locked until the transaction ends if wished. Raises NotFound."""
    wanted = select(IncomingDocument).where(
        IncomingDocument.ward_id == actor.ward_id, IncomingDocument.id == document_id
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    document = session.scalar(wanted)
    if document is None:
        raise NotFound
    return document


def _kept(session: Session, command: ReceiveIncoming, *, actor: Actor, files: FileStore) -> str:
    sha256 = hashlib.sha256(command.content).hexdigest()
    if command.report and command.report.get("sha256") != sha256:
        raise Conflict(N_("Kết quả kiểm tra không phải của tệp này. Hãy tải tệp lên lại."))
    before = session.scalar(
        select(IncomingDocument)
        .where(
            IncomingDocument.ward_id == actor.ward_id,
            IncomingDocument.file_sha256 == sha256,
            IncomingDocument.status != IncomingStatus.RETURNED,
        )
        .limit(1)
    )
    if before is not None:
        raise InvalidInput(Problem("content", _already(before), {"number": before.number, "year": before.year}))
    return files.put(command.content)


def _already(before: IncomingDocument) -> str:
    if before.number is None:
        return N_("Tệp này đã nhận rồi và đang chờ vào sổ.")
    return N_("Tệp này đã vào sổ: số đến %(number)s năm %(year)s.")


def _write(document: IncomingDocument, facts: IncomingFacts) -> None:
    document.arrived_on, document.document_on = facts.arrived_on, facts.document_on
    document.sender, document.notation, document.type_name = facts.sender, facts.notation, facts.type_name
    document.abstract, document.note, document.decision = facts.abstract, facts.note, facts.decision


def _search_text(document: IncomingDocument) -> str:
    words = (str(document.number), document.sender, document.notation, document.type_name, document.abstract)
    return fold(" ".join(words))[:1200]
