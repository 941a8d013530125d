"""What was done to several households at once, with what is needed to take it back."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.household_operations import OperationKind
from webapp.models.base import TENANT, Base, TenantKey, stored_enum, within_ward


class HouseholdOperation(TenantKey, Base):
    """One act of a person. `visits`: where visits stood that went elsewhere with it (ids only)."""

    __tablename__ = "household_operation"
    __table_args__ = (
        within_ward("group_id", "residential_group"),
        Index(None, "ward_id", "made_at"),
        CheckConstraint("household_count > 0", name="of_something"),
        {"info": TENANT},
    )

    kind: Mapped[OperationKind] = mapped_column(stored_enum(OperationKind, "kind"))
    group_id: Mapped[UUID]
    household_count: Mapped[int]
    visits: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    made_at: Mapped[dt.datetime]
    made_by: Mapped[UUID]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[UUID | None]


class HouseholdOperationItem(Base):
    """A household of an operation: where it stood before and after, as ids and figures.

    `before` is empty when the operation made the household; then taking it back deletes it, so there is no foreign key.
    `person` is its name and address before, encrypted under the household's own key, when the operation changed them.
    """

    __tablename__ = "household_operation_item"
    __table_args__ = (
        within_ward("operation_id", "household_operation"),
        Index(None, "ward_id", "household_id"),
        {"info": TENANT},
    )

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(primary_key=True)
    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(String(10))
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    person: Mapped[bytes | None]


class HouseholdMove(TenantKey, Base):
    """From a day on a household belongs to another group, or to none (it left), or to one again (it came back).

    The group where it began follows from the group where it is now and its moves; see services.facts_rebuild.
    """

    __tablename__ = "household_move"
    __table_args__ = (
        within_ward("household_id", "household"),
        within_ward("operation_id", "household_operation"),
        within_ward("from_group_id", "residential_group"),
        within_ward("to_group_id", "residential_group"),
        Index(None, "ward_id", "household_id"),
        CheckConstraint("from_group_id IS NOT NULL OR to_group_id IS NOT NULL", name="somewhere"),
        {"info": TENANT},
    )

    household_id: Mapped[UUID]
    operation_id: Mapped[UUID]
    from_group_id: Mapped[UUID | None]
    to_group_id: Mapped[UUID | None]
    moved_on: Mapped[dt.date]
