"""What a phone takes along: its own groups, and nothing of anybody else."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family, visit_of
from tests.web.api.conftest import Phone, body_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus
from webapp.models.database import unit_of_work
from webapp.models.surveys import SurveyRound, Visit
from webapp.services.review import return_visit
from webapp.services.submit_visit import submit_visit


def reference(phone: Phone) -> dict:
    answer = phone.get("/reference")
    assert answer.status_code == 200, answer.text
    return answer.json  # type: ignore[return-value]


@pytest.fixture
def earlier(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> World:
    """A locked round of last year, in which the first household answered twice and the second was absent."""
    round_id = new_id()
    today = clock.today()
    with sessions.begin() as session:
        session.add(
            SurveyRound(
                ward_id=world.ward_id,
                id=round_id,
                name="Đợt cũ",
                starts_on=today - dt.timedelta(days=400),
                ends_on=today - dt.timedelta(days=350),
                status=RoundStatus.OPEN,
            )
        )
    for day, devices in ((360, 1), (355, 7)):
        with unit_of_work(sessions, world.ward_id) as session:
            command = visit_of(
                world,
                round_id=round_id,
                visited_on=today - dt.timedelta(days=day),
                answers=family(iot_connections=devices),
            )
            submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    with sessions.begin() as session:
        session.execute(update(SurveyRound).where(SurveyRound.id == round_id).values(status=RoundStatus.LOCKED))
    return world


def test_it_holds_the_own_groups_households_with_name_and_address(phone: Phone, world: World) -> None:
    found = reference(phone)
    assert found["groups"] == [{"id": str(world.group_ids[0]), "name": "Tổ dân phố 1"}]
    assert [home["id"] for home in found["households"]] == [str(i) for i in world.households[world.group_ids[0]]]
    assert found["households"][0] == {
        "id": str(world.households[world.group_ids[0]][0]),
        "group_id": str(world.group_ids[0]),
        "number": 1,
        "head_name": "Nguyễn Thị Ánh",
        "address": "12 Đường Lê Lợi",
        "assigned_to_me": True,
        "last": None,
        "visit": None,
    }
    assert (found["now"], found["today"], found["form_version"]) == ("2026-11-22T02:00:00Z", "2026-11-22", "2026112200")
    assert found["current_round"] == str(world.round_id)
    assert found["rounds"] == [
        {
            "id": str(world.round_id),
            "name": "Đợt 1",
            "starts_on": "2026-11-02",
            "ends_on": "2026-12-02",
            "status": "open",
            "group_status": {str(world.group_ids[0]): "open"},
        }
    ]
    assert found["extra"] == []


def test_it_holds_the_newest_answers_of_an_earlier_round(phone: Phone, earlier: World) -> None:
    homes = reference(phone)["households"]
    assert homes[0]["last"] == family(iot_connections=7).to_json()
    assert homes[1]["last"] is None
    assert homes[0]["visit"] is None


def test_it_holds_this_rounds_visit_and_why_it_was_returned(
    phone: Phone, earlier: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    body = body_of(earlier)
    receipt = phone.post("/visits", body).json
    assert receipt is not None
    with unit_of_work(sessions, earlier.ward_id) as session:
        visit_id = session.query(Visit.id).filter(Visit.round_id == earlier.round_id).scalar()
        return_visit(session, visit_id, reason="Xem lại số người", actor=earlier.actor(Role.STATISTICIAN), clock=clock)
    home = reference(phone)["households"][0]
    assert home["last"] == family(iot_connections=7).to_json()
    visit = home["visit"]
    assert {name: visit[name] for name in ("id", "round_id", "revision", "status", "sha256", "code")} == {
        "id": body["visit_id"],
        "round_id": body["round_id"],
        "revision": 1,
        "status": "needs_correction",
        "sha256": receipt["sha256"],
        "code": receipt["code"],
    }
    assert "Xem lại số người" in visit["return_reason"]
    assert visit["content"] == {"answers": body["answers"]}
    assert (visit["outcome"], visit["visited_on"]) == ("interviewed", "2026-11-22")


def test_a_door_that_stayed_shut_has_no_answers(phone: Phone, world: World) -> None:
    phone.post("/visits", body_of(world, outcome="absent", answers=None))
    visit = reference(phone)["households"][0]["visit"]
    assert (visit["outcome"], visit["content"]) == ("absent", {"answers": None})


def test_it_is_told_once(phone: Phone, world: World, clock: FixedClock) -> None:
    first = phone.get("/reference")
    tag = first.headers["ETag"]
    clock.move(hours=1)
    again = phone.get("/reference", **{"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    phone.post("/visits", body_of(world))
    changed = phone.get("/reference", **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_without_a_round_the_list_is_there_all_the_same(
    phone: Phone, world: World, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(update(SurveyRound).values(status=RoundStatus.PLANNED))
    found = reference(phone)
    assert (found["rounds"], len(found["households"])) == ([], 3)


def test_its_statements_do_not_grow_with_the_households(
    phone: Phone, earlier: World, sessions: sessionmaker[Session]
) -> None:
    def statements() -> int:
        seen: list[str] = []

        def look(_c: object, _u: object, text: str, *_rest: object) -> None:
            seen.append(text)

        engine = sessions.kw["bind"]
        event.listen(engine, "before_cursor_execute", look)
        reference(phone)
        event.remove(engine, "before_cursor_execute", look)
        return len(seen)

    before = statements()
    for household_id in earlier.households[earlier.group_ids[0]]:
        phone.post("/visits", body_of(earlier, household_id=str(household_id)))
    assert statements() == before <= 11


def test_a_stranger_learns_nothing(client: FlaskClient, world: World) -> None:
    assert client.get("/api/v1/reference").status_code == 401
