"""Signatures that were begun and are not in their document yet."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.documents import StepKind
from webapp.core.prepared_signings import PreparedState
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward

_OPEN = text("state IN ('prepared', 'signed')")
_SIGNED = text("state = 'signed'")


class PreparedSigning(TenantKey, Base):
    """One begun signature: small frozen values, used once, for a short time; never a PIN.

    `value` is signing.protocol.PreparedSignature as JSON, `file_sha256` the prepared file in the store. `token_hash`
    opens it from a program without a log-in (SHA-256 of a one-time token); none leaves it to a page.
    """

    __tablename__ = "prepared_signing"
    __table_args__ = (
        within_ward("document_id", "document"),
        within_ward("keystore_id", "keystore"),
        UniqueConstraint("ward_id", "token_hash"),
        Index(None, "ward_id", "document_id"),
        Index("ix_prepared_signing_open", "ward_id", "state", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # What is signed waits alone: nobody signs the same file a second time meanwhile.
        Index(
            "uq_prepared_signing_signed",
            "ward_id",
            "document_id",
            unique=True,
            sqlite_where=_SIGNED,
            postgresql_where=_SIGNED,
        ),
        CheckConstraint("state <> 'signed' OR raw IS NOT NULL", name="signed_has_raw"),
        {"info": TENANT},
    )

    document_id: Mapped[UUID]
    base_version: Mapped[int]
    base_sha256: Mapped[str] = mapped_column(String(64))
    step: Mapped[StepKind] = mapped_column(stored_enum(StepKind, "step"))
    keystore_id: Mapped[UUID]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    on_behalf_of: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[PreparedState] = mapped_column(stored_enum(PreparedState, "state"))
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)
    file_sha256: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    signed_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[dt.datetime | None]
    problem: Mapped[str] = mapped_column(String(60), default="")


class PreparedAttachment(Base):
    """A separate attachment that is signed with its document: prepared, used and ended with it.

    `raw` is there once the whole is signed. What the columns hold is as in `PreparedSigning`.
    """

    __tablename__ = "prepared_attachment"
    __table_args__ = (within_ward("prepared_id", "prepared_signing"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    prepared_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)
    file_sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
