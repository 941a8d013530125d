"""Incoming documents and the yearly series of their numbers."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.incoming import IncomingMedium, IncomingStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum


class IncomingSeries(Base):
    """The year's series of incoming numbers: one row, locked while a number is taken, so there is no gap."""

    __tablename__ = "incoming_series"
    __table_args__ = (CheckConstraint("last_number >= 0", name="not_negative"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class IncomingDocument(TenantKey, Base):
    """An incoming document, its file by SHA-256 as it was received, and a line of the register once it has a number.

    `verdict` is what the verification room found on receipt (`valid`, `invalid`, `indeterminate`, `unsigned`,
    `unreadable`; `paper` for a paper document), `report` the whole of it; `decision` why it was taken all the same.
    """

    __tablename__ = "incoming_document"
    __table_args__ = (
        UniqueConstraint("ward_id", "year", "number"),
        CheckConstraint("(number IS NULL) = (year IS NULL)", name="number_with_year"),
        CheckConstraint("medium = 'paper' OR file_sha256 IS NOT NULL", name="electronic_has_file"),
        Index(None, "ward_id", "status"),
        Index(None, "ward_id", "handler_id", "status"),
        Index(None, "ward_id", "file_sha256"),
        {"info": TENANT},
    )

    status: Mapped[IncomingStatus] = mapped_column(stored_enum(IncomingStatus, "status"))
    medium: Mapped[IncomingMedium] = mapped_column(stored_enum(IncomingMedium, "medium"))
    year: Mapped[int | None]
    number: Mapped[int | None]
    arrived_on: Mapped[dt.date]
    sender: Mapped[str] = mapped_column(String(200), default="")
    notation: Mapped[str] = mapped_column(String(80), default="")
    document_on: Mapped[dt.date | None]
    type_name: Mapped[str] = mapped_column(String(120), default="")
    abstract: Mapped[str] = mapped_column(String(500), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    search_text: Mapped[str] = mapped_column(String(1200), default="")
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_size: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decision: Mapped[str] = mapped_column(String(500), default="")
    received_at: Mapped[dt.datetime]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    registered_at: Mapped[dt.datetime | None]
    registered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[dt.datetime | None]
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    deadline_on: Mapped[dt.date | None]
    instruction: Mapped[str] = mapped_column(String(500), default="")
    forwarded_on: Mapped[dt.date | None]
    acknowledged_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str] = mapped_column(String(500), default="")
