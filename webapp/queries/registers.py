"""The outgoing register: ten columns of Decree 30, Appendix IV, and whether its numbers are whole."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.documents import DocumentStatus
from webapp.models.documents import Document, NumberSeries, OutgoingRegister
from webapp.models.places import Ward


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One row of the register; the first ten are its columns."""

    notation: str
    issued_on: dt.date
    abstract: str
    signer: str
    recipients: str
    file_keeper: str
    copies: int | None
    transferred_on: dt.date | None
    receipt: str
    note: str
    number: int
    document_id: UUID
    status: DocumentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A year's register. `gaps` are numbers that were taken and have no row: there must be none."""

    year: int
    lines: tuple[RegisterLine, ...]
    gaps: tuple[int, ...]
    last_number: int


def agency_name(session: Session, ward_id: UUID) -> str:
    """Give the agency whose register it is."""
    return session.scalars(select(Ward.agency_name).where(Ward.id == ward_id)).one()


def register_years(session: Session, ward_id: UUID) -> list[int]:
    """Give the years that have a series, newest first."""
    return list(
        session.scalars(
            select(NumberSeries.year).where(NumberSeries.ward_id == ward_id).order_by(NumberSeries.year.desc())
        )
    )


def outgoing_register(session: Session, ward_id: UUID, year: int) -> Register:
    """Give the register of a year in the order of its numbers. Two statements."""
    last = session.scalar(
        select(NumberSeries.last_number).where(NumberSeries.ward_id == ward_id, NumberSeries.year == year)
    )
    rows = session.execute(
        select(OutgoingRegister, Document.status)
        .join(Document, (Document.ward_id == OutgoingRegister.ward_id) & (Document.id == OutgoingRegister.document_id))
        .where(OutgoingRegister.ward_id == ward_id, OutgoingRegister.year == year)
        .order_by(OutgoingRegister.number)
    ).all()
    taken = {row.OutgoingRegister.number for row in rows}
    highest = max([last or 0, *taken])
    return Register(
        year=year,
        lines=tuple(_line(row.OutgoingRegister, row.status) for row in rows),
        gaps=tuple(number for number in range(1, highest + 1) if number not in taken),
        last_number=last or 0,
    )


def _line(row: OutgoingRegister, status: DocumentStatus) -> RegisterLine:
    return RegisterLine(
        notation=row.notation,
        issued_on=row.issued_on,
        abstract=row.abstract,
        signer=row.signer,
        recipients=row.recipients,
        file_keeper=row.file_keeper,
        copies=row.copies,
        transferred_on=row.transferred_on,
        receipt=row.receipt,
        note=row.note,
        number=row.number,
        document_id=row.document_id,
        status=status,
    )
