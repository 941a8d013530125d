"""Changes of a table that SQLite's ALTER TABLE lacks, the same on both databases, without copying the table.

SQLite keeps the text of CREATE TABLE and documents its editing for what leaves the rows on the disk as they are
(https://www.sqlite.org/lang_altertable.html, section 7): constraints that go or change. A copy would have to drop a
table that others refer to.
"""

import re

from alembic import op


def replace_check(table: str, name: str, condition: str) -> None:
    """Give the CHECK `name` of `table` another condition (SQL without the outer brackets)."""
    if op.get_bind().dialect.name == "sqlite":
        _edit(table, lambda sql: _with_check(sql, name, condition))
        return
    op.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT {name}')
    op.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT {name} CHECK ({condition})')


def set_nullable(table: str, column: str, nullable: bool) -> None:  # noqa: FBT001 - as Alembic's word for it
    """Let a column be empty, or no longer; then no row may be empty there."""
    if op.get_bind().dialect.name == "sqlite":
        _edit(table, lambda sql: _with_null(sql, column, nullable=nullable))
        return
    op.alter_column(table, column, nullable=nullable)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Write the condition of an enum that is stored by value."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _edit(table: str, change) -> None:  # noqa: ANN001 - a function from text to text
    bind = op.get_bind()
    old = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).scalar_one()
    new = change(old)
    if new == old:
        return
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (new, table))
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = RESET")


def _with_check(sql: str, name: str, condition: str) -> str:
    found = re.search(rf'CONSTRAINT "?{re.escape(name)}"? CHECK \(', sql)
    if found is None:
        message = f"no CHECK {name}"
        raise LookupError(message)
    depth, end = 1, found.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        end += 1
    return f"{sql[: found.end()]}{condition}{sql[end - 1 :]}"


def _with_null(sql: str, column: str, *, nullable: bool) -> str:
    found = re.search(rf'(?m)^\s*"?{re.escape(column)}"? [^,\n]*', sql)
    if found is None:
        message = f"no column {column}"
        raise LookupError(message)
    bare = found[0].replace(" NOT NULL", "")
    return f"{sql[: found.start()]}{bare if nullable else bare + ' NOT NULL'}{sql[found.end() :]}"
