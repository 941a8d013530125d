"""Households of a group; head's name and address are the only personal fields and are stored encrypted."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.surveys import HouseholdStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class Household(TenantKey, Base):
    """A household (hộ gia đình). `number` is its place on the group's list and names it on paper and in lists."""

    __tablename__ = "household"
    __table_args__ = (
        within_ward("group_id", "residential_group"),
        UniqueConstraint("ward_id", "group_id", "number"),
        Index("ix_household_identity", "ward_id", "group_id", "identity_token"),
        CheckConstraint("number > 0", name="number_positive"),
        {"info": TENANT},
    )

    group_id: Mapped[UUID]
    number: Mapped[int]
    head_name: Mapped[bytes]
    address: Mapped[bytes]
    # Keyed index of folded name + address: finds the same household again without reading it.
    identity_token: Mapped[bytes] = mapped_column(LargeBinary(8))
    status: Mapped[HouseholdStatus] = mapped_column(stored_enum(HouseholdStatus, "status"))
    registered_on: Mapped[dt.date]
    vacated_on: Mapped[dt.date | None]


class HouseholdToken(Base):
    """One folded word of a household's name or address as a keyed index, for search across the ward."""

    __tablename__ = "household_token"
    __table_args__ = (within_ward("household_id", "household"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary(8), primary_key=True)
    household_id: Mapped[UUID] = mapped_column(primary_key=True)


class HouseholdAssignment(Base):
    """Which of a group's heads visits a household. Who is no longer a head of the group is not assigned any more.

    It names the group it was made in: a household that moves to another group must lose it.
    """

    __tablename__ = "household_assignment"
    __table_args__ = (
        within_ward("household_id", "household"),
        within_ward("group_id", "residential_group"),
        Index(None, "ward_id", "group_id", "account_id", "household_id"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    assigned_at: Mapped[dt.datetime]
    assigned_by: Mapped[UUID]


class ImportBatch(TenantKey, Base):
    """A workbook on its way in: uploaded, mapped, checked, then stored as a whole or not at all."""

    __tablename__ = "import_batch"
    __table_args__ = (within_ward("round_id", "survey_round"), Index(None, "ward_id", "created_at"), {"info": TENANT})

    round_id: Mapped[UUID | None]
    file_sha256: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    sheet: Mapped[str] = mapped_column(String(100), default="")
    header_row: Mapped[int] = mapped_column(default=0)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    row_count: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime]
    created_by: Mapped[UUID]
    stored_at: Mapped[dt.datetime | None]
