"""Where people want the morning's letter."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.reminders import MailTrouble
from webapp.models.base import TENANT, Base, stored_enum


class Reminder(Base):
    """A person's address. A letter goes out when it is confirmed and wanted.

    `code` is sealed while the address waits for its confirmation. `sent_on` is the last day that is done with (sent, or
    nothing waited); `tried_on`, `tries`, `next_try_at` and `trouble` tell of a day that is not.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        CheckConstraint("NOT wanted OR confirmed_at IS NOT NULL OR code_asked_at IS NOT NULL", name="wanted_is_asked"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    wanted: Mapped[bool]
    confirmed_at: Mapped[dt.datetime | None]
    code: Mapped[bytes | None]
    code_asked_at: Mapped[dt.datetime | None]
    code_until: Mapped[dt.datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    sent_on: Mapped[dt.date | None]
    tried_on: Mapped[dt.date | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[dt.datetime | None]
    trouble: Mapped[MailTrouble | None] = mapped_column(stored_enum(MailTrouble, "trouble"))
