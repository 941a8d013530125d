"""Hash chains per ward: append takes the next number under a lock, so a removed or edited row shows."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.models.audit import ChainHead
from webapp.models.locking import locked_row

GENESIS: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a new row stands in its chain."""

    sequence: int
    previous_hash: bytes
    row_hash: bytes


def row_hash(previous_hash: bytes, sequence: int, content: dict[str, Any]) -> bytes:
    """Hash one row: SHA-256 over the previous hash and the row's canonical JSON."""
    canonical = json.dumps({"sequence": sequence, **content}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous_hash + canonical.encode()).digest()


def append_link(session: Session, ward_id: UUID, chain: str, content: dict[str, Any]) -> Link:
    """Take the next place in the ward's chain. The head row stays locked until the transaction ends."""
    head = locked_row(session, ChainHead, {"ward_id": ward_id, "chain": chain}, sequence=0, head_hash=GENESIS)
    sequence = head.sequence + 1
    link = Link(sequence, head.head_hash, row_hash(head.head_hash, sequence, content))
    head.sequence, head.head_hash = sequence, link.row_hash
    return link
