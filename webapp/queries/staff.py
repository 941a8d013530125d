"""The people of a ward as its administrator sees them."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.accounts import is_idle
from webapp.core.text import fold
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.places import Department, ResidentialGroup

PAGE = 50


class Standing(StrEnum):
    """Whether the person can log in, in the order in which it is checked."""

    DISABLED = "disabled"
    LOCKED = "locked"
    IDLE = "idle"
    FIRST_PASSWORD = "first_password"  # noqa: S105 - a state
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    """A role held in the ward."""

    grant_id: UUID
    role: Role
    group_name: str | None
    department_name: str | None
    title: str
    granted_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """One account with its roles. Times are aware UTC."""

    account_id: UUID
    username: str
    display_name: str
    standing: Standing
    has_second_factor: bool
    locked_until: dt.datetime | None
    last_seen_at: dt.datetime | None
    created_at: dt.datetime
    grants: tuple[GrantRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    """A page of the list."""

    rows: list[StaffRow]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFilter:
    """What to look for: words of the name or username (marks do not matter), a role, and the moment of asking."""

    now: dt.datetime
    idle_days: int
    words: str = ""
    role: Role | None = None


def _in_ward(ward_id: UUID) -> ColumnElement[bool]:
    return exists().where(RoleGrant.ward_id == ward_id, RoleGrant.account_id == Account.id)


def list_staff(session: Session, ward_id: UUID, wanted: StaffFilter, *, number: int = 1) -> StaffPage:
    """Give the accounts that hold or held a role in the ward, by name. Two or three statements.

    A ward has some hundred people: names are folded here, because databases fold Vietnamese differently.
    """
    query = select(Account.id, Account.username, Account.display_name).where(_in_ward(ward_id))
    if wanted.role is not None:
        query = query.where(
            exists().where(
                RoleGrant.ward_id == ward_id,
                RoleGrant.account_id == Account.id,
                RoleGrant.role == wanted.role,
                RoleGrant.revoked_at.is_(None),
            )
        )
    words = fold(wanted.words).split()
    found = [
        row
        for row in session.execute(query)
        if all(word in f"{fold(row.display_name)} {row.username}" for word in words)
    ]
    found.sort(key=lambda row: _by_given_name(row.display_name))
    start = (number - 1) * PAGE
    ids = [row.id for row in found[start : start + PAGE]]
    return StaffPage(rows=_rows(session, ward_id, ids, wanted), total=len(found), number=number)


def _by_given_name(name: str) -> tuple[str, str]:
    words = fold(name).split()
    return (words[-1] if words else "", fold(name))


def find_staff(session: Session, ward_id: UUID, account_id: UUID, wanted: StaffFilter) -> StaffRow | None:
    """Give one account of the ward."""
    if session.scalar(select(Account.id).where(Account.id == account_id, _in_ward(ward_id))) is None:
        return None
    return _rows(session, ward_id, [account_id], wanted)[0]


def _rows(session: Session, ward_id: UUID, ids: list[UUID], wanted: StaffFilter) -> list[StaffRow]:
    if not ids:
        return []
    accounts = {row.id: row for row in session.scalars(select(Account).where(Account.id.in_(ids)))}
    grants: dict[UUID, list[GrantRow]] = {}
    for row in session.execute(_grants(ward_id, ids)):
        grants.setdefault(row.account_id, []).append(
            GrantRow(
                grant_id=row.id,
                role=row.role,
                group_name=row.group_name,
                department_name=row.department_name,
                title=row.title,
                granted_at=row.granted_at,
            )
        )
    return [_row(accounts[key], tuple(grants.get(key, ())), wanted) for key in ids]


def _grants(ward_id: UUID, ids: list[UUID]) -> Select[UUID, UUID, Role, str, dt.datetime, str, str]:
    return (
        select(
            RoleGrant.id,
            RoleGrant.account_id,
            RoleGrant.role,
            RoleGrant.title,
            RoleGrant.granted_at,
            ResidentialGroup.name.label("group_name"),
            Department.name.label("department_name"),
        )
        .outerjoin(
            ResidentialGroup,
            (ResidentialGroup.ward_id == RoleGrant.ward_id) & (ResidentialGroup.id == RoleGrant.group_id),
        )
        .outerjoin(Department, (Department.ward_id == RoleGrant.ward_id) & (Department.id == RoleGrant.department_id))
        .where(RoleGrant.ward_id == ward_id, RoleGrant.account_id.in_(ids), RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )


def _row(account: Account, grants: tuple[GrantRow, ...], wanted: StaffFilter) -> StaffRow:
    return StaffRow(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        standing=_standing(account, wanted),
        has_second_factor=account.totp_confirmed_at is not None,
        locked_until=account.locked_until,
        last_seen_at=account.last_seen_at,
        created_at=account.created_at,
        grants=grants,
    )


def _standing(account: Account, wanted: StaffFilter) -> Standing:
    if account.disabled_at is not None:
        return Standing.DISABLED
    if account.locked_until is not None and account.locked_until > wanted.now:
        return Standing.LOCKED
    used = (account.created_at, account.last_seen_at, account.password_changed_at)
    if is_idle(*used, now=wanted.now, days=wanted.idle_days):
        return Standing.IDLE
    return Standing.FIRST_PASSWORD if account.must_change_password else Standing.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A log-in of one's own. Times are aware UTC."""

    session_id: UUID
    created_at: dt.datetime
    last_seen_at: dt.datetime
    address: str
    user_agent: str


def list_devices(session: Session, account_id: UUID, *, now: dt.datetime, idle_minutes: int) -> list[DeviceRow]:
    """Give the live log-ins of an account, the newest first."""
    found = session.execute(
        select(
            LoginSession.id,
            LoginSession.created_at,
            LoginSession.last_seen_at,
            LoginSession.address,
            LoginSession.user_agent,
        )
        .where(
            LoginSession.account_id == account_id,
            LoginSession.ward_id.is_not(None),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - dt.timedelta(minutes=idle_minutes),
        )
        .order_by(LoginSession.last_seen_at.desc())
    )
    return [
        DeviceRow(
            session_id=row.id,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            address=row.address,
            user_agent=row.user_agent,
        )
        for row in found
    ]


def usernames_like(session: Session, start: str) -> list[str]:
    """Give the usernames that begin with `start`, to suggest a free one."""
    return list(session.scalars(select(Account.username).where(Account.username.startswith(start, autoescape=True))))


def count_attention(session: Session, ward_id: UUID, wanted: StaffFilter) -> tuple[int, int]:
    """Count accounts that are locked or long idle, and those still on their first password. One statement."""
    idle_since = wanted.now - dt.timedelta(days=wanted.idle_days)
    idle = and_(
        func.coalesce(Account.last_seen_at, Account.created_at) < idle_since,
        func.coalesce(Account.password_changed_at, Account.created_at) < idle_since,
    )
    stuck = or_(Account.locked_until > wanted.now, idle)
    row = session.execute(
        select(
            func.count().filter(stuck),
            func.count().filter(Account.must_change_password, ~func.coalesce(stuck, False)),
        ).where(_in_ward(ward_id), Account.disabled_at.is_(None))
    ).one()
    return int(row[0]), int(row[1])
