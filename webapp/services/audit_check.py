"""Checking a ward's audit chain: an edited, removed or swapped row shows, and so does a cut-off end."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.models.audit import AuditEvent, ChainHead
from webapp.services.chains import GENESIS, row_hash

_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """Outcome: how many rows were read, and the sequence number of the first one that does not fit (None: all do)."""

    rows: int
    first_bad: int | None

    @property
    def intact(self) -> bool:
        """Whether nothing was edited, removed or cut off."""
        return self.first_bad is None


def check_audit_for(session: Session, actor: Actor) -> ChainReport:
    """Check the chain of the actor's ward. Raises NotAllowed."""
    require(actor, Permission.AUDIT_VIEW)
    return check_audit(session, actor.ward_id)


def check_audit(session: Session, ward_id: UUID) -> ChainReport:
    """Read the whole chain in order and hash every row again."""
    previous, rows = GENESIS, 0
    wanted = select(AuditEvent).where(AuditEvent.ward_id == ward_id).order_by(AuditEvent.sequence)
    with session.execute(wanted.execution_options(yield_per=_BATCH, populate_existing=True)) as found:
        for event in found.scalars():
            rows += 1
            if event.sequence != rows or event.previous_hash != previous or event.row_hash != _hash(event):
                return ChainReport(rows=rows, first_bad=rows)
            previous = event.row_hash
    head = session.get(ChainHead, (ward_id, "audit"))
    stands = (head.sequence, head.head_hash) if head else (0, GENESIS)
    return ChainReport(rows=rows, first_bad=None if stands == (rows, previous) else rows + 1)


def _hash(event: AuditEvent) -> bytes:
    content = {
        "at": event.at.isoformat(),
        "actor": str(event.actor_id),
        "tag": event.tag,
        "subject": str(event.subject_id) if event.subject_id else None,
        "detail": event.detail,
        "address": event.address,
    }
    return row_hash(event.previous_hash, event.sequence, content)
