"""Batches of signatures: what could be in one, what one holds, and who may still act."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.documents import DocumentStatus, StepKind, format_notation
from webapp.core.errors import NotFound
from webapp.core.jobs import UNFINISHED, JobKind, JobStatus
from webapp.core.signing_batches import MOST, BatchKind
from webapp.models.accounts import Account, RoleGrant
from webapp.models.documents import Document, DocumentType, DocumentVersion
from webapp.models.jobs import Job, JobItem
from webapp.models.workflow import DocumentAttachment
from webapp.queries.grants import live_grant
from webapp.queries.turns import my_turn

S = DocumentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDocument:
    """A document as the batch pages show it. `version` and `sha256` are those of its newest file."""

    id: UUID
    type_name: str
    abstract: str
    notation: str
    status: DocumentStatus
    signer_name: str
    submitted_at: dt.datetime | None
    version: int
    sha256: str
    size: int
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStep:
    """A document of a batch and what became of it; `error` is a catalogue id or plain words.

    `unstamped`: the key has signed, and only the timestamp is still asked for.
    """

    number: int
    status: JobStatus
    error: str
    unstamped: bool
    document: BatchDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch with its steps. `live`: a process holds its key right now."""

    job_id: UUID
    kind: BatchKind
    status: JobStatus
    live: bool
    cancel_asked: bool
    error: str
    created_at: dt.datetime
    steps: tuple[BatchStep, ...]

    def count(self, *states: JobStatus) -> int:
        """Count the steps in one of the states."""
        return sum(step.status in states for step in self.steps)

    @property
    def unstamped(self) -> int:
        """How many signatures wait for their timestamp."""
        return sum(step.unstamped for step in self.steps)

    @property
    def done(self) -> int:
        """How many documents have their signature."""
        return self.count(JobStatus.DONE) - self.unstamped

    @property
    def share(self) -> float:
        """Steps that came to an end ÷ all; while it is live, what the key has signed is still being finished."""
        ended = self.count(JobStatus.DONE, JobStatus.FAILED) - (self.unstamped if self.live else 0)
        return ended / len(self.steps) if self.steps else 1.0

    @property
    def left(self) -> tuple[BatchStep, ...]:
        """Steps without a signature, when nobody works on them: they can be signed with another entry of the PIN."""
        return () if self.live else tuple(step for step in self.steps if step.status is not JobStatus.DONE)


def waiting_documents(
    session: Session, actor: Actor, kind: BatchKind, ids: Sequence[UUID] | None = None
) -> list[BatchDocument]:
    """Give what waits for this person's signature (or the agency's), the longest waiting first. One statement."""
    wanted = _documents().where(Document.ward_id == actor.ward_id, _waits(actor, kind))
    if ids is not None:
        wanted = wanted.where(Document.id.in_(ids))
    order = (Document.number.is_(None), Document.number, Document.submitted_at, Document.id)
    return [_document(row) for row in session.execute(wanted.order_by(*order).limit(4 * MOST))]


def get_batch(session: Session, actor: Actor, job_id: UUID, *, now: dt.datetime) -> Batch:
    """Give one's own batch. Two statements. Raises NotFound."""
    job = session.execute(
        select(Job.id, Job.payload, Job.status, Job.lease_until, Job.cancel_asked, Job.error, Job.created_at).where(
            *_mine(actor), Job.id == job_id
        )
    ).one_or_none()
    if job is None:
        raise NotFound
    rows = session.execute(
        _documents()
        .add_columns(
            JobItem.number.label("step"),
            JobItem.status.label("step_status"),
            JobItem.error,
            JobItem.payload,
            JobItem.result,
        )
        .join(JobItem, and_(JobItem.ward_id == Document.ward_id, JobItem.subject_id == Document.id))
        .where(JobItem.ward_id == actor.ward_id, JobItem.job_id == job_id)
        .order_by(JobItem.number)
    )
    return Batch(
        job_id=job.id,
        kind=BatchKind(job.payload["what"]),
        status=job.status,
        live=job.status is JobStatus.RUNNING and job.lease_until is not None and job.lease_until > now,
        cancel_asked=job.cancel_asked,
        error=job.error,
        created_at=job.created_at,
        steps=tuple(
            BatchStep(
                number=row.step,
                status=row.step_status,
                error=row.error,
                unstamped="waiting" in row.result and row.version == row.payload["version"],
                document=_document(row),
            )
            for row in rows
        ),
    )


