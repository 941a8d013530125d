"""Webhooks with their log, and what is due to be sent."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from webapp.core.errors import NotFound
from webapp.core.webhooks import DeliveryStatus, PostTrouble, Told, WebhookEvent
from webapp.models.places import Ward
from webapp.models.webhooks import Webhook, WebhookDelivery

D = WebhookDelivery
LOG_MOST: Final = 100
DUE_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """An address on its page; never its secret. `failing`: a message was given up and nothing arrived since."""

    webhook_id: UUID
    url: str
    events: tuple[WebhookEvent, ...]
    made_at: dt.datetime
    is_on: bool
    failing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A message in the log."""

    delivery_id: UUID
    event: WebhookEvent
    happened_at: dt.datetime
    status: DeliveryStatus
    tries: int
    tried_at: dt.datetime | None
    next_try_at: dt.datetime | None
    answer_status: int | None
    trouble: PostTrouble | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDelivery:
    """A message to send now. `secret` is sealed."""

    delivery_id: UUID
    webhook_id: UUID
    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    told: Told


def list_webhooks(session: Session, ward_id: UUID) -> list[WebhookRow]:
    """Give the addresses, those in use first. One statement."""
    rows = session.execute(
        _webhooks(ward_id).order_by(Webhook.stopped_at.is_not(None), Webhook.made_at.desc(), Webhook.id)
    )
    return [_webhook(row) for row in rows]


def get_webhook(session: Session, ward_id: UUID, webhook_id: UUID) -> WebhookRow:
    """Give one address. One statement. Raises NotFound."""
    row = session.execute(_webhooks(ward_id).where(Webhook.id == webhook_id)).one_or_none()
    if row is None:
        raise NotFound
    return _webhook(row)


def count_failing(session: Session, ward_id: UUID) -> int:
    """Count the addresses in use that get nothing through. One statement."""
    query = select(func.count()).where(Webhook.ward_id == ward_id, Webhook.stopped_at.is_(None), _failing())
    return session.scalar(query) or 0


def delivery_log(session: Session, ward_id: UUID, webhook_id: UUID) -> list[DeliveryRow]:
    """Give the newest messages to an address. One statement."""
    rows = session.scalars(
        select(D)
        .where(D.ward_id == ward_id, D.webhook_id == webhook_id)
        .order_by(D.audit_sequence.desc())
        .limit(LOG_MOST)
    )
    return [
        DeliveryRow(
            delivery_id=row.id,
            event=row.event,
            happened_at=row.happened_at,
            status=row.status,
            tries=row.tries,
            tried_at=row.tried_at,
            next_try_at=row.next_try_at,
            answer_status=row.answer_status,
            trouble=row.trouble,
        )
        for row in rows
    ]


def due_deliveries(session: Session, ward_id: UUID, now: dt.datetime) -> list[DueDelivery]:
    """Give what is to be sent now, oldest event first; addresses that are off get nothing. One statement."""
    rows = session.execute(
        select(D, Webhook.url, Webhook.secret, Ward.code)
        .join(Webhook, (Webhook.ward_id == D.ward_id) & (Webhook.id == D.webhook_id))
        .join(Ward, Ward.id == D.ward_id)
        .where(*_due(ward_id, now), Webhook.stopped_at.is_(None))
        .order_by(D.audit_sequence, D.webhook_id)
        .limit(DUE_MOST)
    )
    return [_due_delivery(row) for row in rows]


def has_deliveries_due(session: Session, ward_id: UUID, now: dt.datetime) -> bool:
    """Tell whether a message is due. One statement."""
    on = and_(Webhook.ward_id == ward_id, Webhook.id == D.webhook_id, Webhook.stopped_at.is_(None))
    return bool(session.scalar(select(exists().where(*_due(ward_id, now), on))))


def _due(ward_id: UUID, now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return (D.ward_id == ward_id, D.status == DeliveryStatus.WAITING, D.next_try_at <= now)


def _failing() -> ColumnElement[bool]:
    lost, came = aliased(D), aliased(D)
    later = exists().where(
        came.ward_id == lost.ward_id,
        came.webhook_id == lost.webhook_id,
        came.status == DeliveryStatus.DELIVERED,
        came.tried_at > lost.tried_at,
    )
    return exists().where(
        lost.ward_id == Webhook.ward_id,
        lost.webhook_id == Webhook.id,
        lost.status == DeliveryStatus.FAILED,
        ~later,
    )


def _webhooks(ward_id: UUID) -> Any:  # noqa: ANN401 - a statement over a table and a condition
    return select(Webhook, _failing().label("failing")).where(Webhook.ward_id == ward_id)


def _webhook(row: Any) -> WebhookRow:  # noqa: ANN401 - a row of `_webhooks`
    hook = row.Webhook
    return WebhookRow(
        webhook_id=hook.id,
        url=hook.url,
        events=tuple(WebhookEvent(value) for value in hook.events),
        made_at=hook.made_at,
        is_on=hook.stopped_at is None,
        failing=bool(row.failing) and hook.stopped_at is None,
    )


def _due_delivery(row: Any) -> DueDelivery:  # noqa: ANN401 - a row of `due_deliveries`
    delivery = row.WebhookDelivery
    return DueDelivery(
        delivery_id=delivery.id,
        webhook_id=delivery.webhook_id,
        url=row.url,
        secret=row.secret,
        told=Told(
            event=delivery.event,
            at=delivery.happened_at,
            ward_code=row.code,
            sequence=delivery.audit_sequence,
            subject_id=delivery.subject_id,
        ),
    )
