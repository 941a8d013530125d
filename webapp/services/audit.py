"""Recording what happened, in the transaction of the act itself."""

from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.models.audit import AuditEvent
from webapp.models.database import connection_of
from webapp.models.prepared import Prepared
from webapp.services.chains import append_link

_APPEND: Final = Prepared(insert(cast("Table", AuditEvent.__table__)))


def record(
    session: Session,
    tag: AuditTag,
    *,
    actor: Actor,
    clock: Clock,
    subject: UUID | None = None,
    **detail: Any,  # noqa: ANN401 - plain JSON values; never a name, an answer or a PIN
) -> None:
    """Append one event to the ward's audit chain."""
    now = clock.now()
    content = {
        "at": now.isoformat(),
        "actor": str(actor.account_id),
        "tag": tag.value,
        "subject": str(subject) if subject else None,
        "detail": detail,
        "address": actor.address,
    }
    link = append_link(session, actor.ward_id, "audit", content)
    _APPEND.send(
        connection_of(session),
        {
            "ward_id": actor.ward_id,
            "sequence": link.sequence,
            "at": now,
            "actor_id": actor.account_id,
            "tag": tag.value,
            "subject_id": subject,
            "detail": detail,
            "address": actor.address,
            "previous_hash": link.previous_hash,
            "row_hash": link.row_hash,
        },
    )