def recent_batches(session: Session, actor: Actor, *, now: dt.datetime, most: int = 5) -> list[Batch]:
    """Give one's newest batches, those that wait for a PIN first."""
    unfinished = Job.status.in_(UNFINISHED)
    ids = session.scalars(
        select(Job.id).where(*_mine(actor)).order_by(unfinished.desc(), Job.created_at.desc()).limit(most)
    ).all()
    return [get_batch(session, actor, job_id, now=now) for job_id in ids]


def count_items(session: Session, ward_id: UUID, job_id: UUID) -> dict[JobStatus, int]:
    """Count the steps of a job by state. One statement."""
    rows = session.execute(
        select(JobItem.status, func.count().label("n"))
        .where(JobItem.ward_id == ward_id, JobItem.job_id == job_id)
        .group_by(JobItem.status)
    )
    found: dict[JobStatus, int] = {row.status: row.n for row in rows}
    return {status: found.get(status, 0) for status in JobStatus}


def live_actor(session: Session, actor: Actor, *, now: dt.datetime) -> Actor | None:
    """Give the person with the roles of this moment; None when the account was shut or holds none. One statement."""
    roles = session.scalars(
        select(RoleGrant.role)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.ward_id == actor.ward_id,
            RoleGrant.account_id == actor.account_id,
            live_grant(cast("Table", RoleGrant.__table__)),
            Account.disabled_at.is_(None),
        ),
        {"now": now},
    ).all()
    return replace(actor, roles=frozenset(roles)) if roles else None


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (Job.ward_id == actor.ward_id, Job.kind == JobKind.SIGNING, Job.created_by == actor.account_id)


def _waits(actor: Actor, kind: BatchKind) -> ColumnElement[bool]:
    if kind is BatchKind.SIGN:
        return and_(Document.status == S.AWAITING_SIGNATURE, my_turn(actor.account_id, StepKind.PERSON))
    signed = Document.status == S.SIGNED
    numbered = Document.status == S.NUMBERED
    return or_(numbered, signed) if actor.can(Permission.DOCUMENT_NUMBER) else numbered


def _documents() -> Any:  # noqa: ANN401 - a SELECT of many columns
    return (
        select(
            Document.id,
            Document.abstract,
            Document.status,
            Document.number,
            Document.symbol,
            Document.submitted_at,
            DocumentType.name_vi,
            Account.display_name,
            DocumentVersion.number.label("version"),
            DocumentVersion.sha256,
            DocumentVersion.size,
            DocumentVersion.filename,
        )
        .join(DocumentType, DocumentType.code == Document.type_code)
        .join(
            DocumentVersion,
            and_(
                DocumentVersion.ward_id == Document.ward_id,
                DocumentVersion.document_id == Document.id,
                DocumentVersion.number == Document.version,
            ),
        )
        .outerjoin(Account, Account.id == Document.signer_id)
    )


def _document(row: Any) -> BatchDocument:  # noqa: ANN401 - a row of _documents
    return BatchDocument(
        id=row.id,
        type_name=row.name_vi,
        abstract=row.abstract,
        notation=format_notation(row.number, row.symbol) if row.number else "",
        status=row.status,
        signer_name=row.display_name or "",
        submitted_at=row.submitted_at,
        version=row.version,
        sha256=row.sha256,
        size=row.size,
        filename=row.filename,
    )


def batch_bytes(session: Session, ward_id: UUID, document_id: UUID) -> int:
    """Give the bytes of a document's newest file and its separate attachments: what signing holds in memory."""
    newest = (
        select(DocumentVersion.size)
        .where(DocumentVersion.ward_id == ward_id, DocumentVersion.document_id == document_id)
        .order_by(DocumentVersion.number.desc())
        .limit(1)
    )
    beside = select(func.sum(DocumentAttachment.size)).where(
        DocumentAttachment.ward_id == ward_id, DocumentAttachment.document_id == document_id
    )
    file, attached = session.execute(select(newest.scalar_subquery(), beside.scalar_subquery())).one()
    return (file or 0) + (attached or 0)
