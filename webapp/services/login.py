"""Logging in: password, then the second factor where it is on, then the ward. Failures are counted and kept.

Nothing here raises for a refused log-in: the edge commits the outcome either way, so that failures count.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.accounts import is_idle, normal_username
from webapp.core.events import AuditTag
from webapp.core.ids import NIL
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.models.accounts import Account, LoginSession
from webapp.models.database import bind_ward
from webapp.queries.accounts import Credentials, PendingLogin, find_pending, ward_ids_of
from webapp.queries.places import list_wards
from webapp.services import second_factor, sessions
from webapp.services.audit import record
from webapp.services.passwords import hash_password, needs_rehash
from webapp.services.sessions import Device, OpenSession

# How long somebody may look for the phone between the password and the code.
PENDING = dt.timedelta(minutes=10)


class LoginStep(StrEnum):
    """What the log-in page does next."""

    DONE = "done"
    SECOND_FACTOR = "second_factor"
    CHOOSE_WARD = "choose_ward"
    REFUSED = "refused"
    WRONG_CODE = "wrong_code"
    DISABLED = "disabled"
    IDLE = "idle"
    NO_WARD = "no_ward"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPolicy:
    """The ward's settings for log-ins (webapp.settings)."""

    attempts: int
    lock_minutes: int
    session_hours: int
    idle_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginResult:
    """The next step and the token for it: of the log-in itself (DONE) or of its missing step."""

    step: LoginStep
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every step of a log-in needs: the device asking, the time, the rules."""

    device: Device
    clock: Clock
    policy: LoginPolicy


def begin(session: Session, credentials: Credentials, *, password: str, matched: bool, desk: Desk) -> LoginResult:
    """Take the outcome of the password check, which was done outside any transaction (it is slow on purpose)."""
    account = session.get(Account, credentials.account_id, with_for_update=True, populate_existing=True)
    now = desk.clock.now()
    if account is None or account.password_hash != credentials.password_hash:
        return LoginResult(step=LoginStep.REFUSED)
    if account.locked_until is not None and account.locked_until > now:
        _note(session, account, AuditTag.LOGIN_FAILED, desk, reason="locked")
        return LoginResult(step=LoginStep.REFUSED)
    if not matched:
        _count_failure(session, account, desk)
        return LoginResult(step=LoginStep.REFUSED)
    refusal = _standing(session, account, desk)
    if refusal is not None:
        _note(session, account, AuditTag.LOGIN_FAILED, desk, reason=refusal.value)
        return LoginResult(step=refusal)
    if needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    if account.totp_confirmed_at is not None:
        return LoginResult(step=LoginStep.SECOND_FACTOR, token=_pend(session, account, desk, second_factor=False))
    return _after_proof(session, account, desk, second_factor=False)


def _standing(session: Session, account: Account, desk: Desk) -> LoginStep | None:
    """Say why a person with the right password may still not come in."""
    if account.disabled_at is not None:
        return LoginStep.DISABLED
    used = (account.created_at, account.last_seen_at, account.password_changed_at)
    if is_idle(*used, now=desk.clock.now(), days=desk.policy.idle_days):
        return LoginStep.IDLE
    return None if ward_ids_of(session, account.id) else LoginStep.NO_WARD


def check_code(session: Session, token: str, code: str, *, desk: Desk, cipher: PersonalDataCipher) -> LoginResult:
    """Take the code of the second factor, or a recovery code. A wrong one counts like a wrong password."""
    pending = find_pending(session, token, now=desk.clock.now())
    if pending is None or pending.second_factor_at is not None:
        return LoginResult(step=LoginStep.REFUSED)
    account = session.get_one(Account, pending.account_id, with_for_update=True)
    now = desk.clock.now()
    if account.locked_until is not None and account.locked_until > now:
        _end_pending(session, pending, desk)
        return LoginResult(step=LoginStep.REFUSED)
    digits = "".join(c for c in code if c.isalnum())
    known = (
        second_factor.use_totp(account, code, now=now, cipher=cipher)
        if len(digits) <= 6
        else second_factor.use_recovery_code(session, account.id, code, now=now)
    )
    if not known:
        _count_failure(session, account, desk, reason="code")
        return LoginResult(step=LoginStep.WRONG_CODE, token=token)
    _end_pending(session, pending, desk)
    return _after_proof(session, account, desk, second_factor=True)


def choose_ward(session: Session, token: str, ward_id: UUID, *, desk: Desk) -> LoginResult:
    """Finish the log-in of somebody who works in several wards."""
    pending = find_pending(session, token, now=desk.clock.now())
    if pending is None:
        return LoginResult(step=LoginStep.REFUSED)
    account = session.get_one(Account, pending.account_id)
    proven = account.totp_confirmed_at is None or pending.second_factor_at is not None
    if not proven or account.disabled_at is not None or ward_id not in ward_ids_of(session, account.id):
        return LoginResult(step=LoginStep.REFUSED)
    _end_pending(session, pending, desk)
    return _open(session, account, ward_id, desk, second_factor=pending.second_factor_at is not None)


def _after_proof(session: Session, account: Account, desk: Desk, *, second_factor: bool) -> LoginResult:
    wards = ward_ids_of(session, account.id)
    if len(wards) > 1:
        token = _pend(session, account, desk, second_factor=second_factor)
        return LoginResult(step=LoginStep.CHOOSE_WARD, token=token)
    return _open(session, account, wards[0], desk, second_factor=second_factor)


def _pend(session: Session, account: Account, desk: Desk, *, second_factor: bool) -> str:
    command = OpenSession(
        account_id=account.id,
        ward_id=None,
        device=desk.device,
        now=desk.clock.now(),
        length=PENDING,
        second_factor=second_factor,
    )
    return sessions.open_session(session, command)[1]


def _end_pending(session: Session, pending: PendingLogin, desk: Desk) -> None:
    session.execute(
        update(LoginSession).where(LoginSession.id == pending.session_id).values(revoked_at=desk.clock.now())
    )


def _open(session: Session, account: Account, ward_id: UUID, desk: Desk, *, second_factor: bool) -> LoginResult:
    """Open the log-in with a token of its own, so that no token from before it is worth anything."""
    now = desk.clock.now()
    bind_ward(session, ward_id)
    sessions.forget_old(session, account.id, now=now)
    session_id, token = sessions.open_session(
        session,
        OpenSession(
            account_id=account.id,
            ward_id=ward_id,
            device=desk.device,
            now=now,
            length=dt.timedelta(hours=desk.policy.session_hours),
            second_factor=second_factor,
        ),
    )
    account.failed_logins, account.locked_until, account.last_seen_at = 0, None, now
    record(
        session,
        AuditTag.LOGIN,
        actor=_actor(account.id, ward_id, desk),
        clock=desk.clock,
        subject=session_id,
        second_factor=second_factor,
    )
    return LoginResult(step=LoginStep.DONE, token=token)


def _count_failure(session: Session, account: Account, desk: Desk, *, reason: str = "password") -> None:
    account.failed_logins += 1
    _note(session, account, AuditTag.LOGIN_FAILED, desk, reason=reason)
    if account.failed_logins >= desk.policy.attempts:
        account.failed_logins = 0
        account.locked_until = desk.clock.now() + dt.timedelta(minutes=desk.policy.lock_minutes)
        _note(session, account, AuditTag.LOGIN_LOCKED, desk, minutes=desk.policy.lock_minutes)


def _note(session: Session, account: Account, tag: AuditTag, desk: Desk, **detail: object) -> None:
    """Record in the first ward the person works in; an account without any has no chain to write to."""
    wards = ward_ids_of(session, account.id)
    if wards:
        bind_ward(session, wards[0])
        actor = _actor(account.id, wards[0], desk)
        record(session, tag, actor=actor, clock=desk.clock, subject=account.id, **detail)


def note_unknown(session: Session, username: str, *, desk: Desk, cipher: PersonalDataCipher) -> None:
    """Record a try with a name that nobody has, in the first ward of the installation.

    People type passwords into the field of the name: only a keyed token of it is kept, which tells whether somebody
    tries one name again and again.
    """
    for ward in list_wards(session)[:1]:
        bind_ward(session, ward.ward_id)
        token = cipher.token(ward.ward_id, normal_username(username)).hex()
        actor = _actor(NIL, ward.ward_id, desk)
        record(session, AuditTag.LOGIN_FAILED, actor=actor, clock=desk.clock, reason="unknown", name_token=token)


def _actor(account_id: UUID, ward_id: UUID, desk: Desk) -> Actor:
    return Actor(account_id=account_id, ward_id=ward_id, roles=frozenset(), address=desk.device.address)


def count_wrong_password(session: Session, account_id: UUID, *, desk: Desk, reason: str) -> bool:
    """Count a wrong password given inside (step-up, change); tell whether the account is now locked.

    A lock ends the account's log-ins: whoever guesses on somebody's open screen is put out.
    """
    account = session.get_one(Account, account_id, with_for_update=True)
    _count_failure(session, account, desk, reason=reason)
    locked = account.locked_until is not None and account.locked_until > desk.clock.now()
    if locked:
        sessions.end_all(session, account.id, now=desk.clock.now())
    return locked


def password_hash_of(session: Session, account_id: UUID) -> str:
    """Give the stored hash of an account, to check a password outside the writing transaction."""
    return session.scalars(select(Account.password_hash).where(Account.id == account_id)).one()
