"""Jobs: what somebody asked for and how far it is, and where work waits."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from webapp.core.jobs import UNFINISHED, JobKind, JobStatus
from webapp.models.jobs import Job, JobItem

LIST_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job as its page shows it. `file_name` is empty when it has no file (any more)."""

    job_id: UUID
    kind: str
    status: JobStatus
    payload: dict[str, Any]
    result: dict[str, Any]
    done: int
    total: int | None
    error: str
    cancel_asked: bool
    file_sha256: str | None
    file_name: str
    file_until: dt.datetime | None
    created_at: dt.datetime
    created_by: UUID | None
    finished_at: dt.datetime | None

    @property
    def share(self) -> float | None:
        """Done ÷ total; None while nobody knows how much there is."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def unfinished(self) -> bool:
        """Whether it still waits or runs."""
        return self.status in UNFINISHED

    @property
    def has_file(self) -> bool:
        """Whether there is something to fetch."""
        return self.status is JobStatus.DONE and self.file_sha256 is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItemRow:
    """One step of a job."""

    number: int
    subject_id: UUID | None
    status: JobStatus
    payload: dict[str, Any]
    error: str


def get_job(session: Session, ward_id: UUID, job_id: UUID) -> JobRow | None:
    """Find a job of the ward. One statement."""
    row = session.execute(_jobs().where(Job.ward_id == ward_id, Job.id == job_id)).one_or_none()
    return None if row is None else _row(row)


def recent_jobs(
    session: Session, ward_id: UUID, kind: JobKind, *, created_by: UUID | None = None, most: int = LIST_MOST
) -> list[JobRow]:
    """Give the newest jobs of a kind, of one person when asked. One statement."""
    wanted = _jobs().where(Job.ward_id == ward_id, Job.kind == kind)
    if created_by is not None:
        wanted = wanted.where(Job.created_by == created_by)
    return [_row(row) for row in session.execute(wanted.order_by(Job.created_at.desc(), Job.id.desc()).limit(most))]


def list_items(session: Session, ward_id: UUID, job_id: UUID, status: JobStatus | None = None) -> list[JobItemRow]:
    """Give a job's steps in order, those of one state when asked. One statement."""
    wanted = select(JobItem.number, JobItem.subject_id, JobItem.status, JobItem.payload, JobItem.error).where(
        JobItem.ward_id == ward_id, JobItem.job_id == job_id
    )
    if status is not None:
        wanted = wanted.where(JobItem.status == status)
    return [
        JobItemRow(
            number=row.number, subject_id=row.subject_id, status=row.status, payload=row.payload, error=row.error
        )
        for row in session.execute(wanted.order_by(JobItem.number))
    ]


def wards_with_work(session: Session, now: dt.datetime, kinds: Collection[str]) -> list[UUID]:
    """Give the wards in which a job of these kinds waits or lost its worker. One statement."""
    return list(session.scalars(select(Job.ward_id).where(Job.kind.in_(kinds), claimable(now)).distinct()))


def claimable(now: dt.datetime) -> ColumnElement[bool]:
    """Say which jobs a worker may take."""
    return or_(
        and_(Job.status == JobStatus.WAITING, Job.run_after <= now),
        and_(Job.status == JobStatus.RUNNING, Job.lease_until < now),
    )


def _jobs() -> Select[*tuple[Any, ...]]:
    names = (name for name in JobRow.__dataclass_fields__ if name != "job_id")
    return select(Job.id, *(getattr(Job, name) for name in names))


def _row(row: Row[*tuple[Any, ...]]) -> JobRow:
    values = row._asdict()
    return JobRow(job_id=values.pop("id"), **values)
