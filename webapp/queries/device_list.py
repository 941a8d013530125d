"""The ward's phones as its staff sees them: whose, when it last spoke, and what it has not sent yet."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, func, select
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.devices import SILENT_AFTER, silence
from webapp.core.periods import WARD_ZONE
from webapp.core.surveys import RoundStatus
from webapp.models.accounts import Account, RoleGrant
from webapp.models.devices import Device
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import SurveyRound
from webapp.queries.grants import live_grant

_GRANT: Final = cast("Table", RoleGrant.__table__)
WITHDRAWN_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDevice:
    """A phone. `silent_for` is set when its silence in an open round is an alarm."""

    device_id: UUID
    account_id: UUID
    account_name: str
    name: str
    created_at: dt.datetime
    last_contact_at: dt.datetime
    unsent: int
    oldest_unsent_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    silent_for: dt.timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Somebody who heads groups (or stands in for a head) and may have phones; the most silent phone comes first."""

    account_id: UUID
    name: str
    groups: tuple[str, ...]
    devices: tuple[ListedDevice, ...]


def list_heads(session: Session, ward_id: UUID, *, now: dt.datetime) -> list[Head]:
    """Give the ward's heads with their phones: alarms first, then by group. Three statements."""
    began_at = round_began_at(session, ward_id, now=now)
    phones = defaultdict(list)
    for device in _devices(session, ward_id, began_at, now):
        phones[device.account_id].append(device)
    groups: dict[UUID, list[str]] = defaultdict(list)
    names = {}
    for row in session.execute(_HEADS, {"ward": ward_id, "now": now}):
        names[row.account_id] = row.display_name
        groups[row.account_id].append(row.group_name)
    heads = [
        Head(account_id=account_id, name=name, groups=tuple(groups[account_id]), devices=tuple(phones[account_id]))
        for account_id, name in names.items()
    ]
    return sorted(heads, key=lambda head: not any(device.silent_for for device in head.devices))


def list_withdrawn(session: Session, ward_id: UUID) -> list[ListedDevice]:
    """Give the phones that were withdrawn last. One statement."""
    wanted = _LISTED.where(Device.ward_id == ward_id, Device.withdrawn_at.is_not(None))
    rows = session.execute(wanted.order_by(Device.withdrawn_at.desc()).limit(WITHDRAWN_MOST))
    return [ListedDevice(**row._asdict()) for row in rows]


def get_device(session: Session, ward_id: UUID, device_id: UUID) -> ListedDevice | None:
    """Find one phone of the ward. One statement."""
    row = session.execute(_LISTED.where(Device.ward_id == ward_id, Device.id == device_id)).one_or_none()
    return None if row is None else ListedDevice(**row._asdict())


def round_began_at(session: Session, ward_id: UUID, *, now: dt.datetime) -> dt.datetime | None:
    """Give when the open round that has run longest began; None when none has. One statement."""
    today = now.astimezone(WARD_ZONE).date()
    first: dt.date | None = session.scalar(
        select(func.min(SurveyRound.starts_on)).where(
            SurveyRound.ward_id == ward_id, SurveyRound.status == RoundStatus.OPEN, SurveyRound.starts_on <= today
        )
    )
    return None if first is None else dt.datetime.combine(first, dt.time(), WARD_ZONE)


def count_silent(session: Session, ward_id: UUID, *, now: dt.datetime) -> int:
    """Count phones whose silence in the open round is an alarm. Two statements."""
    began_at = round_began_at(session, ward_id, now=now)
    if began_at is None or now - began_at <= SILENT_AFTER:
        return 0
    heads = select(_GRANT.c.account_id).where(
        _GRANT.c.ward_id == ward_id, _GRANT.c.role == Role.GROUP_HEAD, live_grant(_GRANT)
    )
    found = session.scalar(
        select(func.count()).where(
            Device.ward_id == ward_id,
            Device.withdrawn_at.is_(None),
            Device.last_contact_at < now - SILENT_AFTER,
            Device.account_id.in_(heads),
        ),
        {"now": now},
    )
    return found or 0


_LISTED: Final = select(
    Device.id.label("device_id"),
    Device.account_id,
    Account.display_name.label("account_name"),
    Device.name,
    Device.created_at,
    Device.last_contact_at,
    Device.unsent,
    Device.oldest_unsent_at,
    Device.withdrawn_at,
).join(Account, Account.id == Device.account_id)
_ACCOUNT, _GROUP = (cast("Table", mapped.__table__) for mapped in (Account, ResidentialGroup))
_HEADS: Final = (
    select(_GRANT.c.account_id, _ACCOUNT.c.display_name, _GROUP.c.name.label("group_name"))
    .select_from(_GRANT)
    .join(_ACCOUNT, _ACCOUNT.c.id == _GRANT.c.account_id)
    .join(_GROUP, and_(_GROUP.c.ward_id == _GRANT.c.ward_id, _GROUP.c.id == _GRANT.c.group_id))
    .where(
        _GRANT.c.ward_id == bindparam("ward"),
        _GRANT.c.role == Role.GROUP_HEAD,
        _ACCOUNT.c.disabled_at.is_(None),
        live_grant(_GRANT),
    )
    .order_by(_GROUP.c.sort_key, _GROUP.c.code, _ACCOUNT.c.display_name)
)


def _devices(session: Session, ward_id: UUID, began_at: dt.datetime | None, now: dt.datetime) -> list[ListedDevice]:
    wanted = _LISTED.where(Device.ward_id == ward_id, Device.withdrawn_at.is_(None))
    return [
        ListedDevice(**row._asdict(), silent_for=silence(row.last_contact_at, began_at, now))
        for row in session.execute(wanted.order_by(Device.last_contact_at))
    ]
