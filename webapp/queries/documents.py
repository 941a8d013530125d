"""One document with its versions, steps and signatures."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from webapp.core.access import Actor
from webapp.core.documents import (
    DocumentStatus,
    KeystoreOwner,
    SigningCapacity,
    StepKind,
    StepStatus,
    VersionKind,
    format_notation,
)
from webapp.core.errors import N_, NotFound, WrongState
from webapp.models.accounts import Account
from webapp.models.documents import Document, DocumentType, DocumentVersion, SigningStep
from webapp.models.places import Department
from webapp.models.signing import SignatureLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """An immutable file. `sha256` is lower-case hex, `size` in bytes."""

    number: int
    kind: VersionKind
    sha256: str
    size: int
    filename: str
    made_at: dt.datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step of one attempt; `who` is the person named before, or the one who did it.

    `on_behalf_of`: for whom a substitute signed, and on what paper. `signed` tells whether a key was used.
    """

    attempt: int
    stage: int
    kind: StepKind
    status: StepStatus
    account_id: UUID | None
    who: str
    capacity: SigningCapacity
    title: str
    with_key: bool
    done_at: dt.datetime | None
    reason: str
    on_behalf_of: str
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """What the ledger says of a signature."""

    owner: KeystoreOwner
    signer: str
    level: str
    signed_at: dt.datetime
    certificate_issuer: str
    certificate_serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDetail:
    """Everything the document page shows. Versions are newest first, steps in order."""

    id: UUID
    type_code: str
    type_name: str
    abstract: str
    recipients: str
    department_id: UUID | None
    department_name: str
    status: DocumentStatus
    short_code: str
    signer_id: UUID | None
    signer_name: str
    signer_title: str
    capacity: SigningCapacity
    notation: str
    issued_on: dt.date | None
    created_at: dt.datetime
    created_by: UUID | None
    author_name: str
    submitted_at: dt.datetime | None
    published_at: dt.datetime | None
    versions: tuple[VersionRow, ...]
    steps: tuple[StepRow, ...]
    signatures: tuple[SignatureRow, ...]

    @property
    def current(self) -> VersionRow:
        """The newest version: what is shown, signed and published. Raises WrongState while there is none."""
        if not self.versions:
            raise WrongState(N_("Văn bản chưa có tệp PDF: tệp Word chưa chuyển đổi xong. Hãy xem lại trang văn bản."))
        return self.versions[0]

    @property
    def attempt(self) -> tuple[StepRow, ...]:
        """The steps of the newest attempt; none before it was submitted."""
        newest = max((step.attempt for step in self.steps), default=0)
        return tuple(step for step in self.steps if step.attempt == newest)

    def step_of(self, account_id: UUID) -> StepRow | None:
        """Give the step that waits for this person now."""
        waiting = [step for step in self.attempt if step.status is StepStatus.WAITING]
        stage = min((step.stage for step in waiting), default=0)
        return next((step for step in waiting if step.stage == stage and step.account_id == account_id), None)


def get_document(session: Session, actor: Actor, document_id: UUID) -> DocumentDetail:
    """Give the ward's document. Four statements. Raises NotFound."""
    author, signer = aliased(Account), aliased(Account)
    row = session.execute(
        select(
            Document,
            DocumentType.name_vi,
            Department.name,
            author.display_name.label("author_name"),
            signer.display_name.label("signer_name"),
        )
        .join(DocumentType, DocumentType.code == Document.type_code)
        .outerjoin(Department, (Department.ward_id == Document.ward_id) & (Department.id == Document.department_id))
        .outerjoin(author, author.id == Document.created_by)
        .outerjoin(signer, signer.id == Document.signer_id)
        .where(Document.ward_id == actor.ward_id, Document.id == document_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    document: Document = row.Document
    return DocumentDetail(
        id=document.id,
        type_code=document.type_code,
        type_name=row.name_vi,
        abstract=document.abstract,
        recipients=document.recipients,
        department_id=document.department_id,
        department_name=row.name or "",
        status=document.status,
        short_code=document.short_code,
        signer_id=document.signer_id,
        signer_name=row.signer_name or "",
        signer_title=document.signer_title,
        capacity=document.capacity,
        notation=format_notation(document.number, document.symbol) if document.number else "",
        issued_on=document.issued_on,
        created_at=document.created_at,
        created_by=document.created_by,
        author_name=row.author_name or "",
        submitted_at=document.submitted_at,
        published_at=document.published_at,
        versions=_versions(session, document),
        steps=_steps(session, document),
        signatures=_signatures(session, document),
    )


def find_version(session: Session, actor: Actor, document_id: UUID, number: int) -> VersionRow:
    """Give one version of the ward's document. One statement. Raises NotFound."""
    row = session.execute(
        select(DocumentVersion).where(
            DocumentVersion.ward_id == actor.ward_id,
            DocumentVersion.document_id == document_id,
            DocumentVersion.number == number,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return _version(row, "")


def _versions(session: Session, document: Document) -> tuple[VersionRow, ...]:
    rows = session.execute(
        select(DocumentVersion, Account.display_name)
        .outerjoin(Account, Account.id == DocumentVersion.made_by)
        .where(DocumentVersion.ward_id == document.ward_id, DocumentVersion.document_id == document.id)
        .order_by(DocumentVersion.number.desc())
    )
    return tuple(_version(version, name or "") for version, name in rows)


def _version(row: DocumentVersion, name: str) -> VersionRow:
    return VersionRow(
        number=row.number,
        kind=row.kind,
        sha256=row.sha256,
        size=row.size,
        filename=row.filename,
        made_at=row.made_at,
        made_by=name,
    )


def _steps(session: Session, document: Document) -> tuple[StepRow, ...]:
    named, did = aliased(Account), aliased(Account)
    rows = session.execute(
        select(SigningStep, named.display_name, did.display_name)
        .outerjoin(named, named.id == SigningStep.account_id)
        .outerjoin(did, did.id == SigningStep.done_by)
        .where(SigningStep.ward_id == document.ward_id, SigningStep.document_id == document.id)
        .order_by(SigningStep.attempt, SigningStep.position)
    )
    return tuple(
        StepRow(
            attempt=step.attempt,
            stage=step.stage,
            kind=step.kind,
            status=step.status,
            account_id=step.account_id,
            who=doer or name or "",
            capacity=step.capacity,
            title=step.title,
            with_key=step.with_key,
            done_at=step.done_at,
            reason=step.reason,
            on_behalf_of=step.on_behalf_of,
            signed=step.signature_sha256 is not None,
        )
        for step, name, doer in rows
    )


def _signatures(session: Session, document: Document) -> tuple[SignatureRow, ...]:
    rows = session.execute(
        select(SignatureLedger, Account.display_name)
        .outerjoin(Account, Account.id == SignatureLedger.actor_id)
        .where(SignatureLedger.ward_id == document.ward_id, SignatureLedger.document_id == document.id)
        .order_by(SignatureLedger.sequence)
    )
    return tuple(
        SignatureRow(
            owner=entry.owner,
            signer=name or "",
            level=entry.level,
            signed_at=entry.signed_at,
            certificate_issuer=entry.certificate_issuer,
            certificate_serial=entry.certificate_serial,
        )
        for entry, name in rows
    )
