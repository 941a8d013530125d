"""Every file that a ward's records name, and what its ledger says about the signatures in them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.documents import VersionKind
from webapp.core.ledger_checks import FileRole, LedgerEntry, StoredFile
from webapp.models.documents import DocumentVersion
from webapp.models.incoming import IncomingDocument
from webapp.models.ledger_checks import FileCheck
from webapp.models.letters import DocumentSource
from webapp.models.signing import SignatureLedger
from webapp.models.workflow import DocumentAttachment, SigningDelegation

_BROUGHT = frozenset({VersionKind.UPLOADED})


def stored_files(session: Session, ward_id: UUID) -> list[StoredFile]:
    """Give the files in the order in which they came. Five statements."""
    found: dict[tuple[str, UUID | None, FileRole], StoredFile] = {}
    for sha256, role, document_id in (*_versions(session, ward_id), *_beside(session, ward_id)):
        found.setdefault((sha256, document_id, role), StoredFile(sha256=sha256, role=role, document_id=document_id))
    return list(found.values())


def ledger_entries(session: Session, ward_id: UUID) -> dict[str, LedgerEntry]:
    """Give the ledger's rows by the SHA-256 of their signatures. One statement."""
    row = SignatureLedger
    wanted = select(
        row.sequence, row.signature_sha256, row.document_id, row.field, row.revision_end, row.revision_sha256
    ).where(row.ward_id == ward_id)
    return {
        found.signature_sha256: LedgerEntry(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name
        for found in session.execute(wanted)
    }


def known_signatures(session: Session, ward_id: UUID) -> dict[str, list[dict[str, str]]]:
    """Give what files were found to carry, by their SHA-256. One statement."""
    wanted = select(FileCheck.sha256, FileCheck.signatures).where(
        FileCheck.ward_id == ward_id, FileCheck.signatures.is_not(None)
    )
    return {row.sha256: row.signatures or [] for row in session.execute(wanted)}


def _versions(session: Session, ward_id: UUID) -> Iterable[tuple[str, FileRole, UUID]]:
    wanted = (
        select(DocumentVersion.sha256, DocumentVersion.kind, DocumentVersion.document_id)
        .where(DocumentVersion.ward_id == ward_id)
        .order_by(DocumentVersion.made_at, DocumentVersion.number)
    )
    for row in session.execute(wanted):
        yield row.sha256, FileRole.BROUGHT if row.kind in _BROUGHT else FileRole.MADE, row.document_id


def _beside(session: Session, ward_id: UUID) -> Iterable[tuple[str, FileRole, UUID | None]]:
    part = DocumentAttachment
    wanted = select(part.sha256, part.sealed_sha256, part.archived_sha256, part.document_id).where(
        part.ward_id == ward_id
    )
    for row in session.execute(wanted):
        yield row.sha256, FileRole.BROUGHT, row.document_id
        for made in filter(None, (row.sealed_sha256, row.archived_sha256)):
            yield made, FileRole.MADE, row.document_id
    papers = select(SigningDelegation.paper_sha256).where(
        SigningDelegation.ward_id == ward_id, SigningDelegation.paper_sha256.is_not(None)
    )
    came = select(IncomingDocument.file_sha256).where(
        IncomingDocument.ward_id == ward_id, IncomingDocument.file_sha256.is_not(None)
    )
    texts = select(DocumentSource.sha256).where(DocumentSource.ward_id == ward_id)
    for sha256 in (*session.scalars(papers), *session.scalars(came), *session.scalars(texts)):
        if sha256:
            yield sha256, FileRole.PAPER, None
