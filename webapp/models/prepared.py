"""Statements that are compiled once and then run on the driver itself: the path that a whole ward walks at one hour.

Looking a compiled statement up, binding it and wrapping its rows costs SQLAlchemy several times what SQLite needs to
run it. A `Prepared` keeps the text and the converters of types of a Core statement for each database. Events, errors
and lost connections are told as SQLAlchemy tells them; parameters never stand in an error.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one database's driver takes it."""

    text: str
    binds: tuple[tuple[str, Convert], ...]
    defaults: dict[str, Any]
    positional: bool
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

    def change(self, connection: Connection, values: Values) -> int:
        """Run the statement and give the number of rows that it changed."""
        form = self._form(connection.dialect)
        return run_text(connection, form.text, form.parameters(values)).rowcount

    def change_many(self, connection: Connection, rows: Iterable[Values]) -> None:
        """Run the statement once for each of `rows`."""
        form = self._form(connection.dialect)
        run_text(connection, form.text, [form.parameters(values) for values in rows], many=True)

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
        make_row=row._make,
        results=tuple(_reader(column.type, dialect) for column in columns),
    )


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def run_text(connection: Connection, text: str, parameters: Any, *, many: bool = False) -> DBAPICursor:  # noqa: ANN401
    """Run a text in the driver's own style, with values as the driver takes them. Raises what SQLAlchemy raises."""
    fairy = connection.connection
    cursor = fairy.cursor()
    for tell in connection.engine.dispatch.before_cursor_execute:
        tell(connection, cursor, text, parameters, None, many)
    try:
        if many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_tells(connection, text, error, cursor) from error
    return cursor


def _as_sqlalchemy_tells(connection: Connection, text: str, error: Exception, cursor: DBAPICursor) -> BaseException:
    """Wrap the driver's error; a lost connection leaves the pool."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(cast("DBAPIModule.Error", error), connection.connection, cursor)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
    )
