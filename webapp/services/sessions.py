"""Log-in sessions: opened with a random token, touched now and then, ended one by one or all at once."""

import datetime as dt
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import NotFound
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.models.accounts import LoginSession
from webapp.queries.accounts import token_hash
from webapp.services.audit import record

# Ended log-ins stay visible to their owner for this long; the audit log keeps what happened.
KEEP_ENDED = dt.timedelta(days=30)
TOUCH_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a log-in comes from."""

    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """What to open. `ward_id` None: the password is right, but a step of the log-in is still missing."""

    account_id: UUID
    ward_id: UUID | None
    device: Device
    now: dt.datetime
    length: dt.timedelta
    second_factor: bool = False


def open_session(session: Session, command: OpenSession) -> tuple[UUID, str]:
    """Store a new log-in and give its id and its token; the token itself is kept nowhere."""
    token = secrets.token_urlsafe(32)
    row = LoginSession(
        account_id=command.account_id,
        ward_id=command.ward_id,
        token_sha256=token_hash(token),
        created_at=command.now,
        last_seen_at=command.now,
        expires_at=command.now + command.length,
        address=command.device.address[:64],
        user_agent=command.device.user_agent[:200],
        second_factor_at=command.now if command.second_factor else None,
        step_up_at=command.now if command.ward_id else None,
    )
    session.add(row)
    session.flush()
    return row.id, token


def touch(session: Session, session_id: UUID, *, now: dt.datetime) -> None:
    """Note that the log-in is in use. Gives up at once (OperationalError) when SQLite's writer is busy."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    if sqlite:
        session.execute(text("PRAGMA busy_timeout=100"))
    try:
        session.execute(update(LoginSession).where(LoginSession.id == session_id).values(last_seen_at=now))
    finally:
        if sqlite:
            session.execute(text("PRAGMA busy_timeout=30000"))


def end_session(session: Session, session_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """End one of the actor's own log-ins. Raises NotFound for somebody else's."""
    ended = session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.account_id == actor.account_id)
        .values(revoked_at=clock.now())
        .returning(LoginSession.id)
    ).one_or_none()
    if ended is None:
        raise NotFound
    record(session, AuditTag.LOGOUT, actor=actor, clock=clock, subject=session_id)


def end_all(session: Session, account_id: UUID, *, now: dt.datetime, but: UUID | None = None) -> None:
    """End every log-in of an account (password changed, account disabled), except `but`."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None), LoginSession.id != but)
        .values(revoked_at=now)
        if but
        else update(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def forget_old(session: Session, account_id: UUID, *, now: dt.datetime) -> None:
    """Delete log-ins of an account that ended long ago."""
    session.execute(
        delete(LoginSession).where(LoginSession.account_id == account_id, LoginSession.expires_at < now - KEEP_ENDED)
    )
