"""Visits for an export, one after the other, in memory that does not grow with their number.

Chunks of a few hundred are read by key (`id > last`), each with its adult lines, inside one reading transaction: the
file shows one moment, SQLite's writer is never held up, and nobody keeps more than a chunk.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Table, and_, func, select
from sqlalchemy.orm import Session

from webapp.core.export_extra import ExtraColumns
from webapp.core.export_rows import ExportedVisit
from webapp.core.exports import ExportOrder
from webapp.core.ports import PersonalDataCipher
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS
from webapp.models.accounts import Account
from webapp.models.database import bind_ward
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import AdultLineRow, SurveyRound, Visit, VisitRevision
from webapp.queries.extra_forms import used_versions

CHUNK: Final = 500
_ADULT: Final = cast("Table", AdultLineRow.__table__)
_VISIT: Final = cast("Table", Visit.__table__)
_REVISION: Final = cast("Table", VisitRevision.__table__)
_HOUSEHOLD: Final = cast("Table", Household.__table__)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of the small tables, read once."""

    rounds: Mapping[UUID, str]
    groups: Mapping[UUID, tuple[str, str]]
    accounts: Mapping[UUID, str]


def count_visits(session: Session, ward_id: UUID, order: ExportOrder) -> int:
    """Count the visits of an order. One statement."""
    return session.scalar(select(func.count()).select_from(_VISIT).where(*_wanted(ward_id, order))) or 0


def extra_columns(session: Session, ward_id: UUID, order: ExportOrder) -> ExtraColumns:
    """Give the extra questions of the chosen rounds; the visits streamed after it are of the same moment."""
    _begin(session, ward_id)
    return ExtraColumns.of(used_versions(session, ward_id, order.round_id), names=order.names)


def stream_visits(
    session: Session, ward_id: UUID, order: ExportOrder, *, cipher: PersonalDataCipher
) -> Iterator[ExportedVisit]:
    """Give the visits in the order in which they were begun, each with its revision(s).

    A reader that has asked nothing yet sees one moment throughout, also on PostgreSQL.
    """
    _begin(session, ward_id)
    names = _names(session, ward_id)
    last: UUID | None = None
    while chunk := _chunk(session, ward_id, order, last):
        last = chunk[-1].visit_id
        lines = _lines(session, ward_id, [row.visit_id for row in chunk])
        for row in chunk:
            head = _head(row, names, ward_id, cipher if order.names else None)
            yield ExportedVisit(head, row, lines.get((row.visit_id, row.number), ()))


def _begin(session: Session, ward_id: UUID) -> None:
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    bind_ward(session, ward_id)


def _wanted(ward_id: UUID, order: ExportOrder) -> list[ColumnElement[bool]]:
    wanted = [_VISIT.c.ward_id == ward_id]
    if order.round_id is not None:
        wanted.append(_VISIT.c.round_id == order.round_id)
    if order.group_ids is not None:
        wanted.append(_VISIT.c.group_id.in_(order.group_ids))
    if order.status is not None:
        wanted.append(_VISIT.c.status == order.status)
    return wanted


def _ids(ward_id: UUID, order: ExportOrder, last: UUID | None) -> Select[*tuple[Any, ...]]:
    """Give the next visits by key. Filters are wrapped, so that no other index is tempting: the key sorts already."""
    wanted = [_VISIT.c.ward_id == ward_id, *([_VISIT.c.id > last] if last else [])]
    if order.round_id is not None:
        wanted.append(func.coalesce(_VISIT.c.round_id, _VISIT.c.id) == order.round_id)
    if order.group_ids is not None:
        wanted.append(func.coalesce(_VISIT.c.group_id, _VISIT.c.id).in_(order.group_ids))
    if order.status is not None:
        wanted.append(func.coalesce(_VISIT.c.status, "") == order.status.value)
    return select(_VISIT.c.id).where(*wanted).order_by(_VISIT.c.id).limit(CHUNK)


