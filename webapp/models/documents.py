"""Outgoing documents: files in immutable versions, signing steps, the number series and the register."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.documents import DocumentStatus, SigningCapacity, StepKind, StepStatus, VersionKind
from webapp.models.base import REFERENCE, TENANT, Base, TenantKey, stored_enum, within_ward


class DocumentType(Base):
    """A type of administrative document with its abbreviation (Decree 30, Appendix III)."""

    __tablename__ = "document_type"
    __table_args__ = ({"info": REFERENCE},)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    sort_key: Mapped[int]
    abbreviation: Mapped[str] = mapped_column(String(10))
    name_vi: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(120))
    chain: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Document(TenantKey, Base):
    """An outgoing document. `short_code` is what the QR on the paper names; it is public once published."""

    __tablename__ = "document"
    __table_args__ = (
        within_ward("department_id", "department"),
        UniqueConstraint("ward_id", "short_code"),
        UniqueConstraint("ward_id", "year", "number"),
        CheckConstraint("(number IS NULL) = (year IS NULL)", name="number_with_year"),
        Index(None, "ward_id", "status"),
        Index(None, "ward_id", "created_at"),
        {"info": TENANT},
    )

    type_code: Mapped[str] = mapped_column(ForeignKey("document_type.code"))
    abstract: Mapped[str] = mapped_column(String(500))
    recipients: Mapped[str] = mapped_column(String(1000), default="")
    department_id: Mapped[UUID | None]
    status: Mapped[DocumentStatus] = mapped_column(stored_enum(DocumentStatus, "status"))
    short_code: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)
    signer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    signer_title: Mapped[str] = mapped_column(String(160), default="")
    capacity: Mapped[SigningCapacity] = mapped_column(stored_enum(SigningCapacity, "capacity"))
    year: Mapped[int | None]
    number: Mapped[int | None]
    symbol: Mapped[str] = mapped_column(String(40), default="")
    issued_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]


class DocumentVersion(Base):
    """One immutable file of a document, named by the SHA-256 of its bytes."""

    __tablename__ = "document_version"
    __table_args__ = (within_ward("document_id", "document"), Index(None, "ward_id", "sha256"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[VersionKind] = mapped_column(stored_enum(VersionKind, "kind"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    filename: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID | None]


class SigningStep(TenantKey, Base):
    """One step of the chain: initials, authorised persons, the agency last (Decree 30, Art 32).

    Steps of one `stage` wait together. `on_behalf_of` says for whom and on what basis a substitute signed.
    """

    __tablename__ = "signing_step"
    __table_args__ = (
        within_ward("document_id", "document"),
        UniqueConstraint("ward_id", "document_id", "position", "attempt"),
        Index(None, "ward_id", "account_id", "status"),
        {"info": TENANT},
    )

    document_id: Mapped[UUID]
    position: Mapped[int]
    attempt: Mapped[int] = mapped_column(default=1)
    stage: Mapped[int] = mapped_column(default=1)
    kind: Mapped[StepKind] = mapped_column(stored_enum(StepKind, "kind"))
    status: Mapped[StepStatus] = mapped_column(stored_enum(StepStatus, "status"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    capacity: Mapped[SigningCapacity] = mapped_column(
        stored_enum(SigningCapacity, "capacity"), default=SigningCapacity.OWN
    )
    title: Mapped[str] = mapped_column(String(160), default="")
    with_key: Mapped[bool] = mapped_column(default=True)
    delegation_id: Mapped[UUID | None]
    on_behalf_of: Mapped[str] = mapped_column(String(300), default="")
    signature_sha256: Mapped[str | None] = mapped_column(String(64))
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="")


class NumberSeries(Base):
    """The year's number series of a ward: one row, locked while a number is taken, so there is no gap."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("last_number >= 0", name="not_negative"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class OutgoingRegister(Base):
    """The outgoing register, ten columns of Decree 30, Appendix IV, one row a number."""

    __tablename__ = "outgoing_register"
    __table_args__ = (
        within_ward("document_id", "document"),
        UniqueConstraint("ward_id", "document_id"),
        CheckConstraint("number > 0", name="number_positive"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[UUID]
    notation: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[dt.date]
    abstract: Mapped[str] = mapped_column(String(600))
    signer: Mapped[str] = mapped_column(String(300))
    recipients: Mapped[str] = mapped_column(String(1000), default="")
    file_keeper: Mapped[str] = mapped_column(String(160), default="")
    copies: Mapped[int | None]
    transferred_on: Mapped[dt.date | None]
    receipt: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    registered_at: Mapped[dt.datetime]
    registered_by: Mapped[UUID]
