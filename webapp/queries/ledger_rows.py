"""The rows of the signature ledger as the hash chain sees them, and as people read them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.core.checkpoints import ChainRow
from webapp.core.documents import KeystoreKind, KeystoreOwner, format_notation
from webapp.core.hash_chain import GENESIS
from webapp.models.accounts import Account
from webapp.models.audit import ChainHead
from webapp.models.documents import Document
from webapp.models.signing import SignatureLedger

CHAIN: Final = "ledger"
PAGE: Final = 50
_BATCH: Final = 500
_NOT_HASHED: Final = frozenset({"ward_id", "sequence", "previous_hash", "row_hash"})
_HASHED: Final = [column.name for column in SignatureLedger.__table__.columns if column.name not in _NOT_HASHED]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """A row for the page. `hash_hex` is the row's own."""

    sequence: int
    signed_at: dt.datetime
    owner: KeystoreOwner
    signer: str
    on_behalf_of: str
    document_id: UUID
    notation: str
    abstract: str
    level: str
    keystore_kind: KeystoreKind
    has_timestamp: bool
    hash_hex: str


def content_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row's content as the chain hashes it: plain JSON values under the names of the columns."""
    return {name: _plain(value) for name, value in columns.items() if name not in _NOT_HASHED}


def ledger_head(session: Session, ward_id: UUID) -> tuple[int, bytes]:
    """Give how many rows the ledger has and the hash of the last one. One statement."""
    head = session.get(ChainHead, (ward_id, CHAIN), populate_existing=True)
    return (head.sequence, head.head_hash) if head else (0, GENESIS)


def stream_chain(session: Session, ward_id: UUID) -> Iterator[tuple[bytes, ChainRow]]:
    """Give every row in order with the previous hash it names, piece by piece. One statement."""
    wanted = select(SignatureLedger).where(SignatureLedger.ward_id == ward_id).order_by(SignatureLedger.sequence)
    with session.execute(wanted.execution_options(populate_existing=True, yield_per=_BATCH)) as found:
        for row in found.scalars():
            columns = {name: getattr(row, name) for name in _HASHED}
            yield row.previous_hash, ChainRow(row.sequence, content_of(columns), row.row_hash)


def ledger_page(session: Session, ward_id: UUID, *, before: int | None = None) -> list[LedgerLine]:
    """Give the newest rows, or those before a number, newest first. One statement."""
    older: tuple[ColumnElement[bool], ...] = (SignatureLedger.sequence < before,) if before else ()
    rows = session.execute(
        select(SignatureLedger, Account.display_name, Document.number, Document.symbol, Document.abstract)
        .join(Account, Account.id == SignatureLedger.actor_id)
        .join(Document, (Document.ward_id == SignatureLedger.ward_id) & (Document.id == SignatureLedger.document_id))
        .where(SignatureLedger.ward_id == ward_id, *older)
        .order_by(SignatureLedger.sequence.desc())
        .limit(PAGE)
    )
    return [
        LedgerLine(
            sequence=row.SignatureLedger.sequence,
            signed_at=row.SignatureLedger.signed_at,
            owner=row.SignatureLedger.owner,
            signer=row.display_name,
            on_behalf_of=row.SignatureLedger.on_behalf_of,
            document_id=row.SignatureLedger.document_id,
            notation=format_notation(row.number, row.symbol) if row.number else "",
            abstract=row.abstract,
            level=row.SignatureLedger.level,
            keystore_kind=row.SignatureLedger.keystore_kind,
            has_timestamp=row.SignatureLedger.timestamp_at is not None,
            hash_hex=row.SignatureLedger.row_hash.hex(),
        )
        for row in rows
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a column's value in, JSON out
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value
