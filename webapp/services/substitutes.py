"""Somebody who stands in for a head: rights in the group from one day to another, ending by themselves."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, Role, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.periods import WARD_ZONE
from webapp.core.ports import Clock
from webapp.models.accounts import Account, RoleGrant
from webapp.models.places import ResidentialGroup
from webapp.queries.grants import lasting_grant
from webapp.queries.group_heads import may_substitute
from webapp.services.audit import record

LONGEST: Final = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSubstitute:
    """Who stands in for a group's head, from the beginning of one day to the end of another (the ward's days)."""

    group_id: UUID
    account_id: UUID
    starts_on: dt.date
    ends_on: dt.date


def add_substitute(session: Session, command: AddSubstitute, *, actor: Actor, clock: Clock) -> UUID:
    """Give the substitute the group's scope for the span. Raises InvalidInput, NotFound, NotAllowed."""
    require(actor, Permission.ROUND_MANAGE)
    if session.get(ResidentialGroup, (actor.ward_id, command.group_id)) is None:
        raise NotFound
    session.get(Account, command.account_id, with_for_update={"key_share": True})  # two spans at once would overlap
    starts_at, ends_at = _moment(command.starts_on), _moment(command.ends_on + dt.timedelta(days=1))
    problems = _day_problems(command, clock.today()) or _person_problems(session, command, actor, starts_at, ends_at)
    if problems:
        raise InvalidInput(problems)
    row = RoleGrant(
        ward_id=actor.ward_id,
        id=new_id(),
        account_id=command.account_id,
        role=Role.GROUP_HEAD,
        group_id=command.group_id,
        granted_at=clock.now(),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    session.add(row)
    session.flush()
    detail = {"role": row.role.value, "group": str(command.group_id)}
    span = {"starts_on": command.starts_on.isoformat(), "ends_on": command.ends_on.isoformat()}
    record(session, AuditTag.ROLE_GRANT, actor=actor, clock=clock, subject=command.account_id, **detail, **span)
    return row.id


def end_substitute(session: Session, grant_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Take a substitute's grant back before its time. Raises NotFound for any other grant."""
    require(actor, Permission.ROUND_MANAGE)
    row = session.get(RoleGrant, (actor.ward_id, grant_id), with_for_update=True)
    if row is None or row.revoked_at is not None or row.ends_at is None:
        raise NotFound
    row.revoked_at = clock.now()
    session.flush()
    record(session, AuditTag.ROLE_REVOKE, actor=actor, clock=clock, subject=row.account_id, role=row.role.value)


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), WARD_ZONE)


def _day_problems(command: AddSubstitute, today: dt.date) -> list[Problem]:
    if command.ends_on < command.starts_on:
        return [Problem("ends_on", N_("Ngày cuối phải từ ngày đầu trở đi."))]
    if command.ends_on < today:
        return [Problem("ends_on", N_("Ngày cuối đã qua. Chọn từ hôm nay trở đi."))]
    if command.ends_on - command.starts_on > LONGEST:
        return [Problem("ends_on", N_("Thay một lần nhiều nhất một năm. Lâu hơn thì cấp vai trò tổ trưởng."))]
    return []


def _person_problems(
    session: Session, command: AddSubstitute, actor: Actor, starts_at: dt.datetime, ends_at: dt.datetime
) -> list[Problem]:
    if not session.scalar(select(may_substitute(actor.ward_id).where(Account.id == command.account_id).exists())):
        return [Problem("account_id", N_("Chọn một người trong danh sách."))]
    of_group = (
        RoleGrant.ward_id == actor.ward_id,
        RoleGrant.account_id == command.account_id,
        RoleGrant.role == Role.GROUP_HEAD,
        RoleGrant.group_id == command.group_id,
    )
    if session.scalar(select(exists().where(*of_group, lasting_grant(RoleGrant.__table__)))):
        return [Problem("account_id", N_("Người này đã là tổ trưởng của tổ."))]
    meets = (RoleGrant.revoked_at.is_(None), RoleGrant.starts_at < ends_at, RoleGrant.ends_at > starts_at)
    if session.scalar(select(exists().where(*of_group, *meets))):
        return [Problem("starts_on", N_("Người này đã được cử thay trong những ngày đó."))]
    return []
