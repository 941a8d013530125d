"""Pages of rounds and their groups: progress, moves of one group, who looks after it."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus
from webapp.models.accounts import RoleGrant
from webapp.models.database import unit_of_work
from webapp.models.households import HouseholdAssignment
from webapp.models.surveys import RoundGroup
from webapp.services.facts_rebuild import rebuild_facts
from webapp.services.submit_visit import submit_visit

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def staff(login: Login) -> FlaskClient:
    return login(Role.STATISTICIAN)


@pytest.fixture
def visited(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> None:
    """All of group 1 was visited, nothing of group 2; twenty days of the round's thirty-one are over."""
    with unit_of_work(sessions, world.ward_id) as own:
        rebuild_facts(own, world.ward_id)
    for household in world.households[world.group_ids[0]]:
        with unit_of_work(sessions, world.ward_id) as own:
            submit_visit(own, visit_of(world, household), actor=world.actor(Role.GROUP_HEAD), clock=clock)


def _round(world: World) -> str:
    return f"/surveys/rounds/{world.round_id}"


def _group(world: World, index: int = 0) -> str:
    return f"{_round(world)}/groups/{world.group_ids[index]}"


@pytest.mark.usefixtures("visited")
def test_the_round_says_who_is_behind_first_and_its_numbers_lead_to_their_rows(
    staff: FlaskClient, world: World
) -> None:
    page = staff.get(_round(world))
    rows = re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL)[1:]
    assert ["Tổ dân phố 2" in rows[0], "Tổ dân phố 1" in rows[1]] == [True, True]
    assert "Chậm 1 hộ" in rows[0]
    assert "Kịp nhịp" in rows[1]
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', rows[1])]
    first = world.group_ids[0]
    assert f"/surveys/?round={world.round_id}&group={first}&tab=done" in links
    assert f"{_round(world)}/review/{first}" in links
    assert all(staff.get(link).status_code == 200 for link in links)


@pytest.mark.usefixtures("visited")
def test_the_round_page_asks_a_fixed_number_of_questions(staff: FlaskClient, world: World, engine) -> None:
    told: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_: told.append(text))
    staff.get(_round(world))
    others = ("BEGIN", "login_session", "role_grant", "set_config")
    assert len([text for text in told if not any(word in text for word in others)]) == 4


def test_a_head_sees_the_own_group_only_and_moves_nothing(login: Login, world: World) -> None:
    head = login(Role.GROUP_HEAD)
    page = head.get(_round(world))
    assert "Tổ dân phố 1" in page.text
    assert "Tổ dân phố 2" not in page.text
    assert head.get(_group(world)).status_code == 200
    assert head.get(_group(world, 1)).status_code == 404
    assert head.get(f"{_group(world)}/move?to=closed").status_code == 403


@pytest.mark.usefixtures("visited")
def test_a_group_is_closed_after_a_page_that_says_what_happens_in_numbers(
    staff: FlaskClient, world: World, session: Session
) -> None:
    asked = staff.get(f"{_group(world, 1)}/move?to=closed")
    assert "Còn 3 hộ chưa có phiếu." in asked.text
    assert staff.post(f"{_group(world, 1)}/move", data={"to": "closed"}).status_code == 200  # not confirmed yet
    done = staff.post(f"{_group(world, 1)}/move", data={"to": "closed", "confirmed": "yes"})
    assert done.location.endswith(_group(world, 1))
    assert session.scalars(select(RoundGroup.status)).one() is RoundStatus.CLOSED
    page = staff.get(done.location)
    assert "Mở lại tổ" in page.text
    assert "Chốt tổ" in page.text


def test_opening_again_asks_for_the_reason_and_keeps_what_was_typed(
    staff: FlaskClient, world: World, session: Session
) -> None:
    move = f"{_group(world)}/move"
    staff.post(move, data={"to": "closed", "confirmed": "yes"})
    refused = staff.post(move, data={"to": "open", "confirmed": "yes", "reason": " "})
    assert refused.status_code == 422
    assert "Ghi lý do mở lại" in refused.text
    assert staff.post(move, data={"to": "open", "confirmed": "yes", "reason": "Còn hộ"}).status_code == 303
    assert session.scalars(select(RoundGroup.reason)).one() == "Còn hộ"


