"""Which level of signatures each type of document asks for."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.signature_levels import DEFAULT_LEVEL, SignatureLevel
from webapp.models.accounts import Account
from webapp.models.documents import DocumentType
from webapp.models.workflow import DocumentLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """A type with its level; `changed_at` None: nobody chose it, the default holds."""

    type_code: str
    type_name: str
    level: SignatureLevel
    changed_at: dt.datetime | None
    changed_by: str


def level_in_force(session: Session, ward_id: UUID, type_code: str) -> SignatureLevel:
    """Give the level that a document of the type is signed at now. One statement."""
    row = session.get(DocumentLevel, (ward_id, type_code))
    return row.level if row else DEFAULT_LEVEL


def list_levels(session: Session, ward_id: UUID) -> list[LevelRow]:
    """Give every type, copies too, in the order of the decree. One statement."""
    chosen = DocumentLevel
    rows = session.execute(
        select(DocumentType.code, DocumentType.name_vi, chosen.level, chosen.changed_at, Account.display_name)
        .outerjoin(DocumentLevel, (DocumentLevel.type_code == DocumentType.code) & (DocumentLevel.ward_id == ward_id))
        .outerjoin(Account, Account.id == DocumentLevel.changed_by)
        .order_by(DocumentType.sort_key)
    )
    return [
        LevelRow(
            type_code=code,
            type_name=name,
            level=level or DEFAULT_LEVEL,
            changed_at=changed_at,
            changed_by=who or "",
        )
        for code, name, level, changed_at, who in rows
    ]
