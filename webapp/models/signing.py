"""Keys that were enrolled, what the ward trusts, and the ledger of signatures."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class Keystore(TenantKey, Base):
    """An enrolled key.

    An encrypted PKCS#12 file lies in the file store and opens only with its owner's PIN. Of a key elsewhere `location`
    says where (never a secret) and `certificates` holds what it signs with, the own one first, base64 of DER.
    """

    __tablename__ = "keystore"
    __table_args__ = (
        CheckConstraint("(owner = 'person') = (account_id IS NOT NULL)", name="person_has_account"),
        Index(None, "ward_id", "account_id"),
        {"info": TENANT},
    )

    kind: Mapped[KeystoreKind] = mapped_column(stored_enum(KeystoreKind, "kind"))
    owner: Mapped[KeystoreOwner] = mapped_column(stored_enum(KeystoreOwner, "owner"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    location: Mapped[dict[str, Any]] = mapped_column(default=dict)
    certificates: Mapped[list[str]] = mapped_column(JSON, default=list)
    picture_sha256: Mapped[str | None] = mapped_column(String(64))
    common_name: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(300))
    serial: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(64))
    not_before: Mapped[dt.datetime]
    not_after: Mapped[dt.datetime]
    enrolled_at: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]


class TrustAnchor(TenantKey, Base):
    """A certificate that the ward's admin chose to trust (or an intermediate to help build paths). DER."""

    __tablename__ = "trust_anchor"
    __table_args__ = (UniqueConstraint("ward_id", "fingerprint"), {"info": TENANT})

    fingerprint: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(300))
    certificate: Mapped[bytes]
    is_anchor: Mapped[bool] = mapped_column(default=True)
    not_before: Mapped[dt.datetime]
    not_after: Mapped[dt.datetime]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[UUID | None]
    removed_at: Mapped[dt.datetime | None]


class RevocationList(TenantKey, Base):
    """A certificate revocation list the ward holds, DER; the newest per issuer counts."""

    __tablename__ = "revocation_list"
    __table_args__ = (Index(None, "ward_id", "issuer", "this_update"), {"info": TENANT})

    issuer: Mapped[str] = mapped_column(String(300))
    this_update: Mapped[dt.datetime]
    next_update: Mapped[dt.datetime | None]
    content: Mapped[bytes]
    added_at: Mapped[dt.datetime]


class SignatureLedger(Base):
    """One append-only row a signature, hash-chained per ward. Usage is counted from here and nowhere else."""

    __tablename__ = "signature_ledger"
    __table_args__ = (
        within_ward("document_id", "document"),
        UniqueConstraint("ward_id", "signature_sha256"),
        Index(None, "ward_id", "signed_at"),
        Index(None, "ward_id", "document_id"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    signature_sha256: Mapped[str] = mapped_column(String(64))
    document_id: Mapped[UUID]
    document_version: Mapped[int]
    owner: Mapped[KeystoreOwner] = mapped_column(stored_enum(KeystoreOwner, "owner"))
    field: Mapped[str] = mapped_column(String(80))
    revision_end: Mapped[int]
    revision_sha256: Mapped[str] = mapped_column(String(64))
    certificate_issuer: Mapped[str] = mapped_column(String(300))
    certificate_serial: Mapped[str] = mapped_column(String(80))
    certificate_fingerprint: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(10))
    claimed_at: Mapped[dt.datetime]
    timestamp_at: Mapped[dt.datetime | None]
    signed_at: Mapped[dt.datetime]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    department_id: Mapped[UUID | None]
    on_behalf_of: Mapped[str] = mapped_column(String(200), default="")
    keystore_kind: Mapped[KeystoreKind] = mapped_column(stored_enum(KeystoreKind, "keystore_kind"))
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    row_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
