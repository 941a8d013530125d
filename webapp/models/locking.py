"""Taking one row for oneself until the transaction ends: number series, heads of chains."""

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.models.base import Base

Row = TypeVar("Row", bound=Base)


def locked_row(session: Session, table: type[Row], key: dict[str, Any], **first: Any) -> Row:  # noqa: ANN401 - columns
    """Give the row of `key`, locked until the transaction ends; made with the values of `first` when it is missing.

    Two transactions may both find no row: the insert that comes second does nothing and then waits for the lock.
    The row is read again after the wait, for a copy kept by the session may be older than the lock.
    """
    wanted = select(table).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(table).values(**key, **first).on_conflict_do_nothing())
        found = session.scalars(wanted).one()
    return found
