"""Word files of a document: which were brought, and where their conversion stands."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from webapp.core.errors import NotFound
from webapp.core.jobs import BROKEN, JobStatus
from webapp.core.word_files import UNRESOLVED, WORD_PROBLEMS, SourceState
from webapp.models.jobs import Job
from webapp.models.letters import DocumentSource

_GIVEN_UP = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A Word file; `message` (a catalogue id) says why it could not be converted and what to do."""

    number: int
    state: SourceState
    message: str
    sha256: str
    filename: str
    added_at: dt.datetime

    @property
    def unresolved(self) -> bool:
        """Whether the document waits for it."""
        return self.state in UNRESOLVED


def list_sources(session: Session, ward_id: UUID, document_id: UUID) -> list[SourceRow]:
    """Give a document's Word files, the newest first. One statement."""
    wanted = _sources(ward_id, document_id).order_by(DocumentSource.number.desc())
    return [_row(row) for row in session.execute(wanted)]


def find_source(session: Session, ward_id: UUID, document_id: UUID, number: int) -> SourceRow:
    """Give one of them. One statement. Raises NotFound."""
    row = session.execute(_sources(ward_id, document_id).where(DocumentSource.number == number)).one_or_none()
    if row is None:
        raise NotFound
    return _row(row)


def _sources(ward_id: UUID, document_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(DocumentSource, Job.status.label("job_status"), Job.error.label("job_error"))
        .outerjoin(Job, (Job.ward_id == DocumentSource.ward_id) & (Job.id == DocumentSource.job_id))
        .where(DocumentSource.ward_id == ward_id, DocumentSource.document_id == document_id)
    )


def _row(row: Row[*tuple[Any, ...]]) -> SourceRow:
    """Say what the job says where it came to no end: its file is still called "converting" then."""
    source: DocumentSource = row.DocumentSource
    given_up = source.state is SourceState.CONVERTING and row.job_status in _GIVEN_UP
    return SourceRow(
        number=source.number,
        state=SourceState.FAILED if given_up else source.state,
        message=(row.job_error or BROKEN) if given_up else WORD_PROBLEMS.get(source.problem, ""),
        sha256=source.sha256,
        filename=source.filename,
        added_at=source.added_at,
    )
