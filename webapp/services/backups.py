"""Taking in what a phone saved to a file: each record on its own, through the same door as if the phone had sent it."""

import dataclasses

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.ports import Clock
from webapp.core.visit_content import Receipt
from webapp.models.database import bind_ward
from webapp.services.submit_visit import SubmitVisit, submit_visit

SOURCE = "backup"


def take_record(session: Session, command: SubmitVisit, *, actor: Actor, clock: Clock) -> Receipt:
    """Store one record of a backup, in a transaction of its own; taken twice, or sent before, it is stored once.

    Raises what `submit_visit` raises. The person who brought the file stands in the revision, the way in its source.
    """
    bind_ward(session, actor.ward_id)
    return submit_visit(session, dataclasses.replace(command, source=SOURCE), actor=actor, clock=clock)
