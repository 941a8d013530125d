"""Sending statements to PostgreSQL without waiting for each one's answer; SQLite has no distance to travel."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry


class PatientCursor(psycopg.Cursor[TupleRow]):
    """Waits for each answer also within a pipeline, because SQLAlchemy looks at once what a statement gave."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:  # noqa: ANN401 - as psycopg's
        """Run the statement and wait for what it says."""
        super().execute(query, params, **options)
        self._fetch_pipeline()  # as fetchone() does; nothing outside a pipeline
        return self

    def send(self, query: Any, params: Any) -> None:  # noqa: ANN401
        """Run the statement; within a pipeline its answer is waited for together with the next one's."""
        super().execute(query, params)


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Let what is sent (Prepared.send) travel together, until a statement gives rows or the block ends.

    An error of what was sent is raised by a later statement or by the end of the block.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection) or not psycopg.Pipeline.is_supported():
        yield
        return
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:  # of the last that were sent; SQLAlchemy wraps those before them
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error


def refuse_closed(connection: DBAPIConnection, _record: ConnectionPoolEntry, _proxy: object) -> None:
    """Leave out a pooled connection that the server has closed (listener of "checkout"; the pool opens another).

    An idle connection has nothing to read; one that was closed has its end. To look costs a millionth of a second, to
    ask the server ("pre-ping") costs every request two journeys.
    """
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if socket.poll(0):
        raise DisconnectionError
