"""Attachments in files of their own: chosen with the draft, sealed in the corner form with the document."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import DocumentStatus, tidy_filename
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.text import clean
from webapp.models.documents import Document
from webapp.models.workflow import DocumentAttachment
from webapp.services.audit import record
from webapp.services.documents import own_document

MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAttachment:
    """A further file of a draft."""

    document_id: UUID
    title: str
    content: bytes
    filename: str


def add_attachment(
    session: Session,
    command: AddAttachment,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> int:
    """Put a file beside a draft and give its number; author only, before it is submitted.

    Raises InvalidInput, WrongState, NotAllowed, SigningRefused for what is no PDF, encrypted, broken or locked.
    """
    document = _open_document(session, actor, command.document_id)
    if not clean(command.title):
        raise InvalidInput(Problem("title", N_("Hãy ghi tên phụ lục, ví dụ: Phụ lục I. Danh sách các tổ.")))
    mine = (DocumentAttachment.ward_id == document.ward_id, DocumentAttachment.document_id == document.id)
    last, count = session.execute(select(func.max(DocumentAttachment.number), func.count()).where(*mine)).one()
    if count >= MOST:
        message = N_("Một văn bản có nhiều nhất %(most)s tệp đính kèm. Hãy gộp bớt.")
        raise InvalidInput(Problem("content", message, {"most": MOST}))
    signing.inspect(command.content)
    row = DocumentAttachment(
        ward_id=document.ward_id,
        document_id=document.id,
        number=(last or 0) + 1,
        title=clean(command.title)[:300],
        filename=tidy_filename(command.filename),
        sha256=files.put(command.content),
        size=len(command.content),
        added_at=clock.now(),
        added_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    detail = {"number": row.number, "sha256": row.sha256}
    record(session, AuditTag.ATTACHMENT_CHANGE, actor=actor, clock=clock, subject=document.id, **detail)
    return row.number


def remove_attachment(session: Session, document_id: UUID, number: int, *, actor: Actor, clock: Clock) -> None:
    """Take a file away from a draft; the file itself stays in the store. Raises NotFound, WrongState, NotAllowed."""
    document = _open_document(session, actor, document_id)
    row = session.get(DocumentAttachment, (document.ward_id, document.id, number))
    if row is None:
        raise NotFound
    session.delete(row)
    session.flush()
    detail = {"number": number, "removed": row.sha256}
    record(session, AuditTag.ATTACHMENT_CHANGE, actor=actor, clock=clock, subject=document.id, **detail)


def _open_document(session: Session, actor: Actor, document_id: UUID) -> Document:
    document = own_document(session, actor, document_id)
    if document.status not in {DocumentStatus.DRAFT, DocumentStatus.REJECTED}:
        raise WrongState(N_("Chỉ đổi được tệp đính kèm của văn bản dự thảo hoặc văn bản bị từ chối ký."))
    return document
