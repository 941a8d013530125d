"""The chains of a ward: which one is in force for a type of document, and what it was before."""

import datetime as dt
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.core.copies import COPY_TYPES
from webapp.core.errors import NotFound
from webapp.core.signing_chains import Chain, chain_of
from webapp.models.accounts import Account
from webapp.models.documents import DocumentType
from webapp.models.workflow import DocumentChain


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRow:
    """A type's chain. `version` 0 is the reference's, then nobody made it here."""

    type_code: str
    type_name: str
    version: int
    chain: Chain
    note: str = ""
    made_at: dt.datetime | None = None
    made_by: str = ""


def chain_in_force(session: Session, ward_id: UUID, type_code: str) -> ChainRow:
    """Give the chain that a document of the type gets now. Two statements. Raises NotFound."""
    newest = _rows(session, ward_id, DocumentChain.type_code == type_code, newest=1)
    if newest:
        return newest[0]
    kind = session.get(DocumentType, type_code)
    if kind is None:
        raise NotFound
    return ChainRow(type_code=kind.code, type_name=kind.name_vi, version=0, chain=chain_of(kind.chain))


def list_chains(session: Session, ward_id: UUID) -> list[ChainRow]:
    """Give the chain in force of each type that people sign, in the order of the decree. Two statements."""
    made: dict[str, ChainRow] = {}
    for row in _rows(session, ward_id):
        made.setdefault(row.type_code, row)  # newest first
    types = session.scalars(
        select(DocumentType).where(DocumentType.code.not_in(COPY_TYPES.values())).order_by(DocumentType.sort_key)
    )
    return [
        made.get(kind.code)
        or ChainRow(type_code=kind.code, type_name=kind.name_vi, version=0, chain=chain_of(kind.chain))
        for kind in types
    ]


def chain_history(session: Session, ward_id: UUID, type_code: str) -> list[ChainRow]:
    """Give the ward's versions of a type's chain, newest first. One statement."""
    return list(_rows(session, ward_id, DocumentChain.type_code == type_code))


def _rows(session: Session, ward_id: UUID, *where: ColumnElement[bool], newest: int | None = None) -> list[ChainRow]:
    rows = session.execute(
        select(DocumentChain, DocumentType.name_vi, Account.display_name)
        .join(DocumentType, DocumentType.code == DocumentChain.type_code)
        .outerjoin(Account, Account.id == DocumentChain.made_by)
        .where(DocumentChain.ward_id == ward_id, *where)
        .order_by(DocumentChain.version.desc())
        .limit(newest)
    )
    return [
        ChainRow(
            type_code=row.type_code,
            type_name=type_name,
            version=row.version,
            chain=Chain(**{field.name: getattr(row, field.name) for field in fields(Chain)}),
            note=row.note,
            made_at=row.made_at,
            made_by=name or "",
        )
        for row, type_name, name in rows
    ]
