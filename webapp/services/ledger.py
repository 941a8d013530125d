"""The ledger of signatures: one append-only row each, chained by hashes; usage is counted from here alone."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.checkpoints import write_checkpoint
from webapp.core.events import AuditTag
from webapp.core.hash_chain import GENESIS, row_hash
from webapp.core.ports import Clock
from webapp.models.places import Ward
from webapp.models.signing import SignatureLedger
from webapp.queries.ledger_rows import CHAIN, content_of, ledger_head, stream_chain
from webapp.services.audit import record
from webapp.services.chains import append_link


def append_signature(session: Session, ward_id: UUID, **columns: Any) -> SignatureLedger:  # noqa: ANN401 - columns
    """Append a row in the transaction that stores the signed version. Every column but place and hashes is named."""
    link = append_link(session, ward_id, CHAIN, content_of(columns))
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
    for told, row in stream_chain(session, ward_id):
        whole = told == previous and row.row_hash == row_hash(previous, expected, row.content)
        if row.sequence != expected or not whole:
            return expected
        expected, previous = expected + 1, row.row_hash
    # Rows cut off at the end leave a whole chain that is shorter than its head says.
    return None if ledger_head(session, ward_id) == (expected - 1, previous) else expected


def make_checkpoint(session: Session, ward_id: UUID, *, clock: Clock, brief: bool = False) -> bytes:
    """Give the ward's checkpoint file (core/checkpoints.py): every row, or with `brief` the last hash alone."""
    ward = session.get_one(Ward, ward_id)
    names = {"id": str(ward.id), "code": ward.code, "name": ward.name}
    # The head first: rows that were cut off at the end then show, and a signature that arrives meanwhile does no harm.
    head = ledger_head(session, ward_id)
    chain = () if brief else stream_chain(session, ward_id)
    rows = [row for _told, row in chain if row.sequence <= head[0]]
    return write_checkpoint(names, rows, head=head, made_at=clock.now(), brief=brief)


def export_checkpoint(session: Session, *, actor: Actor, clock: Clock, brief: bool) -> bytes:
    """Give the checkpoint to a person and write down that they took it. Raises NotAllowed."""
    require(actor, Permission.LEDGER_VIEW)
    content = make_checkpoint(session, actor.ward_id, clock=clock, brief=brief)
    record(session, AuditTag.LEDGER_EXPORT, actor=actor, clock=clock, brief=brief)
    return content
