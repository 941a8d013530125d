"""What every table shares: names of constraints, column types, and the ward key.

Seven schema rules let the same tables shard by ward later without change (models/README.md); `info["scope"]` says
which of them bind a table: `tenant` (key starts with the ward), `reference` (small catalogue) or `global` (accounts).
"""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, Enum, ForeignKey, ForeignKeyConstraint, LargeBinary, MetaData, TypeDecorator, types
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webapp.core.ids import new_id


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC moment. SQLite has no zones, so they are checked on the way in and put back on the way out."""

    impl = types.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment without its zone"
            raise ValueError(msg)
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        return (
            value
            if value is None
            else value.replace(tzinfo=dt.UTC)
            if value.tzinfo is None
            else value.astimezone(dt.UTC)
        )


def stored_enum(members: type[StrEnum], name: str) -> Enum:
    """Store an enum by value in a short text column with a named CHECK."""
    return Enum(
        members,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda cls: [member.value for member in cls],
    )


class Base(DeclarativeBase):
    """Typed declarative base; the naming convention makes every constraint addressable in migrations and errors."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        dt.datetime: UtcDateTime(),
        bytes: LargeBinary(),
        dict[str, Any]: types.JSON(),
        list[dict[str, Any]]: types.JSON(),
        UUID: types.Uuid(),
    }


class TenantKey:
    """Primary key (ward_id, id): the ward first, the id made by the client or the app, never by a sequence."""

    ward_id: Mapped[UUID] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


def within_ward(column: str, target: str, *, name: str | None = None) -> ForeignKeyConstraint:
    """Make the foreign key (ward_id, column) → target(ward_id, id), so a row can only point inside its own ward."""
    return ForeignKeyConstraint(["ward_id", column], [f"{target}.ward_id", f"{target}.id"], name=name)


TENANT: dict[str, str] = {"scope": "tenant"}
REFERENCE: dict[str, str] = {"scope": "reference"}
GLOBAL: dict[str, str] = {"scope": "global"}

__all__ = [
    "GLOBAL",
    "REFERENCE",
    "TENANT",
    "Base",
    "TenantKey",
    "UtcDateTime",
    "stored_enum",
    "within_ward",
]
