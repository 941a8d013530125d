"""The audit log, hash-chained per ward, and the heads of both chains."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import TENANT, Base


class ChainHead(Base):
    """The end of a hash chain: locked and moved by each append, so two appends cannot take one sequence number."""

    __tablename__ = "chain_head"
    __table_args__ = ({"info": TENANT},)

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    chain: Mapped[str] = mapped_column(String(20), primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditEvent(Base):
    """Who did what, when and from where. No name, no answer, no PIN: subjects are identifiers."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "ward_id", "at"),
        Index(None, "ward_id", "subject_id"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    actor_id: Mapped[UUID | None]
    tag: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(String(64), default="")
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    row_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
