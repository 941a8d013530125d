"""What a ward confirmed about personal data, and the register of residents' requests."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.personal_data import FieldCode, RequestKind, RequestStatus
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class PersonalDataBasis(Base):
    """The legal basis of one kind of personal data, as a person of the ward confirmed it."""

    __tablename__ = "personal_data_basis"
    __table_args__ = ({"info": TENANT},)

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    field_code: Mapped[FieldCode] = mapped_column(stored_enum(FieldCode, "field_code"), primary_key=True)
    basis: Mapped[str] = mapped_column(String(500))
    confirmed_at: Mapped[dt.datetime]
    confirmed_by: Mapped[UUID]


class SubjectRequest(TenantKey, Base):
    """A resident's request. Who asked, how to reach them and what they wrote are encrypted under one key of its own."""

    __tablename__ = "subject_request"
    __table_args__ = (
        within_ward("household_id", "household"),
        UniqueConstraint("ward_id", "year", "number"),
        Index(None, "ward_id", "status", "due_on"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("due_on >= received_on", name="due_after_receipt"),
        {"info": TENANT},
    )

    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[RequestKind] = mapped_column(stored_enum(RequestKind, "kind"))
    status: Mapped[RequestStatus] = mapped_column(stored_enum(RequestStatus, "status"))
    household_id: Mapped[UUID | None]
    requester: Mapped[bytes]
    contact: Mapped[bytes]
    content: Mapped[bytes]
    received_on: Mapped[dt.date]
    answer_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    extension_reason: Mapped[str] = mapped_column(String(500), default="")
    answered_at: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    decision: Mapped[str] = mapped_column(String(1000), default="")
    erased_at: Mapped[dt.datetime | None]
    # The erased household's encrypted name until its key is destroyed, which happens after the commit.
    sealed: Mapped[bytes | None]
    recorded_by: Mapped[UUID]
