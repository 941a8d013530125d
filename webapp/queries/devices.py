"""Heads' phones: the one behind a token with what its account is granted, and the ward's list of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, Text, and_, bindparam, func, select
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.devices import DeviceFacts
from webapp.models.accounts import Account, RoleGrant
from webapp.models.database import WARD_SETTING, bind_ward, connection_of
from webapp.models.devices import Device
from webapp.models.places import Ward
from webapp.models.prepared import Prepared
from webapp.queries.accounts import token_hash
from webapp.queries.grants import live_grant


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """The phone behind a token. It acts as a head of its groups and as nothing else, whatever its owner also is."""

    device_id: UUID
    account_id: UUID
    username: str
    account_name: str
    ward_id: UUID
    ward_name: str
    roles: frozenset[Role]
    group_ids: frozenset[UUID]
    unsent: int
    facts: DeviceFacts


# Every request of a phone asks this, so it is made once, of tables and not of mapped classes.
_DEVICE, _ACCOUNT, _WARD, _GRANT = (cast("Table", mapped.__table__) for mapped in (Device, Account, Ward, RoleGrant))
_BEHIND: Final = (
    select(
        _DEVICE.c.id,
        _DEVICE.c.account_id,
        _DEVICE.c.ward_id,
        _DEVICE.c.created_at,
        _DEVICE.c.last_contact_at,
        _DEVICE.c.unsent,
        _DEVICE.c.withdrawn_at,
        _ACCOUNT.c.username,
        _ACCOUNT.c.display_name,
        _ACCOUNT.c.created_at.label("account_created_at"),
        _ACCOUNT.c.last_seen_at,
        _ACCOUNT.c.disabled_at,
        _ACCOUNT.c.password_changed_at,
        _ACCOUNT.c.must_change_password,
        _WARD.c.name.label("ward_name"),
        _GRANT.c.role,
        _GRANT.c.group_id,
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _DEVICE.c.account_id)
    .join(_WARD, _WARD.c.id == _DEVICE.c.ward_id)
    .outerjoin(
        _GRANT,
        and_(
            _GRANT.c.ward_id == _DEVICE.c.ward_id,
            _GRANT.c.account_id == _DEVICE.c.account_id,
            _GRANT.c.role == Role.GROUP_HEAD,
            live_grant(_GRANT),
        ),
    )
    .where(_DEVICE.c.token_sha256 == bindparam("token"))
)
# As in queries.accounts: on PostgreSQL the same statement tells the database the ward (schema rule 6).
_FOUND: Final = _BEHIND.cte("found").prefix_with("MATERIALIZED")
_TOLD: Final = func.set_config(WARD_SETTING, cast_to(_FOUND.c.ward_id, Text), True).label("told")
_BEHIND_ON: Final = Prepared({"sqlite": _BEHIND, "postgresql": select(*_FOUND.c, _TOLD)})


def find_device(session: Session, token: str, *, now: dt.datetime) -> DeviceRow | None:
    """Find the phone behind a token, withdrawn ones too, and bind the session to its ward. One statement."""
    rows = _BEHIND_ON.all(connection_of(session), {"token": token_hash(token), "now": now})
    if not rows:
        return None
    found = rows[0]
    bind_ward(session, found.ward_id, told=True)
    return DeviceRow(
        device_id=found.id,
        account_id=found.account_id,
        username=found.username,
        account_name=found.display_name,
        ward_id=found.ward_id,
        ward_name=found.ward_name,
        roles=frozenset(row.role for row in rows if row.role is not None),
        group_ids=frozenset(row.group_id for row in rows if row.group_id is not None),
        unsent=found.unsent,
        facts=DeviceFacts(
            enrolled_at=found.created_at,
            last_contact_at=found.last_contact_at,
            withdrawn_at=found.withdrawn_at,
            account_created_at=found.account_created_at,
            account_last_seen_at=found.last_seen_at,
            account_disabled_at=found.disabled_at,
            password_changed_at=found.password_changed_at,
            must_change_password=found.must_change_password,
        ),
    )
