"""Writing down that a change was refused because its round or group is closed or locked."""

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import RoundShut
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.models.database import bind_ward
from webapp.services.audit import record


def record_refusal(session: Session, error: RoundShut, *, path: str, actor: Actor, clock: Clock) -> None:
    """Put the refusal into the audit log, once; the edge calls it in a transaction of its own after rolling back.

    `path`: the way it came (the name of an endpoint or a command, never an address with values in it).
    """
    if error.noted:
        return
    error.noted = True
    bind_ward(session, actor.ward_id)
    record(session, AuditTag.VISIT_REFUSED, actor=actor, clock=clock, subject=error.subject, code=error.code, path=path)
