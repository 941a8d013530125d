"""Heads' phones: a log-in without a password that lasts until the ward withdraws it, and the codes that open one."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.ids import new_id
from webapp.models.base import GLOBAL, Base


class Device(Base):
    """A phone that sends visits for one account in one ward. It holds a random token, the table only its hash.

    `unsent` and `oldest_unsent_at` are what the phone last told about its own outbox.
    """

    __tablename__ = "device"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        CheckConstraint("unsent >= 0", name="unsent_counted"),
        Index(None, "ward_id", "account_id"),
        {"info": GLOBAL},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[dt.datetime]
    last_contact_at: Mapped[dt.datetime]
    unsent: Mapped[int] = mapped_column(default=0)
    oldest_unsent_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class DeviceCode(Base):
    """A one-time code that turns a phone into a device of `account_id`; only its hash is kept."""

    __tablename__ = "device_code"
    __table_args__ = (UniqueConstraint("code_sha256"), Index(None, "account_id"), {"info": GLOBAL})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code_sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
