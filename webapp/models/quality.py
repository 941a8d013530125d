"""What the quality checks found in a round, stored so that their page costs the same for any number of households."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.quality import QualityBy, QualityCheck, QualityQuestion
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class QualityRun(TenantKey, Base):
    """One computation over a round. Counts once it is finished; then the ones before it are deleted."""

    __tablename__ = "quality_run"
    __table_args__ = (
        within_ward("round_id", "survey_round"),
        Index(None, "ward_id", "round_id", "finished_at"),
        {"info": TENANT},
    )

    round_id: Mapped[UUID]
    visits: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class QualityFigure(Base):
    """A number of a run. The subject is a ward, a group or an account."""

    __tablename__ = "quality_figure"
    __table_args__ = (within_ward("run_id", "quality_run"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    by: Mapped[QualityBy] = mapped_column(stored_enum(QualityBy, "by"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    check: Mapped[QualityCheck] = mapped_column("quality_check", stored_enum(QualityCheck, "check"), primary_key=True)
    question: Mapped[QualityQuestion] = mapped_column(stored_enum(QualityQuestion, "question"), primary_key=True)
    numerator: Mapped[int]
    denominator: Mapped[int]


class QualityFinding(Base):
    """A visit, or a household, behind a number."""

    __tablename__ = "quality_finding"
    __table_args__ = (
        within_ward("run_id", "quality_run"),
        ForeignKeyConstraint(["ward_id", "household_id"], ["household.ward_id", "household.id"]),
        Index("ix_quality_finding_page", "ward_id", "run_id", "quality_check", "group_id"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    check: Mapped[QualityCheck] = mapped_column("quality_check", stored_enum(QualityCheck, "check"))
    question: Mapped[QualityQuestion] = mapped_column(stored_enum(QualityQuestion, "question"))
    visit_id: Mapped[UUID | None]
    household_id: Mapped[UUID]
    group_id: Mapped[UUID]
    made_by: Mapped[UUID | None]
    other_id: Mapped[UUID | None]
    value: Mapped[float | None]
    bound: Mapped[float | None]
