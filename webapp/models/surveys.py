"""Rounds, visits with their revisions, and adult lines."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.surveys import AgeBand, Barrier, FibreSpeed, RoundStatus, Sex, VisitOutcome, VisitStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class SurveyRound(TenantKey, Base):
    """A survey round (đợt khảo sát). `starts_on`–`ends_on` bound the days on which visits may be dated."""

    __tablename__ = "survey_round"
    __table_args__ = (
        UniqueConstraint("ward_id", "name"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index(None, "ward_id", "starts_on"),
        {"info": TENANT},
    )

    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    status: Mapped[RoundStatus] = mapped_column(stored_enum(RoundStatus, "status"))


class RoundGroup(Base):
    """A group whose state in a round has run ahead of the round's: closed or locked for itself. No row: as the round.

    A group that was opened again keeps its row with state `open` and the reason.
    """

    __tablename__ = "round_group"
    __table_args__ = (
        within_ward("round_id", "survey_round"),
        within_ward("group_id", "residential_group"),
        CheckConstraint("status <> 'planned'", name="begun"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[RoundStatus] = mapped_column(stored_enum(RoundStatus, "status"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[UUID]


class Visit(TenantKey, Base):
    """A visit to a household in a round. The id is made where the form was opened and is the idempotency key."""

    __tablename__ = "visit"
    __table_args__ = (
        within_ward("round_id", "survey_round"),
        within_ward("group_id", "residential_group"),
        within_ward("household_id", "household"),
        # A household's visits, also within a round: without the round in it SQLite would search the whole round.
        Index(None, "ward_id", "household_id", "round_id", "status"),
        # What is done and returned in a group, answered from the index alone.
        Index(None, "ward_id", "round_id", "group_id", "status", "household_id"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
        {"info": TENANT},
    )

    round_id: Mapped[UUID]
    group_id: Mapped[UUID]
    household_id: Mapped[UUID]
    status: Mapped[VisitStatus] = mapped_column(stored_enum(VisitStatus, "status"))
    revision: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[VisitOutcome] = mapped_column(stored_enum(VisitOutcome, "outcome"))
    visited_on: Mapped[dt.date]
    submitted_at: Mapped[dt.datetime]
    # What this visit says, by indicator code: [numerator, denominator, asked]; lets the next visit take it back.
    measures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    return_reason: Mapped[str] = mapped_column(String(500), default="")
    # The field that the reason is about, as core.return_fields names it; empty: the whole visit.
    return_field: Mapped[str] = mapped_column(String(40), default="", server_default="")


class VisitRevision(Base):
    """One revision of a visit: never changed, never deleted. `sha256` is of the canonical content and the receipt."""

    __tablename__ = "visit_revision"
    __table_args__ = (
        within_ward("visit_id", "visit"),
        Index(None, "ward_id", "made_at"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    outcome: Mapped[VisitOutcome] = mapped_column(stored_enum(VisitOutcome, "outcome"))
    visited_on: Mapped[dt.date]
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20), default="form")
    # When the form was opened and finished, by the clock of the device: a hint about speed, never a rule.
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    totals_only: Mapped[bool] = mapped_column(default=False)
    fibre_covered: Mapped[bool | None]
    fibre_connected: Mapped[bool | None]
    fibre_speed: Mapped[FibreSpeed | None] = mapped_column(stored_enum(FibreSpeed, "fibre_speed"))
    iot_connections: Mapped[int | None]
    payment_accounts: Mapped[int | None]
    # Minor lines, totals and note as core.surveys.Answers.to_json gives them; adult lines have their own table.
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Answers to extra questions, and the number of the extra form that asked them (0: none did).
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    extra_form: Mapped[int] = mapped_column(default=0)
    # Soft checks that were raised and confirmed ("đúng không?" – "đúng").
    confirmed: Mapped[list[dict[str, Any]]] = mapped_column(default=list)


class AdultLineRow(Base):
    """One adult of one revision. NULL is "not known"."""

    __tablename__ = "adult_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["ward_id", "visit_id", "revision"],
            ["visit_revision.ward_id", "visit_revision.visit_id", "visit_revision.number"],
        ),
        CheckConstraint("vneid_level IS NULL OR vneid_level BETWEEN 0 AND 2", name="vneid_level_known"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    sex: Mapped[Sex | None] = mapped_column(stored_enum(Sex, "sex"))
    age_band: Mapped[AgeBand | None] = mapped_column(stored_enum(AgeBand, "age_band"))
    smartphone: Mapped[bool | None]
    digital_id: Mapped[bool | None]
    vneid_level: Mapped[int | None]
    digital_signature: Mapped[bool | None]
    e_signature: Mapped[bool | None]
    barrier: Mapped[Barrier | None] = mapped_column(stored_enum(Barrier, "barrier"))
