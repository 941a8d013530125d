"""Asking for background work and stopping it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Executable, Table, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import NotFound
from webapp.core.ids import new_id
from webapp.core.jobs import UNFINISHED, JobKind, JobStatus
from webapp.core.ports import Clock
from webapp.models.jobs import Job, JobItem


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """One step of a job to come."""

    subject_id: UUID | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """Order to queue work. `payload` holds plain JSON values and no personal data.

    `dedupe_key`: while the ward has a job of this key, finished or not, no second one is queued.
    """

    kind: JobKind
    payload: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[NewItem] = ()
    dedupe_key: str | None = None
    run_after: dt.datetime | None = None


_JOB: Final = cast("Table", Job.__table__)
_KEY: Final = ["ward_id", "dedupe_key"]
_INSERTS: Final[Mapping[str, Executable]] = {
    "sqlite": sqlite.insert(_JOB).on_conflict_do_nothing(index_elements=_KEY).returning(_JOB.c.id),
    "postgresql": postgresql.insert(_JOB).on_conflict_do_nothing(index_elements=_KEY).returning(_JOB.c.id),
}


def enqueue(session: Session, order: NewJob, *, ward_id: UUID, created_by: UUID | None, clock: Clock) -> UUID | None:
    """Queue a job in the caller's transaction: it exists if and only if that commits.

    Gives the job's id, or None when the ward already has one of the same key. Rights are the caller's to check.
    """
    job_id, now = new_id(), clock.now()
    values = {
        "ward_id": ward_id,
        "id": job_id,
        "kind": order.kind.value,
        "status": JobStatus.WAITING,
        "payload": dict(order.payload),
        "result": {},
        "done": 0,
        "total": len(order.items) or None,
        "error": "",
        "attempts": 0,
        "run_after": order.run_after or now,
        "cancel_asked": False,
        "dedupe_key": order.dedupe_key,
        "file_name": "",
        "created_at": now,
        "created_by": created_by,
    }
    connection = session.connection()
    if connection.execute(_INSERTS[connection.dialect.name], values).one_or_none() is None:
        return None
    if order.items:
        session.execute(insert(JobItem), [_item(ward_id, job_id, n, item) for n, item in enumerate(order.items, 1)])
    return job_id


def _item(ward_id: UUID, job_id: UUID, number: int, item: NewItem) -> dict[str, Any]:
    return {
        "ward_id": ward_id,
        "job_id": job_id,
        "number": number,
        "subject_id": item.subject_id,
        "status": JobStatus.WAITING,
        "payload": dict(item.payload),
        "result": {},
        "error": "",
    }


def cancel_job(session: Session, job_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Stop one's own job: at once when it waits, at its next step when it runs. Raises NotFound.

    A job that came to its end in the meantime stays as it is.
    """
    mine = (Job.ward_id == actor.ward_id, Job.id == job_id, Job.created_by == actor.account_id)
    waiting = session.execute(
        update(Job)
        .where(*mine, Job.status == JobStatus.WAITING)
        .values(status=JobStatus.CANCELLED, cancel_asked=True, finished_at=clock.now())
    )
    if waiting.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        return
    running = session.execute(update(Job).where(*mine, Job.status.in_(UNFINISHED)).values(cancel_asked=True))
    if not running.rowcount and session.get(Job, (actor.ward_id, job_id)) is None:  # type: ignore[attr-defined]  # as above
        raise NotFound
