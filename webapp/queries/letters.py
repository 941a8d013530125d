"""Composed documents: which templates there are here, what was written, and what stands around it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.documents import document_symbol
from webapp.core.errors import NotFound
from webapp.core.letters import LETTERS, Letterhead, LetterText
from webapp.models.accounts import Account
from webapp.models.documents import Document, DocumentType
from webapp.models.letters import DocumentText
from webapp.models.places import Department, Ward


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """A type that can be composed here."""

    type_code: str
    name: str
    abbreviation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRow:
    """What was written, and the number of the version that was drawn from it."""

    text: LetterText
    version: int


def list_templates(session: Session) -> list[TemplateRow]:
    """Give the types with a template, in the order of the house. One statement."""
    rows = session.execute(
        select(DocumentType.code, DocumentType.name_vi, DocumentType.abbreviation).where(DocumentType.code.in_(LETTERS))
    )
    found = {
        row.code: TemplateRow(type_code=row.code, name=row.name_vi.split(" (")[0], abbreviation=row.abbreviation)
        for row in rows
    }
    return [found[code] for code in LETTERS if code in found]


def find_template(session: Session, type_code: str) -> TemplateRow:
    """Give one of them. Raises NotFound."""
    found = next((one for one in list_templates(session) if one.type_code == type_code), None)
    if found is None:
        raise NotFound
    return found


def find_text(session: Session, ward_id: UUID, document_id: UUID) -> WrittenRow | None:
    """Give what was written for a document; None when it was not composed here. One statement."""
    row = session.get(DocumentText, (ward_id, document_id))
    return None if row is None else WrittenRow(text=LetterText.from_json(row.content), version=row.version)


def letterhead(session: Session, document: Document) -> Letterhead:
    """Give what stands around a document's text. Four statements."""
    ward = session.get_one(Ward, document.ward_id)
    kind = session.get_one(DocumentType, document.type_code)
    unit = session.get(Department, (document.ward_id, document.department_id)) if document.department_id else None
    signer = session.get(Account, document.signer_id) if document.signer_id else None
    return Letterhead(
        agency=ward.agency_name,
        symbol=document_symbol(kind.abbreviation, ward.agency_symbol, unit.symbol if unit else ""),
        place=ward.place_name,
        type_name=kind.name_vi.split(" (")[0],
        abstract=document.abstract,
        capacity=document.capacity,
        signer_title=document.signer_title,
        signer_name=signer.display_name if signer else "",
        unit=unit.symbol if unit else "",
    )
