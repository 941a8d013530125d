"""Lists of documents: what waits for whom, and everything by state."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.documents import DocumentStatus, format_notation
from webapp.core.text import fold_words
from webapp.models.accounts import Account
from webapp.models.documents import Document, DocumentType
from webapp.queries.turns import my_turn

S = DocumentStatus


class Tab(StrEnum):
    """The tabs of the list page; the value stands in the address."""

    MINE = "cho-toi"
    DRAFT = "du-thao"
    TO_SIGN = "cho-ky"
    TO_NUMBER = "cho-so"
    TO_SEAL = "cho-dau"
    PUBLISHED = "da-phat-hanh"
    ALL = "tat-ca"


STATES: Final = {
    Tab.DRAFT: (S.DRAFT, S.REJECTED),
    Tab.TO_SIGN: (S.AWAITING_SIGNATURE,),
    Tab.TO_NUMBER: (S.SIGNED,),
    Tab.TO_SEAL: (S.NUMBERED, S.SEALED),
    Tab.PUBLISHED: (S.PUBLISHED,),
    Tab.ALL: tuple(S),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line of the list. `notation` is empty before the number is given; `changed_at` is aware UTC."""

    id: UUID
    type_name: str
    abstract: str
    notation: str
    status: DocumentStatus
    signer_name: str
    changed_at: dt.datetime
    issued_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLines:
    """A page of the list with the number of all that match."""

    lines: tuple[DocumentLine, ...]
    total: int


def count_tabs(session: Session, actor: Actor) -> dict[Tab, int]:
    """Count the documents of each tab. Two statements."""
    rows = session.execute(
        select(Document.status, func.count().label("n"))
        .where(Document.ward_id == actor.ward_id)
        .group_by(Document.status)
    )
    by_state: dict[DocumentStatus, int] = {row.status: row.n for row in rows}
    counts = {tab: sum(by_state.get(state, 0) for state in states) for tab, states in STATES.items()}
    mine = session.scalar(select(func.count()).select_from(Document).where(_of_tab(actor, Tab.MINE)))
    return {Tab.MINE: mine or 0, **counts}


def list_documents(
    session: Session, actor: Actor, tab: Tab, *, search: str = "", page: int = 1, size: int = 25
) -> DocumentLines:
    """Give a page of a tab, newest first; `search` finds words of abstract, number or type without diacritics.

    At most three statements.
    """
    where = _of_tab(actor, tab)
    if words := fold_words(search):
        found = _matching(session, where, words)
        total, where = len(found), Document.id.in_(found[(page - 1) * size : page * size])
        wanted = _lines().where(Document.ward_id == actor.ward_id, where)
    else:
        total = session.scalar(select(func.count()).select_from(Document).where(where)) or 0
        wanted = _lines().where(where).offset((page - 1) * size).limit(size)
    return DocumentLines(lines=tuple(_line(row) for row in session.execute(wanted)), total=total)


def _of_tab(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    here = Document.ward_id == actor.ward_id
    if tab is not Tab.MINE:
        return and_(here, Document.status.in_(STATES[tab]))
    states = {
        Permission.DOCUMENT_NUMBER: S.SIGNED,
        Permission.DOCUMENT_SEAL: S.NUMBERED,
        Permission.DOCUMENT_PUBLISH: S.SEALED,
    }
    by_office = [state for permission, state in states.items() if actor.can(permission)]
    return and_(
        here,
        or_(
            and_(Document.status == S.AWAITING_SIGNATURE, my_turn(actor.account_id)),
            and_(Document.status.in_((S.DRAFT, S.REJECTED)), Document.created_by == actor.account_id),
            Document.status.in_(by_office) if by_office else false(),
        ),
    )


def _matching(session: Session, where: ColumnElement[bool], words: list[str]) -> list[UUID]:
    """Compare in Python: SQLite folds only ASCII letters, and a ward has some thousand documents a year."""
    rows = session.execute(
        select(Document.id, Document.abstract, Document.number, Document.symbol, DocumentType.name_vi)
        .join(DocumentType, DocumentType.code == Document.type_code)
        .where(where)
        .order_by(Document.created_at.desc(), Document.id.desc())
    )
    found = []
    for row in rows:
        notation = format_notation(row.number, row.symbol) if row.number else ""
        text = " ".join(fold_words(f"{row.abstract} {notation} {row.number or ''} {row.name_vi}"))
        if all(word in text for word in words):
            found.append(row.id)
    return found


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Document.id,
            Document.abstract,
            Document.status,
            Document.number,
            Document.symbol,
            Document.issued_on,
            Document.created_at,
            Document.submitted_at,
            Document.published_at,
            DocumentType.name_vi,
            Account.display_name,
        )
        .join(DocumentType, DocumentType.code == Document.type_code)
        .outerjoin(Account, Account.id == Document.signer_id)
        .order_by(Document.created_at.desc(), Document.id.desc())
    )


def _line(row: Any) -> DocumentLine:  # noqa: ANN401 - a row of _lines
    return DocumentLine(
        id=row.id,
        type_name=row.name_vi,
        abstract=row.abstract,
        notation=format_notation(row.number, row.symbol) if row.number else "",
        status=row.status,
        signer_name=row.display_name or "",
        changed_at=row.published_at or row.submitted_at or row.created_at,
        issued_on=row.issued_on,
    )
