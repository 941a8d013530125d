"""Number, date and register entry, allotted together and without a gap (Decree 30, Art 15 and Appendix I)."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.documents import (
    DocumentStatus,
    StepKind,
    StepStatus,
    VersionKind,
    check_document_move,
    document_symbol,
    format_notation,
)
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.relations import REGISTER_WORDS
from webapp.models.accounts import Account
from webapp.models.documents import Document, DocumentType, NumberSeries, OutgoingRegister, SigningStep
from webapp.models.locking import locked_row
from webapp.models.places import Department, Ward
from webapp.models.workflow import DocumentCopy, DocumentRelation
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, add_version, current_version, find_document


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDocument:
    """Give the signed document its number."""

    document_id: UUID
    base: BaseVersion


def number_document(
    session: Session,
    command: NumberDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> str:
    """Take the year's next number, fill it into the prepared field and enter the register; give `30/KH-UBND`.

    Locks are taken in one order everywhere: document, series, chain. The series stays locked until the transaction
    ends, so a number that is not used in the end was never taken: no gap, no duplicate. Raises WrongState, Conflict.
    """
    require(actor, Permission.DOCUMENT_NUMBER)
    document = find_document(session, actor, command.document_id, lock=True)
    copied = is_copy(document.type_code)
    check_document_move(document.status, DocumentStatus.NUMBERED, is_copy=copied)
    base = current_version(session, document, command.base)
    pdf = files.get(base.sha256)
    symbol = symbol_of(session, document)
    series, today = _locked_series(session, actor.ward_id, clock)
    series.last_number += 1
    document.year, document.number, document.symbol, document.issued_on = today.year, series.last_number, symbol, today
    notation = format_notation(series.last_number, symbol)
    if copied:
        _open_copy_step(session, document)  # a scan stays as it is: nothing is written on it before the seal
    else:
        filled = signing.fill_number(pdf, notation=notation, issued_on=today)
        add_version(
            session,
            document,
            filled,
            kind=VersionKind.NUMBERED,
            filename=base.filename,
            actor=actor,
            clock=clock,
            files=files,
        )
    document.status = DocumentStatus.NUMBERED
    session.add(_register_row(session, document, series.last_number, today, actor=actor, clock=clock))
    session.flush()
    record(session, AuditTag.DOCUMENT_NUMBER, actor=actor, clock=clock, subject=document.id, notation=notation)
    return notation


def _locked_series(session: Session, ward_id: UUID, clock: Clock) -> tuple[NumberSeries, dt.date]:
    """Lock the series of the year and read the day only then: while waiting, midnight or New Year may have passed."""
    year = clock.today().year
    while True:
        series = locked_row(session, NumberSeries, {"ward_id": ward_id, "year": year}, last_number=0)
        today = clock.today()
        if today.year == year:
            return series, today
        year = today.year


def symbol_of(session: Session, document: Document) -> str:
    """Give the symbol that the document's number will carry: `KH-UBND`, `UBND-VX`."""
    agency = session.get_one(Ward, document.ward_id).agency_symbol
    kind = session.get_one(DocumentType, document.type_code)
    unit = session.get_one(Department, (document.ward_id, document.department_id)) if document.department_id else None
    return document_symbol(kind.abbreviation, agency, unit.symbol if unit else "")


def _register_row(
    session: Session, document: Document, number: int, today: dt.date, *, actor: Actor, clock: Clock
) -> OutgoingRegister:
    signer = session.get(Account, document.signer_id) if document.signer_id else None
    unit = session.get_one(Department, (document.ward_id, document.department_id)) if document.department_id else None
    kind = session.get_one(DocumentType, document.type_code)
    return OutgoingRegister(
        ward_id=document.ward_id,
        year=today.year,
        number=number,
        document_id=document.id,
        notation=format_notation(number, document.symbol),
        issued_on=today,
        abstract=f"{kind.name_vi}: {document.abstract}" if kind.abbreviation else document.abstract,
        signer=", ".join(part for part in (signer.display_name if signer else "", document.signer_title) if part),
        recipients=document.recipients,
        file_keeper=", ".join(part for part in ("Văn thư", unit.name if unit else "") if part),
        copies=None,
        transferred_on=None,
        receipt="",
        note=_note(session, document),
        registered_at=clock.now(),
        registered_by=actor.account_id,
    )


def _open_copy_step(session: Session, document: Document) -> None:
    """Open the one step of a copy: the agency's."""
    session.add(
        SigningStep(
            ward_id=document.ward_id,
            id=new_id(),
            document_id=document.id,
            position=1,
            attempt=1,
            stage=1,
            kind=StepKind.AGENCY,
            status=StepStatus.WAITING,
            account_id=None,
        )
    )


def _note(session: Session, document: Document) -> str:
    """Say in the register what the document does to an earlier one, and what a copy is a copy of."""
    said = ["Văn bản điện tử"]
    relation = session.get(DocumentRelation, (document.ward_id, document.id))
    if relation is not None:
        target = session.get_one(Document, (document.ward_id, relation.target_id))
        said.append(f"{REGISTER_WORDS[relation.kind]} {format_notation(target.number or 0, target.symbol)}")
    copy = session.get(DocumentCopy, (document.ward_id, document.id))
    if copy is not None:
        said.append(f"sao từ {copy.source_notation} của {copy.source_issuer}")
    return "; ".join(said)[:300]
