"""Composed documents: which templates there are here, what was written, and what stands around it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import document_symbol
from webapp.core.errors import NotFound
from webapp.core.letters import LETTERS, Letterhead, LetterText
from webapp.core.letters_about import Cited
from webapp.models.accounts import Account
from webapp.models.documents import Document, DocumentType
from webapp.models.letters import DocumentText
from webapp.models.places import Department, Ward
from webapp.queries.documents import get_document


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


def cited_document(session: Session, actor: Actor, document_id: UUID) -> Cited:
    """Give how an earlier document is cited in one about it. Six statements. Raises NotFound."""
    document = get_document(session, actor, document_id)
    written = find_text(session, actor.ward_id, document_id)
    lines = (written.text.recipients if written else ()) or tuple(document.recipients.split(";"))
    receivers = (line.strip(" -–+.;,") for line in lines)
    return Cited(
        type_code=document.type_code,
        type_name=document.type_name.split(" (")[0],
        notation=document.notation,
        issued_on=document.issued_on,
        agency=session.get_one(Ward, actor.ward_id).agency_name,
        abstract=document.abstract,
        receivers=tuple(line for line in receivers if line and not line.casefold().startswith(("như ", "lưu"))),
        text=written.text if written else None,
    )


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
