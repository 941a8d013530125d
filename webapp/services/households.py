"""The list of households: registering, mending a name or an address, and taking a household off the list."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, Conflict, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import clean, fold
from webapp.models.places import ResidentialGroup
from webapp.services.audit import record
from webapp.services.facts import households_changed
from webapp.services.household_rows import (
    HOUSEHOLD,
    TOKEN,
    HouseholdRows,
    NewHousehold,
    household_rows,
    identity_token,
    insert_households,
    token_rows,
)

__all__ = [
    "AlreadyListed",
    "ChangeHousehold",
    "HouseholdRows",
    "NewHousehold",
    "RegisterHousehold",
    "change_household",
    "household_rows",
    "identity_token",
    "insert_households",
    "register_household",
    "token_rows",
    "vacate_household",
]

NAME_MAX = 120
ADDRESS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterHousehold:
    """Order to put a household on the list; without a number it takes the next one of the group."""

    group_id: UUID
    head_name: str
    address: str
    number: int | None = None
    household_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHousehold:
    """Order to mend a household's name or address."""

    household_id: UUID
    head_name: str
    address: str


class AlreadyListed(Conflict):
    """The same name and address is on the group's list already; `household_id` says which."""

    message = N_("Hộ này đã có trong danh sách của tổ.")

    def __init__(self, household_id: UUID) -> None:
        super().__init__()
        self.household_id = household_id


