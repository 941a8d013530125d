"""Households as an operation finds and leaves them, and the row that remembers it."""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import NotFound
from webapp.core.events import AuditTag
from webapp.core.household_operations import UNDO_DAYS, OperationKind
from webapp.core.ids import new_id
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import clean
from webapp.models.household_operations import HouseholdMove, HouseholdOperation, HouseholdOperationItem
from webapp.models.households import HouseholdAssignment
from webapp.models.places import ResidentialGroup
from webapp.services.audit import record
from webapp.services.household_rows import HOUSEHOLD, TOKEN, identity_token, token_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a household stands: nothing personal."""

    group_id: UUID
    number: int
    status: HouseholdStatus
    vacated_on: dt.date | None = None

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        day = self.vacated_on.isoformat() if self.vacated_on else None
        return {"group": self.group_id.hex, "number": self.number, "status": self.status.value, "vacated_on": day}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Place":
        """Read `to_json`."""
        day = data["vacated_on"]
        return cls(
            group_id=UUID(data["group"]),
            number=data["number"],
            status=HouseholdStatus(data["status"]),
            vacated_on=dt.date.fromisoformat(day) if day else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A household that was read under its lock."""

    household_id: UUID
    place: Place
    head_name: bytes
    address: bytes
    identity_token: bytes


@dataclass(slots=True, kw_only=True)
class Item:
    """What an operation does to one household. `before` None: it is made; `person`: its name and address before.

    `like` is a value under the household's own key, so that what is kept of a name is erased with the household.
    """

    household_id: UUID
    part: str
    before: Place | None
    after: Place
    person: tuple[str, str] | None = None
    like: bytes | None = None


@dataclass(slots=True, kw_only=True)
class Operation:
    """An operation on its way into the database."""

    kind: OperationKind
    group_id: UUID
    items: list[Item]
    visits: list[dict[str, Any]] = field(default_factory=list)
    operation_id: UUID = field(default_factory=new_id)


def hold_households(session: Session, ward_id: UUID, ids: Collection[UUID]) -> list[Held]:
    """Lock households in the order of their ids. Raises NotFound unless all are the ward's."""
    rows = session.execute(
        select(HOUSEHOLD)
        .where(HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.id.in_(ids))
        .order_by(HOUSEHOLD.c.id)
        .with_for_update(key_share=True)
    ).all()
    if len(rows) != len(set(ids)):
        raise NotFound
    return [
        Held(
            household_id=row.id,
            place=Place(group_id=row.group_id, number=row.number, status=row.status, vacated_on=row.vacated_on),
            head_name=row.head_name,
            address=row.address,
            identity_token=row.identity_token,
        )
        for row in rows
    ]


def hold_groups(session: Session, ward_id: UUID, ids: Collection[UUID]) -> None:
    """Lock groups, so that numbers and twins stay as they are found. Raises NotFound."""
    found = session.execute(
        select(ResidentialGroup.id)
        .where(ResidentialGroup.ward_id == ward_id, ResidentialGroup.id.in_(ids))
        .order_by(ResidentialGroup.id)
        .with_for_update(key_share=True)
    ).all()
    if len(found) != len(set(ids)):
        raise NotFound


def last_number(session: Session, ward_id: UUID, group_id: UUID) -> int:
    """Give the highest number of the group."""
    return (
        session.scalar(
            select(func.max(HOUSEHOLD.c.number)).where(HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.group_id == group_id)
        )
        or 0
    )


def put(session: Session, ward_id: UUID, household_id: UUID, place: Place) -> None:
    """Let a household stand where `place` says; who was to visit it in another group is not any more."""
    session.execute(
        update(HOUSEHOLD)
        .where(HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.id == household_id)
        .values(group_id=place.group_id, number=place.number, status=place.status, vacated_on=place.vacated_on)
    )
    gone = delete(HouseholdAssignment).where(
        HouseholdAssignment.ward_id == ward_id, HouseholdAssignment.household_id == household_id
    )
    if place.status is HouseholdStatus.ACTIVE:
        gone = gone.where(HouseholdAssignment.group_id != place.group_id)
    session.execute(gone.execution_options(synchronize_session=False))


