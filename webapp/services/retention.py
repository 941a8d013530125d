"""Deleting what was kept long enough: files of jobs, uploaded workbooks, old jobs.

A file goes first and its name afterwards: killed in between, the next run finds the name and tries again.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.core.jobs import UNFINISHED, JobStatus
from webapp.core.ports import Clock
from webapp.models.households import ImportBatch
from webapp.models.jobs import Job, JobItem

# Head's names stand in uploaded workbooks: what was needed of them is in the database, encrypted (Law 91/2025/QH15).
IMPORT_FILE_DAYS: Final = 30
JOB_DAYS: Final = 90
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class DueFile:
    """A file to be deleted, and the row that names it."""

    table: str
    row_id: UUID
    sha256: str


def due_files(session: Session, ward_id: UUID, *, clock: Clock) -> list[DueFile]:
    """Give files whose time is over. Two statements."""
    return [*_of_jobs(session, ward_id, clock.now()), *_of_imports(session, ward_id, clock.now())]


def _of_jobs(session: Session, ward_id: UUID, now: dt.datetime) -> Iterator[DueFile]:
    found = session.execute(
        select(Job.id, Job.file_sha256)
        .where(
            Job.ward_id == ward_id,
            Job.file_sha256.is_not(None),
            Job.status.not_in(UNFINISHED),
            or_(Job.file_until < now, Job.status != JobStatus.DONE),
        )
        .limit(_MOST)
    )
    yield from (DueFile("job", row.id, row.file_sha256) for row in found if row.file_sha256)


def _of_imports(session: Session, ward_id: UUID, now: dt.datetime) -> Iterator[DueFile]:
    before = now - dt.timedelta(days=IMPORT_FILE_DAYS)
    found = session.execute(
        select(ImportBatch.id, ImportBatch.file_sha256)
        .where(
            ImportBatch.ward_id == ward_id,
            ImportBatch.file_sha256 != "",
            or_(ImportBatch.stored_at < before, (ImportBatch.stored_at.is_(None)) & (ImportBatch.created_at < before)),
        )
        .limit(_MOST)
    )
    yield from (DueFile("import_batch", row.id, row.file_sha256) for row in found)


def forget_file(session: Session, ward_id: UUID, file: DueFile) -> None:
    """Take the name of a deleted file out of its row."""
    if file.table == "job":
        session.execute(
            update(Job)
            .where(Job.ward_id == ward_id, Job.id == file.row_id)
            .values(file_sha256=None, file_name="", file_until=None)
        )
    else:
        session.execute(
            update(ImportBatch)
            .where(ImportBatch.ward_id == ward_id, ImportBatch.id == file.row_id)
            .values(file_sha256="")
        )


def delete_old_jobs(session: Session, ward_id: UUID, *, clock: Clock) -> int:
    """Delete jobs that ended long ago and have no file any more; give how many."""
    before = clock.now() - dt.timedelta(days=JOB_DAYS)
    ended = list(
        session.scalars(
            select(Job.id)
            .where(Job.ward_id == ward_id, Job.finished_at < before, Job.file_sha256.is_(None))
            .limit(_MOST)
        )
    )
    for table, key in ((JobItem, JobItem.job_id), (Job, Job.id)):
        session.execute(delete(table).where(table.ward_id == ward_id, key.in_(ended)))
    return len(ended)
