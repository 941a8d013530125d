"""Holding a job: taking it, keeping it, giving it back. Each is one short transaction of the worker.

A lease is (owner, until). Whoever stores something for a job first renews the lease in the same transaction; when it
went to another worker nothing is stored, so an attempt that was believed dead cannot write twice.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.jobs import ATTEMPTS_MAX, INTERRUPTED, JobCancelled, JobStatus, LeaseLost, retry_after
from webapp.core.ports import Clock
from webapp.models.jobs import Job, JobItem
from webapp.queries.jobs import claimable


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A job in somebody's hands. `payload` is what was ordered; `left_file` what a dead attempt may have stored."""

    ward_id: UUID
    job_id: UUID
    owner: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    left_file: str | None
    created_by: UUID | None


def claim_job(
    session: Session, ward_id: UUID, *, kinds: Collection[str], owner: UUID, clock: Clock, length: dt.timedelta
) -> Lease | None:
    """Take the job that waits longest, also one whose worker fell silent; None when there is none.

    PostgreSQL skips rows that another worker is just taking; SQLite has one writer at a time anyway.
    """
    now = clock.now()
    job = session.scalars(
        select(Job)
        .where(Job.ward_id == ward_id, Job.kind.in_(kinds), claimable(now))
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if job is None:
        return None
    if job.cancel_asked or job.attempts >= ATTEMPTS_MAX:
        job.status = JobStatus.CANCELLED if job.cancel_asked else JobStatus.FAILED
        job.error = "" if job.cancel_asked else INTERRUPTED
        job.finished_at, job.lease_owner, job.lease_until = now, None, None
        session.flush()
        return claim_job(session, ward_id, kinds=kinds, owner=owner, clock=clock, length=length)
    job.status, job.attempts = JobStatus.RUNNING, job.attempts + 1
    job.lease_owner, job.lease_until = owner, now + length
    job.started_at = job.started_at or now
    session.flush()
    return Lease(
        ward_id=ward_id,
        job_id=job.id,
        owner=owner,
        kind=job.kind,
        payload=job.payload,
        attempts=job.attempts,
        left_file=job.file_sha256,
        created_by=job.created_by,
    )


def renew_lease(session: Session, lease: Lease, *, clock: Clock, length: dt.timedelta, **changes: Any) -> None:  # noqa: ANN401 - columns
    """Keep the job, and note progress. Raises LeaseLost when it went to another, JobCancelled when asked to stop."""
    cancelled = session.execute(
        update(Job)
        .where(*_held(lease))
        .values(lease_until=clock.now() + length, **changes)
        .returning(Job.cancel_asked)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if cancelled is None:
        raise LeaseLost
    if cancelled:
        raise JobCancelled


def end_job(session: Session, lease: Lease, status: JobStatus, *, clock: Clock, **changes: Any) -> None:  # noqa: ANN401 - columns
    """Write the end of a job down. Raises LeaseLost."""
    _let_go(session, lease, status=status, finished_at=clock.now(), **changes)


def give_back(session: Session, lease: Lease, *, clock: Clock, error: str = "", failed: bool = True) -> None:
    """Put a job back: with a pause after a failure, at once and without counting the attempt otherwise.

    The last attempt that fails ends the job with `error`. Raises LeaseLost.
    """
    if failed and lease.attempts >= ATTEMPTS_MAX:
        end_job(session, lease, JobStatus.FAILED, clock=clock, error=error)
        return
    pause = retry_after(lease.attempts) if failed else dt.timedelta()
    attempts = lease.attempts if failed else lease.attempts - 1
    _let_go(session, lease, status=JobStatus.WAITING, run_after=clock.now() + pause, attempts=attempts, error=error)


def end_item(
    session: Session,
    lease: Lease,
    number: int,
    *,
    clock: Clock,
    error: str = "",
    result: Mapping[str, Any] | None = None,
) -> None:
    """Write down that a step is done (or failed with `error`), in the transaction of the step itself."""
    session.execute(
        update(JobItem)
        .where(JobItem.ward_id == lease.ward_id, JobItem.job_id == lease.job_id, JobItem.number == number)
        .values(
            status=JobStatus.FAILED if error else JobStatus.DONE,
            error=error,
            result=dict(result or {}),
            finished_at=clock.now(),
        )
    )
    session.execute(update(Job).where(*_held(lease)).values(done=Job.done + 1))


def _held(lease: Lease) -> tuple[Any, ...]:
    return (
        Job.ward_id == lease.ward_id,
        Job.id == lease.job_id,
        Job.lease_owner == lease.owner,
        Job.status == JobStatus.RUNNING,
    )


def _let_go(session: Session, lease: Lease, **changes: Any) -> None:  # noqa: ANN401 - columns
    done = session.execute(update(Job).where(*_held(lease)).values(lease_owner=None, lease_until=None, **changes))
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise LeaseLost