@pytest.mark.parametrize(("to", "status"), [("locked", 409), ("planned", 409), ("nonsense", 404), ("", 404)])
def test_a_move_that_cannot_be_opens_no_page(staff: FlaskClient, world: World, to: str, status: int) -> None:
    assert staff.get(f"{_group(world)}/move?to={to}").status_code == status


@pytest.mark.usefixtures("visited")
def test_the_page_before_locking_a_round_tells_what_waits_and_what_is_open(staff: FlaskClient, world: World) -> None:
    staff.post(f"{_round(world)}/move", data={"to": "closed", "confirmed": "yes"})
    asked = staff.get(f"{_round(world)}/move?to=locked")
    for words in ("3 hộ đã có phiếu được tính", "Còn 3 phiếu chờ duyệt", "Còn 3 hộ chưa có phiếu"):
        assert words in asked.text


def test_a_shut_group_opens_no_form_and_the_list_says_why(login: Login, staff: FlaskClient, world: World) -> None:
    staff.post(f"{_group(world)}/move", data={"to": "closed", "confirmed": "yes"})
    head = login(Role.GROUP_HEAD)
    household = world.households[world.group_ids[0]][0]
    assert head.get(f"{_round(world)}/households/{household}/visit").status_code == 409
    page = head.get("/surveys/")
    assert "không mở nên không ghi phiếu mới được" in page.text
    assert f"{household}/visit" not in page.text


def test_a_substitute_is_named_for_some_days_and_ended(
    staff: FlaskClient, world: World, session: Session, clock: FixedClock
) -> None:
    url = f"/surveys/groups/{world.group_ids[0]}/heads"
    today = clock.today()
    days = {"starts_on": today.isoformat(), "ends_on": (today + dt.timedelta(days=3)).isoformat()}
    wrong = staff.post(url, data={"account_id": "", **days})
    assert wrong.status_code == 422
    assert "Chọn người thay." in wrong.text
    officer = str(world.accounts[Role.OFFICER])
    offered = re.findall(r'<option[^>]* value="([^"]+)"', wrong.text)
    assert officer in offered
    assert str(world.accounts[Role.GROUP_HEAD]) not in offered, "the group's own head needs no leave"
    backwards = staff.post(url, data={"account_id": officer, **days, "ends_on": "2026-01-01"})
    assert backwards.status_code == 422
    assert staff.post(url, data={"account_id": officer, **days}).status_code == 303
    page = staff.get(url)
    assert "Thay từ" in page.text
    (stop,) = re.findall(r'action="([^"]+/end)"', page.text)
    assert staff.post(stop).status_code == 303
    grant = session.scalars(select(RoleGrant).where(RoleGrant.ends_at.is_not(None))).one()
    assert grant.revoked_at is not None


def test_households_are_given_to_a_head_and_stand_first_in_the_own_list(
    staff: FlaskClient, login: Login, world: World, session: Session
) -> None:
    url = f"/surveys/groups/{world.group_ids[0]}/assign"
    head = str(world.accounts[Role.GROUP_HEAD])
    garbled = staff.post(url, data={"account_id": head, "numbers": "ba"})
    assert garbled.status_code == 422
    assert "Không hiểu “ba”" in garbled.text
    assert staff.post(url, data={"account_id": head, "household": "x"}).status_code == 400
    assert staff.post(url, data={"account_id": head, "numbers": "2-3"}).status_code == 303
    assert len(session.scalars(select(HouseholdAssignment.household_id)).all()) == 2
    session.rollback()
    mine = login(Role.GROUP_HEAD).get("/surveys/?mine=1")
    assert "Chỉ 2 hộ giao cho bạn" in mine.text
    everything = login(Role.GROUP_HEAD).get("/surveys/")
    numbers = re.findall(r"Hộ số </span>(\d+)", everything.text)
    assert numbers == ["2", "3", "1"]


def test_groups_of_nobody_are_not_found(staff: FlaskClient, world: World) -> None:
    nobody = "00000000-0000-7000-8000-000000000001"
    for path in (
        f"/surveys/groups/{nobody}/heads",
        f"/surveys/groups/{nobody}/assign",
        f"{_round(world)}/groups/{nobody}",
    ):
        assert staff.get(path).status_code == 404
