"""Writing rows of adoption_fact: locks, and the upsert that adds counts to what is there."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, Uuid, bindparam, func, select, text
from sqlalchemy.orm import Session

from webapp.core.adoption import Measure
from webapp.core.facts import FactRow, Reading
from webapp.models.adoption import AdoptionFact, RegisterEntry
from webapp.models.database import connection_of
from webapp.models.prepared import Prepared, run_text

FACTS: Final[Table] = AdoptionFact.__table__  # type: ignore[assignment]  # declared as FromClause
_ADD: Final = """
INSERT INTO adoption_fact
    (ward_id, period_kind, period_key, indicator_code, group_id, numerator, denominator, asked)
{}
ON CONFLICT (ward_id, period_kind, period_key, indicator_code, group_id) DO UPDATE SET
    numerator = adoption_fact.numerator + excluded.numerator,
    denominator = adoption_fact.denominator + excluded.denominator,
    asked = adoption_fact.asked + excluded.asked
"""
# Forty rows sent one by one cost more than everything else in a submission. SQLite takes many rows as values, which it
# reads twice as fast as JSON; PostgreSQL takes them as one JSON parameter, for four hundred would cost its driver more.
_SQLITE_MOST: Final = 50
_POSTGRESQL: Final = Prepared(
    text(
        _ADD.format(
            """
SELECT CAST(:ward AS uuid), value ->> 0, value ->> 1, value ->> 2,
    CAST(value ->> 3 AS uuid), CAST(value ->> 4 AS integer), CAST(value ->> 5 AS integer), CAST(value ->> 6 AS integer)
FROM json_array_elements(CAST(:rows AS json))"""
        )
    ).bindparams(bindparam("ward", type_=Uuid()), bindparam("rows", type_=Text()))
)


_SHARED: Final = Prepared(select(func.pg_advisory_xact_lock_shared(bindparam("lock"))))
_ALONE: Final = Prepared(select(func.pg_advisory_xact_lock(bindparam("lock"))))
_HOUSEHOLD: Final = Prepared(
    select(
        func.pg_advisory_xact_lock_shared(bindparam("lock")).label("facts"),
        func.pg_advisory_xact_lock(bindparam("household")).label("household"),
        func.pg_advisory_xact_lock(bindparam("visit")).label("visit"),
    )
)
_HOUSEHOLDS: Final = Prepared(
    text(
        "SELECT pg_advisory_xact_lock_shared(:lock), pg_advisory_xact_lock(key) "
        "FROM unnest(CAST(:keys AS bigint[])) AS asked(key)"
    )
)


_HELD: Final = "facts_held"


def hold_facts(
    session: Session,
    ward_id: UUID,
    *,
    alone: bool = False,
    household_id: UUID | None = None,
    visit_id: UUID | None = None,
) -> None:
    """Wait for the right to change facts until the transaction ends; nothing to do on SQLite, which has one writer.

    `alone` keeps every other change of the ward's facts out (rebuild, bulk load); `household_id` keeps out other
    changes of that household's visits, so that each sees what the one before it stored; `visit_id` keeps out whoever
    stores a visit under the same identifier for another household. Advisory locks, because a row lock on the household
    would meet those that submissions hold on it already. Households come before visits, so nobody waits in a ring.
    """
    connection = connection_of(session)
    if connection.dialect.name != "postgresql":
        return
    held = (session.get_transaction(), alone, household_id, visit_id)
    if session.info.get(_HELD) == held:  # whoever came to decide under the lock need not ask for it again
        return
    session.info[_HELD] = held
    lock = {"lock": _lock_key(ward_id)}
    if alone:
        _ALONE.send(connection, lock)
    elif household_id is not None:
        keys = {"household": _lock_key(household_id), "visit": _lock_key(visit_id or household_id)}
        _HOUSEHOLD.send(connection, lock | keys)
    else:
        _SHARED.send(connection, lock)


def hold_households(session: Session, ward_id: UUID, *, household_ids: Set[UUID], visit_ids: Set[UUID]) -> None:
    """Hold what hold_facts(household_id=, visit_id=) holds, for several visits at once.

    Keys are asked for in one order, households before visits, so two who hold many never wait for each other in a ring.
    """
    connection = connection_of(session)
    if connection.dialect.name != "postgresql" or not household_ids:
        return
    session.info.pop(_HELD, None)
    keys = [*sorted(map(_lock_key, household_ids)), *sorted(map(_lock_key, visit_ids))]
    _HOUSEHOLDS.send(connection, {"lock": _lock_key(ward_id), "keys": keys})


def _lock_key(identifier: UUID) -> int:
    """Fold a UUID into PostgreSQL's signed 64 bits; two that meet only wait for each other."""
    key = (identifier.int >> 64) ^ (identifier.int & (1 << 64) - 1)
    return key - (1 << 64) if key >> 63 else key


def add_rows(session: Session, ward_id: UUID, rows: Sequence[FactRow]) -> None:
    """Add counts to the ward's facts, in the order given (see Tally.rows). Few statements, however many rows."""
    connection = connection_of(session)
    cells = [(kind.value, key, code, group_id.hex, *counts) for kind, key, code, group_id, *counts in rows]
    if connection.dialect.name == "postgresql":
        if cells:
            _POSTGRESQL.send(connection, {"ward": ward_id, "rows": json.dumps(cells)})
        return
    ward = ward_id.hex
    for start in range(0, len(cells), _SQLITE_MOST):
        part = cells[start : start + _SQLITE_MOST]
        run_text(connection, _of_values(len(part)), [cell for row in part for cell in (ward, *row)])


@cache
def _of_values(count: int) -> str:
    return _ADD.format("VALUES " + ",".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * count))


def read_entries(session: Session, ward_id: UUID, *conditions: ColumnElement[bool]) -> list[Reading]:
    """Read register entries of the ward. One statement."""
    rows = session.execute(
        select(
            RegisterEntry.id,
            RegisterEntry.indicator_code,
            RegisterEntry.item_id,
            RegisterEntry.group_id,
            RegisterEntry.observed_on,
            RegisterEntry.recorded_at,
            RegisterEntry.numerator,
            RegisterEntry.denominator,
        ).where(RegisterEntry.ward_id == ward_id, *conditions)
    )
    return [
        Reading(
            entry_id=row.id,
            indicator_code=row.indicator_code,
            item_id=row.item_id,
            group_id=row.group_id,
            observed_on=row.observed_on,
            recorded_at=row.recorded_at,
            numerator=row.numerator,
            denominator=row.denominator,
        )
        for row in rows
    ]


def measures_to_json(measures: Mapping[str, Measure]) -> dict[str, list[int]]:
    """Give what visit.measures keeps: `{code: [numerator, denominator, asked]}`."""
    return {code: [m.numerator, m.denominator, m.asked] for code, m in measures.items()}


def measures_from_json(data: Mapping[str, Iterable[int]]) -> dict[str, Measure]:
    """Read visit.measures."""
    return {code: Measure(*counts) for code, counts in data.items()}
