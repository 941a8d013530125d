"""Wards with their lineage, their groups and departments."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.ids import new_id
from webapp.models.base import REFERENCE, TENANT, Base, TenantKey


class Ward(Base):
    """A ward in one territory: the code survives a merger, so a ward is (code, valid_from) (domain.md §2)."""

    __tablename__ = "ward"
    __table_args__ = (UniqueConstraint("code", "valid_from"), {"info": REFERENCE})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(5))
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    name: Mapped[str] = mapped_column(String(120))
    province_code: Mapped[str] = mapped_column(String(2))
    province_name: Mapped[str] = mapped_column(String(120))
    area_km2: Mapped[float | None]
    population: Mapped[int | None]
    agency_name: Mapped[str] = mapped_column(String(200))
    agency_symbol: Mapped[str] = mapped_column(String(20), default="UBND")
    place_name: Mapped[str] = mapped_column(String(120))


class WardLineage(Base):
    """What a ward was merged or split from; figures are not compared across it without saying so."""

    __tablename__ = "ward_lineage"
    __table_args__ = ({"info": REFERENCE},)

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    predecessor_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(200))


class ResidentialGroup(TenantKey, Base):
    """A residential group (tổ dân phố). Created, merged and renamed by the People's Council, so it is data."""

    __tablename__ = "residential_group"
    __table_args__ = (
        UniqueConstraint("ward_id", "code"),
        CheckConstraint("population IS NULL OR population >= 0", name="population_not_negative"),
        {"info": TENANT},
    )

    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    sort_key: Mapped[int] = mapped_column(default=0)
    population: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Department(TenantKey, Base):
    """A department of the ward (plan VII), which drafts documents and reports each year."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("ward_id", "code"), Index(None, "ward_id", "name"), {"info": TENANT})

    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(160))
    symbol: Mapped[str] = mapped_column(String(20))
    plan_section: Mapped[str] = mapped_column(String(20), default="")
