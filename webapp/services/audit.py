"""Recording what happened, in the transaction of the act itself."""

from typing import Any, Final, NamedTuple, cast
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
    who = _Who(actor.ward_id, actor.account_id, actor.address)
    _append(session, tag, who, clock=clock, subject=subject, detail=detail)


def record_by_program(
    session: Session,
    tag: AuditTag,
    *,
    ward_id: UUID,
    clock: Clock,
    subject: UUID | None = None,
    **detail: Any,  # noqa: ANN401 - as above
) -> None:
    """Append an event of the program's own, which no person did: the night's work."""
    _append(session, tag, _Who(ward_id, None, ""), clock=clock, subject=subject, detail=detail)


class _Who(NamedTuple):
    ward_id: UUID
    account_id: UUID | None
    address: str


def _append(
    session: Session, tag: AuditTag, who: _Who, *, clock: Clock, subject: UUID | None, detail: dict[str, Any]
) -> None:
    now = clock.now()
    content = {
        "at": now.isoformat(),
        "actor": str(who.account_id),
        "tag": tag.value,
        "subject": str(subject) if subject else None,
        "detail": detail,
        "address": who.address,
    }
    link = append_link(session, who.ward_id, "audit", content)
    _APPEND.send(
        connection_of(session),
        {
            "ward_id": who.ward_id,
            "sequence": link.sequence,
            "at": now,
            "actor_id": who.account_id,
            "tag": tag.value,
            "subject_id": subject,
            "detail": detail,
            "address": who.address,
            "previous_hash": link.previous_hash,
            "row_hash": link.row_hash,
        },
    )
