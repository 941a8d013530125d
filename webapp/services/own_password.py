"""Changing one's own password; other log-ins of the account end with the old one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.accounts import password_problems
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.models.accounts import Account
from webapp.models.places import Ward
from webapp.services import sessions
from webapp.services.audit import record
from webapp.services.passwords import hash_password, verify_password


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """The new password; the old one was checked before (webapp.services.login counts wrong ones)."""

    new: str
    session_id: UUID | None = None


def change_password(session: Session, command: ChangePassword, *, actor: Actor, clock: Clock) -> None:
    """Set the actor's new password and end every other log-in. Raises InvalidInput on field `new`."""
    account = session.get(Account, actor.account_id, with_for_update=True)
    if account is None:
        raise NotFound
    check_new_password(session, command.new, account=account, ward_id=actor.ward_id)
    account.password_hash = hash_password(command.new)
    account.must_change_password = False
    account.password_changed_at = clock.now()
    account.failed_logins, account.locked_until = 0, None
    sessions.end_all(session, account.id, now=clock.now(), but=command.session_id)
    record(session, AuditTag.PASSWORD_CHANGE, actor=actor, clock=clock, subject=account.id)


def check_new_password(session: Session, new: str, *, account: Account, ward_id: UUID) -> None:
    """Refuse a password that is short, known, a name, or the present one. Raises InvalidInput."""
    ward = session.get(Ward, ward_id)
    own_words = [account.username, account.display_name, *([ward.name, bare_name(ward.name)] if ward else [])]
    problems = password_problems(new, own_words=own_words, field="new")
    if not problems and verify_password(account.password_hash, new):
        problems = [Problem("new", N_("Mật khẩu mới phải khác mật khẩu đang dùng."))]
    if problems:
        raise InvalidInput(problems)


def bare_name(ward_name: str) -> str:
    """Give a ward's name without the word for its kind: `phường Trương Quang Trọng` → `Trương Quang Trọng`."""
    kind, _, rest = ward_name.partition(" ")
    return rest if kind.casefold() in {"phường", "xã"} else ward_name
