"""What staff do to heads' phones, done behind the server's back for the tests of the offline form."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Role
from webapp.gateways.clock import SystemClock
from webapp.models.accounts import Account, RoleGrant
from webapp.models.database import bind_ward, make_engine, make_sessions
from webapp.services.backups import take_record
from webapp.services.devices import make_code, withdraw_device
from webapp.settings import Settings
from webapp.web.devices.backup_file import read_file, read_record


class Doors:
    """Each method is one door; `open_doors` names them for the server's control address."""

    def __init__(self, settings: Settings) -> None:
        self.sessions = make_sessions(make_engine(settings.url))
        self.clock = SystemClock()

    @contextmanager
    def session(self) -> Iterator[tuple[Session, Actor]]:
        """Give a session bound to the only ward, and a person who may do everything that heads and officers may."""
        with self.sessions() as session:
            grant = session.execute(select(RoleGrant.ward_id, RoleGrant.account_id).limit(1)).one()
            bind_ward(session, grant.ward_id)
            yield (
                session,
                Actor(account_id=grant.account_id, ward_id=grant.ward_id, roles=frozenset(Role) - {Role.PUBLIC}),
            )
            session.commit()

    def code(self, username: str = "totruong02") -> str:
        """Make a one-time code for a head's phone; the first group is left to the pages' journeys."""
        with self.session() as (session, actor):
            account = session.scalars(select(Account.id).where(Account.username == username)).one()
            return make_code(session, account, actor=actor, clock=self.clock).code

    def withdraw(self, device: str) -> None:
        """Take a phone's token back."""
        with self.session() as (session, actor):
            withdraw_device(session, UUID(device), actor=actor, clock=self.clock)

    def disable(self, account: str, *, on: bool = True) -> None:
        """Switch an account off, or on again."""
        at = dt.datetime.now(dt.UTC) if on else None
        with self.session() as (session, _actor):
            session.execute(update(Account).where(Account.id == UUID(account)).values(disabled_at=at))

    def reset_password(self, account: str, *, done: bool = False) -> None:
        """Set a password anew that its owner must change, or let the owner have changed it."""
        now = dt.datetime.now(dt.UTC)
        with self.session() as (session, _actor):
            values = {"must_change_password": not done, "password_changed_at": now}
            session.execute(update(Account).where(Account.id == UUID(account)).values(values))

    def take_file(self, text: str) -> list[bool]:
        """Read a phone's backup file in, as the staff page does; gives for each record whether it was known."""
        known = []
        for record in read_file(text.encode()).records:
            body = read_record(record).body
            assert body is not None
            with self.session() as (session, actor):
                known.append(take_record(session, body.command(), actor=actor, clock=self.clock).repeated)
        return known

    def give_group(self, account: str, group: str | None = None) -> str:
        """Give a head another group than now (or this one); gives the group of before."""
        with self.session() as (session, _actor):
            mine = RoleGrant.account_id == UUID(account)
            before = session.scalars(select(RoleGrant.group_id).where(mine)).one()
            other = select(RoleGrant.group_id).where(RoleGrant.group_id.is_not(None), RoleGrant.group_id != before)
            wanted = UUID(group) if group else session.scalars(other).first()
            session.execute(update(RoleGrant).where(mine).values(group_id=wanted))
            return str(before)


def open_doors(settings: Settings) -> dict[str, Callable[..., Any]]:
    """Name the doors."""
    doors = Doors(settings)
    names = ("code", "withdraw", "disable", "reset_password", "give_group", "take_file")
    return {name: getattr(doors, name) for name in names}