def register_household(
    session: Session, command: RegisterHousehold, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Put a household on its group's list.

    Raises NotFound for a group that is not the actor's, InvalidInput, and AlreadyListed when name and address are
    there already.
    """
    require(actor, Permission.HOUSEHOLD_REGISTER, group_id=command.group_id)
    _check_person(command.head_name, command.address)
    _lock_group(session, actor.ward_id, command.group_id)
    _refuse_twin(session, actor.ward_id, command.group_id, _identity(cipher, actor, command))
    number = _free_number(session, actor.ward_id, command.group_id, command.number)
    new = NewHousehold(
        household_id=command.household_id or new_id(),
        group_id=command.group_id,
        number=number,
        head_name=command.head_name,
        address=command.address,
        registered_on=clock.today(),
    )
    insert_households(session, [household_rows(actor.ward_id, new, cipher=cipher)])
    households_changed(session, actor.ward_id, group_id=new.group_id, day=new.registered_on, change=1)
    record(session, AuditTag.HOUSEHOLD_REGISTER, actor=actor, clock=clock, subject=new.household_id, number=number)
    return new.household_id


def change_household(
    session: Session, command: ChangeHousehold, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> None:
    """Mend name or address. Raises NotFound, InvalidInput, and AlreadyListed when another household has them."""
    _check_person(command.head_name, command.address)
    household = load_household(session, command.household_id, actor=actor)
    group_id = household.group_id
    _lock_group(session, actor.ward_id, group_id)
    identity = _identity(cipher, actor, command)
    _refuse_twin(session, actor.ward_id, group_id, identity, but=command.household_id)
    name, address = clean(command.head_name), clean(command.address)
    key = (HOUSEHOLD.c.ward_id == actor.ward_id, HOUSEHOLD.c.id == command.household_id)
    session.execute(
        update(HOUSEHOLD)
        .where(*key)
        .values(
            head_name=cipher.encrypt(actor.ward_id, name, like=household.head_name),
            address=cipher.encrypt(actor.ward_id, address, like=household.head_name),
            identity_token=identity,
        )
    )
    session.execute(delete(TOKEN).where(TOKEN.c.ward_id == actor.ward_id, TOKEN.c.household_id == command.household_id))
    session.execute(insert(TOKEN), token_rows(cipher, actor.ward_id, command.household_id, f"{name} {address}"))
    record(session, AuditTag.HOUSEHOLD_CHANGE, actor=actor, clock=clock, subject=command.household_id, what="person")


def vacate_household(session: Session, household_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Take a household off the list; its visits stay. Raises NotFound, or WrongState when it is off already."""
    household = load_household(session, household_id, actor=actor)
    if household.status is not HouseholdStatus.ACTIVE:
        raise WrongState(N_("Hộ này đã được đưa ra khỏi danh sách trước đó."))
    today = clock.today()
    session.execute(
        update(HOUSEHOLD)
        .where(HOUSEHOLD.c.ward_id == actor.ward_id, HOUSEHOLD.c.id == household_id)
        .values(status=HouseholdStatus.VACATED, vacated_on=today)
    )
    households_changed(session, actor.ward_id, group_id=household.group_id, day=today, change=-1)
    record(session, AuditTag.HOUSEHOLD_CHANGE, actor=actor, clock=clock, subject=household_id, what="vacated")


@dataclass(frozen=True, slots=True)
class ListedHousehold:
    """Where a household stands on the list."""

    group_id: UUID
    status: HouseholdStatus
    head_name: bytes


def load_household(session: Session, household_id: UUID, *, actor: Actor) -> ListedHousehold:
    """Lock a household for a change. Raises NotFound also when it is another group's, NotAllowed without the right."""
    require(actor, Permission.HOUSEHOLD_REGISTER)
    found = session.execute(
        select(HOUSEHOLD.c.group_id, HOUSEHOLD.c.status, HOUSEHOLD.c.head_name)
        .where(HOUSEHOLD.c.ward_id == actor.ward_id, HOUSEHOLD.c.id == household_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    require(actor, Permission.HOUSEHOLD_REGISTER, group_id=found.group_id)
    return ListedHousehold(found.group_id, found.status, found.head_name)


def _identity(cipher: PersonalDataCipher, actor: Actor, command: RegisterHousehold | ChangeHousehold) -> bytes:
    return identity_token(cipher, actor.ward_id, command.head_name, command.address)


def _check_person(head_name: str, address: str) -> None:
    problems = []
    if not fold(head_name):
        problems.append(Problem("head_name", N_("Hãy ghi họ tên chủ hộ.")))
    elif len(clean(head_name)) > NAME_MAX:
        problems.append(Problem("head_name", N_("Họ tên dài quá %(most)s chữ."), {"most": NAME_MAX}))
    if not fold(address):
        problems.append(Problem("address", N_("Hãy ghi địa chỉ: số nhà và tên đường, hoặc tên xóm.")))
    elif len(clean(address)) > ADDRESS_MAX:
        problems.append(Problem("address", N_("Địa chỉ dài quá %(most)s chữ."), {"most": ADDRESS_MAX}))
    if problems:
        raise InvalidInput(problems)


def _lock_group(session: Session, ward_id: UUID, group_id: UUID) -> None:
    """Hold the group, so that two people registering at once get two numbers and see each other's twin."""
    found = session.execute(
        select(ResidentialGroup.id)
        .where(ResidentialGroup.ward_id == ward_id, ResidentialGroup.id == group_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound


def _refuse_twin(session: Session, ward_id: UUID, group_id: UUID, identity: bytes, but: UUID | None = None) -> None:
    twin = session.scalar(
        select(HOUSEHOLD.c.id).where(
            HOUSEHOLD.c.ward_id == ward_id,
            HOUSEHOLD.c.group_id == group_id,
            HOUSEHOLD.c.identity_token == identity,
            HOUSEHOLD.c.status == HouseholdStatus.ACTIVE,
            *([HOUSEHOLD.c.id != but] if but else []),
        )
    )
    if twin is not None:
        raise AlreadyListed(twin)


def _free_number(session: Session, ward_id: UUID, group_id: UUID, wanted: int | None) -> int:
    numbers = (HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.group_id == group_id)
    if wanted is None:
        return (session.scalar(select(func.max(HOUSEHOLD.c.number)).where(*numbers)) or 0) + 1
    if wanted < 1:
        raise InvalidInput(Problem("number", N_("Số thứ tự phải từ 1 trở lên.")))
    if session.scalar(select(HOUSEHOLD.c.id).where(*numbers, HOUSEHOLD.c.number == wanted)) is not None:
        raise InvalidInput(
            Problem(
                "number", N_("Số %(number)s đã có hộ khác. Để trống ô này để lấy số tiếp theo."), {"number": wanted}
            )
        )
    return wanted
