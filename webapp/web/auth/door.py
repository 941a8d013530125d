"""What every page at the door needs: who asks from where, and transactions that commit even a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from sqlalchemy.orm import Session

from webapp.core.accounts import normal_username
from webapp.queries.accounts import SessionRow, find_credentials
from webapp.services import login, step_up
from webapp.services.login import Desk, LoginPolicy, LoginResult, LoginStep, password_hash_of
from webapp.services.passwords import verify_password
from webapp.services.sessions import Device
from webapp.services.step_up import Proof, ProofOf
from webapp.web.extensions import db
from webapp.web.shared.identity import load_user
from webapp.web.shared.next_page import inside
from webapp.web.shared.wiring import cipher, clock, settings

# A whole office may share one address; guesses at one account are stopped by its lock.
LIMIT = "20 per minute; 300 per hour"
PENDING = "pending_login"

log = structlog.get_logger()


def desk() -> Desk:
    """Give the device asking, the clock and the rules of this installation."""
    rules = settings()
    return Desk(
        device=Device(address=request.remote_addr or "", user_agent=request.user_agent.string),
        clock=clock(),
        policy=LoginPolicy(
            attempts=rules.login_attempts,
            lock_minutes=rules.login_lock_minutes,
            session_hours=rules.session_hours,
            idle_days=rules.account_idle_days,
        ),
    )


@contextmanager
def own_transaction() -> Iterator[Session]:
    """Open a transaction that commits whatever page is answered, so that failures count.

    The request's own session lets go of its lock first: SQLite has one writer.
    """
    db.session.rollback()
    with db.new_session() as own:
        yield own
        own.commit()


def try_password(username: str, password: str) -> LoginResult:
    """Check name and password; the slow hash runs outside any transaction."""
    db.session.rollback()
    with db.new_session(reading=True) as reading:
        credentials = find_credentials(reading, normal_username(username))
    matched = verify_password(credentials.password_hash if credentials else None, password)
    if credentials is None:
        log.warning("login of an unknown name", address=request.remote_addr)
        with own_transaction() as own:
            login.note_unknown(own, username, desk=desk(), cipher=cipher())
        return LoginResult(step=LoginStep.REFUSED)
    with own_transaction() as own:
        return login.begin(own, credentials, password=password, matched=matched, desk=desk())


def prove(row: SessionRow, typed: str) -> tuple[Proof, ProofOf]:
    """Check a password (or code) given by somebody who is logged in; wrong ones are counted."""
    db.session.rollback()
    with db.new_session(reading=True) as reading:
        stored = password_hash_of(reading, row.account_id)
    matched = verify_password(stored, typed)
    with own_transaction() as own:
        return step_up.prove(own, row, typed, matched=matched, desk=desk(), cipher=cipher())


def enter(token: str) -> ResponseReturnValue:
    """Put the finished log-in into the cookie, empty of all that was there before, and go where the person wanted."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    login_user(load_user(token))
    return redirect(next_page(), 303)


def next_page() -> str:
    """Give the page to go to after the door."""
    return inside(request.args.get("next")) or url_for("home.index")
