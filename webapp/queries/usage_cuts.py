"""The signature ledger cut by type of document and level, and how long documents wait for their signature."""

import datetime as dt
import math
import statistics
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import Session

from webapp.core.documents import KeystoreOwner
from webapp.core.periods import Period
from webapp.models.documents import Document, DocumentType
from webapp.models.signing import SignatureLedger
from webapp.queries.ledger import within

L = SignatureLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Documents that a person signed, agency signatures, and all signatures, under a name."""

    name: str
    documents: int
    seals: int
    signatures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """From submission to the last signature of a person: median and what 90 % do not exceed. No name: all types."""

    name: str
    documents: int
    median: dt.timedelta
    most: dt.timedelta


def usage_by_type(session: Session, ward_id: UUID, period: Period) -> list[Cut]:
    """Count by type of document, most first. One statement."""
    rows = session.execute(
        select(DocumentType.name_vi.label("name"), *_counts())
        .select_from(L)
        .join(Document, (Document.ward_id == L.ward_id) & (Document.id == L.document_id))
        .join(DocumentType, DocumentType.code == Document.type_code)
        .where(within(ward_id, period))
        .group_by(DocumentType.name_vi)
        .order_by(func.count().desc(), DocumentType.name_vi)
    )
    return [Cut(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def usage_by_level(session: Session, ward_id: UUID, period: Period) -> list[Cut]:
    """Count by PAdES level (`b-t`, `b-lt` …), lowest first. One statement."""
    rows = session.execute(
        select(L.level.label("name"), *_counts()).where(within(ward_id, period)).group_by(L.level).order_by(L.level)
    )
    return [Cut(**row._mapping) for row in rows]  # noqa: SLF001 - as above


def waiting_times(session: Session, ward_id: UUID, period: Period) -> list[Waiting]:
    """Measure documents signed in the period, all types first; [] when there are none. One statement.

    Counted from the last submission: a document that came back waits anew.
    """
    signed_at = func.max(L.signed_at).label("signed_at")
    rows = session.execute(
        select(DocumentType.name_vi, Document.submitted_at, signed_at)
        .select_from(L)
        .join(Document, (Document.ward_id == L.ward_id) & (Document.id == L.document_id))
        .join(DocumentType, DocumentType.code == Document.type_code)
        .where(within(ward_id, period), L.owner == KeystoreOwner.PERSON, Document.submitted_at.is_not(None))
        .group_by(DocumentType.name_vi, Document.id, Document.submitted_at)
    )
    waits: dict[str, list[float]] = {}
    for row in rows:
        seconds = max(0.0, (row.signed_at - row.submitted_at).total_seconds())
        for name in ("", row.name_vi):
            waits.setdefault(name, []).append(seconds)
    return [_waiting(name, waits[name]) for name in sorted(waits)]


def _waiting(name: str, seconds: list[float]) -> Waiting:
    ordered = sorted(seconds)
    ninth = ordered[math.ceil(0.9 * len(ordered)) - 1]
    return Waiting(
        name=name,
        documents=len(ordered),
        median=dt.timedelta(seconds=statistics.median(ordered)),
        most=dt.timedelta(seconds=ninth),
    )


def _counts() -> tuple[object, ...]:
    return (
        func.count(distinct(case((L.owner == KeystoreOwner.PERSON, L.document_id)))).label("documents"),
        func.sum(case((L.owner == KeystoreOwner.AGENCY, 1), else_=0)).label("seals"),
        func.count().label("signatures"),
    )
