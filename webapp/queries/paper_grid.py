"""What the grid for paper forms shows: households of a group by number, with what is stored of each in the round."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import Answers, VisitOutcome, VisitStatus
from webapp.core.visit_content import ANSWER_COLUMNS, answers_from
from webapp.models.households import Household
from webapp.models.surveys import Visit, VisitRevision
from webapp.queries.households import OF_GROUP, HouseholdRow, household_row
from webapp.queries.visits import newest_revision

ROWS: Final = 20
_HOUSEHOLD: Final = cast("Table", Household.__table__)
_VISIT: Final = cast("Table", Visit.__table__)
_FROM: Final = OF_GROUP.where(_HOUSEHOLD.c.number >= bindparam("first")).limit(ROWS + 1)
_LEFT: Final = _FROM.where(
    ~select(_VISIT.c.id)
    .where(
        _VISIT.c.ward_id == _HOUSEHOLD.c.ward_id,
        _VISIT.c.household_id == _HOUSEHOLD.c.id,
        _VISIT.c.round_id == bindparam("round"),
    )
    .exists()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVisit:
    """The newest visit of a household in the round. `answers` is None when nobody was interviewed, or by lines."""

    visit_id: UUID
    revision: int
    status: VisitStatus
    outcome: VisitOutcome
    visited_on: dt.date
    by_lines: bool
    answers: Answers | None


def grid_households(
    session: Session,
    ward_id: UUID,
    group_id: UUID,
    *,
    round_id: UUID,
    first: int,
    only_left: bool,
    cipher: PersonalDataCipher,
) -> tuple[list[HouseholdRow], int | None]:
    """Give up to 20 households from a list number on, and the number with which the next page begins."""
    values: dict[str, Any] = {"ward": ward_id, "group": group_id, "first": first}
    if only_left:
        values["round"] = round_id
    rows = session.execute(_LEFT if only_left else _FROM, values).all()
    return [household_row(row, ward_id, cipher) for row in rows[:ROWS]], rows[ROWS].number if len(rows) > ROWS else None


def stored_visits(
    session: Session, ward_id: UUID, household_ids: Collection[UUID], *, round_id: UUID
) -> dict[UUID, StoredVisit]:
    """Give the newest visit of each household in the round with its totals. One statement."""
    rows = session.execute(
        select(
            Visit.id,
            Visit.household_id,
            Visit.revision,
            Visit.status,
            Visit.outcome,
            Visit.visited_on,
            VisitRevision.totals_only,
            VisitRevision.answers,
            *(getattr(VisitRevision, name) for name in ANSWER_COLUMNS),
        )
        .join(VisitRevision, newest_revision())
        .where(Visit.ward_id == ward_id, Visit.household_id.in_(household_ids), Visit.round_id == round_id)
        .order_by(Visit.visited_on, Visit.submitted_at, Visit.id)
    )
    return {row.household_id: _stored(row) for row in rows}


def _stored(row: Row[*tuple[Any, ...]]) -> StoredVisit:
    interviewed = row.outcome is VisitOutcome.INTERVIEWED
    return StoredVisit(
        visit_id=row.id,
        revision=row.revision,
        status=row.status,
        outcome=row.outcome,
        visited_on=row.visited_on,
        by_lines=interviewed and not row.totals_only,
        answers=answers_from(row.answers, row, []) if interviewed and row.totals_only else None,
    )
