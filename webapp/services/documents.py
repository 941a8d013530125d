"""A document begins: its facts, and the PDF that somebody made with whatever program they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import PERMISSION_MAP, Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.documents import (
    DocumentStatus,
    SigningCapacity,
    VersionKind,
    tidy_filename,
)
from webapp.core.errors import N_, InvalidInput, NotAllowed, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id, new_short_code
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.text import clean
from webapp.models.accounts import Account, RoleGrant
from webapp.models.documents import Document, DocumentType
from webapp.models.places import Department
from webapp.services.audit import record
from webapp.services.document_sources import set_aside
from webapp.services.document_versions import (
    add_version,
    find_document,
)
from webapp.services.relations import NewRelation, relate

SIGNING_ROLES = frozenset(role for role, allowed in PERMISSION_MAP.items() if Permission.DOCUMENT_SIGN in allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What the author says about a document. `signer_id` is the authorised person, `signer_title` as printed."""

    type_code: str
    abstract: str
    signer_id: UUID
    signer_title: str = ""
    capacity: SigningCapacity = SigningCapacity.OWN
    recipients: str = ""
    department_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDocument:
    """A new document: its facts, the PDF, and what it does to an earlier document."""

    facts: DocumentFacts
    content: bytes
    filename: str
    relation: NewRelation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseDocument:
    """Other facts, and another PDF if `content` is given; for drafts and after a rejection."""

    document_id: UUID
    facts: DocumentFacts
    content: bytes | None = None
    filename: str = ""


def upload_document(
    session: Session,
    command: UploadDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> UUID:
    """Take a PDF of any producer as a draft.

    Raises InvalidInput, and SigningRefused for what is no PDF, encrypted, broken or locked.
    """
    require(actor, Permission.DOCUMENT_DRAFT)
    check_facts(session, actor, command.facts)
    signing.inspect(command.content)
    document = start_document(session, command.facts, actor=actor, clock=clock)
    if command.relation is not None:
        relate(session, document, command.relation)
    version = add_version(
        session,
        document,
        command.content,
        kind=VersionKind.UPLOADED,
        filename=tidy_filename(command.filename),
        actor=actor,
        clock=clock,
        files=files,
    )
    record(session, AuditTag.DOCUMENT_UPLOAD, actor=actor, clock=clock, subject=document.id, sha256=version.sha256)
    return document.id


def revise_document(
    session: Session,
    command: ReviseDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> None:
    """Change a draft or a rejected document. Raises WrongState once it lies on the signer's desk."""
    document = open_for_change(session, actor, command.document_id)
    check_facts(session, actor, command.facts)
    set_facts(document, command.facts)
    detail = {}
    if command.content is not None:
        signing.inspect(command.content)
        set_aside(session, document, clock=clock)
        version = add_version(
            session,
            document,
            command.content,
            kind=VersionKind.UPLOADED,
            filename=tidy_filename(command.filename),
            actor=actor,
            clock=clock,
            files=files,
        )
        detail["sha256"] = version.sha256
    record(session, AuditTag.DOCUMENT_REVISE, actor=actor, clock=clock, subject=document.id, **detail)


def start_document(session: Session, facts: DocumentFacts, *, actor: Actor, clock: Clock) -> Document:
    """Begin a draft that has no file yet; `facts` were checked."""
    document = Document(
        ward_id=actor.ward_id,
        id=new_id(),
        status=DocumentStatus.DRAFT,
        short_code=new_short_code(),
        version=1,
        created_at=clock.now(),
        created_by=actor.account_id,
    )
    set_facts(document, facts)
    session.add(document)
    session.flush()
    return document


def open_for_change(session: Session, actor: Actor, document_id: UUID) -> Document:
    """Give the author's draft or rejected document, locked. Raises NotAllowed, and WrongState for anything else."""
    document = own_document(session, actor, document_id)
    if document.status not in {DocumentStatus.DRAFT, DocumentStatus.REJECTED} or is_copy(document.type_code):
        raise WrongState(N_("Chỉ sửa được văn bản dự thảo hoặc văn bản bị từ chối ký."))
    return document


def own_document(session: Session, actor: Actor, document_id: UUID) -> Document:
    """Give the author's own document, locked. Raises NotAllowed for anybody else."""
    require(actor, Permission.DOCUMENT_DRAFT)
    document = find_document(session, actor, document_id, lock=True)
    if document.created_by != actor.account_id:
        raise NotAllowed(N_("Chỉ người soạn văn bản này mới làm được việc này."))
    return document


def check_facts(session: Session, actor: Actor, facts: DocumentFacts, also: Sequence[Problem] = ()) -> None:
    """Refuse facts that cannot be, with what else was found wrong. Raises InvalidInput."""
    problems = list(also)
    if session.get(DocumentType, facts.type_code) is None:
        problems.append(Problem("type_code", N_("Hãy chọn loại văn bản.")))
    if is_copy(facts.type_code):
        problems.append(Problem("type_code", N_("Bản sao do văn thư làm ở trang “Làm bản sao”.")))
    if not clean(facts.abstract):
        problems.append(Problem("abstract", N_("Hãy ghi trích yếu nội dung văn bản.")))
    if facts.department_id and session.get(Department, (actor.ward_id, facts.department_id)) is None:
        problems.append(Problem("department_id", N_("Hãy chọn đơn vị soạn thảo.")))
    signer = session.scalar(
        select(Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            Account.id == facts.signer_id,
            Account.disabled_at.is_(None),
            RoleGrant.ward_id == actor.ward_id,
            RoleGrant.role.in_(SIGNING_ROLES),
            RoleGrant.revoked_at.is_(None),
        )
        .limit(1)
    )
    if signer is None:
        problems.append(Problem("signer_id", N_("Hãy chọn người ký là lãnh đạo hoặc công chức của phường.")))
    if problems:
        raise InvalidInput(problems)


def set_facts(document: Document, facts: DocumentFacts) -> None:
    """Write the facts down, tidied and cut to the lengths of the table."""
    document.type_code = facts.type_code
    document.abstract = clean(facts.abstract)[:500]
    document.recipients = clean(facts.recipients)[:1000]
    document.department_id = facts.department_id
    document.signer_id = facts.signer_id
    document.signer_title = clean(facts.signer_title)[:160]
    document.capacity = facts.capacity
