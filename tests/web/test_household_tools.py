"""Pages for work on many households: adding, merging, splitting, moving, and taking it back."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.web.survey_pages import errors_on
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import HouseholdStatus, RoundStatus
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.households import Household
from webapp.services.facts import rebuild_facts
from webapp.services.facts_rebuild import compare_facts
from webapp.services.rounds import move_round
from webapp.services.submit_visit import submit_visit

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def desk(login: Login, world: World, sessions: sessionmaker[Session]) -> FlaskClient:
    with unit_of_work(sessions, world.ward_id) as session:
        for n, household_id in enumerate(world.households[world.group_ids[1]]):
            session.get_one(Household, (world.ward_id, household_id)).identity_token = bytes([n]) * 8
        rebuild_facts(session, world.ward_id)
    return login(Role.STATISTICIAN)


def _done(client: FlaskClient) -> str:
    return html.unescape(client.get("/surveys/households/operations").text)


def _undo(client: FlaskClient) -> None:
    address = re.findall(r'href="([^"]+/undo)"', _done(client))[0]
    assert "Hoàn tác “" in html.unescape(client.get(address).text)
    assert client.post(address, data={"confirmed": "yes"}).location == "/surveys/households/operations"


def test_heads_have_no_tools_for_the_whole_list(login: Login, world: World) -> None:
    client = login(Role.GROUP_HEAD)
    page = client.get("/surveys/tools").text
    assert "/surveys/print/list" in page
    for address in ("arrange", "operations", "many", "duplicates"):
        assert f"/surveys/households/{address}" not in page
        assert client.get(f"/surveys/households/{address}").status_code == 403


def test_a_list_is_seen_before_it_is_stored(desk: FlaskClient, world: World, session: Session) -> None:
    text = "7\tLê Văn Tám\t3 Hùng Vương\nHồ Thị Kỷ; Hẻm 2 Lê Lợi"
    seen = desk.post("/surveys/households/many", data={"group": str(world.group_ids[0]), "list": text})
    assert seen.status_code == 200
    assert "Thêm 2 hộ" in seen.text
    assert session.scalar(select(Household.id).where(Household.number == 7)) is None
    session.rollback()
    stored = desk.post(
        "/surveys/households/many", data={"group": str(world.group_ids[0]), "list": text, "action": "store"}
    )
    assert stored.status_code == 303
    numbers = session.scalars(select(Household.number).where(Household.group_id == world.group_ids[0])).all()
    assert sorted(numbers) == [1, 2, 3, 7, 8]
    session.rollback()
    assert "Thêm nhiều hộ" in _done(desk)
    _undo(desk)
    assert len(session.scalars(select(Household.id)).all()) == 6
    assert compare_facts(session, world.ward_id) == ([], 0)


def test_a_wrong_list_is_told_and_kept(desk: FlaskClient, world: World) -> None:
    page = desk.post("/surveys/households/many", data={"group": str(world.group_ids[0]), "list": "Lê Tám"})
    assert page.status_code == 422
    assert "Dòng 1: chưa có địa chỉ" in " ".join(errors_on(page))
    assert "Lê Tám</textarea>" in html.unescape(page.text)
    page = desk.post("/surveys/households/many", data={"group": "", "list": "Lê Tám; 3 Lê Lợi"})
    assert errors_on(page) == ["Chọn tổ dân phố của các hộ."]


def test_households_are_moved_taken_off_and_put_back(desk: FlaskClient, world: World, session: Session) -> None:
    one, two = world.group_ids
    address = f"/surveys/households/arrange?group={one}"
    first, second, _third = (str(household) for household in world.households[one])
    assert desk.get(address).text.count('name="household"') == 3
    assert desk.post(address, data={"action": "move", "household": first}).status_code == 422
    moved = desk.post(address, data={"action": "move", "household": [first, second], "target": str(two)})
    assert moved.location == "/surveys/households/operations"
    assert desk.get(address).text.count('name="household"') == 1
    assert "1, 2" in _done(desk)
    _undo(desk)
    assert desk.post(address, data={"action": "vacate", "household": first}).status_code == 303
    assert "Nguyễn Thị Ánh" in desk.get(f"{address}&gone=1").text
    assert desk.post(f"{address}&gone=1", data={"action": "return", "household": first}).status_code == 303
    statuses = session.scalars(select(Household.status)).all()
    assert set(statuses) == {HouseholdStatus.ACTIVE}
    assert compare_facts(session, world.ward_id) == ([], 0)
    session.rollback()
    assert "Hoàn tác việc làm sau" in _done(desk)
    assert desk.post(address, data={"action": "else", "household": first}).status_code == 400
    nothing = desk.post(address, data={"action": "vacate"})
    assert (nothing.status_code, "Chọn ít nhất một hộ" in nothing.text) == (422, True)


def test_twins_are_found_and_merged(desk: FlaskClient, world: World, session: Session) -> None:
    one = world.group_ids[0]
    text = "nguyen thi anh; 12 Lê Lợi\nNguyễn Thị Ánh; 99 Hùng Vương"
    desk.post("/surveys/households/many", data={"group": str(one), "list": text, "action": "store"})
    page = desk.get(f"/surveys/households/duplicates?group={one}")
    links = re.findall(r'href="(/surveys/households/[^"]+/merge/[^"]+)"', page.text)
    assert len(links) == 1
    merge = desk.get(links[0])
    assert merge.text.count('name="kept"') == 2
    kept = re.findall(r'name="kept" value="([^"]+)"', merge.text)[0]
    wrong = desk.post(links[0], data={"kept": kept, "head_name": "", "address": "12 Đường Lê Lợi"})
    assert wrong.status_code == 422
    done = desk.post(links[0], data={"kept": kept, "head_name": "Nguyễn Thị Ánh", "address": "12A Lê Lợi"})
    assert done.location == f"/surveys/households/{kept}"
    assert "12A Lê Lợi" in desk.get(done.location).text
    _undo(desk)
    assert "12A Lê Lợi" not in desk.get(done.location).text
    assert compare_facts(session, world.ward_id) == ([], 0)


def test_a_merge_under_lock_is_refused_with_words_and_logged(
    desk: FlaskClient, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session
) -> None:
    first, second, _third = world.households[world.group_ids[0]]
    with unit_of_work(sessions, world.ward_id) as arranged:
        actor = world.actor(Role.STATISTICIAN)
        for household in (first, second):
            submit_visit(arranged, visit_of(world, household), actor=actor, clock=clock)
        for status in (RoundStatus.CLOSED, RoundStatus.LOCKED):
            move_round(arranged, world.round_id, status, actor=actor, clock=clock)
    data = {"kept": str(first), "head_name": "Lê Tám", "address": "1 Lê Lợi"}
    page = desk.post(f"/surveys/households/{first}/merge/{second}", data=data)
    assert page.status_code == 422
    assert "đợt đã chốt" in page.text
    assert 'value="Lê Tám"' in page.text
    assert "visit:refused" in session.scalars(select(AuditEvent.tag)).all()
    assert set(session.scalars(select(Household.status))) == {HouseholdStatus.ACTIVE}


def test_a_household_is_split_from_its_own_page(desk: FlaskClient, world: World) -> None:
    household = world.households[world.group_ids[0]][0]
    assert f"/surveys/households/{household}/split" in desk.get(f"/surveys/households/{household}").text
    address = f"/surveys/households/{household}/split"
    twin = desk.post(address, data={"head_name": "Nguyễn Thị Ánh", "address": "12 Đường Lê Lợi"})
    assert (twin.status_code, "hộ số 1" in twin.text) == (422, True)
    done = desk.post(address, data={"head_name": "Nguyễn Văn Con", "address": "12 Đường Lê Lợi"})
    assert "Nguyễn Văn Con" in desk.get(done.location).text
