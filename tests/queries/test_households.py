"""Lists of households: tabs, search without marks, a fixed number of statements."""

import datetime as dt
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family, visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus, VisitOutcome
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.database import unit_of_work
from webapp.queries.household_search import search_group, search_ward
from webapp.queries.households import ListTab, get_household, list_households, next_left
from webapp.queries.surveys import current_round, group_progress, list_rounds
from webapp.queries.visits import get_visit, household_visits, list_revisions, previous_answers
from webapp.services.facts import rebuild_facts
from webapp.services.households import RegisterHousehold, register_household
from webapp.services.review import return_visit
from webapp.services.rounds import PlanRound, move_round, plan_round
from webapp.services.submit_visit import submit_visit


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    told: list[str] = []

    def listen(_connection: object, _cursor: object, text: str, *_more: object) -> None:
        if not text.startswith(("BEGIN", "SELECT set_config")):
            told.append(text)

    event.listen(engine, "before_cursor_execute", listen)
    yield told
    event.remove(engine, "before_cursor_execute", listen)


@pytest.fixture
def visited(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> list[UUID]:
    """Household 1 was visited, household 2's visit was returned, household 3 is left; all of group 1."""
    made = []
    with unit_of_work(sessions, world.ward_id) as session:
        rebuild_facts(session, world.ward_id)
        for household_id in world.households[world.group_ids[0]][:2]:
            command = visit_of(world, household_id)
            submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
            made.append(command.visit_id)
    with unit_of_work(sessions, world.ward_id) as session:
        return_visit(session, made[1], reason="Hỏi lại", actor=world.actor(Role.STATISTICIAN), clock=clock)
    return made


@pytest.mark.parametrize(
    ("tab", "numbers"),
    [(ListTab.LEFT, [3]), (ListTab.DONE, [1]), (ListTab.TO_CORRECT, [2]), (ListTab.ALL, [1, 2, 3])],
)
def test_each_tab_holds_its_households_in_two_statements(
    session: Session, engine: Engine, world: World, cipher: AesGcmCipher, visited: list[UUID], tab: ListTab,
    numbers: list[int],
) -> None:  # fmt: skip
    with statements(engine) as told:
        found = list_households(
            session, world.ward_id, world.group_ids[0], round_id=world.round_id, tab=tab, page=1, cipher=cipher
        )
    assert [item.household.number for item in found.items] == numbers
    assert len(told) == 2
    returned = [item.visit.return_reason for item in found.items if item.household.number == 2 and item.visit]
    assert returned == (["Hỏi lại"] if 2 in numbers else [])


def test_only_the_page_is_decrypted(
    session: Session,
    sessions: sessionmaker[Session],
    world: World,
    cipher: AesGcmCipher,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with unit_of_work(sessions, world.ward_id) as own:
        for n in range(30):
            command = RegisterHousehold(group_id=world.group_ids[0], head_name=f"Hộ {n}", address="1 Lê Lợi")
            register_household(own, command, actor=world.actor(Role.GROUP_HEAD), cipher=cipher, clock=clock)

    calls = 0
    decrypt = cipher.decrypt

    def counting(ward_id: UUID, data: bytes) -> str:
        nonlocal calls
        calls += 1
        return decrypt(ward_id, data)

    monkeypatch.setattr(cipher, "decrypt", counting)
    arguments = {"round_id": world.round_id, "tab": ListTab.LEFT, "cipher": cipher}
    first = list_households(session, world.ward_id, world.group_ids[0], page=1, **arguments)
    assert (len(first.items), first.more, calls) == (20, True, 40)
    second = list_households(session, world.ward_id, world.group_ids[0], page=2, **arguments)
    assert (len(second.items), second.more) == (13, False)
    assert second.items[0].household.number == 21


def test_progress_counts_known_visited_and_returned_in_two_statements(
    session: Session, engine: Engine, world: World, visited: list[UUID]
) -> None:
    with statements(engine) as told:
        own, other = group_progress(session, world.ward_id, world.round_id)
    assert (own.known, own.visited, own.to_correct, own.left) == (3, 1, 1, 1)
    assert (other.known, other.visited, other.left) == (3, 0, 3)
    assert len(told) == 2
    assert [group.code for group in group_progress(session, world.ward_id, world.round_id, {world.group_ids[1]})] == [
        "02"
    ]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("dinh an", [2]),
        ("Trần Đình Ấn", [2]),
        (unicodedata.normalize("NFD", "Đình Ấn"), [2]),
        ("ÐÌNH ấn", [2]),
        ("dinh", [2, 3]),
        ("uoc phung", [3]),
        ("le loi 12", [1]),
        ("2", [2]),
        ("phan dinh p", [3]),
        ("khong co ai", []),
        ("…", []),
    ],
)
def test_a_group_is_searched_without_marks(
    session: Session, world: World, cipher: AesGcmCipher, text: str, numbers: list[int]
) -> None:
    found = search_group(session, world.ward_id, world.group_ids[0], text=text, round_id=world.round_id, cipher=cipher)
    assert [item.household.number for item in found.items] == numbers


