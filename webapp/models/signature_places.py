"""Chosen places of signature pictures, one a document and signer."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import TENANT, Base, within_ward


class SignaturePlace(Base):
    """Points on the page as seen, from its lower left corner; see core/signature_places.py.

    Keyed by the signer: steps are opened only on submission and anew after each rejection, and no chain asks the same
    person for two signatures. It holds for the uploaded file it was chosen on and no other.
    """

    __tablename__ = "signature_place"
    __table_args__ = (
        within_ward("document_id", "document"),
        CheckConstraint("page >= 0", name="page_counted"),
        CheckConstraint("width > 0 AND height > 0", name="has_size"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    signer_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    page: Mapped[int]
    x: Mapped[float]
    y: Mapped[float]
    width: Mapped[float]
    height: Mapped[float]
    uploaded_sha256: Mapped[str] = mapped_column(String(64))
    chosen_at: Mapped[dt.datetime]
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
