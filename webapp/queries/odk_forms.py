"""What a phone with ODK Collect loads besides the form: the rounds that take visits, and the doors of its groups."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup


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
