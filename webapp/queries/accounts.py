"""Accounts, their log-ins and what they are granted."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, Text, and_, bindparam, func, select
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.database import WARD_SETTING, bind_ward, connection_of
from webapp.models.places import Ward
from webapp.models.prepared import Prepared
from webapp.queries.grants import live_grant


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A live log-in in one ward. Times are aware UTC."""

    session_id: UUID
    account_id: UUID
    username: str
    display_name: str
    must_change_password: bool
    has_second_factor: bool
    ward_id: UUID
    ward_name: str
    agency_name: str
    roles: frozenset[Role]
    group_ids: frozenset[UUID]
    title: str
    department_id: UUID | None
    last_seen_at: dt.datetime
    step_up_at: dt.datetime | None


def token_hash(token: str) -> str:
    """Give what the table keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


# Every request asks these two, so they are made once, of tables and not of mapped classes.
_SESSION, _ACCOUNT, _WARD, _GRANT = (
    cast("Table", mapped.__table__) for mapped in (LoginSession, Account, Ward, RoleGrant)
)
_LIVE: Final = (
    select(
        _SESSION.c.id,
        _SESSION.c.last_seen_at,
        _SESSION.c.step_up_at,
        _ACCOUNT.c.id.label("account_id"),
        _ACCOUNT.c.username,
        _ACCOUNT.c.display_name,
        _ACCOUNT.c.must_change_password,
        _ACCOUNT.c.totp_confirmed_at,
        _WARD.c.id.label("ward_id"),
        _WARD.c.name.label("ward_name"),
        _WARD.c.agency_name,
        _GRANT.c.role,
        _GRANT.c.group_id,
        _GRANT.c.title,
        _GRANT.c.department_id,
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .join(_WARD, _WARD.c.id == _SESSION.c.ward_id)
    .outerjoin(
        _GRANT,
        and_(
            _GRANT.c.ward_id == _SESSION.c.ward_id,
            _GRANT.c.account_id == _SESSION.c.account_id,
            live_grant(_GRANT),
        ),
    )
    .where(
        _SESSION.c.token_sha256 == bindparam("token"),
        _SESSION.c.revoked_at.is_(None),
        _SESSION.c.expires_at > bindparam("now"),
        _SESSION.c.last_seen_at > bindparam("idle"),
        _ACCOUNT.c.disabled_at.is_(None),
    )
    .order_by(_GRANT.c.granted_at, _GRANT.c.id)
)
# On PostgreSQL the same statement tells the database the ward (schema rule 6). Policies show grants only before that:
# the sorted, materialised part has read them all when the outer part sets the ward.
_FOUND: Final = _LIVE.cte("found").prefix_with("MATERIALIZED")
_TOLD: Final = func.set_config(WARD_SETTING, cast_to(_FOUND.c.ward_id, Text), True).label("told")
_LIVE_ON: Final = Prepared({"sqlite": _LIVE, "postgresql": select(*_FOUND.c, _TOLD)})


def find_session(session: Session, token: str, *, now: dt.datetime, idle_minutes: int) -> SessionRow | None:
    """Find the live log-in behind a token, with its grants, and bind the session to its ward. One statement."""
    rows = _LIVE_ON.all(
        connection_of(session),
        {"token": token_hash(token), "now": now, "idle": now - dt.timedelta(minutes=idle_minutes)},
    )
    if not rows:
        return None
    found, grants = rows[0], [row for row in rows if row.role is not None]
    bind_ward(session, found.ward_id, told=True)
    return SessionRow(
        session_id=found.id,
        account_id=found.account_id,
        username=found.username,
        display_name=found.display_name,
        must_change_password=found.must_change_password,
        has_second_factor=found.totp_confirmed_at is not None,
        ward_id=found.ward_id,
        ward_name=found.ward_name,
        agency_name=found.agency_name,
        roles=frozenset(grant.role for grant in grants),
        group_ids=frozenset(grant.group_id for grant in grants if grant.group_id is not None),
        title=next((grant.title for grant in grants if grant.title), ""),
        department_id=next((grant.department_id for grant in grants if grant.department_id), None),
        last_seen_at=found.last_seen_at,
        step_up_at=found.step_up_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the password check needs; read before any transaction writes."""

    account_id: UUID
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """A log-in whose password was right and which still lacks its code or its ward."""

    session_id: UUID
    account_id: UUID
    second_factor_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WardChoice:
    """A ward that the person may work in."""

    ward_id: UUID
    name: str


def find_credentials(session: Session, username: str) -> Credentials | None:
    """Find an account by its normalised username."""
    found = session.execute(select(Account.id, Account.password_hash).where(Account.username == username)).one_or_none()
    return None if found is None else Credentials(account_id=found.id, password_hash=found.password_hash)


def find_pending(session: Session, token: str, *, now: dt.datetime) -> PendingLogin | None:
    """Find the unfinished log-in behind a token."""
    found = session.execute(
        select(LoginSession.id, LoginSession.account_id, LoginSession.second_factor_at).where(
            LoginSession.token_sha256 == token_hash(token),
            LoginSession.ward_id.is_(None),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
        )
    ).one_or_none()
    if found is None:
        return None
    return PendingLogin(session_id=found.id, account_id=found.account_id, second_factor_at=found.second_factor_at)


def ward_ids_of(session: Session, account_id: UUID) -> list[UUID]:
    """Give the wards in which an account holds a role, the oldest grant first."""
    found = session.execute(
        select(RoleGrant.ward_id, func.min(RoleGrant.granted_at).label("since"))
        .where(RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None))
        .group_by(RoleGrant.ward_id)
        .order_by("since", RoleGrant.ward_id)
    )
    return [row.ward_id for row in found]


def ward_choices(session: Session, account_id: UUID) -> list[WardChoice]:
    """Give the wards to choose from, by name."""
    found = session.execute(
        select(Ward.id, Ward.name).where(Ward.id.in_(ward_ids_of(session, account_id))).order_by(Ward.name)
    )
    return [WardChoice(ward_id=row.id, name=row.name) for row in found]
