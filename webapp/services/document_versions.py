"""The files of a document: immutable versions, and the lock that keeps two people off one base."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import StepStatus, VersionKind
from webapp.core.errors import N_, Conflict, NotFound
from webapp.core.ports import Clock, FileStore
from webapp.models.documents import Document, DocumentVersion, SigningStep


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseVersion:
    """The version that the screen showed: its number and the SHA-256 of its bytes (lower-case hex)."""

    version: int
    sha256: str


def find_document(session: Session, actor: Actor, document_id: UUID, *, lock: bool = False) -> Document:
    """Give the ward's document, locked until the transaction ends if wished. Raises NotFound."""
    wanted = select(Document).where(Document.ward_id == actor.ward_id, Document.id == document_id)
    if lock:
        # The session may hold an older copy: what was read before the wait does not count.
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    document = session.scalar(wanted)
    if document is None:
        raise NotFound
    return document


def current_version(session: Session, document: Document, base: BaseVersion) -> DocumentVersion:
    """Give the newest version, which must be the one the person saw. Raises Conflict."""
    version = session.get(DocumentVersion, (document.ward_id, document.id, document.version))
    if version is None or (version.number, version.sha256) != (base.version, base.sha256):
        raise Conflict(N_("Văn bản vừa có bản mới, khác với bản bạn đang xem. Hãy tải lại trang và xem lại."))
    return version


def latest_of_kind(session: Session, document: Document, kind: VersionKind) -> DocumentVersion:
    """Give the newest version of a kind. Raises NotFound."""
    version = session.scalar(
        select(DocumentVersion)
        .where(
            DocumentVersion.ward_id == document.ward_id,
            DocumentVersion.document_id == document.id,
            DocumentVersion.kind == kind,
        )
        .order_by(DocumentVersion.number.desc())
        .limit(1)
    )
    if version is None:
        raise NotFound
    return version


def add_version(
    session: Session,
    document: Document,
    content: bytes,
    *,
    kind: VersionKind,
    filename: str,
    actor: Actor | None,
    clock: Clock,
    files: FileStore,
) -> DocumentVersion:
    """Store the bytes, then add the row that names them. A file without a row does no harm; a row without one would.

    `actor` None: the program made it by itself.
    """
    sha256 = files.put(content)
    if session.get(DocumentVersion, (document.ward_id, document.id, document.version)) is not None:
        document.version += 1
    version = DocumentVersion(
        ward_id=document.ward_id,
        document_id=document.id,
        number=document.version,
        kind=kind,
        sha256=sha256,
        size=len(content),
        filename=filename,
        made_at=clock.now(),
        made_by=actor.account_id if actor else None,
    )
    session.add(version)
    session.flush()
    return version


def waiting_steps(session: Session, document: Document) -> list[SigningStep]:
    """Give the steps that still wait, in the order of the chain. Only the newest attempt has any."""
    return list(
        session.scalars(
            select(SigningStep)
            .where(
                SigningStep.ward_id == document.ward_id,
                SigningStep.document_id == document.id,
                SigningStep.status == StepStatus.WAITING,
            )
            .order_by(SigningStep.stage, SigningStep.position)
            .execution_options(populate_existing=True)
        )
    )
