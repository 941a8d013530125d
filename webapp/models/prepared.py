"""Statements that are compiled once and then run on the driver itself: the path that a whole ward walks at one hour.

Looking a compiled statement up, binding it and wrapping its rows costs SQLAlchemy several times what SQLite needs to
run it. A `Prepared` keeps the text and the converters of types of a Core statement for each database. Events, errors
and lost connections are told as SQLAlchemy tells them; parameters never stand in an error.
"""

import datetime as dt
import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from psycopg import Binary
from psycopg.types.json import Json, Jsonb
from sqlalchemy import Connection, Dialect, Insert, Table
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from webapp.models.pipeline import PatientCursor

Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one database's driver takes it."""

    text: str
    binds: tuple[tuple[str, Convert], ...]
    defaults: dict[str, Any]
    positional: bool
    together: str
    """PostgreSQL: the insert of many rows that come as one JSON text; its driver pays for each row sent by itself."""
    make_row: Callable[[Iterable[Any]], Any]
    results: tuple[Convert, ...]

    def parameters(self, values: Values) -> Any:  # noqa: ANN401 - a tuple or a dict, as the driver's style asks
        if self.defaults:
            values = {**self.defaults, **values}
        if self.positional:
            return tuple([values[name] if to is None else to(values[name]) for name, to in self.binds])
        return {name: values[name] if to is None else to(values[name]) for name, to in self.binds}

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        make, results = self.make_row, self.results
        return [
            make([cell if read is None else read(cell) for cell, read in zip(line, results, strict=True)])
            for line in found
        ]

    def parts(self, found: Iterable[Sequence[Any]], places: Sequence[int]) -> list[tuple[Any, ...]]:
        readers = [(place, self.results[place]) for place in places]
        return [
            tuple([line[place] if read is None else read(line[place]) for place, read in readers]) for line in found
        ]


class Prepared:
    """One statement, or one for each dialect. Give it connections whose transaction has begun (`session.connection()`).

    Rows are named tuples; their fields are the keys of the statement's columns.
    """

    def __init__(self, statement: ClauseElement | Mapping[str, ClauseElement]) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def all(self, connection: Connection, values: Values) -> list[Any]:
        """Run the statement and give its rows."""
        form = self._form(connection.dialect)
        cursor = run_text(connection, form.text, form.parameters(values))
        return form.rows(cursor.fetchall())

    def one_and_parts(
        self, connection: Connection, values: Values, columns: Sequence[str]
    ) -> tuple[Any, list[tuple[Any, ...]]]:
        """Run a statement whose rows differ in `columns` only: give its first row, and of every row these columns.

        None and nothing when there is no row. What all rows repeat is read once.
        """
        form = self._form(connection.dialect)
        found = run_text(connection, form.text, form.parameters(values)).fetchall()
        if not found:
            return None, []
        first = form.rows(found[:1])[0]
        return first, form.parts(found, [first._fields.index(column) for column in columns])

    def change(self, connection: Connection, values: Values) -> int:
        """Run the statement and give the number of rows that it changed."""
        form = self._form(connection.dialect)
        return run_text(connection, form.text, form.parameters(values)).rowcount

    def send(self, connection: Connection, *rows: Values) -> None:
        """Run the statement once for each of `rows` without asking what it did; see models.pipeline."""
        form = self._form(connection.dialect)
        ready = [form.parameters(values) for values in rows]
        text = form.together if len(ready) > 1 and form.together else form.text
        with _Told(connection, text, ready) as cursor:
            if not isinstance(cursor, PatientCursor):
                cursor.executemany(text, ready)
            elif text is form.together:
                cursor.send(text, {"rows": json.dumps(ready, default=_plain)})
            else:
                for parameters in ready:
                    cursor.send(text, parameters)

    def _form(self, dialect: Dialect) -> _Form:
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _compile(self._statement, dialect)
        return form


def _compile(statement: ClauseElement | Mapping[str, ClauseElement], dialect: Dialect) -> _Form:
    chosen = statement[dialect.name] if isinstance(statement, Mapping) else statement
    compiled = cast("SQLCompiler", chosen.compile(dialect=dialect))
    names = (compiled.positiontup if compiled.positional else compiled.bind_names.values()) or ()
    columns = getattr(chosen, "exported_columns", None) or ()  # what only changes rows has none
    row: Any = namedtuple("row", [column.key or "" for column in columns], rename=True)  # type: ignore[misc]
    return _Form(
        text=compiled.string,
        binds=tuple((name, _writer(compiled.binds[name].type, dialect)) for name in names),
        defaults={name: value for name, value in compiled.params.items() if value is not None},
        positional=compiled.positional,
        together=_together(chosen, compiled) if dialect.name == "postgresql" else "",
        make_row=row._make,
        results=tuple(_reader(column.type, dialect) for column in columns),
    )


def _together(statement: ClauseElement, compiled: SQLCompiler) -> str:
    if not isinstance(statement, Insert) or not isinstance(statement.table, Table):
        return ""
    table = compiled.preparer.format_table(statement.table)
    columns = ", ".join(compiled.preparer.quote(name) for name in compiled.bind_names.values())
    records = f"json_populate_recordset(CAST(NULL AS {table}), CAST(%(rows)s AS json))"
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {records}"  # noqa: S608 - names of our own tables


def _plain(value: object) -> object:
    """Write what JSON does not know as PostgreSQL reads it from JSON."""
    if isinstance(value, Json | Jsonb | Binary):
        return value.obj
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, dt.date):  # and moments
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    msg = f"no JSON for {type(value).__name__}"
    raise TypeError(msg)


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def run_text(connection: Connection, text: str, parameters: Any) -> DBAPICursor:  # noqa: ANN401
    """Run a text in the driver's own style, with values as the driver takes them. Raises what SQLAlchemy raises."""
    with _Told(connection, text, parameters) as cursor:
        cursor.execute(text, parameters)
        return cast("DBAPICursor", cursor)


class _Told:
    """Gives a cursor, tells the listeners, wraps the errors of the driver; a lost connection leaves the pool.

    A class, for a generator of contextlib costs as much as a statement.
    """

    __slots__ = ("connection", "cursor", "text")

    def __init__(self, connection: Connection, text: str, parameters: Any) -> None:  # noqa: ANN401
        self.connection, self.text = connection, text
        self.cursor: Any = connection.connection.cursor()
        for tell in connection.engine.dispatch.before_cursor_execute:
            tell(connection, self.cursor, text, parameters, None, isinstance(parameters, list))

    def __enter__(self) -> Any:  # noqa: ANN401 - the driver's cursor
        return self.cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        dialect = self.connection.dialect
        if kind is None or not isinstance(error, dialect.loaded_dbapi.Error):
            return
        lost = dialect.is_disconnect(error, self.connection.connection, self.cursor)
        if lost:
            self.connection.invalidate(error)
        raise DBAPIError.instance(
            self.text,
            None,
            cast("Exception", error),
            dialect.loaded_dbapi.Error,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error
