"""Accounts and what they are granted in a ward (domain.md §7): nobody but an administrator, and never without trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.accounts import normal_username, username_problems
from webapp.core.errors import N_, InvalidInput, NotAllowed, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import NIL, new_id
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.accounts import Account, RoleGrant
from webapp.services import second_factor, sessions
from webapp.services.audit import record
from webapp.services.grants import (
    NewGrant,
    add_grant,
    grant_role,
    installation,
    keep_an_admin,
    own_account,
    revoke_role,
)
from webapp.services.passwords import hash_password, new_one_time_password

__all__ = [
    "CreateAccount",
    "NewAccount",
    "NewGrant",
    "create_account",
    "disable_account",
    "enable_account",
    "forget_second_factor",
    "grant_role",
    "hash_password",
    "installation",
    "own_account",
    "rename_account",
    "reset_password",
    "revoke_role",
    "unlock_account",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount:
    """An account to make. Without `password` a one-time password is made, to be changed at the first log-in.

    `password_hash` takes a ready hash instead (`passwords.UNUSABLE`: an administrator must first reset it).
    """

    ward_id: UUID
    username: str
    display_name: str
    grants: Sequence[NewGrant] = ()
    password: str | None = None
    password_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account and the password to tell its owner once; empty when the owner chose it."""

    account_id: UUID
    username: str
    one_time_password: str


def create_account(session: Session, command: CreateAccount, *, actor: Actor | None, clock: Clock) -> NewAccount:
    """Make an account with its roles. `actor` None: the command line. Raises InvalidInput, NotAllowed."""
    actor = actor or installation(command.ward_id)
    require(actor, Permission.ACCOUNT_MANAGE)
    username = normal_username(command.username)
    _check_new_account(session, username, clean(command.display_name))
    one_time = "" if command.password or command.password_hash else new_one_time_password()
    now = clock.now()
    account = Account(
        id=new_id(),
        username=username,
        display_name=clean(command.display_name),
        password_hash=command.password_hash or hash_password(command.password or one_time),
        must_change_password=command.password is None,
        password_changed_at=now if command.password else None,
        created_at=now,
        failed_logins=0,
    )
    session.add(account)
    session.flush()
    record(session, AuditTag.ACCOUNT_CREATE, actor=actor, clock=clock, subject=account.id)
    for grant in command.grants:
        add_grant(session, account.id, grant, actor=actor, clock=clock)
    return NewAccount(account_id=account.id, username=username, one_time_password=one_time)


def _check_new_account(session: Session, username: str, display_name: str) -> None:
    problems = username_problems(username)
    if not display_name or len(display_name) > 120:
        problems.append(Problem("display_name", N_("Hãy nhập họ và tên, dài nhất 120 ký tự.")))
    if not problems and session.scalar(select(exists().where(Account.username == username))):
        problems.append(Problem("username", N_("Tên đăng nhập này đã có người dùng. Hãy chọn tên khác.")))
    if problems:
        raise InvalidInput(problems)


def _only_here(session: Session, account_id: UUID, *, actor: Actor) -> Account:
    """Load an account for a change that reaches beyond the ward: a ward's admin must not take over another ward's."""
    account = own_account(session, account_id, actor=actor)
    elsewhere = exists().where(
        RoleGrant.account_id == account_id, RoleGrant.ward_id != actor.ward_id, RoleGrant.revoked_at.is_(None)
    )
    if actor.account_id != NIL and session.scalar(select(elsewhere)):
        raise NotAllowed(N_("Người này còn làm việc ở phường khác. Việc này do người quản trị máy chủ thực hiện."))
    return account


def reset_password(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> NewAccount:
    """Set a new one-time password, unlock, and end the account's log-ins; its idle days start anew."""
    require(actor, Permission.ACCOUNT_MANAGE)
    account = _only_here(session, account_id, actor=actor)
    password = new_one_time_password()
    account.password_hash = hash_password(password)
    account.must_change_password = True
    account.password_changed_at = clock.now()
    account.failed_logins, account.locked_until = 0, None
    sessions.end_all(session, account.id, now=clock.now())
    record(session, AuditTag.PASSWORD_RESET, actor=actor, clock=clock, subject=account.id)
    return NewAccount(account_id=account.id, username=account.username, one_time_password=password)


def unlock_account(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Lift the lock that wrong passwords set."""
    require(actor, Permission.ACCOUNT_MANAGE)
    account = own_account(session, account_id, actor=actor)
    account.failed_logins, account.locked_until = 0, None
    record(session, AuditTag.ACCOUNT_CHANGE, actor=actor, clock=clock, subject=account.id, change="unlock")


def rename_account(session: Session, account_id: UUID, display_name: str, *, actor: Actor, clock: Clock) -> None:
    """Correct a person's name. Raises InvalidInput."""
    require(actor, Permission.ACCOUNT_MANAGE)
    account = own_account(session, account_id, actor=actor)
    name = clean(display_name)
    if not name or len(name) > 120:
        raise InvalidInput(Problem("display_name", N_("Hãy nhập họ và tên, dài nhất 120 ký tự.")))
    account.display_name = name
    record(session, AuditTag.ACCOUNT_CHANGE, actor=actor, clock=clock, subject=account.id, change="name")


def disable_account(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Stop an account and end its log-ins. Raises WrongState for the last administrator."""
    require(actor, Permission.ACCOUNT_MANAGE)
    account = _only_here(session, account_id, actor=actor)
    keep_an_admin(session, actor.ward_id, without=account.id)
    account.disabled_at = clock.now()
    sessions.end_all(session, account.id, now=clock.now())
    record(session, AuditTag.ACCOUNT_DISABLE, actor=actor, clock=clock, subject=account.id)


def enable_account(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Let a stopped or long idle account work again; its idle days start anew."""
    require(actor, Permission.ACCOUNT_MANAGE)
    account = _only_here(session, account_id, actor=actor)
    account.disabled_at = None
    account.last_seen_at = clock.now()
    record(session, AuditTag.ACCOUNT_CHANGE, actor=actor, clock=clock, subject=account.id, change="enable")


def forget_second_factor(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Switch off the second factor of somebody who lost phone and recovery codes; their log-ins end."""
    require(actor, Permission.ACCOUNT_MANAGE)
    account = _only_here(session, account_id, actor=actor)
    second_factor.turn_off(session, account.id, actor=actor, clock=clock)
    sessions.end_all(session, account.id, now=clock.now())
