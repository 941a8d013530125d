"""What a draft was made from: the text that was composed here, or a Word file. Both can be taken up again."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.word_files import SourceState
from webapp.models.base import TENANT, Base, stored_enum, within_ward


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


class DocumentSource(Base):
    """A Word file that somebody brought for a document, and what became of it.

    `version` is the file that was made of it, `problem` a key of `core.word_files.WORD_PROBLEMS` or empty.
    """

    __tablename__ = "document_source"
    __table_args__ = (
        within_ward("document_id", "document"),
        CheckConstraint("(state = 'converted') = (version IS NOT NULL)", name="converted_has_version"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[SourceState] = mapped_column(stored_enum(SourceState, "state"))
    problem: Mapped[str] = mapped_column(String(20), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    filename: Mapped[str] = mapped_column(String(200))
    version: Mapped[int | None]
    job_id: Mapped[UUID | None]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    finished_at: Mapped[dt.datetime | None]
