"""Background work: jobs and their items are the truth, whoever works on them."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.jobs import JobStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward

_OPEN = text("status IN ('waiting', 'running')")


class Job(TenantKey, Base):
    """One piece of work. Held by a lease: who holds it renews it; one that ran out is taken over by another worker.

    `payload` and `result` hold plain values, never a name or an answer; `file_sha256` is a sealed file in the store.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("ward_id", "dedupe_key"),
        Index("ix_job_open", "ward_id", "run_after", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(None, "ward_id", "created_at"),
        CheckConstraint("done >= 0", name="done_not_negative"),
        {"info": TENANT},
    )

    kind: Mapped[str] = mapped_column(String(40))
    status: Mapped[JobStatus] = mapped_column(stored_enum(JobStatus, "status"))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(500), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[dt.datetime]
    lease_owner: Mapped[UUID | None]
    lease_until: Mapped[dt.datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    # Work that must not be queued twice (a night's check) carries its name here.
    dedupe_key: Mapped[str | None] = mapped_column(String(120))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[UUID | None]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class JobItem(Base):
    """One step of a job that is done by itself and only once (a document of a batch)."""

    __tablename__ = "job_item"
    __table_args__ = (within_ward("job_id", "job"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID | None]
    status: Mapped[JobStatus] = mapped_column(stored_enum(JobStatus, "status"))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(String(500), default="")
    finished_at: Mapped[dt.datetime | None]
