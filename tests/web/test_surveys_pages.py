"""The list, households, rounds and review as pages."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.web.survey_pages import errors_on, fields_on
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus, VisitOutcome, VisitStatus
from webapp.models.database import unit_of_work
from webapp.models.households import Household
from webapp.models.surveys import SurveyRound, Visit
from webapp.services.facts import rebuild_facts
from webapp.services.review import return_visit
from webapp.services.submit_visit import submit_visit

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def visits(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> list[UUID]:
    """Visits of households 1 and 2 of group 1; the second was returned."""
    made = []
    with unit_of_work(sessions, world.ward_id) as session:
        rebuild_facts(session, world.ward_id)
        for household_id in world.households[world.group_ids[0]][:2]:
            command = visit_of(world, household_id)
            submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
            made.append(command.visit_id)
    with unit_of_work(sessions, world.ward_id) as session:
        return_visit(session, made[1], reason="Hỏi lại số trẻ", actor=world.actor(Role.STATISTICIAN), clock=clock)
    return made


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"Hộ số </span>(\d+)", text)]


def _search(client: FlaskClient, text: str, **chosen: object) -> str:
    answer = client.post("/surveys/search", data={"text": text, **chosen})
    assert answer.status_code == 303
    assert text not in answer.location
    return client.get(answer.location).text


def test_a_head_sees_what_is_left_in_his_group(login: Login, world: World, visits: list[UUID]) -> None:
    page = login(Role.GROUP_HEAD).get("/surveys/").text
    assert "3 hộ · 1 xong · 1 cần sửa · 1 còn lại" in page
    assert _numbers(page) == [3]
    assert "Đỗ Văn Ước" in page
    assert "Tổ dân phố 2" not in page


def test_a_returned_visit_stands_on_the_list_with_its_reason_and_leads_to_the_correction(
    login: Login, world: World, visits: list[UUID]
) -> None:
    page = login(Role.GROUP_HEAD).get("/surveys/?tab=to_correct").text
    assert _numbers(page) == [2]
    assert "Hỏi lại số trẻ" in page
    assert f"/surveys/visits/{visits[1]}/correct" in page


def test_a_household_found_absent_whose_second_visit_was_returned_is_seen_in_both_places(
    login: Login, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    absent = visit_of(world, outcome=VisitOutcome.ABSENT, answers=None)
    met = visit_of(world)
    with unit_of_work(sessions, world.ward_id) as session:
        rebuild_facts(session, world.ward_id)
        for command in (absent, met):
            submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
            clock.move(minutes=1)
    with unit_of_work(sessions, world.ward_id) as session:
        return_visit(session, met.visit_id, reason="Hỏi lại", actor=world.actor(Role.STATISTICIAN), clock=clock)
    client = login(Role.GROUP_HEAD)
    page = client.get("/surveys/").text
    assert "3 hộ · 1 xong · 1 cần sửa · 2 còn lại" in page
    assert _numbers(page) == [2, 3]
    for tab in ("to_correct", "done"):
        assert _numbers(client.get(f"/surveys/?tab={tab}").text) == [1]


@pytest.mark.parametrize(("tab", "numbers"), [("done", [1]), ("all", [1, 2, 3])])
def test_tabs_show_their_households(login: Login, visits: list[UUID], tab: str, numbers: list[int]) -> None:
    assert _numbers(login(Role.GROUP_HEAD).get(f"/surveys/?tab={tab}").text) == numbers


@pytest.mark.parametrize("query", ["tab=none", "round=x", "group=x"])
def test_a_list_that_is_none_is_not_found(login: Login, query: str) -> None:
    assert login(Role.GROUP_HEAD).get(f"/surveys/?{query}").status_code == 404


def test_a_search_keeps_names_out_of_the_address(login: Login, world: World) -> None:
    page = _search(login(Role.GROUP_HEAD), "dinh an", group=world.group_ids[0])
    assert _numbers(page) == [2]
    assert 'value="dinh an"' in page
    assert "Tìm thấy 1 hộ" in page


def test_people_of_the_whole_ward_choose_a_group_or_search_everywhere(login: Login, world: World) -> None:
    client = login(Role.STATISTICIAN)
    page = client.get("/surveys/").text
    assert "Tổ dân phố 1" in page
    assert "Tổ dân phố 2" in page
    assert _numbers(page) == []
    assert _numbers(_search(client, "tran dinh an")) == [2, 2]


def test_a_reader_finds_no_button_to_write(login: Login, visits: list[UUID], world: World) -> None:
    client = login(Role.AUDITOR)
    page = client.get(f"/surveys/?group={world.group_ids[0]}&tab=all").text
    assert "Thêm hộ" not in page
    assert "/visit" not in page.replace("/visits", "")
    assert "Sửa phiếu" not in client.get(f"/surveys/visits/{visits[0]}").text


def test_a_household_is_added_to_the_list(login: Login, session: Session) -> None:
    client = login(Role.GROUP_HEAD)
    fields = fields_on(client.get("/surveys/households/new"))
    fields.update({"head_name": "Lê Thị Bưởi", "address": "9 Hùng Vương"})
    fields["head_name"], fields["address"] = "Lê Thị Bưởi", "9 Hùng Vương"
    answer = client.post("/surveys/households/new", data=fields)
    assert answer.status_code == 303
    assert session.scalars(select(Household.number).where(Household.number == 4)).all() == [4]
    assert "Lê Thị Bưởi" in client.get(answer.location).text


def test_a_household_that_is_there_already_is_shown(login: Login, world: World) -> None:
    client = login(Role.GROUP_HEAD)
    answer = client.post(
        "/surveys/households/new",
        data={"group": world.group_ids[0], "head_name": "tran dinh an", "address": "hem 5 quang trung"},
    )
    assert answer.status_code == 409
    assert "Hộ này đã có trong danh sách" in answer.text
    assert f"/surveys/households/{world.households[world.group_ids[0]][1]}" in answer.text
    assert 'value="tran dinh an"' in answer.text


def test_a_household_without_name_is_refused_beside_its_field(login: Login, world: World) -> None:
    answer = login(Role.STATISTICIAN).post("/surveys/households/new", data={"group": "", "address": "9 Hùng Vương"})
    assert answer.status_code == 422
    assert errors_on(answer) == ["Chọn tổ dân phố của hộ."]
    answer = login(Role.STATISTICIAN).post(
        "/surveys/households/new", data={"group": world.group_ids[1], "address": "9 Hùng Vương", "number": "x"}
    )
    assert errors_on(answer) == ["Ghi một số nguyên bằng chữ số, ví dụ 4."]


def test_a_households_name_is_mended_and_the_household_taken_off(login: Login, world: World, session: Session) -> None:
    client, household_id = login(Role.GROUP_HEAD), world.households[world.group_ids[0]][2]
    data = {"head_name": "Đỗ Văn Ước Nhỏ", "address": "47 Phan Đình Phùng"}
    assert client.post(f"/surveys/households/{household_id}/change", data=data).status_code == 303
    assert "Đỗ Văn Ước Nhỏ" in client.get(f"/surveys/households/{household_id}").text
    assert "Đưa hộ số 3" in client.get(f"/surveys/households/{household_id}/vacate").text
    assert client.post(f"/surveys/households/{household_id}/vacate").status_code == 303
    page = client.get(f"/surveys/households/{household_id}").text
    assert "không còn trong danh sách" in page
    assert "Ghi phiếu" not in page


def test_a_household_without_a_visit_yet_is_reached_from_its_form(login: Login, world: World) -> None:
    household = world.households[world.group_ids[0]][0]
    client = login(Role.GROUP_HEAD)
    listed = client.get("/surveys/").text
    (form,) = re.findall(rf'href="([^"]+{household}/visit)"', listed)
    assert f'href="/surveys/households/{household}"' in client.get(form).text


def test_a_round_is_planned_opened_closed_and_locked(login: Login, session: Session, world: World) -> None:
    client = login(Role.STATISTICIAN)
    data = {"name": "Đợt 2", "starts_on": "2026-12-01", "ends_on": "31/12/2026"}
    page = client.post("/surveys/rounds/new", data=data).location
    for wanted, word in (("open", "Đang mở"), ("closed", "Đã đóng"), ("open", "Đang mở"), ("closed", "Đã đóng"),
                         ("locked", "Đã chốt")):  # fmt: skip
        assert client.get(f"{page}/move?to={wanted}").status_code == 200
        assert client.post(f"{page}/move", data={"to": wanted, "confirmed": "yes"}).status_code == 303
        assert word in client.get(page).text
    assert client.post(f"{page}/move", data={"to": "open", "confirmed": "yes"}).status_code == 409
    assert client.get(f"{page}/move?to=burnt").status_code == 404


def test_a_move_without_the_yes_changes_nothing(login: Login, world: World, session: Session) -> None:
    client = login(Role.STATISTICIAN)
    answer = client.post(f"/surveys/rounds/{world.round_id}/move", data={"to": "closed"})
    assert answer.status_code == 200
    assert session.scalars(select(SurveyRound.status)).one() is RoundStatus.OPEN


def test_a_head_sees_his_own_progress_of_a_round_only(login: Login, world: World) -> None:
    page = login(Role.GROUP_HEAD).get(f"/surveys/rounds/{world.round_id}").text
    assert "Tổ dân phố 1" in page
    assert "Tổ dân phố 2" not in page
    assert "Đóng đợt" not in page


def test_visits_are_approved_from_the_list(login: Login, world: World, visits: list[UUID], session: Session) -> None:
    client = login(Role.STATISTICIAN)
    assert client.get("/surveys/review").location == f"/surveys/rounds/{world.round_id}/review"
    groups = client.get(f"/surveys/rounds/{world.round_id}/review").text
    assert "phiếu chờ duyệt – Tổ dân phố 1" in groups
    address = f"/surveys/rounds/{world.round_id}/review/{world.group_ids[0]}"
    assert "1 – Nguyễn Thị Ánh" in client.get(address).text
    refused = client.post(address, data={})
    assert refused.status_code == 422
    assert "Chọn ít nhất một phiếu" in refused.text
    assert client.post(address, data={"visit": "x"}).status_code == 400
    assert client.post(address, data={"visit": visits[1]}).status_code == 409
    assert client.post(address, data={"visit": visits[0]}).status_code == 303
    assert session.scalars(select(Visit.status).where(Visit.id == visits[0])).one() is VisitStatus.APPROVED
    session.rollback()
    assert "Không còn phiếu chờ duyệt" in client.get(address).text


def test_a_visit_is_sent_back_with_the_reason(login: Login, visits: list[UUID], session: Session) -> None:
    client = login(Role.STATISTICIAN)
    address = f"/surveys/visits/{visits[0]}/return"
    assert client.post(address, data={"reason": ""}).status_code == 422
    assert client.post(address, data={"reason": "Thiếu người con"}).status_code == 303
    assert session.scalars(select(Visit.return_reason).where(Visit.id == visits[0])).one() == "Thiếu người con"
    session.rollback()
    assert "Thiếu người con" in login(Role.GROUP_HEAD).get(f"/surveys/visits/{visits[0]}").text


def test_a_review_of_no_group_is_not_found(login: Login, world: World) -> None:
    address = f"/surveys/rounds/{world.round_id}/review/{world.round_id}"
    assert login(Role.STATISTICIAN).get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.GROUP_HEAD, Role.AUDITOR])
def test_every_page_has_one_heading_and_a_title(login: Login, world: World, visits: list[UUID], role: Role) -> None:
    client, household_id = login(role), world.households[world.group_ids[0]][0]
    for address in (
        "/surveys/",
        f"/surveys/?group={world.group_ids[0]}&tab=all",
        "/surveys/rounds",
        f"/surveys/rounds/{world.round_id}",
        f"/surveys/households/{household_id}",
        f"/surveys/visits/{visits[0]}",
        f"/surveys/visits/{visits[0]}/history",
    ):
        page = client.get(address)
        assert page.status_code == 200, address
        assert page.text.count("<h1") == 1, address
        assert re.search(r"<title>[^<]+ – Phường Số</title>", page.text), address


def test_the_list_asks_a_fixed_number_of_questions(login: Login, world: World, visits: list[UUID], engine) -> None:
    from sqlalchemy import event

    told: list[str] = []
    client = login(Role.GROUP_HEAD)
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_: told.append(text))
    client.get("/surveys/")
    others = ("BEGIN", "login_session", "role_grant", "set_config")  # who asks is counted elsewhere
    work = [text for text in told if not any(word in text for word in others)]
    assert len(work) == 6  # rounds, progress (2), how many are the own ones, the page and its visits
