"""Programs that are told what happened, and each message to them."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.webhooks import DeliveryStatus, PostTrouble, WebhookEvent
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class Webhook(TenantKey, Base):
    """An address that is told of events. `secret` is sealed; `read_to` is the last audit row that was looked at."""

    __tablename__ = "webhook"
    __table_args__ = ({"info": TENANT},)

    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[bytes]
    events: Mapped[list[Any]] = mapped_column(JSON)
    read_to: Mapped[int]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stopped_at: Mapped[dt.datetime | None]


class WebhookDelivery(TenantKey, Base):
    """A message about one row of the audit log; its id is the message's at every try."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        within_ward("webhook_id", "webhook"),
        UniqueConstraint("ward_id", "webhook_id", "audit_sequence"),
        CheckConstraint("(status = 'waiting') = (next_try_at IS NOT NULL)", name="waiting_has_its_time"),
        Index(None, "ward_id", "status", "next_try_at"),
        Index(None, "ward_id", "made_at"),
        {"info": TENANT},
    )

    webhook_id: Mapped[UUID]
    event: Mapped[WebhookEvent] = mapped_column(stored_enum(WebhookEvent, "event"))
    audit_sequence: Mapped[int]
    subject_id: Mapped[UUID | None]
    happened_at: Mapped[dt.datetime]
    status: Mapped[DeliveryStatus] = mapped_column(stored_enum(DeliveryStatus, "status"))
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[dt.datetime | None]
    next_try_at: Mapped[dt.datetime | None]
    answer_status: Mapped[int | None]
    trouble: Mapped[PostTrouble | None] = mapped_column(stored_enum(PostTrouble, "trouble"))
    made_at: Mapped[dt.datetime]
