"""What people wrote when they composed a document here, so that it can be opened and corrected again."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import TENANT, Base, within_ward


class DocumentText(Base):
    """The text of a composed document (`core.letters.LetterText`); `version` is the file that was drawn from it."""

    __tablename__ = "document_text"
    __table_args__ = (
        within_ward("document_id", "document"),
        CheckConstraint("version > 0", name="version_positive"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    version: Mapped[int]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
