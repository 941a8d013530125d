"""Publication: the sealed file gets its public page."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.documents import DocumentStatus, KeystoreOwner, check_document_move
from webapp.core.errors import N_, Conflict
from webapp.core.events import AuditTag
from webapp.core.ports import Clock, FileStore
from webapp.models.documents import Document, DocumentVersion, OutgoingRegister
from webapp.models.signing import SignatureLedger
from webapp.models.workflow import DocumentAttachment
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, current_version, find_document
from webapp.services.relations import check_relation


def publish_document(
    session: Session, document_id: UUID, base: BaseVersion, *, actor: Actor, clock: Clock, files: FileStore
) -> None:
    """Open the public page. Raises WrongState, Conflict (also when the stored file is not the one the ledger names)."""
    require(actor, Permission.DOCUMENT_PUBLISH)
    document = find_document(session, actor, document_id, lock=True)
    check_document_move(document.status, DocumentStatus.PUBLISHED, is_copy=is_copy(document.type_code))
    check_relation(session, document)
    _check_attachments(session, document)
    version = current_version(session, document, base)
    files.get(version.sha256)
    _check_ledger(session, document, version)
    document.status = DocumentStatus.PUBLISHED
    document.published_at = clock.now()
    entry = session.get_one(OutgoingRegister, (document.ward_id, document.year, document.number))
    entry.transferred_on = clock.today()
    record(session, AuditTag.DOCUMENT_PUBLISH, actor=actor, clock=clock, subject=document.id, sha256=version.sha256)


def _check_attachments(session: Session, document: Document) -> None:
    loose = session.scalar(
        select(DocumentAttachment.number)
        .where(
            DocumentAttachment.ward_id == document.ward_id,
            DocumentAttachment.document_id == document.id,
            DocumentAttachment.sealed_sha256.is_(None),
        )
        .limit(1)
    )
    if loose is not None:
        raise Conflict(N_("Tệp đính kèm %(number)s chưa được ký số nên chưa phát hành được."), number=loose)


def _check_ledger(session: Session, document: Document, version: DocumentVersion) -> None:
    rows = session.execute(
        select(SignatureLedger.owner, SignatureLedger.revision_sha256).where(
            SignatureLedger.ward_id == document.ward_id, SignatureLedger.document_id == document.id
        )
    ).all()
    owners = {row.owner for row in rows}
    needed = {KeystoreOwner.AGENCY} if is_copy(document.type_code) else set(KeystoreOwner)
    if owners != needed or version.sha256 not in {row.revision_sha256 for row in rows}:
        raise Conflict(N_("Tệp đã đóng dấu không khớp với sổ chữ ký. Hãy báo quản trị trước khi phát hành."))
