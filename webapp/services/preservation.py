"""Keeping published files verifiable: look ahead, raise or renew, and write down how each file stands.

Nothing that was signed changes: the archived file begins with the published one, byte by byte, and is a version of its
own. Ledger rows stay as they are, for they name revisions by their length.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import DocumentStatus, VersionKind
from webapp.core.errors import DomainError, NotFound, SigningRefused
from webapp.core.events import AuditTag
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock, FileStore
from webapp.core.preservation import PreservationOrder, Preserver, Prospect, state_of
from webapp.models.documents import Document, DocumentVersion
from webapp.models.locking import locked_row
from webapp.models.preservation import Preservation
from webapp.models.workflow import DocumentAttachment
from webapp.queries.preservation import PublishedFile
from webapp.services.audit import record, record_by_program
from webapp.services.document_versions import add_version, find_document
from webapp.services.jobs import NewJob, enqueue

_UNREAD = Prospect(level="", lasts=False, year=0, holds_until=None, due_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file after a look. `content`: the archived file, when one was made; `refused`: why none could be."""

    file: PublishedFile
    prospect: Prospect
    content: bytes | None = None
    refused: DomainError | None = None

    @property
    def code(self) -> str:
        """Why it was refused, or does not last; "" when all is well."""
        return self.refused.code if self.refused else self.prospect.code


def ask_for_preservation(session: Session, order: PreservationOrder, *, actor: Actor, clock: Clock) -> bool:
    """Queue a run now; one a minute is enough, however often the button is pressed. Raises NotAllowed, NotFound."""
    require(actor, Permission.ARCHIVE_KEEP)
    subject = order.document_id
    if subject is not None and find_document(session, actor, subject).status is not DocumentStatus.PUBLISHED:
        raise NotFound
    key = f"preserve:{subject or 'all'}:{clock.now():%Y-%m-%dT%H:%M}"
    job = NewJob(kind=JobKind.PRESERVE, payload=order.payload(), dedupe_key=key)
    queued = enqueue(session, job, ward_id=actor.ward_id, created_by=actor.account_id, clock=clock) is not None
    if queued:
        record(session, AuditTag.ARCHIVE_ASK, actor=actor, clock=clock, subject=subject)
    return queued


def look_at(file: PublishedFile, preserver: Preserver, *, files: FileStore, clock: Clock, act: bool) -> Looked:
    """Look ahead, and with `act` make what is due. Slow: no transaction is open meanwhile."""
    try:
        pdf = files.get(file.sha256)
    except DomainError as error:
        return Looked(file=file, prospect=_UNREAD, refused=error)
    prospect = preserver.look_ahead(pdf)
    if not (act and prospect.wants_stamp(clock.now())):
        return Looked(file=file, prospect=prospect)
    try:
        content = preserver.archive(pdf)
    except SigningRefused as error:
        return Looked(file=file, prospect=prospect, refused=error)
    return Looked(file=file, prospect=preserver.look_ahead(content), content=content)


def keep_look(session: Session, ward_id: UUID, looked: Looked, *, clock: Clock, files: FileStore) -> bool:
    """Store the archived file and how it stands; False when the document has another file by now (look again)."""
    document = session.get(Document, (ward_id, looked.file.document_id), with_for_update=True, populate_existing=True)
    if document is None or _sha256_now(session, document, looked.file.part) != looked.file.sha256:
        return False
    sha256 = looked.file.sha256
    if looked.content is not None:
        sha256 = _store(session, document, looked.file.part, looked.content, clock=clock, files=files)
        record_by_program(
            session,
            AuditTag.DOCUMENT_ARCHIVE,
            ward_id=ward_id,
            clock=clock,
            subject=document.id,
            part=looked.file.part,
            sha256=sha256,
        )
    values = _values(looked, clock.now())
    key = {"ward_id": ward_id, "document_id": document.id, "part": looked.file.part}
    row = locked_row(session, Preservation, key, sha256=sha256, **values)
    row.sha256 = sha256
    for name, value in values.items():
        setattr(row, name, value)
    if looked.content is not None:
        row.archived_at = clock.now()
    session.flush()
    return True


def _values(looked: Looked, now: dt.datetime) -> dict[str, Any]:
    """Give the columns of a row; a refusal says more than the look before it."""
    prospect, refused = looked.prospect, looked.refused
    english = refused.english if isinstance(refused, SigningRefused) else ""
    return {
        "state": state_of(prospect, now, refused=refused is not None),
        "level": prospect.level,
        "year": prospect.year,
        "holds_until": prospect.holds_until,
        "due_at": prospect.due_at,
        "code": looked.code[:60],
        "reason_vi": (refused.text() if refused else prospect.reason_vi)[:300],
        "reason_en": (english or (refused.text() if refused else prospect.reason_en))[:300],
        "failures": looked.file.failures + 1 if refused else 0,
        "checked_at": now,
    }


def _sha256_now(session: Session, document: Document, part: int) -> str | None:
    if part:
        row = session.get(DocumentAttachment, (document.ward_id, document.id, part), with_for_update=True)
        return (row.archived_sha256 or row.sealed_sha256) if row else None
    version = session.get(DocumentVersion, (document.ward_id, document.id, document.version))
    return version.sha256 if version else None


def _store(session: Session, document: Document, part: int, content: bytes, *, clock: Clock, files: FileStore) -> str:
    if part:
        row = session.get_one(DocumentAttachment, (document.ward_id, document.id, part))
        row.archived_sha256 = files.put(content)
        return row.archived_sha256
    name = session.get_one(DocumentVersion, (document.ward_id, document.id, document.version)).filename
    kind = VersionKind.ARCHIVED
    return add_version(
        session, document, content, kind=kind, filename=name, actor=None, clock=clock, files=files
    ).sha256
