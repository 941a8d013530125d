"""A document composed from a template: drawn as PDF straight into the workflow, and as a Word file to go on with."""

import datetime as dt
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import VersionKind
from webapp.core.errors import NotFound
from webapp.core.events import AuditTag
from webapp.core.letters import LETTERS, LetterText, letter_problems, letter_values
from webapp.core.ports import Clock, FileStore, PaperPress, SigningGateway, WordDesk
from webapp.core.text import fold
from webapp.models.documents import Document
from webapp.models.letters import DocumentText
from webapp.queries.letters import find_text, letterhead
from webapp.services.audit import record
from webapp.services.document_sources import set_aside
from webapp.services.document_versions import add_version, find_document
from webapp.services.documents import (
    DocumentFacts,
    check_facts,
    open_for_change,
    set_facts,
    start_document,
)
from webapp.services.relations import NewRelation, relate


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeDocument:
    """What the author wrote; `document_id` names a draft or rejected document that is written anew.

    `relation`: what a new document does to an earlier one.
    """

    facts: DocumentFacts
    text: LetterText
    document_id: UUID | None = None
    relation: NewRelation | None = None


def compose_document(
    session: Session,
    command: ComposeDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    press: PaperPress,
) -> UUID:
    """Draw the document and keep it as a draft with its text.

    Raises InvalidInput for what is missing, NotFound for a type without a template, WrongState once it is submitted or
    when the earlier document of the relation is not in force any more.
    """
    require(actor, Permission.DOCUMENT_DRAFT)
    template = LETTERS.get(command.facts.type_code)
    if template is None:
        raise NotFound
    facts = replace(command.facts, recipients="; ".join(line.rstrip(" .;,") for line in command.text.recipients))
    check_facts(session, actor, facts, letter_problems(template, command.text))
    if command.document_id is None:
        document = start_document(session, facts, actor=actor, clock=clock)
        if command.relation is not None:
            relate(session, document, command.relation)
    else:
        document = open_for_change(session, actor, command.document_id)
        set_facts(document, facts)
    session.flush()
    values = letter_values(template, command.text, letterhead(session, document))
    pdf = press.press("letter", values, moment=clock.now())
    signing.inspect(pdf)
    set_aside(session, document, clock=clock)
    version = add_version(
        session,
        document,
        pdf,
        kind=VersionKind.UPLOADED,
        filename=f"{_name(document)}.pdf",
        actor=actor,
        clock=clock,
        files=files,
    )
    _keep_text(session, document, command.text, version.number, actor=actor, clock=clock)
    record(session, AuditTag.DOCUMENT_COMPOSE, actor=actor, clock=clock, subject=document.id, sha256=version.sha256)
    return document.id


def letter_as_word(
    session: Session, document_id: UUID, *, actor: Actor, clock: Clock, word: WordDesk
) -> tuple[str, bytes]:
    """Give name and content of the Word file of a composed document. Raises NotFound when it was not composed here."""
    require(actor, Permission.DOCUMENT_DRAFT)
    document = find_document(session, actor, document_id)
    written, template = find_text(session, actor.ward_id, document_id), LETTERS.get(document.type_code)
    if written is None or template is None:
        raise NotFound
    values = letter_values(template, written.text, letterhead(session, document))
    moment = clock.now().astimezone(dt.UTC)
    return f"{_name(document)}.docx", word.letter(values, moment=moment)


def _keep_text(
    session: Session, document: Document, text: LetterText, version: int, *, actor: Actor, clock: Clock
) -> None:
    key = (document.ward_id, document.id)
    row = session.get(DocumentText, key) or DocumentText(ward_id=key[0], document_id=key[1])
    row.content, row.version = text.to_json(), version
    row.made_at, row.made_by = clock.now(), actor.account_id
    session.add(row)
    session.flush()


def _name(document: Document) -> str:
    """Name the file after type and abstract, in letters that every system takes."""
    words = fold(f"{document.type_code} {document.abstract}").split()
    return "-".join(words)[:80].strip("-")