def name(session: Session, ward_id: UUID, household: Held, person: tuple[str, str], cipher: PersonalDataCipher) -> None:
    """Give a household its name and address, with their search tokens."""
    head_name, address = clean(person[0]), clean(person[1])
    session.execute(
        update(HOUSEHOLD)
        .where(HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.id == household.household_id)
        .values(
            head_name=cipher.encrypt(ward_id, head_name, like=household.head_name),
            address=cipher.encrypt(ward_id, address, like=household.head_name),
            identity_token=identity_token(cipher, ward_id, head_name, address),
        )
    )
    session.execute(delete(TOKEN).where(TOKEN.c.ward_id == ward_id, TOKEN.c.household_id == household.household_id))
    session.execute(insert(TOKEN), token_rows(cipher, ward_id, household.household_id, f"{head_name} {address}"))


def person_of(ward_id: UUID, household: Held, cipher: PersonalDataCipher) -> tuple[str, str]:
    """Decrypt name and address."""
    return cipher.decrypt(ward_id, household.head_name), cipher.decrypt(ward_id, household.address)


def store_operation(
    session: Session, operation: Operation, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Remember what was done and write it into the audit log; forget names that are too old to be put back."""
    ward_id, now = actor.ward_id, clock.now()
    _forget_names(session, ward_id, now)
    for item in operation.items:
        person = json.dumps(item.person, ensure_ascii=False) if item.person else None
        session.add(
            HouseholdOperationItem(
                ward_id=ward_id,
                operation_id=operation.operation_id,
                household_id=item.household_id,
                part=item.part,
                before=item.before.to_json() if item.before else {},
                after=item.after.to_json(),
                person=cipher.encrypt(ward_id, person, like=item.like) if person else None,
            )
        )
    session.flush()
    record(
        session,
        AuditTag.HOUSEHOLD_ARRANGE,
        actor=actor,
        clock=clock,
        subject=operation.operation_id,
        kind=operation.kind.value,
        households=[str(item.household_id) for item in operation.items],
    )
    return operation.operation_id


def open_operation(session: Session, operation: Operation, *, actor: Actor, clock: Clock) -> None:
    """Store the operation's own row, which moves and items point to."""
    session.add(
        HouseholdOperation(
            ward_id=actor.ward_id,
            id=operation.operation_id,
            kind=operation.kind,
            group_id=operation.group_id,
            household_count=max(1, len(operation.items)),
            visits=operation.visits,
            made_at=clock.now(),
            made_by=actor.account_id,
            undone_at=None,
            undone_by=None,
        )
    )
    session.flush()


def add_moves(
    session: Session,
    ward_id: UUID,
    operation_id: UUID,
    moves: Sequence[tuple[UUID, UUID | None, UUID | None, dt.date]],
) -> None:
    """Write down from which group to which a household went, and when."""
    for household_id, from_group, to_group, day in moves:
        session.add(
            HouseholdMove(
                ward_id=ward_id,
                id=new_id(),
                household_id=household_id,
                operation_id=operation_id,
                from_group_id=from_group,
                to_group_id=to_group,
                moved_on=day,
            )
        )
    session.flush()


def _forget_names(session: Session, ward_id: UUID, now: dt.datetime) -> None:
    old = select(HouseholdOperation.id).where(
        HouseholdOperation.ward_id == ward_id, HouseholdOperation.made_at < now - dt.timedelta(days=UNDO_DAYS)
    )
    session.execute(
        update(HouseholdOperationItem)
        .where(
            HouseholdOperationItem.ward_id == ward_id,
            HouseholdOperationItem.operation_id.in_(old),
            HouseholdOperationItem.person.is_not(None),
        )
        .values(person=None)
        .execution_options(synchronize_session=False)
    )
