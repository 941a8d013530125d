"""What anybody may know: published documents, by the code on the paper or by the file in hand."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.core.documents import DocumentStatus, KeystoreOwner, VersionKind, format_notation
from webapp.core.ledger_checks import prefix_hash
from webapp.models.database import bind_ward
from webapp.models.documents import Document, DocumentType, DocumentVersion
from webapp.models.places import Ward
from webapp.models.signing import SignatureLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDocument:
    """A published document and its file.

    `ledger_sha256` is what the ledger says the first `ledger_end` bytes of the file hash to: all of it as it was
    sealed, the beginning once archive timestamps stand behind (`is_archived`).
    """

    document_id: UUID
    ward_id: UUID
    ward_name: str
    agency_name: str
    type_name: str
    abstract: str
    notation: str
    issued_on: dt.date | None
    published_at: dt.datetime
    short_code: str
    sha256: str
    ledger_sha256: str | None
    ledger_end: int
    is_archived: bool
    size: int
    filename: str

    def agrees_with_ledger(self, content: bytes) -> bool:
        """Tell whether the stored file is the one that the ledger names, or begins with it and was archived."""
        if not self.is_archived:
            return self.ledger_sha256 == self.sha256
        return self.ledger_sha256 is not None and prefix_hash(content, self.ledger_end) == self.ledger_sha256


# The sealed file was given out before it was archived; both are the published document.
_PUBLISHED: Final = frozenset({VersionKind.SEALED, VersionKind.ARCHIVED})


class Kinship(StrEnum):
    """What a file in hand is to the ward's published documents."""

    SAME = "same"
    EARLIER = "earlier"
    OTHER_COPY = "other_copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The published document that a file belongs to."""

    kinship: Kinship
    document: PublishedDocument


def find_by_code(session: Session, short_code: str) -> PublishedDocument | None:
    """Find a published document by its short code and bind the session to its ward. Three statements."""
    row = session.execute(
        select(Document.ward_id, Document.id)
        .join(Ward, Ward.id == Document.ward_id)
        .where(Document.short_code == short_code, Document.status == DocumentStatus.PUBLISHED)
    ).first()
    return _published(session, row.ward_id, row.id) if row else None


def find_by_file(session: Session, sha256: str, signatures: Iterable[str]) -> Origin | None:
    """Find the published document of a file: by its bytes, else by signatures (SHA-256 of the value) it carries.

    A copy that was cut back to an earlier revision carries the person's signature alone; a copy with something added
    carries both but has other bytes.
    """
    known = list(signatures)
    for ward_id in session.scalars(select(Ward.id)).all():
        bind_ward(session, ward_id)
        same = session.execute(
            select(
                DocumentVersion.document_id,
                DocumentVersion.number,
                DocumentVersion.kind,
                Document.version,
            )
            .join(
                Document, (Document.ward_id == DocumentVersion.ward_id) & (Document.id == DocumentVersion.document_id)
            )
            .where(
                DocumentVersion.ward_id == ward_id,
                DocumentVersion.sha256 == sha256,
                Document.status == DocumentStatus.PUBLISHED,
            )
            .order_by(DocumentVersion.number.desc())
        ).first()
        if same and (document := _published(session, ward_id, same.document_id)):
            published = same.number == same.version or same.kind in _PUBLISHED
            return Origin(kinship=Kinship.SAME if published else Kinship.EARLIER, document=document)
        if known and (document := _by_signature(session, ward_id, known)):
            return Origin(kinship=Kinship.OTHER_COPY, document=document)
    return None


def _by_signature(session: Session, ward_id: UUID, signatures: list[str]) -> PublishedDocument | None:
    document_id = session.scalar(
        select(SignatureLedger.document_id)
        .join(Document, (Document.ward_id == SignatureLedger.ward_id) & (Document.id == SignatureLedger.document_id))
        .where(
            SignatureLedger.ward_id == ward_id,
            SignatureLedger.signature_sha256.in_(signatures[:50]),
            Document.status == DocumentStatus.PUBLISHED,
        )
        .limit(1)
    )
    return _published(session, ward_id, document_id) if document_id else None


def _published(session: Session, ward_id: UUID, document_id: UUID) -> PublishedDocument | None:
    bind_ward(session, ward_id)
    row = session.execute(
        select(Document, Ward.name, Ward.agency_name, DocumentType.name_vi, DocumentVersion)
        .join(Ward, Ward.id == Document.ward_id)
        .join(DocumentType, DocumentType.code == Document.type_code)
        .join(
            DocumentVersion,
            (DocumentVersion.ward_id == Document.ward_id)
            & (DocumentVersion.document_id == Document.id)
            & (DocumentVersion.number == Document.version),
        )
        .where(Document.ward_id == ward_id, Document.id == document_id, Document.status == DocumentStatus.PUBLISHED)
    ).one_or_none()
    if row is None:
        return None
    document: Document = row.Document
    sealed = _sealed(session, document)
    return PublishedDocument(
        document_id=document.id,
        ward_id=ward_id,
        ward_name=row.name,
        agency_name=row.agency_name,
        type_name=row.name_vi,
        abstract=document.abstract,
        notation=format_notation(document.number, document.symbol) if document.number else "",
        issued_on=document.issued_on,
        published_at=document.published_at or document.created_at,
        short_code=document.short_code,
        sha256=row.DocumentVersion.sha256,
        ledger_sha256=sealed.revision_sha256 if sealed else None,
        ledger_end=sealed.revision_end if sealed else 0,
        is_archived=row.DocumentVersion.kind is VersionKind.ARCHIVED,
        size=row.DocumentVersion.size,
        filename=row.DocumentVersion.filename,
    )


def _sealed(session: Session, document: Document) -> Row[str, int] | None:
    return session.execute(
        select(SignatureLedger.revision_sha256, SignatureLedger.revision_end)
        .where(
            SignatureLedger.ward_id == document.ward_id,
            SignatureLedger.document_id == document.id,
            SignatureLedger.owner == KeystoreOwner.AGENCY,
        )
        .order_by(SignatureLedger.sequence.desc())
        .limit(1)
    ).first()
