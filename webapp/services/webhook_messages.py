"""Messages to webhooks on their way: made from the audit log, taken for a try, and how each try went."""

import datetime as dt
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.webhooks import EVENT_OF, DeliveryStatus, Posted, next_try
from webapp.models.audit import AuditEvent
from webapp.models.webhooks import Webhook, WebhookDelivery
from webapp.services.webhooks import audit_head

ROWS_MOST: Final = 500
# Logs are kept for twelve months at least (domain.md, section 5); a month more leaves no gap at the edges.
LOG_KEPT: Final = dt.timedelta(days=396)
# Longer than one try can last: a message that a killed worker held is free again after it.
_TRY_LASTS: Final = dt.timedelta(minutes=2)


def collect_events(session: Session, ward_id: UUID, *, clock: Clock) -> None:
    """Turn what happened since the last look into messages, at most 500 audit rows an address; the next look goes on.

    The audit log is numbered under a lock that is held until the commit, so no later commit brings an earlier number.
    """
    head = audit_head(session, ward_id)
    hooks = session.scalars(
        select(Webhook)
        .where(Webhook.ward_id == ward_id, Webhook.stopped_at.is_(None), Webhook.read_to < head)
        .order_by(Webhook.id)
        .with_for_update()
    ).all()
    for hook in hooks:
        upto = min(head, hook.read_to + ROWS_MOST)
        _make_messages(session, hook, upto, clock.now())
        hook.read_to = upto
    session.flush()


def _make_messages(session: Session, hook: Webhook, upto: int, now: dt.datetime) -> None:
    wanted = [tag for tag, event in EVENT_OF.items() if event.value in hook.events]
    rows = session.execute(
        select(AuditEvent.sequence, AuditEvent.tag, AuditEvent.subject_id, AuditEvent.at)
        .where(
            AuditEvent.ward_id == hook.ward_id,
            AuditEvent.sequence > hook.read_to,
            AuditEvent.sequence <= upto,
            AuditEvent.tag.in_(wanted),
        )
        .order_by(AuditEvent.sequence)
    )
    session.add_all(
        WebhookDelivery(
            ward_id=hook.ward_id,
            id=new_id(),
            webhook_id=hook.id,
            event=EVENT_OF[row.tag],
            audit_sequence=row.sequence,
            subject_id=row.subject_id,
            happened_at=row.at,
            status=DeliveryStatus.WAITING,
            next_try_at=now,
            made_at=now,
        )
        for row in rows
    )


def take_delivery(session: Session, ward_id: UUID, delivery_id: UUID, *, clock: Clock) -> bool:
    """Take a message for one try; False when another worker was quicker. Killed in the try, it is due again soon."""
    row = session.get(WebhookDelivery, (ward_id, delivery_id), with_for_update=True, populate_existing=True)
    now = clock.now()
    if row is None or row.next_try_at is None or row.next_try_at > now:
        return False
    row.tries, row.tried_at, row.next_try_at = row.tries + 1, now, now + _TRY_LASTS
    return True


def note_try(session: Session, ward_id: UUID, delivery_id: UUID, posted: Posted, *, clock: Clock) -> None:
    """Write down how a try went and when the next one is."""
    row = session.get_one(WebhookDelivery, (ward_id, delivery_id), with_for_update=True)
    row.answer_status, row.trouble = posted.status, posted.trouble
    wait = None if posted.trouble is None else next_try(row.tries)
    row.next_try_at = clock.now() + wait if wait else None
    if wait is None:
        row.status = DeliveryStatus.DELIVERED if posted.trouble is None else DeliveryStatus.FAILED


def delete_old_deliveries(session: Session, ward_id: UUID, *, clock: Clock) -> int:
    """Delete the log of messages that was kept long enough; give how many."""
    gone = session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.ward_id == ward_id,
            WebhookDelivery.made_at < clock.now() - LOG_KEPT,
            WebhookDelivery.status != DeliveryStatus.WAITING,
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
