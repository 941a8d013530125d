"""Who looks after a group: its heads, their substitutes, and what each has to do in a round."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.periods import WARD_ZONE
from webapp.core.surveys import COUNTED, HouseholdStatus, VisitStatus
from webapp.models.accounts import Account, RoleGrant
from webapp.models.devices import Device
from webapp.models.households import Household, HouseholdAssignment
from webapp.models.surveys import Visit

# Who may stand in for a head: not who only looks (auditor), nor who only keeps accounts (administrator).
STANDS_IN = (Role.GROUP_HEAD, Role.OFFICER, Role.CLERK, Role.STATISTICIAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHead:
    """A head of a group, or a substitute from `starts_at` to `ends_at`; `now`: whether the rights hold already."""

    grant_id: UUID
    account_id: UUID
    name: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    now: bool

    @property
    def is_substitute(self) -> bool:
        """Tell whether the person only stands in."""
        return self.ends_at is not None

    @property
    def last_day(self) -> dt.date | None:
        """Give the last day of a substitute (the ward's day)."""
        return (self.ends_at - dt.timedelta(seconds=1)).astimezone(WARD_ZONE).date() if self.ends_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShare:
    """What one head was given of a group's households, and how far they are; `account_id` None: given to nobody."""

    account_id: UUID | None
    households: int
    done: int
    to_correct: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to choose."""

    account_id: UUID
    name: str


def group_heads(session: Session, ward_id: UUID, group_id: UUID, *, now: dt.datetime) -> list[GroupHead]:
    """Give a group's heads and its substitutes of now and later, heads first. One statement."""
    rows = session.execute(
        select(RoleGrant.id, RoleGrant.account_id, RoleGrant.starts_at, RoleGrant.ends_at, Account.display_name)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.group_id == group_id,
            RoleGrant.role == Role.GROUP_HEAD,
            RoleGrant.revoked_at.is_(None),
            or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > now),
            Account.disabled_at.is_(None),
        )
        .order_by(RoleGrant.ends_at.is_not(None), RoleGrant.starts_at, Account.display_name)
    )
    return [
        GroupHead(
            grant_id=row.id,
            account_id=row.account_id,
            name=row.display_name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            now=row.starts_at is None or row.starts_at <= now,
        )
        for row in rows
    ]


def last_contacts(session: Session, ward_id: UUID, account_ids: Collection[UUID]) -> dict[UUID, dt.datetime]:
    """Give when the phones of these people last spoke to the ward; who has no phone is left out. One statement."""
    rows = session.execute(
        select(Device.account_id, func.max(Device.last_contact_at).label("at"))
        .where(Device.ward_id == ward_id, Device.account_id.in_(account_ids), Device.withdrawn_at.is_(None))
        .group_by(Device.account_id)
    )
    return {row.account_id: row.at for row in rows}


def may_substitute(ward_id: UUID) -> Select[UUID, str]:
    """Give the statement of people who may stand in for a head of the ward."""
    grants = exists().where(
        RoleGrant.ward_id == ward_id,
        RoleGrant.account_id == Account.id,
        RoleGrant.role.in_(STANDS_IN),
        RoleGrant.revoked_at.is_(None),
        RoleGrant.ends_at.is_(None),
    )
    return select(Account.id, Account.display_name).where(grants, Account.disabled_at.is_(None))


def possible_substitutes(session: Session, ward_id: UUID) -> list[Person]:
    """Give the people who may stand in for a head, by name. One statement."""
    rows = session.execute(may_substitute(ward_id).order_by(Account.display_name))
    return [Person(row.id, row.display_name) for row in rows]


def head_shares(session: Session, ward_id: UUID, group_id: UUID, round_id: UUID | None) -> list[HeadShare]:
    """Count a group's active households by whom they were given to, with the round's work. One statement.

    It looks at the households of the one group only, each by index.
    """
    visit = (Visit.ward_id == Household.ward_id, Visit.household_id == Household.id, Visit.round_id == round_id)
    done = exists().where(*visit, Visit.status.in_(sorted(COUNTED)))
    returned = exists().where(*visit, Visit.status == VisitStatus.NEEDS_CORRECTION)
    rows = session.execute(
        select(
            HouseholdAssignment.account_id,
            func.count().label("households"),
            func.sum(case((done, 1), else_=0)).label("done"),
            func.sum(case((returned, 1), else_=0)).label("returned"),
        )
        .select_from(Household)
        .outerjoin(
            HouseholdAssignment,
            and_(
                HouseholdAssignment.ward_id == Household.ward_id,
                HouseholdAssignment.household_id == Household.id,
                HouseholdAssignment.group_id == Household.group_id,
            ),
        )
        .where(
            Household.ward_id == ward_id,
            Household.group_id == group_id,
            Household.status == HouseholdStatus.ACTIVE,
        )
        .group_by(HouseholdAssignment.account_id)
    )
    return [
        HeadShare(account_id=row.account_id, households=row.households, done=row.done, to_correct=row.returned)
        for row in rows
    ]
