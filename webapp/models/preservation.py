"""What is known of how long each published file will verify."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.preservation import PreservationState
from webapp.models.base import TENANT, Base, stored_enum, within_ward


class Preservation(Base):
    """A published file at its last look: `part` 0 is the document, others are the numbers of its attachments.

    `sha256` names the file that was looked at. `failures` counts the tries in a row that were refused, `code` and the
    reasons say why it does not last (Vietnamese and English, from the signing room).
    """

    __tablename__ = "preservation"
    __table_args__ = (
        within_ward("document_id", "document"),
        CheckConstraint("part >= 0", name="part_not_negative"),
        Index(None, "ward_id", "state", "due_at"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[PreservationState] = mapped_column(stored_enum(PreservationState, "state"))
    level: Mapped[str] = mapped_column(String(10))
    year: Mapped[int]
    holds_until: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    code: Mapped[str] = mapped_column(String(60), default="")
    reason_vi: Mapped[str] = mapped_column(String(300), default="")
    reason_en: Mapped[str] = mapped_column(String(300), default="")
    failures: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[dt.datetime]
    archived_at: Mapped[dt.datetime | None]
