"""How documents travel: chains of types, people of a chain, delegations, relations, attachments and copies."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.copies import CopyForm
from webapp.core.documents import SigningCapacity, StepKind
from webapp.core.relations import RelationKind
from webapp.core.signature_levels import SignatureLevel
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class DocumentChain(Base):
    """A version of a ward's chain for a type; the newest counts, without one the reference's (`DocumentType.chain`)."""

    __tablename__ = "document_chain"
    __table_args__ = (CheckConstraint("extra_signers >= 0", name="not_negative"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    type_code: Mapped[str] = mapped_column(ForeignKey("document_type.code"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    author_initials: Mapped[bool]
    head_initials: Mapped[bool]
    initials_with_key: Mapped[bool]
    extra_signers: Mapped[int]
    in_parallel: Mapped[bool]
    note: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class DocumentLevel(Base):
    """The level of signatures that a ward chose for a type; without a row the program's default holds."""

    __tablename__ = "document_level"
    __table_args__ = ({"info": TENANT},)

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    type_code: Mapped[str] = mapped_column(ForeignKey("document_type.code"), primary_key=True)
    level: Mapped[SignatureLevel] = mapped_column(stored_enum(SignatureLevel, "level"))
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class DocumentParticipant(TenantKey, Base):
    """Somebody whom the author put into the chain: a head who initials, or a further signer."""

    __tablename__ = "document_participant"
    __table_args__ = (
        within_ward("document_id", "document"),
        UniqueConstraint("ward_id", "document_id", "kind", "position"),
        {"info": TENANT},
    )

    document_id: Mapped[UUID]
    kind: Mapped[StepKind] = mapped_column(stored_enum(StepKind, "kind"))
    position: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    capacity: Mapped[SigningCapacity] = mapped_column(stored_enum(SigningCapacity, "capacity"))
    title: Mapped[str] = mapped_column(String(160), default="")


class SigningDelegation(TenantKey, Base):
    """A written, time-limited delegation to sign KT., TL. or TUQ. (Decree 30, Art 13). Rows end, they never change."""

    __tablename__ = "signing_delegation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="days_in_order"),
        Index(None, "ward_id", "delegate_id"),
        {"info": TENANT},
    )

    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    principal_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    principal_title: Mapped[str] = mapped_column(String(120))
    capacity: Mapped[SigningCapacity] = mapped_column(stored_enum(SigningCapacity, "capacity"))
    type_codes: Mapped[list[Any]] = mapped_column(JSON)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    basis: Mapped[str] = mapped_column(String(160))
    basis_on: Mapped[dt.date | None]
    paper_sha256: Mapped[str | None] = mapped_column(String(64))
    paper_name: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    ended_on: Mapped[dt.date | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class DocumentRelation(Base):
    """What a document does to an earlier one; it holds once the document is published."""

    __tablename__ = "document_relation"
    __table_args__ = (
        within_ward("document_id", "document"),
        within_ward("target_id", "document"),
        CheckConstraint("document_id <> target_id", name="another_document"),
        Index(None, "ward_id", "target_id"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    target_id: Mapped[UUID]
    kind: Mapped[RelationKind] = mapped_column(stored_enum(RelationKind, "kind"))


class DocumentAttachment(Base):
    """A file of its own that belongs to a document; the agency signs it in the corner form with the document's seal."""

    __tablename__ = "document_attachment"
    __table_args__ = (within_ward("document_id", "document"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))
    archived_sha256: Mapped[str | None] = mapped_column(String(64))
    signature_sha256: Mapped[str | None] = mapped_column(String(64))


class DocumentCopy(Base):
    """What a copy is a copy of, and what its scan was found to be (Decree 30, Appendix I, Part II)."""

    __tablename__ = "document_copy"
    __table_args__ = (within_ward("document_id", "document"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[CopyForm] = mapped_column(stored_enum(CopyForm, "form"))
    source_notation: Mapped[str] = mapped_column(String(80))
    source_issuer: Mapped[str] = mapped_column(String(200))
    source_on: Mapped[dt.date | None]
    pages: Mapped[int]
    dpi: Mapped[int]
