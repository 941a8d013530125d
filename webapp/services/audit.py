"""Recording what happened, in the transaction of the act itself."""

from collections.abc import Sequence
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
from webapp.services.chains import append_links

_APPEND: Final = Prepared(insert(cast("Table", AuditEvent.__table__)))


class Happened(NamedTuple):
    """One event: what, to which subject, and plain JSON values that tell more; never a name, an answer or a PIN."""

    tag: AuditTag
    subject: UUID | None
    detail: dict[str, Any]


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
    record_all(session, [Happened(tag, subject, detail)], actor=actor, clock=clock)


def record_all(session: Session, events: Sequence[Happened], *, actor: Actor, clock: Clock) -> None:
    """Append events that happened together, in their order; the end of the chain is asked for once."""
    if events:
        _append(session, events, _Who(actor.ward_id, actor.account_id, actor.address), clock=clock)


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
    _append(session, [Happened(tag, subject, detail)], _Who(ward_id, None, ""), clock=clock)


class _Who(NamedTuple):
    ward_id: UUID
    account_id: UUID | None
    address: str


def _append(session: Session, events: Sequence[Happened], who: _Who, *, clock: Clock) -> None:
    now = clock.now()
    contents = [
        {
            "at": now.isoformat(),
            "actor": str(who.account_id),
            "tag": event.tag.value,
            "subject": str(event.subject) if event.subject else None,
            "detail": event.detail,
            "address": who.address,
        }
        for event in events
    ]
    links = append_links(session, who.ward_id, "audit", contents)
    rows = [
        {
            "ward_id": who.ward_id,
            "sequence": link.sequence,
            "at": now,
            "actor_id": who.account_id,
            "tag": event.tag.value,
            "subject_id": event.subject,
            "detail": event.detail,
            "address": who.address,
            "previous_hash": link.previous_hash,
            "row_hash": link.row_hash,
        }
        for event, link in zip(events, links, strict=True)
    ]
    _APPEND.send(connection_of(session), *rows)
