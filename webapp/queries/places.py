"""Wards, groups and departments as pages list them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.adoption import KNOWN_HOUSEHOLDS, PeriodKind
from webapp.models.accounts import Account, RoleGrant
from webapp.models.adoption import AdoptionFact
from webapp.models.places import Department, ResidentialGroup, Ward
from webapp.queries.grants import lasting_grant


@dataclass(frozen=True, slots=True, kw_only=True)
class WardRow:
    """A ward as the set-up and the command line name it."""

    ward_id: UUID
    code: str
    name: str
    agency_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group on the list of groups. `households` are those known today (None: no figures yet)."""

    group_id: UUID
    code: str
    name: str
    sort_key: int
    population: int | None
    is_active: bool
    households: int | None
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to choose from a list."""

    id: UUID
    name: str


def has_ward(session: Session) -> bool:
    """Tell whether any ward was set up."""
    return bool(session.scalar(select(exists().where(Ward.id.is_not(None)))))


def list_wards(session: Session) -> list[WardRow]:
    """Give the wards of today, by code."""
    found = session.execute(
        select(Ward.id, Ward.code, Ward.name, Ward.agency_name).where(Ward.valid_to.is_(None)).order_by(Ward.code)
    )
    return [WardRow(ward_id=row.id, code=row.code, name=row.name, agency_name=row.agency_name) for row in found]


def list_groups(session: Session, ward_id: UUID) -> list[GroupRow]:
    """Give every group of the ward with its heads. Two statements, whatever the number of households."""
    known = and_(
        AdoptionFact.ward_id == ward_id,
        AdoptionFact.period_kind == PeriodKind.ALL,
        AdoptionFact.period_key == "all",
        AdoptionFact.indicator_code == KNOWN_HOUSEHOLDS,
        AdoptionFact.group_id == ResidentialGroup.id,
    )
    found = session.execute(
        select(ResidentialGroup, AdoptionFact.numerator)
        .outerjoin(AdoptionFact, known)
        .where(ResidentialGroup.ward_id == ward_id)
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code)
    ).all()
    heads = _heads(session, ward_id)
    return [
        GroupRow(
            group_id=group.id,
            code=group.code,
            name=group.name,
            sort_key=group.sort_key,
            population=group.population,
            is_active=group.is_active,
            households=households,
            heads=tuple(heads.get(group.id, ())),
        )
        for group, households in found
    ]


def _heads(session: Session, ward_id: UUID) -> dict[UUID, list[str]]:
    found = session.execute(
        select(RoleGrant.group_id, Account.display_name)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role == Role.GROUP_HEAD,
            lasting_grant(RoleGrant.__table__),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.display_name)
    )
    heads: dict[UUID, list[str]] = {}
    for row in found:
        if row.group_id is not None:
            heads.setdefault(row.group_id, []).append(row.display_name)
    return heads


def find_group(session: Session, ward_id: UUID, group_id: UUID) -> GroupRow | None:
    """Give one group."""
    return next((row for row in list_groups(session, ward_id) if row.group_id == group_id), None)


def group_codes(session: Session, ward_id: UUID) -> list[str]:
    """Give the codes in use."""
    return list(session.scalars(select(ResidentialGroup.code).where(ResidentialGroup.ward_id == ward_id)))


def group_choices(session: Session, ward_id: UUID) -> list[Choice]:
    """Give the active groups to choose from."""
    found = session.execute(
        select(ResidentialGroup.id, ResidentialGroup.name)
        .where(ResidentialGroup.ward_id == ward_id, ResidentialGroup.is_active)
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code)
    )
    return [Choice(id=row.id, name=row.name) for row in found]


def department_choices(session: Session, ward_id: UUID) -> list[Choice]:
    """Give the departments to choose from."""
    found = session.execute(
        select(Department.id, Department.name).where(Department.ward_id == ward_id).order_by(Department.code)
    )
    return [Choice(id=row.id, name=row.name) for row in found]
