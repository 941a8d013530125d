"""Storing rows of the grid: each through submit_visit, and only on top of what its page has shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import N_, Conflict, DomainError, RoundShut
from webapp.core.ports import Clock
from webapp.core.visit_content import Receipt
from webapp.models.surveys import Visit
from webapp.services.fact_rows import hold_facts
from webapp.services.submit_visit import SubmitVisit, submit_visit

SOURCE: Final = "grid"
CORRECTED: Final = "Sửa khi nhập phiếu giấy"


class RowTaken(Conflict):
    """Somebody stored a visit of this household since the page was made; `visit_id` says which."""

    message = N_("Có người vừa lưu phiếu của hộ này.")

    def __init__(self, visit_id: UUID) -> None:
        super().__init__()
        self.visit_id = visit_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRow:
    """A visit, and the household's newest visit in the round as its page showed it: id and revision, None for none."""

    visit: SubmitVisit
    seen: tuple[UUID, int] | None


_VISIT: Final = cast("Table", Visit.__table__)
_NEWEST: Final = (
    select(_VISIT.c.id, _VISIT.c.revision)
    .where(
        _VISIT.c.ward_id == bindparam("ward"),
        _VISIT.c.household_id == bindparam("household"),
        _VISIT.c.round_id == bindparam("round"),
    )
    .order_by(_VISIT.c.visited_on.desc(), _VISIT.c.submitted_at.desc(), _VISIT.c.id.desc())
    .limit(1)
)


def submit_rows(
    session: Session, rows: Sequence[SubmitRow], *, actor: Actor, clock: Clock
) -> list[Receipt | DomainError]:
    """Store rows one by one; a refused row leaves the others alone and gives its error in its place.

    Raises RoundShut when round or group takes no visit: then nothing is stored.
    """
    if len(rows) > 1:  # several households in one transaction: taken one after the other they could deadlock
        hold_facts(session, actor.ward_id, alone=True)
    results: list[Receipt | DomainError] = []
    for row in rows:
        try:
            with session.begin_nested():
                results.append(_submit(session, row, actor=actor, clock=clock))
        except RoundShut:
            raise
        except DomainError as error:
            results.append(error)
    return results


def _submit(session: Session, row: SubmitRow, *, actor: Actor, clock: Clock) -> Receipt:
    visit = row.visit
    hold_facts(session, actor.ward_id, household_id=visit.household_id)
    values = {"ward": actor.ward_id, "household": visit.household_id, "round": visit.round_id}
    newest = session.execute(_NEWEST, values).one_or_none()
    ours = newest is not None and newest.id == visit.visit_id and newest.revision == (visit.base_revision or 0) + 1
    if newest is not None and not ours and (newest.id, newest.revision) != row.seen:
        raise RowTaken(newest.id)
    return submit_visit(session, visit, actor=actor, clock=clock)
