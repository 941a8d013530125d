"""Taking the visits of a full outbox together: a head comes home with fifty, and a ward's heads come home at one hour.

One transaction, one look at who asks, one step of the audit chain and one addition to the facts for all of them.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import DomainError
from webapp.core.ports import Clock
from webapp.core.visit_content import Receipt
from webapp.models.database import connection_of
from webapp.models.pipeline import pipelined
from webapp.services.fact_rows import hold_households
from webapp.services.submit_visit import SubmitVisit, TakenVisit, count_visits, take_visit


def submit_visits(
    session: Session, commands: Sequence[SubmitVisit], *, actor: Actor, clock: Clock
) -> list[Receipt | DomainError]:
    """Store visits and corrections, each once, and give for each its receipt or why it was refused.

    A refusal leaves nothing of its visit and does not touch the others; what submit_visit raises for one visit stands
    in its place. Raises NotAllowed when the actor may send no visit at all; what the database raises ends them all.
    """
    require(actor, Permission.VISIT_SUBMIT)
    with pipelined(connection_of(session)):
        # A household merged away takes its survivor's lock later, out of order: PostgreSQL ends a ring, the phone
        # sends again.
        hold_households(
            session,
            actor.ward_id,
            household_ids={command.household_id for command in commands},
            visit_ids={command.visit_id for command in commands},
        )
        results = [_take(session, command, actor=actor, clock=clock) for command in commands]
        count_visits(session, [one for one in results if isinstance(one, TakenVisit)], actor=actor, clock=clock)
    return [one.receipt if isinstance(one, TakenVisit) else one for one in results]


def _take(session: Session, command: SubmitVisit, *, actor: Actor, clock: Clock) -> TakenVisit | DomainError:
    try:
        return take_visit(session, command, actor=actor, clock=clock)
    except DomainError as refusal:
        return refusal