def _chunk(session: Session, ward_id: UUID, order: ExportOrder, last: UUID | None) -> Sequence[Row[*tuple[Any, ...]]]:
    ids = list(session.scalars(_ids(ward_id, order, last)))
    if not ids:
        return []
    which = and_(_REVISION.c.ward_id == _VISIT.c.ward_id, _REVISION.c.visit_id == _VISIT.c.id)
    if not order.revisions:
        which = and_(which, _REVISION.c.number == _VISIT.c.revision)
    wanted = (
        select(
            _VISIT.c.id.label("visit_id"),
            _VISIT.c.round_id,
            _VISIT.c.group_id,
            _VISIT.c.household_id,
            _VISIT.c.status,
            _HOUSEHOLD.c.number.label("household_number"),
            *((_HOUSEHOLD.c.head_name, _HOUSEHOLD.c.address) if order.names else ()),
            *(_REVISION.c[name] for name in _REVISION_COLUMNS),
        )
        .join(_REVISION, which)
        .join(_HOUSEHOLD, and_(_HOUSEHOLD.c.ward_id == _VISIT.c.ward_id, _HOUSEHOLD.c.id == _VISIT.c.household_id))
        .where(_VISIT.c.ward_id == ward_id, _VISIT.c.id.in_(ids))
        .order_by(_VISIT.c.id, _REVISION.c.number)
    )
    return session.execute(wanted).all()


_REVISION_COLUMNS: Final = (
    "number", "outcome", "visited_on", "made_at", "made_by", "source", "started_at", "finished_at", "reason",
    "totals_only", "answers", "extra", "extra_form", "confirmed", *ANSWER_COLUMNS,
)  # fmt: skip


def _lines(
    session: Session, ward_id: UUID, visit_ids: Sequence[UUID]
) -> dict[tuple[UUID, int], Sequence[Row[*tuple[Any, ...]]]]:
    rows = session.execute(
        select(_ADULT.c.visit_id, _ADULT.c.revision, _ADULT.c.line, *(_ADULT.c[name] for name in ADULT_COLUMNS))
        .where(_ADULT.c.ward_id == ward_id, _ADULT.c.visit_id.in_(set(visit_ids)))
        .order_by(_ADULT.c.visit_id, _ADULT.c.revision, _ADULT.c.line)
    )
    return {key: list(lines) for key, lines in groupby(rows, key=lambda row: (row.visit_id, row.revision))}


def _names(session: Session, ward_id: UUID) -> _Names:
    rounds = session.execute(select(SurveyRound.id, SurveyRound.name).where(SurveyRound.ward_id == ward_id))
    groups = session.execute(
        select(ResidentialGroup.id, ResidentialGroup.code, ResidentialGroup.name).where(
            ResidentialGroup.ward_id == ward_id
        )
    )
    accounts = session.execute(select(Account.id, Account.display_name))
    return _Names(
        {row.id: row.name for row in rounds},
        {row.id: (row.code, row.name) for row in groups},
        {row.id: row.display_name for row in accounts},
    )


def _head(
    row: Row[*tuple[Any, ...]], names: _Names, ward_id: UUID, cipher: PersonalDataCipher | None
) -> dict[str, Any]:
    group = names.groups[row.group_id]
    head = {
        "visit_id": row.visit_id.hex,
        "revision": row.number,
        "round": names.rounds[row.round_id],
        "group_code": group[0],
        "group": group[1],
        "household_id": row.household_id.hex,
        "household_number": row.household_number,
        "outcome": row.outcome,
        "status": row.status,
        "visited_on": row.visited_on,
        "made_at": row.made_at,
        "made_by": names.accounts.get(row.made_by),
        "source": row.source,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "totals_only": row.totals_only,
    }
    if cipher is not None:
        head["head_name"] = cipher.decrypt(ward_id, row.head_name)
        head["address"] = cipher.decrypt(ward_id, row.address)
        head["reason"] = row.reason
    return head
