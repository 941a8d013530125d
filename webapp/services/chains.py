"""Hash chains per ward: append takes the next number under a lock, so a removed or edited row shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, select, update
from sqlalchemy.orm import Session

from webapp.core.hash_chain import GENESIS, row_hash
from webapp.models.audit import ChainHead
from webapp.models.database import connection_of
from webapp.models.locking import locked_row
from webapp.models.prepared import Prepared

__all__ = ["GENESIS", "Link", "append_link", "append_links", "row_hash"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a new row stands in its chain."""

    sequence: int
    previous_hash: bytes
    row_hash: bytes


# Made once, of the table: every change of a ward goes through here.
_HEAD = cast("Table", ChainHead.__table__)
_IS_HEAD = and_(_HEAD.c.ward_id == bindparam("of_ward"), _HEAD.c.chain == bindparam("of_chain"))
_LOCKED: Final = Prepared(select(_HEAD.c.sequence, _HEAD.c.head_hash).where(_IS_HEAD).with_for_update())
_MOVED: Final = Prepared(update(_HEAD).where(_IS_HEAD).values(sequence=bindparam("next"), head_hash=bindparam("hash")))


def append_link(session: Session, ward_id: UUID, chain: str, content: dict[str, Any]) -> Link:
    """Take the next place in the ward's chain. The head row stays locked until the transaction ends."""
    return append_links(session, ward_id, chain, [content])[0]


def append_links(session: Session, ward_id: UUID, chain: str, contents: Sequence[dict[str, Any]]) -> list[Link]:
    """Take the next places for `contents` (at least one), in their order; the head is read and moved once."""
    session.flush()  # what the links tell of comes first; statements on tables do not flush by themselves
    key = {"of_ward": ward_id, "of_chain": chain}
    connection = connection_of(session)
    found = _LOCKED.all(connection, key)
    if not found:
        locked_row(session, ChainHead, {"ward_id": ward_id, "chain": chain}, sequence=0, head_hash=GENESIS)
        found = _LOCKED.all(connection, key)
    sequence, before = found[0]
    links = []
    for content in contents:
        sequence += 1
        links.append(link := Link(sequence, before, row_hash(before, sequence, content)))
        before = link.row_hash
    _MOVED.send(connection, {**key, "next": sequence, "hash": before})
    return links
