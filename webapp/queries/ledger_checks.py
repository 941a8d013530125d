"""The last comparison of files and signature ledger, and what it found."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.documents import format_notation
from webapp.core.ledger_checks import FindingKind
from webapp.models.documents import Document
from webapp.models.ledger_checks import LedgerCheck, LedgerFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding, with the document it belongs to where there is one."""

    kind: FindingKind
    document_id: UUID | None
    notation: str
    abstract: str
    sequence: int | None
    field: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A finished comparison; `findings` counts all, `shown` are the first of them."""

    finished_at: dt.datetime
    files: int
    signatures: int
    rows: int
    findings: int
    shown: tuple[FindingRow, ...]

    def is_late(self, now: dt.datetime) -> bool:
        """Tell whether more than two nights went by without a comparison."""
        return now - self.finished_at > dt.timedelta(hours=50)


def last_check(session: Session, ward_id: UUID, *, most: int = 100) -> CheckRow | None:
    """Give the newest comparison; None before the first. Two statements."""
    check = session.scalar(
        select(LedgerCheck).where(LedgerCheck.ward_id == ward_id).order_by(LedgerCheck.finished_at.desc()).limit(1)
    )
    if check is None:
        return None
    return CheckRow(
        finished_at=check.finished_at,
        files=check.files,
        signatures=check.signatures,
        rows=check.rows,
        findings=check.findings,
        shown=_shown(session, ward_id, check.id, most) if check.findings and most else (),
    )


def _shown(session: Session, ward_id: UUID, check_id: UUID, most: int) -> tuple[FindingRow, ...]:
    rows = session.execute(
        select(LedgerFinding, Document.number, Document.symbol, Document.abstract)
        .outerjoin(Document, (Document.ward_id == LedgerFinding.ward_id) & (Document.id == LedgerFinding.document_id))
        .where(LedgerFinding.ward_id == ward_id, LedgerFinding.check_id == check_id)
        .order_by(LedgerFinding.number)
        .limit(most)
    )
    return tuple(
        FindingRow(
            kind=row.LedgerFinding.kind,
            document_id=row.LedgerFinding.document_id if row.abstract is not None else None,
            notation=format_notation(row.number, row.symbol) if row.number else "",
            abstract=row.abstract or "",
            sequence=row.LedgerFinding.sequence,
            field=row.LedgerFinding.field,
            sha256=row.LedgerFinding.sha256,
        )
        for row in rows
    )
