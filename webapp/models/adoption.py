"""The indicator registry, the plan's targets and tasks, the facts, and the registers kept by officers."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.adoption import IndicatorSource, IndicatorUnit, PeriodKind, TargetOperator
from webapp.models.base import REFERENCE, TENANT, Base, TenantKey, stored_enum, within_ward


class Indicator(Base):
    """One indicator of the registry (domain.md §3). Data, not code: a change makes a new version."""

    __tablename__ = "indicator"
    __table_args__ = (
        CheckConstraint("adult_age IS NULL OR adult_age IN (15, 18)", name="adult_age_known"),
        {"info": REFERENCE},
    )

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    sort_key: Mapped[int]
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    numerator_vi: Mapped[str] = mapped_column(String(200))
    denominator_vi: Mapped[str] = mapped_column(String(200))
    numerator_en: Mapped[str] = mapped_column(String(200))
    denominator_en: Mapped[str] = mapped_column(String(200))
    unit_name_vi: Mapped[str] = mapped_column(String(60))
    adult_age: Mapped[int | None]
    source: Mapped[IndicatorSource] = mapped_column(stored_enum(IndicatorSource, "source"))
    unit: Mapped[IndicatorUnit] = mapped_column(stored_enum(IndicatorUnit, "unit"))
    plan_section: Mapped[str] = mapped_column(String(20))
    is_optional: Mapped[bool] = mapped_column(default=False)


class IndicatorSetting(Base):
    """A ward's own choice for an indicator, such as the age that counts; every version is kept."""

    __tablename__ = "indicator_setting"
    __table_args__ = (CheckConstraint("adult_age IN (15, 18)", name="adult_age_known"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    indicator_code: Mapped[str] = mapped_column(ForeignKey("indicator.code"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    adult_age: Mapped[int]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[UUID]


class IndicatorTarget(TenantKey, Base):
    """A target of the ward's plan. `value` is a ratio (1.0 = 100 %)."""

    __tablename__ = "indicator_target"
    __table_args__ = (
        UniqueConstraint("ward_id", "indicator_code", "year"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        {"info": TENANT},
    )

    indicator_code: Mapped[str] = mapped_column(ForeignKey("indicator.code"))
    year: Mapped[int]
    operator: Mapped[TargetOperator] = mapped_column(stored_enum(TargetOperator, "operator"))
    value: Mapped[float]
    plan_section: Mapped[str] = mapped_column(String(20))


class PlanTask(Base):
    """A task or solution of the plan (IV–VII) with its lead, as the reference seed cites it."""

    __tablename__ = "plan_task"
    __table_args__ = ({"info": REFERENCE},)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    sort_key: Mapped[int]
    name: Mapped[str] = mapped_column(String(600))
    lead: Mapped[str] = mapped_column(String(160), default="")
    plan_section: Mapped[str] = mapped_column(String(20))


class Platform(Base):
    """A shared platform that the plan lists (III.1, III.2, IV.4)."""

    __tablename__ = "platform"
    __table_args__ = ({"info": REFERENCE},)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    sort_key: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    plan_section: Mapped[str] = mapped_column(String(20))


class AdoptionFact(Base):
    """Counts by indicator, group and period: what pages read. See core.adoption.PeriodKind for what a row means.

    `group_id` is the nil UUID for counts of the whole ward that belong to no group.
    """

    __tablename__ = "adoption_fact"
    __table_args__ = ({"info": TENANT},)

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    period_kind: Mapped[PeriodKind] = mapped_column(stored_enum(PeriodKind, "period_kind"), primary_key=True)
    period_key: Mapped[str] = mapped_column(String(36), primary_key=True)
    indicator_code: Mapped[str] = mapped_column(String(60), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    numerator: Mapped[int] = mapped_column(default=0)
    denominator: Mapped[int] = mapped_column(default=0)
    asked: Mapped[int] = mapped_column(default=0)


class RegisterItem(TenantKey, Base):
    """Something officers keep an eye on: a 5G site, a monitored system, a shared platform of the ward."""

    __tablename__ = "register_item"
    __table_args__ = (UniqueConstraint("ward_id", "indicator_code", "name"), {"info": TENANT})

    indicator_code: Mapped[str] = mapped_column(ForeignKey("indicator.code"))
    name: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(String(300), default="")
    plan_section: Mapped[str] = mapped_column(String(20), default="")
    is_active: Mapped[bool] = mapped_column(default=True)


class RegisterEntry(TenantKey, Base):
    """What was found on a day, for an item, a group, or the ward as a whole. Append-only; the newest day counts."""

    __tablename__ = "register_entry"
    __table_args__ = (
        within_ward("item_id", "register_item"),
        within_ward("group_id", "residential_group"),
        CheckConstraint("numerator >= 0 AND denominator >= 0", name="counts_not_negative"),
        Index(None, "ward_id", "indicator_code", "observed_on"),
        {"info": TENANT},
    )

    indicator_code: Mapped[str] = mapped_column(ForeignKey("indicator.code"))
    item_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    observed_on: Mapped[dt.date]
    numerator: Mapped[int]
    denominator: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(500), default="")
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[UUID | None]
