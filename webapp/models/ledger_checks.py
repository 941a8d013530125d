"""What the nightly comparison of files and signature ledger found, and when each stored file was last read."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.ledger_checks import FileState, FindingKind
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class FileCheck(Base):
    """A file of the ward, as it was when it was last read and hashed.

    `signatures` names what it carries (field and SHA-256 of the value): bytes named by their hash never carry others,
    so they are looked for once. Of a file whose signatures nobody asked for, or that cannot be read, it is None.
    """

    __tablename__ = "file_check"
    __table_args__ = ({"info": TENANT},)

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[FileState] = mapped_column(stored_enum(FileState, "state"))
    signatures: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    checked_at: Mapped[dt.datetime]


class LedgerCheck(TenantKey, Base):
    """One comparison; it counts once it is finished. `head_hash` is the ledger's last hash at its beginning."""

    __tablename__ = "ledger_check"
    __table_args__ = (Index(None, "ward_id", "finished_at"), {"info": TENANT})

    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime]
    files: Mapped[int]
    signatures: Mapped[int]
    rows: Mapped[int]
    findings: Mapped[int]
    head_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerFinding(Base):
    """Something that did not fit in a comparison."""

    __tablename__ = "ledger_finding"
    __table_args__ = (within_ward("check_id", "ledger_check"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    check_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[FindingKind] = mapped_column(stored_enum(FindingKind, "kind"))
    document_id: Mapped[UUID | None]
    sequence: Mapped[int | None]
    field: Mapped[str] = mapped_column(String(80), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
