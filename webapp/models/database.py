"""Engine and sessions for web, command line and tests alike, on SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.characteristics import ConnectionCharacteristic
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.models.pipeline import PatientCursor, refuse_closed


def make_engine(url: str) -> Engine:
    """Open the database behind `url` (`sqlite:///file` or `postgresql+psycopg://…`).

    SQLite runs in WAL with full syncing (a receipt given survives a power cut), foreign keys on, and writers that queue
    from the start of their transaction (`BEGIN IMMEDIATE`) instead of failing at the end.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        arguments = {"timeout": 30, "check_same_thread": False, "factory": _SqliteConnection}
        engine = create_engine(parsed, connect_args=arguments)
        event.listen(engine, "connect", _prepare_sqlite)
        # Not the event "begin": with a listener on the engine every statement would look for listeners of its own.
        dialect = cast("DefaultDialect", engine.dialect)
        dialect.do_begin = _begin_sqlite  # type: ignore[method-assign]
        dialect.connection_characteristics = dialect.connection_characteristics.union({"sqlite_deferred": _Deferred()})
        return engine
    engine = create_engine(parsed, pool_size=10, max_overflow=10, connect_args={"cursor_factory": PatientCursor})
    event.listen(engine, "checkout", refuse_closed)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we write BEGIN ourselves, see _SqliteConnection
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
        "cache_size=-32768",  # 32 MiB: an import touches the pages of every index
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class _SqliteConnection(sqlite3.Connection):
    """A connection that knows how its transactions begin."""

    begin = "BEGIN IMMEDIATE"


class _Deferred(ConnectionCharacteristic):
    """The execution option `sqlite_deferred`: transactions of a reader, which take no lock before they need one."""

    def set_characteristic(self, dialect: Dialect, dbapi_conn: DBAPIConnection, value: Any) -> None:  # noqa: ANN401, ARG002
        dbapi_conn.begin = "BEGIN" if value else _SqliteConnection.begin

    def reset_characteristic(self, dialect: Dialect, dbapi_conn: DBAPIConnection) -> None:
        self.set_characteristic(dialect, dbapi_conn, value=False)

    def get_characteristic(self, dialect: Dialect, dbapi_conn: DBAPIConnection) -> bool:  # noqa: ARG002
        return bool(dbapi_conn.begin == "BEGIN")


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - the pool's proxy of a _SqliteConnection
    connection.execute(connection.begin)


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Give a factory of sessions. Rows stay readable after commit; nothing is flushed behind a query's back twice."""
    return sessionmaker(engine, class_=WardSession, expire_on_commit=False)


# Schema rule 6: PostgreSQL's row-level policies read this setting; it ends with the transaction.
WARD_SETTING = "app.ward_id"
_TELL_WARD = text(f"SELECT set_config('{WARD_SETTING}', :ward, true)")


class WardSession(Session):
    """A session that knows which ward it works for, and refuses to write for two."""


@event.listens_for(WardSession, "after_begin")
def _tell_database_the_ward(session: Session, _transaction: SessionTransaction, connection: Any) -> None:  # noqa: ANN401
    ward_id = session.info.get("ward_id")
    if ward_id is not None and connection.dialect.name == "postgresql":
        connection.execute(_TELL_WARD, {"ward": str(ward_id)})


@event.listens_for(WardSession, "before_flush")
def _one_ward_a_transaction(session: Session, _context: object, _instances: object) -> None:
    wards = {w for row in (*session.new, *session.dirty, *session.deleted) if (w := getattr(row, "ward_id", None))}
    bound = session.info.get("ward_id")
    if bound is not None:
        wards.add(bound)
    if len(wards) > 1:
        # Schema rule 5: one transaction touches one ward, so it can live on one shard.
        msg = "one transaction must write rows of one ward only"
        raise RuntimeError(msg)


def bind_ward(session: Session, ward_id: UUID | None, *, told: bool = False) -> None:
    """Bind the session to a ward for this transaction and the next ones; `told`: this one's database knows it."""
    session.info["ward_id"] = ward_id
    if ward_id is not None and not told and session.in_transaction():
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(_TELL_WARD, {"ward": str(ward_id)})


_KEPT = "kept_connection"


def connection_of(session: Session) -> Connection:
    """Give the connection of the session's transaction, as `session.connection()` does, without asking it each time.

    Each of the ten statements of a visit would pay for the session's bookkeeping as much as for itself.
    """
    transaction = session.get_transaction()
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is transaction and transaction is not None and transaction.is_active:
        return cast("Connection", kept[1])
    connection = session.connection()
    session.info[_KEPT] = session.get_transaction(), connection
    return connection


@contextmanager
def unit_of_work(sessions: sessionmaker[Session], ward_id: UUID | None = None) -> Iterator[Session]:
    """Open a session, commit when the block ends well, roll back otherwise: the edge of command line and jobs."""
    with sessions() as session:
        bind_ward(session, ward_id)
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
