"""Heads' phones: a code is made, a phone uses it up and gets its token, and the ward can take the token back."""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, Role, require
from webapp.core.devices import CODE_LIFE, NAME_MAX, UNSENT_MAX, check_usable, normal_code
from webapp.core.errors import CodeUnknown, Gone, NotAllowed, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_device_code, new_id
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.accounts import Account, RoleGrant
from webapp.models.database import bind_ward
from webapp.models.devices import Device, DeviceCode
from webapp.queries.accounts import token_hash
from webapp.queries.devices import DeviceRow
from webapp.queries.grants import live_grant
from webapp.services.audit import record

_GRANT: Final = cast("Table", RoleGrant.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A code to show once."""

    code: str
    account_name: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A phone that was let in; `token` is told once and kept nowhere."""

    device_id: UUID
    ward_id: UUID
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """What a phone says about its own unsent visits."""

    unsent: int
    oldest_at: dt.datetime | None


def make_code(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> NewCode:
    """Make a code for a head's phone; a code made before and not used yet ends.

    Staff make codes for heads, a head for an own phone. Raises NotAllowed, NotFound for who heads no group here.
    """
    if account_id != actor.account_id or not actor.can(Permission.DEVICE_OWN):
        require(actor, Permission.DEVICE_MANAGE)
    name = session.scalar(
        select(Account.display_name).where(
            Account.id == account_id, Account.disabled_at.is_(None), _heads(account_id, actor.ward_id)
        ),
        {"now": clock.now()},
    )
    if name is None:
        raise NotFound
    now, code = clock.now(), new_device_code()
    session.execute(delete(DeviceCode).where(DeviceCode.account_id == account_id, DeviceCode.used_at.is_(None)))
    made = DeviceCode(
        id=new_id(),
        ward_id=actor.ward_id,
        account_id=account_id,
        code_sha256=token_hash(code),
        made_by=actor.account_id,
        made_at=now,
        expires_at=now + CODE_LIFE,
    )
    session.add(made)
    session.flush()
    record(session, AuditTag.DEVICE_CODE, actor=actor, clock=clock, subject=account_id)
    return NewCode(code=code, account_name=name, expires_at=made.expires_at)


def enrol_device(session: Session, code: str, name: str, *, address: str, clock: Clock) -> Enrolled:
    """Use a code up and let the phone in that brought it. Two phones with one code: one gets in.

    Raises CodeUnknown, Gone (used, out of date), NotAllowed (its owner heads no group any more).
    """
    found = session.execute(
        select(
            DeviceCode.id, DeviceCode.ward_id, DeviceCode.account_id, DeviceCode.used_at, DeviceCode.expires_at
        ).where(DeviceCode.code_sha256 == token_hash(normal_code(code)))
    ).one_or_none()
    now = clock.now()
    if found is None:
        raise CodeUnknown(Problem("code", "Mã không đúng. Hãy xem lại mã trên giấy hoặc quét lại mã QR."))
    if found.used_at is None and found.expires_at <= now:
        raise Gone("code-expired", "Mã này đã quá 24 giờ. Hãy xin phường mã mới.")
    bind_ward(session, found.ward_id)
    _use_up(session, found.id, now)
    _check_owner(session, found.account_id, found.ward_id, now)
    token = secrets.token_urlsafe(32)
    device = Device(
        id=new_id(),
        ward_id=found.ward_id,
        account_id=found.account_id,
        token_sha256=token_hash(token),
        name=clean(name)[:NAME_MAX],
        created_at=now,
        last_contact_at=now,
    )
    session.add(device)
    session.flush()
    actor = Actor(account_id=found.account_id, ward_id=found.ward_id, roles=frozenset(), address=address)
    record(session, AuditTag.DEVICE_ENROL, actor=actor, clock=clock, subject=device.id)
    return Enrolled(device_id=device.id, ward_id=found.ward_id, token=token)


def admit(row: DeviceRow, *, now: dt.datetime, idle_days: int, address: str = "") -> Actor:
    """Give the person a phone acts for. Raises DeviceRefused."""
    check_usable(row.facts, now=now, idle_days=idle_days)
    return Actor(
        account_id=row.account_id, ward_id=row.ward_id, roles=row.roles, group_ids=row.group_ids, address=address
    )


def withdraw_device(session: Session, device_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Take a phone's token back: by the ward, or by the phone's own log-out. Twice is once. Raises NotFound."""
    found = session.execute(
        select(Device.account_id, Device.withdrawn_at).where(Device.id == device_id, Device.ward_id == actor.ward_id)
    ).one_or_none()
    if found is None or (found.account_id != actor.account_id and not actor.can(Permission.DEVICE_MANAGE)):
        raise NotFound
    if found.withdrawn_at is not None:
        return
    session.execute(
        update(Device).where(Device.id == device_id).values(withdrawn_at=clock.now(), withdrawn_by=actor.account_id)
    )
    record(session, AuditTag.DEVICE_WITHDRAW, actor=actor, clock=clock, subject=device_id)


def note_contact(session: Session, device: DeviceRow, outbox: Outbox | None, *, now: dt.datetime) -> None:
    """Note that a phone spoke, and what it said about its outbox. Its owner's account is in use, too."""
    values: dict[str, object] = {"last_contact_at": now}
    if outbox is not None:
        values |= {"unsent": min(outbox.unsent, UNSENT_MAX), "oldest_unsent_at": outbox.oldest_at}
    session.execute(update(Device).where(Device.id == device.device_id).values(values))
    session.execute(update(Account).where(Account.id == device.account_id).values(last_seen_at=now))


def _use_up(session: Session, code_id: UUID, now: dt.datetime) -> None:
    mine = session.execute(
        update(DeviceCode)
        .where(DeviceCode.id == code_id, DeviceCode.used_at.is_(None))
        .values(used_at=now)
        .returning(DeviceCode.id)
    ).one_or_none()
    if mine is None:
        raise Gone("code-used", "Mã này đã được dùng trên một điện thoại. Hãy xin phường mã mới.")


def _check_owner(session: Session, account_id: UUID, ward_id: UUID, now: dt.datetime) -> None:
    stopped = Account.disabled_at.is_not(None)
    wanted = select(stopped).where(Account.id == account_id, _heads(account_id, ward_id))
    found = session.execute(wanted, {"now": now}).one_or_none()
    if found is None or found[0]:
        raise NotAllowed("Tài khoản của mã này không còn phụ trách tổ nào. Hãy hỏi lại phường.")


def _heads(account_id: UUID, ward_id: UUID) -> ColumnElement[bool]:
    return exists().where(
        and_(
            _GRANT.c.ward_id == ward_id,
            _GRANT.c.account_id == account_id,
            _GRANT.c.role == Role.GROUP_HEAD,
            live_grant(_GRANT),
        )
    )