@pytest.mark.parametrize(
    ("text", "count"), [("dinh an", 2), ("Ước", 2), ("Đỗ Văn Ước Phùng", 2), ("đình", 4), ("din", 0), ("", 0)]
)
def test_the_ward_is_searched_by_whole_words_through_tokens(
    session: Session, engine: Engine, world: World, cipher: AesGcmCipher, text: str, count: int
) -> None:
    with statements(engine) as told:
        found = search_ward(session, world.ward_id, text=text, round_id=world.round_id, cipher=cipher)
    assert len(found.items) == count
    assert len(told) <= 2


def test_another_groups_household_is_not_found(session: Session, world: World, cipher: AesGcmCipher) -> None:
    foreign = world.households[world.group_ids[1]][0]
    scope = frozenset({world.group_ids[0]})
    assert get_household(session, world.ward_id, foreign, scope=scope, cipher=cipher) is None
    found = get_household(session, world.ward_id, foreign, scope=None, cipher=cipher)
    assert found is not None
    assert found.head_name == "Nguyễn Thị Ánh"


def test_the_next_household_comes_after_this_one_and_then_from_the_start(
    session: Session, world: World, cipher: AesGcmCipher, visited: list[UUID]
) -> None:
    arguments = {"round_id": world.round_id, "cipher": cipher}
    for after in (1, 3):
        found = next_left(session, world.ward_id, world.group_ids[0], after=after, **arguments)
        assert found is not None
        assert found.number == 3


def test_last_rounds_answers_are_those_of_the_newest_interview_of_another_round(
    session: Session, sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    household_id = world.households[world.group_ids[0]][0]
    actor = world.actor(Role.STATISTICIAN)
    with unit_of_work(sessions, world.ward_id) as own:
        first, last = (dt.date(2026, 11, 1), dt.date(2026, 12, 31))
        command = PlanRound(name="Đợt 2", starts_on=first, ends_on=last)
        following = plan_round(own, command, actor=actor, clock=clock)
        move_round(own, following, RoundStatus.OPEN, actor=actor, clock=clock)
        for outcome, answers in ((VisitOutcome.INTERVIEWED, family(iot_connections=7)), (VisitOutcome.ABSENT, None)):
            submit_visit(own, visit_of(world, household_id, outcome=outcome, answers=answers), actor=actor, clock=clock)
    assert previous_answers(session, world.ward_id, household_id, round_id=following) == family(iot_connections=7)
    assert previous_answers(session, world.ward_id, household_id, round_id=world.round_id) is None
    assert len(household_visits(session, world.ward_id, household_id)) == 2


def test_a_visit_is_read_with_its_revisions(
    session: Session, engine: Engine, world: World, visited: list[UUID]
) -> None:
    with statements(engine) as told:
        visit = get_visit(session, world.ward_id, visited[0])
    assert visit is not None
    assert (visit.content.answers, visit.number, visit.may_correct) == (family(), 1, True)
    assert len(told) == 2
    (revision,) = list_revisions(session, world.ward_id, visited[0])
    assert (revision.made_by, revision.content) == ("Người group_head", visit.content)


def test_the_newest_open_round_comes_first(session: Session, world: World, clock: FixedClock) -> None:
    rounds = list_rounds(session, world.ward_id)
    found = current_round(rounds, clock.today())
    assert found is not None
    assert found.round_id == world.round_id
    assert current_round([], clock.today()) is None
