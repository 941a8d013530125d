"""Word in, PDF out: a draft begins with a Word file, a worker turns it into the page, what fails is said and kept."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import DocumentStatus, VersionKind
from webapp.core.errors import Problem
from webapp.core.events import AuditTag
from webapp.core.ports import Clock, FileStore, WordDesk
from webapp.core.word_files import SourceState, WordRefused
from webapp.models.documents import Document
from webapp.models.letters import DocumentSource
from webapp.services.audit import record
from webapp.services.document_sources import add_source, set_aside, waiting_source
from webapp.services.document_versions import add_version, find_document
from webapp.services.documents import (
    DocumentFacts,
    ReviseDocument,
    UploadDocument,
    check_facts,
    open_for_change,
    set_facts,
    start_document,
)
from webapp.services.relations import relate

_OPEN = frozenset({DocumentStatus.DRAFT, DocumentStatus.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class WordOrder:
    """Which Word file is to be converted."""

    ward_id: UUID
    document_id: UUID
    number: int


def upload_word(
    session: Session, command: UploadDocument, *, actor: Actor, clock: Clock, files: FileStore, word: WordDesk
) -> UUID:
    """Begin a draft with a Word file; its page comes when the file is converted.

    Raises InvalidInput; on `content` it says what is wrong with the file and what to do.
    """
    require(actor, Permission.DOCUMENT_DRAFT)
    _check(session, actor, command.facts, command.content, word=word)
    document = start_document(session, command.facts, actor=actor, clock=clock)
    if command.relation is not None:
        relate(session, document, command.relation)
    _keep(session, document, command.content, command.filename, actor=actor, clock=clock, files=files)
    return document.id


def revise_word(
    session: Session, command: ReviseDocument, *, actor: Actor, clock: Clock, files: FileStore, word: WordDesk
) -> None:
    """Give a draft or rejected document other facts and another Word file. Raises as `upload_word`, and WrongState."""
    document = open_for_change(session, actor, command.document_id)
    content = command.content or b""
    _check(session, actor, command.facts, content, word=word)
    set_facts(document, command.facts)
    _keep(session, document, content, command.filename, actor=actor, clock=clock, files=files)


def word_to_convert(session: Session, order: WordOrder) -> str:
    """Give the SHA-256 of the file, if it still waits. Raises NotFound."""
    return waiting_source(session, order.ward_id, order.document_id, order.number).sha256


def keep_converted(session: Session, order: WordOrder, pdf: bytes, *, clock: Clock, files: FileStore) -> None:
    """Make the PDF the newest version of the draft. Raises NotFound when another file took its place meanwhile."""
    document, source, actor = _locked(session, order)
    if document.status not in _OPEN:
        set_aside(session, document, clock=clock)
        return
    version = add_version(
        session,
        document,
        pdf,
        kind=VersionKind.UPLOADED,
        filename=f"{source.filename.removesuffix('.docx')}.pdf",
        actor=actor,
        clock=clock,
        files=files,
    )
    source.state, source.version, source.finished_at = SourceState.CONVERTED, version.number, clock.now()
    session.flush()
    detail = {"word": source.sha256, "sha256": version.sha256}
    record(session, AuditTag.DOCUMENT_CONVERT, actor=actor, clock=clock, subject=document.id, **detail)


def keep_problem(session: Session, order: WordOrder, problem: str, *, clock: Clock) -> None:
    """Note why there is no page. Raises NotFound when another file took its place meanwhile."""
    document, source, actor = _locked(session, order)
    source.state, source.problem, source.finished_at = SourceState.FAILED, problem, clock.now()
    session.flush()
    detail = {"word": source.sha256, "problem": problem}
    record(session, AuditTag.DOCUMENT_CONVERT, actor=actor, clock=clock, subject=document.id, **detail)


def _locked(session: Session, order: WordOrder) -> tuple[Document, DocumentSource, Actor]:
    """Lock document, then source. The worker acts for the person who brought the file."""
    reader = Actor(account_id=order.document_id, ward_id=order.ward_id, roles=frozenset())
    document = find_document(session, reader, order.document_id, lock=True)
    source = waiting_source(session, order.ward_id, order.document_id, order.number, lock=True)
    return document, source, Actor(account_id=source.added_by, ward_id=order.ward_id, roles=frozenset())


def _check(session: Session, actor: Actor, facts: DocumentFacts, content: bytes, *, word: WordDesk) -> None:
    """Look at facts and file, so that everything wrong is said at once."""
    wrong: list[Problem] = []
    try:
        word.inspect(content)
        if not word.available():
            raise WordRefused("missing")
    except WordRefused as refused:
        wrong = refused.problems
    check_facts(session, actor, facts, wrong)


def _keep(
    session: Session,
    document: Document,
    content: bytes,
    filename: str,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> None:
    source = add_source(session, document, content, filename, actor=actor, clock=clock, files=files)
    record(session, AuditTag.DOCUMENT_WORD, actor=actor, clock=clock, subject=document.id, sha256=source.sha256)
