"""Samples of visits for a second, blind interview."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.surveys import VisitOutcome
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class BackCheck(TenantKey, Base):
    """One draw. Seed, size and the number of visits drawn from are kept, so that it can be repeated."""

    __tablename__ = "back_check"
    __table_args__ = (
        within_ward("round_id", "survey_round"),
        Index(None, "ward_id", "round_id"),
        CheckConstraint("wanted > 0", name="wants_some"),
        {"info": TENANT},
    )

    round_id: Mapped[UUID]
    seed: Mapped[int]
    wanted: Mapped[int]
    percent: Mapped[bool]
    population: Mapped[int]
    drawn_at: Mapped[dt.datetime]
    drawn_by: Mapped[UUID]


class BackCheckVisit(Base):
    """One visit of a sample: who asks again, and what was answered. `revision` holds the first answers."""

    __tablename__ = "back_check_visit"
    __table_args__ = (
        within_ward("check_id", "back_check"),
        within_ward("visit_id", "visit"),
        within_ward("household_id", "household"),
        Index(None, "ward_id", "assigned_to"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    check_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    revision: Mapped[int]
    household_id: Mapped[UUID]
    group_id: Mapped[UUID]
    assigned_to: Mapped[UUID | None]
    outcome: Mapped[VisitOutcome | None] = mapped_column(stored_enum(VisitOutcome, "outcome"))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answered_at: Mapped[dt.datetime | None]
    answered_by: Mapped[UUID | None]
