"""What a phone with ODK Collect loads besides the form: the rounds that take visits, and the doors of its groups."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import Table, and_, select
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.models.accounts import Account, RoleGrant
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.queries.grants import live_grant


@dataclass(frozen=True, slots=True)
class Door:
    """The least that finds a house: its number on the group's list and the address, no name."""

    household_id: UUID
    group_name: str
    number: int
    address: str


def list_doors(
    session: Session, ward_id: UUID, group_ids: Collection[UUID] | None, *, cipher: PersonalDataCipher
) -> list[Door]:
    """Give the households on the lists of these groups (None: of all), in walking order. One statement."""
    wanted = (
        select(Household.id, Household.number, Household.address, ResidentialGroup.name)
        .join(
            ResidentialGroup,
            and_(ResidentialGroup.ward_id == Household.ward_id, ResidentialGroup.id == Household.group_id),
        )
        .where(Household.ward_id == ward_id, Household.status == HouseholdStatus.ACTIVE)
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.id, Household.number, Household.id)
    )
    if group_ids is not None:
        wanted = wanted.where(Household.group_id.in_(sorted(group_ids)))
    return [Door(row.id, row.name, row.number, cipher.decrypt(ward_id, row.address)) for row in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Head:
    """A head of group who may get a phone."""

    account_id: UUID
    username: str
    name: str
    groups: str

    @property
    def words(self) -> str:
        """Name the head with the groups."""
        return f"{self.name} – {self.groups}"


def list_heads(session: Session, ward_id: UUID, *, now: dt.datetime) -> list[Head]:
    """Give the heads of the ward's groups, by group. One statement."""
    rows = session.execute(
        select(Account.id, Account.username, Account.display_name, ResidentialGroup.name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(
            ResidentialGroup,
            and_(ResidentialGroup.ward_id == RoleGrant.ward_id, ResidentialGroup.id == RoleGrant.group_id),
        )
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role == Role.GROUP_HEAD,
            Account.disabled_at.is_(None),
            live_grant(cast("Table", RoleGrant.__table__)),
        )
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.id),
        {"now": now},
    )
    found: dict[UUID, Head] = {}
    for row in rows:
        before = found.get(row.id)
        groups = f"{before.groups}, {row.name}" if before else row.name
        found[row.id] = Head(row.id, row.username, row.display_name, groups)
    return list(found.values())
