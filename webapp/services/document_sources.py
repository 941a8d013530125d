"""The Word files of a document: noted, set aside by a newer file, and waited for before submission."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import N_, NotFound, WrongState
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock, FileStore
from webapp.core.word_files import UNRESOLVED, SourceState, tidy_word_name
from webapp.models.documents import Document
from webapp.models.letters import DocumentSource
from webapp.services.jobs import NewJob, enqueue


def add_source(
    session: Session,
    document: Document,
    content: bytes,
    filename: str,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> DocumentSource:
    """Keep a Word file that was looked through and queue its conversion; earlier unfinished ones are set aside."""
    set_aside(session, document, clock=clock)
    last = session.scalar(
        select(func.max(DocumentSource.number)).where(
            DocumentSource.ward_id == document.ward_id, DocumentSource.document_id == document.id
        )
    )
    row = DocumentSource(
        ward_id=document.ward_id,
        document_id=document.id,
        number=(last or 0) + 1,
        state=SourceState.CONVERTING,
        problem="",
        sha256=files.put(content),
        size=len(content),
        filename=tidy_word_name(filename),
        added_at=clock.now(),
        added_by=actor.account_id,
    )
    order = NewJob(kind=JobKind.WORD, payload={"document_id": str(document.id), "number": row.number})
    row.job_id = enqueue(session, order, ward_id=document.ward_id, created_by=actor.account_id, clock=clock)
    session.add(row)
    session.flush()
    return row


def set_aside(session: Session, document: Document, *, clock: Clock) -> None:
    """Stop waiting for earlier Word files: another file took their place. They stay to be downloaded."""
    session.execute(
        update(DocumentSource)
        .where(
            DocumentSource.ward_id == document.ward_id,
            DocumentSource.document_id == document.id,
            DocumentSource.state.in_(UNRESOLVED),
        )
        .values(state=SourceState.SET_ASIDE, finished_at=clock.now())
    )


def check_resolved(session: Session, document: Document) -> None:
    """Refuse while the newest Word file is not the document's page yet. Raises WrongState."""
    waiting = session.scalar(
        select(DocumentSource.state)
        .where(
            DocumentSource.ward_id == document.ward_id,
            DocumentSource.document_id == document.id,
            DocumentSource.state.in_(UNRESOLVED),
        )
        .limit(1)
    )
    if waiting is SourceState.CONVERTING:
        raise WrongState(N_("Tệp Word của văn bản đang được chuyển thành PDF. Hãy đợi rồi trình ký."))
    if waiting is SourceState.FAILED:
        raise WrongState(N_("Tệp Word vừa tải lên không chuyển được. Hãy tải lên tệp PDF hoặc tệp Word khác trước."))


def waiting_source(
    session: Session, ward_id: UUID, document_id: UUID, number: int, *, lock: bool = False
) -> DocumentSource:
    """Give a source that still waits for its conversion. Raises NotFound when it is done or set aside."""
    wanted = select(DocumentSource).where(
        DocumentSource.ward_id == ward_id,
        DocumentSource.document_id == document_id,
        DocumentSource.number == number,
        DocumentSource.state == SourceState.CONVERTING,
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(wanted)
    if row is None:
        raise NotFound
    return row
