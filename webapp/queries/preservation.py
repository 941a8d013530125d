"""Published files and how long they will verify."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from webapp.core.documents import DocumentStatus, format_notation
from webapp.core.preservation import LOOK_AGAIN, PreservationState
from webapp.models.documents import Document, DocumentVersion
from webapp.models.preservation import Preservation
from webapp.models.workflow import DocumentAttachment

_P = Preservation


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """The newest file of a part of a published document; `failures` so far."""

    document_id: UUID
    part: int
    sha256: str
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationRow:
    """A file that was looked at, with the document it belongs to."""

    document_id: UUID
    part: int
    notation: str
    abstract: str
    state: PreservationState
    level: str
    year: int
    holds_until: dt.datetime | None
    due_at: dt.datetime | None
    code: str
    reason_vi: str
    reason_en: str
    failures: int
    checked_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationSummary:
    """How many files stand where; `unseen` were published and never looked at."""

    counts: dict[PreservationState, int]
    unseen: int
    checked_at: dt.datetime | None

    @property
    def open(self) -> int:
        """Files for which something is to be done."""
        return self.counts[PreservationState.DUE] + self.counts[PreservationState.FAILING] + self.unseen


def files_to_look_at(
    session: Session, ward_id: UUID, now: dt.datetime, *, document_id: UUID | None = None, everything: bool = False
) -> list[PublishedFile]:
    """Give the files whose turn it is, the longest untouched first. One statement.

    New ones, those that do not stand as they should, those whose renewal is due, and what was not looked at for a week;
    `everything`, and a document that is named, are looked at in any case.
    """
    parts = _parts(ward_id).subquery()
    turn = or_(
        _P.checked_at.is_(None),
        _P.sha256 != parts.c.sha256,
        _P.state.in_((PreservationState.DUE, PreservationState.FAILING)),
        _P.due_at <= now,
        _P.checked_at < now - LOOK_AGAIN,
    )
    wanted = (
        select(parts.c.document_id, parts.c.part, parts.c.sha256, _P.failures)
        .outerjoin(_P, (_P.ward_id == ward_id) & (_P.document_id == parts.c.document_id) & (_P.part == parts.c.part))
        .order_by(_P.checked_at.is_not(None), _P.checked_at, parts.c.document_id, parts.c.part)
    )
    if document_id is not None:
        wanted = wanted.where(parts.c.document_id == document_id)
    elif not everything:
        wanted = wanted.where(turn)
    return [
        PublishedFile(document_id=row.document_id, part=row.part, sha256=row.sha256, failures=row.failures or 0)
        for row in session.execute(wanted)
    ]


def preservation_summary(session: Session, ward_id: UUID) -> PreservationSummary:
    """Count by state. Two statements."""
    found = session.execute(
        select(_P.state, func.count(), func.max(_P.checked_at)).where(_P.ward_id == ward_id).group_by(_P.state)
    ).all()
    parts = _parts(ward_id).subquery()
    unseen = session.scalar(
        select(func.count())
        .select_from(parts)
        .outerjoin(_P, (_P.ward_id == ward_id) & (_P.document_id == parts.c.document_id) & (_P.part == parts.c.part))
        .where(_P.checked_at.is_(None))
    )
    counts = dict.fromkeys(PreservationState, 0) | {row[0]: row[1] for row in found}
    return PreservationSummary(
        counts=counts, unseen=unseen or 0, checked_at=max((row[2] for row in found), default=None)
    )


def preservation_rows(
    session: Session, ward_id: UUID, states: Sequence[PreservationState], *, most: int = 100
) -> list[PreservationRow]:
    """Give files in these states, what fails longest first, then what is due first. One statement."""
    rows = session.execute(
        select(_P, Document.number, Document.symbol, Document.abstract)
        .join(Document, (Document.ward_id == _P.ward_id) & (Document.id == _P.document_id))
        .where(_P.ward_id == ward_id, _P.state.in_(states))
        .order_by(_P.failures.desc(), _P.due_at, _P.document_id, _P.part)
        .limit(most)
    )
    return [
        PreservationRow(
            document_id=row.document_id,
            part=row.part,
            notation=format_notation(number, symbol) if number else "",
            abstract=abstract,
            state=row.state,
            level=row.level,
            year=row.year,
            holds_until=row.holds_until,
            due_at=row.due_at,
            code=row.code,
            reason_vi=row.reason_vi,
            reason_en=row.reason_en,
            failures=row.failures,
            checked_at=row.checked_at,
        )
        for row, number, symbol, abstract in rows
    ]


def count_not_preserved(session: Session, ward_id: UUID) -> int:
    """Count the files that could not be preserved. One statement."""
    wanted = select(func.count()).where(_P.ward_id == ward_id, _P.state == PreservationState.FAILING)
    return session.scalar(wanted) or 0


def _parts(ward_id: UUID) -> Select[tuple[UUID, int, str]]:
    """Every file of the ward's published documents: the newest version, and each attachment as it was sealed last."""
    version, part = DocumentVersion, DocumentAttachment
    own = (
        select(Document.id.label("document_id"), literal(0).label("part"), version.sha256.label("sha256"))
        .join(
            version,
            (version.ward_id == Document.ward_id)
            & (version.document_id == Document.id)
            & (version.number == Document.version),
        )
        .where(Document.ward_id == ward_id, Document.status == DocumentStatus.PUBLISHED)
    )
    beside = (
        select(part.document_id, part.number, func.coalesce(part.archived_sha256, part.sealed_sha256))
        .join(Document, (Document.ward_id == part.ward_id) & (Document.id == part.document_id))
        .where(part.ward_id == ward_id, Document.status == DocumentStatus.PUBLISHED, part.sealed_sha256.is_not(None))
    )
    every = union_all(own, beside).subquery()
    return select(every.c.document_id, every.c.part, every.c.sha256)
