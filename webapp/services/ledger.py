"""The ledger of signatures: one append-only row each, chained by hashes; usage is counted from here alone."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.models.audit import ChainHead
from webapp.models.signing import SignatureLedger
from webapp.services.chains import GENESIS, append_link, row_hash

CHAIN: Final = "ledger"
_NOT_HASHED: Final = frozenset({"ward_id", "sequence", "previous_hash", "row_hash"})


def append_signature(session: Session, ward_id: UUID, **columns: Any) -> SignatureLedger:  # noqa: ANN401 - columns
    """Append a row in the transaction that stores the signed version. Every column but place and hashes is named."""
    link = append_link(session, ward_id, CHAIN, _content(columns))
    row = SignatureLedger(
        ward_id=ward_id,
        sequence=link.sequence,
        previous_hash=link.previous_hash,
        row_hash=link.row_hash,
        **columns,
    )
    session.add(row)
    session.flush()
    return row


def first_broken_row(session: Session, ward_id: UUID) -> int | None:
    """Give the sequence number of the first row that was edited, removed or moved; None when the chain is whole."""
    expected, previous = 1, GENESIS
    wanted = select(SignatureLedger).where(SignatureLedger.ward_id == ward_id).order_by(SignatureLedger.sequence)
    with session.execute(wanted.execution_options(populate_existing=True, yield_per=500)) as found:
        for row in found.scalars():
            whole = row.previous_hash == previous and row.row_hash == row_hash(previous, expected, _content_of(row))
            if row.sequence != expected or not whole:
                return expected
            expected, previous = expected + 1, row.row_hash
    head = session.get(ChainHead, (ward_id, CHAIN))
    if head is None:
        return None if expected == 1 else expected
    # Rows cut off at the end leave a whole chain that is shorter than its head says.
    return None if (head.sequence, head.head_hash) == (expected - 1, previous) else expected


def _content_of(row: SignatureLedger) -> dict[str, Any]:
    names = [column.name for column in SignatureLedger.__table__.columns if column.name not in _NOT_HASHED]
    return _content({name: getattr(row, name) for name in names})


def _content(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in columns.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a column's value in, JSON out
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value
