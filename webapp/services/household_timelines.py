"""Letting facts follow when households change their group, their list or their visits – and refusing what is locked."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.adoption import PeriodKind
from webapp.core.errors import N_, RoundShut
from webapp.core.facts import CountedVisit, Tally
from webapp.core.surveys import COUNTED
from webapp.models.household_operations import HouseholdMove
from webapp.models.households import Household
from webapp.models.surveys import Visit
from webapp.services.fact_rows import add_rows, hold_facts, measures_from_json
from webapp.services.facts_rebuild import known_by_moves
from webapp.services.round_locks import check_places_unlocked

_CHUNK: Final = 500
LOCKED: Final = N_("Việc này sẽ đổi số liệu của một đợt đã chốt nên không làm được.")


@contextmanager
def facts_follow(session: Session, ward_id: UUID, household_ids: Collection[UUID]) -> Iterator[None]:
    """Bring the facts after whatever the block does to these households and their visits.

    Hold rows of households and groups before, never inside: whoever registers takes them first and the facts second.
    Raises RoundShut when the figures of a locked round (or group in it) would change; the caller rolls back.
    """
    hold_facts(session, ward_id, alone=True)
    tally = Tally()
    _count(session, ward_id, household_ids, tally, -1)
    yield
    session.flush()
    _count(session, ward_id, household_ids, tally, 1)
    rows = tally.rows()
    places = {(UUID(row.key), row.group_id) for row in rows if row.kind is PeriodKind.ROUND}
    try:
        check_places_unlocked(session, ward_id, places)
    except RoundShut as error:
        raise RoundShut(error.code, LOCKED, subject=error.subject) from error
    add_rows(session, ward_id, rows)


def _count(session: Session, ward_id: UUID, household_ids: Collection[UUID], tally: Tally, sign: int) -> None:
    ids = list(household_ids)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        for visits in _timelines(session, ward_id, chunk).values():
            tally.household(visits, sign)
        for group_id, day, change in _known(session, ward_id, chunk):
            tally.known_households(group_id, day, sign * change)


def _known(session: Session, ward_id: UUID, ids: list[UUID]) -> list[tuple[UUID, dt.date, int]]:
    rows = session.execute(
        select(Household.group_id, Household.registered_on, Household.vacated_on).where(
            Household.ward_id == ward_id, Household.id.in_(ids)
        )
    )
    changes = known_by_moves(session, ward_id, HouseholdMove.household_id.in_(ids))
    for row in rows:
        changes.append((row.group_id, row.registered_on, 1))
        if row.vacated_on is not None:
            changes.append((row.group_id, row.vacated_on, -1))
    return changes


def _timelines(session: Session, ward_id: UUID, ids: list[UUID]) -> dict[UUID, list[CountedVisit]]:
    rows = session.execute(
        select(
            Visit.id,
            Visit.round_id,
            Visit.group_id,
            Visit.household_id,
            Visit.visited_on,
            Visit.submitted_at,
            Visit.measures,
        ).where(Visit.ward_id == ward_id, Visit.household_id.in_(ids), Visit.status.in_(sorted(COUNTED)))
    )
    found: dict[UUID, list[CountedVisit]] = defaultdict(list)
    for row in rows:
        found[row.household_id].append(
            CountedVisit(
                visit_id=row.id,
                round_id=row.round_id,
                group_id=row.group_id,
                household_id=row.household_id,
                visited_on=row.visited_on,
                submitted_at=row.submitted_at,
                measures=measures_from_json(row.measures),
            )
        )
    return found
