"""A person's address for the morning's letter: asking for it, showing that it is read, switching it on and off."""

import hmac
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, WrongState
from webapp.core.events import AuditTag
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.reminders import CODE_AGAIN, CODE_LASTS, CODE_TRIES_MOST, check_email, new_code
from webapp.models.reminders import Reminder
from webapp.services.accounts import own_account
from webapp.services.audit import record
from webapp.services.jobs import NewJob, enqueue


def ask_for_letters(session: Session, email: str, *, actor: Actor, clock: Clock) -> None:
    """Want the letter at an address; a code goes there, and the letters begin when it came back.

    Raises InvalidInput for a wrong form, WrongState when the last code was asked for less than a minute ago.
    """
    require(actor, Permission.OWN_ACCOUNT)
    email, now = _checked(email), clock.now()
    row = _locked(session, actor.ward_id, actor.account_id)
    if row is not None and row.code_asked_at is not None and row.code_asked_at > now - CODE_AGAIN:
        raise WrongState(N_("Vừa gửi mã xong. Hãy chờ một phút rồi thử lại."))
    if row is None:
        row = _new(session, actor.account_id, actor)
    row.email, row.wanted, row.confirmed_at = email, True, None
    row.code, row.code_asked_at, row.code_until, row.code_tries = None, now, None, 0
    _changed(session, row, "ask", actor, clock)
    order = NewJob(kind=JobKind.MAIL_CODE, payload={"account_id": str(actor.account_id)})
    enqueue(session, order, ward_id=actor.ward_id, created_by=None, clock=clock)


def make_code(
    session: Session, ward_id: UUID, account_id: UUID, *, clock: Clock, cipher: PersonalDataCipher
) -> tuple[str, str] | None:
    """Make the code for an address that waits for one: (address, code); None when it does not wait any more."""
    row = _locked(session, ward_id, account_id)
    if row is None or row.confirmed_at is not None or row.code_asked_at is None:
        return None
    code = new_code()
    row.code, row.code_until, row.code_tries = cipher.seal(code.encode()), clock.now() + CODE_LASTS, 0
    session.flush()
    return row.email, code


def confirm_address(session: Session, typed: str, *, actor: Actor, clock: Clock, cipher: PersonalDataCipher) -> bool:
    """Confirm one's address; False for a wrong, old or worn-out code (the caller commits, for tries are counted)."""
    require(actor, Permission.OWN_ACCOUNT)
    row = _locked(session, actor.ward_id, actor.account_id)
    if row is None or row.code is None or row.code_until is None:
        return False
    row.code_tries += 1
    right = hmac.compare_digest(cipher.unseal(row.code), "".join(typed.split()).encode())
    if not right or row.code_tries > CODE_TRIES_MOST or row.code_until < clock.now():
        return False
    row.confirmed_at, row.code, row.code_until, row.code_tries = clock.now(), None, None, 0
    _changed(session, row, "confirm", actor, clock)
    return True


def want_letters(session: Session, *, on: bool, actor: Actor, clock: Clock) -> None:
    """Switch one's letters on or off; the address stays. Raises NotFound, WrongState when it is not confirmed."""
    require(actor, Permission.OWN_ACCOUNT)
    row = _locked(session, actor.ward_id, actor.account_id)
    if row is None:
        raise NotFound
    if on and row.confirmed_at is None:
        raise WrongState(N_("Hãy xác nhận địa chỉ e-mail trước."))
    row.wanted = on
    _changed(session, row, "on" if on else "off", actor, clock)


def forget_address(session: Session, *, actor: Actor, clock: Clock) -> None:
    """Delete one's address; nothing happens when there is none."""
    require(actor, Permission.OWN_ACCOUNT)
    _forget(session, actor.account_id, actor, clock)


def set_address_of(session: Session, account_id: UUID, email: str, *, actor: Actor, clock: Clock) -> None:
    """Set somebody's address as confirmed, or delete it when it is empty; whether letters come stays theirs to say.

    Raises NotFound for a stranger to the ward, InvalidInput for a wrong form.
    """
    require(actor, Permission.ACCOUNT_MANAGE)
    own_account(session, account_id, actor=actor)
    if not email.strip():
        _forget(session, account_id, actor, clock)
        return
    email = _checked(email)
    row = _locked(session, actor.ward_id, account_id) or _new(session, account_id, actor)
    row.email, row.confirmed_at = email, clock.now()
    row.code, row.code_asked_at, row.code_until, row.code_tries = None, None, None, 0
    _changed(session, row, "set", actor, clock)


def _checked(email: str) -> str:
    email = email.strip()
    if problems := check_email(email):
        raise InvalidInput(problems)
    return email


def _locked(session: Session, ward_id: UUID, account_id: UUID) -> Reminder | None:
    return session.get(Reminder, (ward_id, account_id), with_for_update=True)


def _new(session: Session, account_id: UUID, actor: Actor) -> Reminder:
    row = Reminder(ward_id=actor.ward_id, account_id=account_id, wanted=False)
    session.add(row)
    return row


def _changed(session: Session, row: Reminder, change: str, actor: Actor, clock: Clock) -> None:
    row.changed_at, row.changed_by, row.trouble = clock.now(), actor.account_id, None
    session.flush()
    record(session, AuditTag.REMINDER_CHANGE, actor=actor, clock=clock, subject=row.account_id, change=change)


def _forget(session: Session, account_id: UUID, actor: Actor, clock: Clock) -> None:
    row = _locked(session, actor.ward_id, account_id)
    if row is not None:
        session.delete(row)
        record(session, AuditTag.REMINDER_CHANGE, actor=actor, clock=clock, subject=account_id, change="forget")
