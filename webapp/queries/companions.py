"""What stands beside a document: attachments, what it does to earlier documents and later ones to it, its original."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.copies import CopyForm
from webapp.core.documents import DocumentStatus, format_notation
from webapp.core.errors import NotFound
from webapp.core.relations import RelationKind
from webapp.models.documents import Document
from webapp.models.workflow import DocumentAttachment, DocumentCopy, DocumentRelation


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """A file beside a document; `sha256` names the archived or sealed file once there is one, `size` the upload's."""

    number: int
    title: str
    filename: str
    sha256: str
    size: int
    sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedRow:
    """The other document of a relation; `later` tells that it is the newer one, which does something to this one."""

    kind: RelationKind
    later: bool
    document_id: UUID
    notation: str
    abstract: str
    issued_on: dt.date | None
    short_code: str
    status: DocumentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRow:
    """What a copy is a copy of; `dpi` the lowest of its pages, 0 when they are typed."""

    form: CopyForm
    source_notation: str
    source_issuer: str
    source_on: dt.date | None
    pages: int
    dpi: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Companions:
    """Everything that stands beside a document."""

    attachments: tuple[AttachmentRow, ...]
    related: tuple[RelatedRow, ...]
    copy: CopyRow | None


def companions_of(session: Session, ward_id: UUID, document_id: UUID, *, public: bool = False) -> Companions:
    """Give what stands beside a document; the public sees published documents only. Four statements."""
    copy = session.get(DocumentCopy, (ward_id, document_id))
    related = (
        *_related(session, ward_id, document_id, later=False),
        *_related(session, ward_id, document_id, later=True),
    )
    return Companions(
        attachments=attachments_of(session, ward_id, document_id),
        related=tuple(row for row in related if not public or row.status is DocumentStatus.PUBLISHED),
        copy=None
        if copy is None
        else CopyRow(
            form=copy.form,
            source_notation=copy.source_notation,
            source_issuer=copy.source_issuer,
            source_on=copy.source_on,
            pages=copy.pages,
            dpi=copy.dpi,
        ),
    )


def attachments_of(session: Session, ward_id: UUID, document_id: UUID) -> tuple[AttachmentRow, ...]:
    """Give the files beside a document, in order. One statement."""
    mine = (DocumentAttachment.ward_id == ward_id, DocumentAttachment.document_id == document_id)
    rows = session.scalars(select(DocumentAttachment).where(*mine).order_by(DocumentAttachment.number))
    return tuple(_attachment(row) for row in rows)


def find_attachment(session: Session, ward_id: UUID, document_id: UUID, number: int) -> AttachmentRow:
    """Give one attachment of the ward's document. Raises NotFound."""
    row = session.get(DocumentAttachment, (ward_id, document_id, number))
    if row is None:
        raise NotFound
    return _attachment(row)


def _attachment(row: DocumentAttachment) -> AttachmentRow:
    return AttachmentRow(
        number=row.number,
        title=row.title,
        filename=row.filename,
        sha256=row.archived_sha256 or row.sealed_sha256 or row.sha256,
        size=row.size,
        sealed=row.sealed_sha256 is not None,
    )


def _related(session: Session, ward_id: UUID, document_id: UUID, *, later: bool) -> list[RelatedRow]:
    here, there = DocumentRelation.document_id, DocumentRelation.target_id
    if later:
        here, there = there, here
    rows = session.execute(
        select(DocumentRelation.kind, Document)
        .join(Document, (Document.ward_id == DocumentRelation.ward_id) & (Document.id == there))
        .where(DocumentRelation.ward_id == ward_id, here == document_id)
        .order_by(Document.created_at)
    )
    return [
        RelatedRow(
            kind=kind,
            later=later,
            document_id=other.id,
            notation=format_notation(other.number, other.symbol) if other.number else "",
            abstract=other.abstract,
            issued_on=other.issued_on,
            short_code=other.short_code,
            status=other.status,
        )
        for kind, other in rows
        if other.status is not DocumentStatus.WITHDRAWN
    ]
