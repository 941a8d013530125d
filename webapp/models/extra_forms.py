"""Extra questions that a ward adds to the form of a round, in versions that never change."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.extra_questions import ExtraFormStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class ExtraFormRow(TenantKey, Base):
    """One version of a round's extra questions. Only its status moves: draft, active, retired."""

    __tablename__ = "extra_form"
    __table_args__ = (
        within_ward("round_id", "survey_round"),
        UniqueConstraint("ward_id", "round_id", "number"),
        Index(
            "uq_extra_form_active",
            "ward_id",
            "round_id",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
        CheckConstraint("number >= 1", name="number_from_one"),
        {"info": TENANT},
    )

    round_id: Mapped[UUID]
    number: Mapped[int]
    status: Mapped[ExtraFormStatus] = mapped_column(stored_enum(ExtraFormStatus, "status"))
    # core.extra_questions.ExtraQuestion.to_json of each, in order.
    questions: Mapped[list[dict[str, Any]]]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID | None]
