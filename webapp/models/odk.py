"""What came in through the OpenRosa protocol: one row per instance, so that a repeat is known and nothing is lost."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.odk_submissions import OdkStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class OdkSubmission(TenantKey, Base):
    """One instance; its id is the instance's. `visit_id` is the first instance of a chain of edits.

    `base_revision`: the revision that it edits; `revision`: what it became, None while it has an issue. `answers` holds
    the texts of the form only as long as somebody must look at them.
    """

    __tablename__ = "odk_submission"
    __table_args__ = (
        within_ward("round_id", "survey_round"),
        within_ward("group_id", "residential_group"),
        within_ward("household_id", "household"),
        Index(None, "ward_id", "status", "group_id"),
        CheckConstraint("(status = 'stored') = (revision IS NOT NULL)", name="stored_has_revision"),
        {"info": TENANT},
    )

    round_id: Mapped[UUID]
    group_id: Mapped[UUID]
    household_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    status: Mapped[OdkStatus] = mapped_column(stored_enum(OdkStatus, "status"))
    sha256: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(40))
    visit_id: Mapped[UUID]
    base_revision: Mapped[int | None]
    revision: Mapped[int | None]
    received_at: Mapped[dt.datetime]
    answers: Mapped[dict[str, Any]]
    problems: Mapped[list[dict[str, Any]]]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(500), default="")


class OdkAttachment(Base):
    """A file that came with an instance; its bytes are in the file store under their hash."""

    __tablename__ = "odk_attachment"
    __table_args__ = (within_ward("submission_id", "odk_submission"), {"info": TENANT})

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
