"""The list of households: registering, mending, taking off; rounds and review beside it."""

import threading
import unicodedata
from collections.abc import Callable
from typing import Literal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import KNOWN_HOUSEHOLDS, PeriodKind
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.ids import new_id
from webapp.core.surveys import HouseholdStatus
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.adoption import AdoptionFact
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.households import Household, HouseholdToken
from webapp.services.households import (
    AlreadyListed,
    ChangeHousehold,
    RegisterHousehold,
    change_household,
    register_household,
    vacate_household,
)

Register = Callable[..., UUID]


@pytest.fixture
def register(sessions: sessionmaker[Session], world: World, cipher: AesGcmCipher, clock: FixedClock) -> Register:
    def run(head_name: str, address: str, *, group: int = 0, role: Role = Role.GROUP_HEAD, **more: object) -> UUID:
        command = RegisterHousehold(
            group_id=world.group_ids[group],
            head_name=head_name,
            address=address,
            **more,  # type: ignore[arg-type]
        )
        with unit_of_work(sessions, world.ward_id) as session:
            return register_household(session, command, actor=world.actor(role), cipher=cipher, clock=clock)

    return run


def _known(session: Session, group_id: UUID) -> int:
    found = session.scalar(
        select(AdoptionFact.numerator).where(
            AdoptionFact.indicator_code == KNOWN_HOUSEHOLDS,
            AdoptionFact.period_kind == PeriodKind.ALL,
            AdoptionFact.group_id == group_id,
        )
    )
    return found or 0


def test_a_household_takes_the_next_number_and_is_encrypted(
    register: Register, world: World, session: Session, cipher: AesGcmCipher
) -> None:
    made = register("  Lê   Thị Bưởi ", "9 Hùng Vương")
    household = session.scalars(select(Household).where(Household.id == made)).one()
    assert household.number == 4
    assert "Bưởi".encode() not in household.head_name
    assert cipher.decrypt(world.ward_id, household.head_name) == "Lê Thị Bưởi"
    tokens = session.scalars(select(HouseholdToken.token).where(HouseholdToken.household_id == made)).all()
    assert set(tokens) == {cipher.token(world.ward_id, word) for word in ("le", "thi", "buoi", "9", "hung", "vuong")}
    assert _known(session, world.group_ids[0]) == 1


def test_the_audit_of_a_household_holds_no_personal_data(register: Register, session: Session) -> None:
    register("Lê Thị Bưởi", "9 Hùng Vương")
    (event,) = session.scalars(select(AuditEvent)).all()
    assert event.detail == {"number": 4}


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Trần Đình Ấn", "Hẻm 5 Quang Trung"),
        (unicodedata.normalize("NFD", "Trần Đình Ấn"), "Hẻm 5 Quang Trung"),
        ("trần Ðình ấn", "hẻm  5, quang trung"),
        ("Trần Ɖình Ấn", unicodedata.normalize("NFD", "HẺM 5 QUANG TRUNG")),
    ],
)
def test_the_same_household_is_found_however_it_is_typed(
    register: Register, world: World, name: str, address: str
) -> None:
    with pytest.raises(AlreadyListed) as refused:
        register(name, address)
    assert refused.value.household_id == world.households[world.group_ids[0]][1]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_stored_in_one_form_whichever_the_keyboard_wrote(
    register: Register, world: World, session: Session, cipher: AesGcmCipher, form: Literal["NFC", "NFD"]
) -> None:
    made = register(unicodedata.normalize(form, "Đặng Thị Ước"), unicodedata.normalize(form, "Ngõ Huế"))
    household = session.scalars(select(Household).where(Household.id == made)).one()
    stored = [cipher.decrypt(world.ward_id, value) for value in (household.head_name, household.address)]
    assert stored == [unicodedata.normalize("NFC", text) for text in ("Đặng Thị Ước", "Ngõ Huế")]
    tokens = session.scalars(select(HouseholdToken.token).where(HouseholdToken.household_id == made)).all()
    assert set(tokens) == {cipher.token(world.ward_id, word) for word in ("dang", "thi", "uoc", "ngo", "hue")}


def test_a_head_registers_in_his_own_group_only(register: Register) -> None:
    with pytest.raises(NotFound):
        register("Lê Thị Bưởi", "9 Hùng Vương", group=1)
    with pytest.raises(NotAllowed):
        register("Lê Thị Bưởi", "9 Hùng Vương", role=Role.AUDITOR)


@pytest.mark.parametrize(
    ("name", "address", "field"),
    [("", "9 Hùng Vương", "head_name"), ("Bưởi", " … ", "address"), ("x" * 121, "9 Hùng Vương", "head_name")],
)
def test_name_and_address_are_asked_for(register: Register, name: str, address: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(name, address)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_taken_number_is_refused(register: Register) -> None:
    with pytest.raises(InvalidInput) as refused:
        register("Lê Thị Bưởi", "9 Hùng Vương", number=2)
    assert refused.value.problems[0].field == "number"


def test_people_who_register_at_once_get_different_numbers(register: Register, session: Session, world: World) -> None:
    errors: list[BaseException] = []
    start = threading.Barrier(6)

    def run(n: int) -> None:
        start.wait()
        try:
            register(f"Hộ mới {n}", "9 Hùng Vương")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    numbers = session.scalars(select(Household.number).where(Household.group_id == world.group_ids[0])).all()
    assert sorted(numbers) == list(range(1, 10))


def test_a_mended_name_is_found_by_its_new_words_only(
    world: World, sessions: sessionmaker[Session], session: Session, cipher: AesGcmCipher, clock: FixedClock
) -> None:
    household_id = world.households[world.group_ids[0]][0]
    command = ChangeHousehold(household_id=household_id, head_name="Nguyễn Thị Oanh", address="12 Đường Lê Lợi")
    with unit_of_work(sessions, world.ward_id) as own:
        change_household(own, command, actor=world.actor(Role.GROUP_HEAD), cipher=cipher, clock=clock)
    tokens = set(session.scalars(select(HouseholdToken.token).where(HouseholdToken.household_id == household_id)))
    assert cipher.token(world.ward_id, "oanh") in tokens
    assert cipher.token(world.ward_id, "anh") not in tokens


def test_another_groups_household_is_not_found_for_a_change(
    world: World, sessions: sessionmaker[Session], cipher: AesGcmCipher, clock: FixedClock
) -> None:
    foreign = world.households[world.group_ids[1]][0]
    for household_id in (foreign, new_id()):
        with pytest.raises(NotFound), unit_of_work(sessions, world.ward_id) as own:
            vacate_household(own, household_id, actor=world.actor(Role.GROUP_HEAD), clock=clock)


def test_a_household_leaves_the_list_once(
    register: Register, world: World, sessions: sessionmaker[Session], session: Session, clock: FixedClock
) -> None:
    made = register("Lê Thị Bưởi", "9 Hùng Vương")
    with unit_of_work(sessions, world.ward_id) as own:
        vacate_household(own, made, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    household = session.scalars(select(Household).where(Household.id == made)).one()
    assert (household.status, household.vacated_on) == (HouseholdStatus.VACATED, clock.today())
    assert _known(session, world.group_ids[0]) == 0
    session.rollback()
    with pytest.raises(WrongState), unit_of_work(sessions, world.ward_id) as own:
        vacate_household(own, made, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    assert register("Lê Thị Bưởi", "9 Hùng Vương") != made
