"""Asking once more who sits at the screen before signing and other acts with consequences (QCVN 12:2026/BCA)."""

import datetime as dt
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import StepUpRequired
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.models.accounts import LoginSession
from webapp.queries.accounts import SessionRow
from webapp.services.audit import record


def is_fresh(row: SessionRow, *, now: dt.datetime, minutes: int) -> bool:
    """Tell whether the person proved themselves within the last `minutes` of this log-in."""
    return row.step_up_at is not None and row.step_up_at > now - dt.timedelta(minutes=minutes)


def require_step_up(row: SessionRow, *, now: dt.datetime, minutes: int) -> None:
    """Refuse an act until the password (or second factor) was given again. Raises StepUpRequired."""
    if not is_fresh(row, now=now, minutes=minutes):
        raise StepUpRequired


def confirm_step_up(session: Session, session_id: UUID, *, actor: Actor, clock: Clock, method: str) -> None:
    """Note that the person of this log-in proved themselves now, by `method` (`password` or `code`)."""
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(step_up_at=clock.now()))
    record(session, AuditTag.STEP_UP, actor=actor, clock=clock, subject=session_id, method=method)
