"""Incoming documents: the register of a year, one document, and what waits for whom."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from webapp.core.access import PERMISSION_MAP, Actor, Permission
from webapp.core.errors import NotFound
from webapp.core.incoming import IncomingMedium, IncomingStatus
from webapp.core.text import fold_words
from webapp.models.accounts import Account, RoleGrant
from webapp.models.incoming import IncomingDocument, IncomingSeries
from webapp.queries.document_choices import Choice
from webapp.queries.grants import live_grant

I = IncomingDocument  # noqa: E741 - the statements below name it in every line
_Handler = aliased(Account)


class IncomingView(StrEnum):
    """Which lines of the register to show."""

    ALL = "tat-ca"
    OPEN = "dang-giai-quyet"
    LATE = "qua-han"
    MINE = "cua-toi"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingLine:
    """A line of the register."""

    document_id: UUID
    status: IncomingStatus
    medium: IncomingMedium
    number: int | None
    arrived_on: dt.date
    sender: str
    notation: str
    document_on: dt.date | None
    type_name: str
    abstract: str
    handler: str
    forwarded_on: dt.date | None
    acknowledged_at: dt.datetime | None
    deadline_on: dt.date | None
    note: str
    verdict: str

    def is_late(self, today: dt.date) -> bool:
        """Tell whether its deadline went by unmet."""
        return self.status is IncomingStatus.REGISTERED and self.deadline_on is not None and self.deadline_on < today

    @property
    def title(self) -> str:
        """Type and abstract, as the register's sixth column has them."""
        return f"{self.type_name}: {self.abstract}" if self.type_name else self.abstract


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingDetail:
    """One document with everything that is known of it."""

    line: IncomingLine
    handler_id: UUID | None
    instruction: str
    decision: str
    outcome: str
    file_sha256: str | None
    file_name: str
    file_size: int
    report: dict[str, Any]
    received_at: dt.datetime
    received_by: str
    registered_at: dt.datetime | None
    confirmed_at: dt.datetime | None
    done_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingRegister:
    """A year's register, in the order of its numbers. `gaps` are numbers without a line: there must be none."""

    year: int
    lines: tuple[IncomingLine, ...]
    gaps: tuple[int, ...]
    last_number: int


def incoming_years(session: Session, ward_id: UUID) -> list[int]:
    """Give the years that have a series, newest first."""
    wanted = select(IncomingSeries.year).where(IncomingSeries.ward_id == ward_id)
    return list(session.scalars(wanted.order_by(IncomingSeries.year.desc())))


def incoming_register(session: Session, ward_id: UUID, year: int) -> IncomingRegister:
    """Give the whole register of a year. Two statements."""
    last = session.scalar(
        select(IncomingSeries.last_number).where(IncomingSeries.ward_id == ward_id, IncomingSeries.year == year)
    )
    rows = session.execute(_lines().where(I.ward_id == ward_id, I.year == year).order_by(I.number))
    lines = tuple(_line(row) for row in rows)
    taken = {line.number for line in lines}
    gaps = tuple(number for number in range(1, (last or 0) + 1) if number not in taken)
    return IncomingRegister(year=year, lines=lines, gaps=gaps, last_number=last or 0)


def find_lines(
    session: Session, actor: Actor, year: int, *, view: IncomingView, words: str, today: dt.date
) -> list[IncomingLine]:
    """Give the lines of a view that hold every word, newest first; marks of Vietnamese do not count. One statement."""
    conditions: list[ColumnElement[bool]] = [I.ward_id == actor.ward_id, I.year == year]
    if view is not IncomingView.ALL:
        conditions.append(I.status == IncomingStatus.REGISTERED)
    if view is IncomingView.LATE:
        conditions.append(I.deadline_on < today)
    if view is IncomingView.MINE:
        conditions.append(I.handler_id == actor.account_id)
    # Folded words hold letters and digits only, so none of them is a pattern.
    conditions += [I.search_text.like(f"%{word}%") for word in fold_words(words)]
    return [_line(row) for row in session.execute(_lines().where(*conditions).order_by(I.number.desc()))]


def unregistered(session: Session, ward_id: UUID) -> list[IncomingLine]:
    """Give what was received and waits for its number, oldest first. One statement."""
    wanted = _lines().where(I.ward_id == ward_id, I.status == IncomingStatus.RECEIVED).order_by(I.received_at)
    return [_line(row) for row in session.execute(wanted)]


def get_incoming(session: Session, ward_id: UUID, document_id: UUID) -> IncomingDetail:
    """Give one document. One statement. Raises NotFound."""
    receiver = aliased(Account)
    row = session.execute(
        _lines()
        .add_columns(receiver.display_name.label("receiver"))
        .outerjoin(receiver, receiver.id == I.received_by)
        .where(I.ward_id == ward_id, I.id == document_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    document = row.IncomingDocument
    return IncomingDetail(
        line=_line(row),
        handler_id=document.handler_id,
        instruction=document.instruction,
        decision=document.decision,
        outcome=document.outcome,
        file_sha256=document.file_sha256,
        file_name=document.file_name,
        file_size=document.file_size,
        report=document.report,
        received_at=document.received_at,
        received_by=row.receiver or "",
        registered_at=document.registered_at,
        confirmed_at=document.confirmed_at,
        done_at=document.done_at,
    )


def handlers(session: Session, ward_id: UUID, *, now: dt.datetime) -> list[Choice]:
    """Give the people who may be handed a document, by name. One statement."""
    rows = session.execute(
        _handlers(ward_id).add_columns(Account.display_name, RoleGrant.title).order_by(Account.display_name),
        {"now": now},
    )
    found = {row.id: f"{row.display_name} ({row.title})" if row.title else row.display_name for row in rows}
    return [Choice(value=str(account_id), text=text) for account_id, text in found.items()]


def is_handler(session: Session, ward_id: UUID, account_id: UUID, *, now: dt.datetime) -> bool:
    """Tell whether a person may be handed a document. One statement."""
    wanted = _handlers(ward_id).where(Account.id == account_id).limit(1)
    return session.execute(wanted, {"now": now}).first() is not None


def _handlers(ward_id: UUID) -> Select[UUID]:
    roles = [role for role, allowed in PERMISSION_MAP.items() if Permission.INCOMING_HANDLE in allowed]
    return (
        select(Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role.in_(roles),
            live_grant(RoleGrant.__table__),
            Account.disabled_at.is_(None),
        )
    )


def _lines() -> Select[Any, Any]:
    return select(I, _Handler.display_name.label("handler")).outerjoin(_Handler, _Handler.id == I.handler_id)


def _line(row: Any) -> IncomingLine:  # noqa: ANN401 - a row of `_lines`, with or without more columns
    document = row.IncomingDocument
    return IncomingLine(
        document_id=document.id,
        status=document.status,
        medium=document.medium,
        number=document.number,
        arrived_on=document.arrived_on,
        sender=document.sender,
        notation=document.notation,
        document_on=document.document_on,
        type_name=document.type_name,
        abstract=document.abstract,
        handler=row.handler or "",
        forwarded_on=document.forwarded_on,
        acknowledged_at=document.acknowledged_at,
        deadline_on=document.deadline_on,
        note=document.note,
        verdict=document.verdict,
    )
