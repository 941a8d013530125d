"""The grid for paper forms as a page of twenty rows, and row by row as the script sends it."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family, visit_of
from tests.web.survey_pages import Fields, fields_on
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus, VisitOutcome, VisitStatus
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.surveys import Visit, VisitRevision
from webapp.services.facts import rebuild_facts
from webapp.services.facts_rebuild import compare_facts
from webapp.services.review import approve_visits
from webapp.services.rounds import move_round
from webapp.services.submit_visit import submit_visit

Login = Callable[[Role], FlaskClient]
FULL = {
    "residents": "5",
    "adults": "3",
    "residents_14plus": "4",
    "smartphone_adults": "2",
    "digital_id_residents": "5",
    "vneid_l2": "k",
    "esignature_adults": "1",
    "digital_signature_adults": "0",
    "fibre_connected": "c",
    "fibre_covered": "",
    "fibre_speed": "1",
    "iot_connections": "2",
}


@pytest.fixture
def address(sessions: sessionmaker[Session], world: World) -> str:
    with unit_of_work(sessions, world.ward_id) as session:
        rebuild_facts(session, world.ward_id)
    return f"/surveys/rounds/{world.round_id}/groups/{world.group_ids[0]}/grid"


def typed(page: Fields, row: int, **cells: str) -> Fields:
    for key, text in {**FULL, **cells}.items():
        page[f"r{row}-{key}"] = text
    return page


def one_row(page: Fields, row: int) -> Fields:
    kept = [(name, value) for name, value in page.items(multi=True) if name.startswith(f"r{row}-")]
    return Fields([*kept, ("usual_day", page["usual_day"])])


def send_row(client: FlaskClient, address: str, fields: Fields) -> dict:  # type: ignore[type-arg]
    answer = client.post(address, data=fields, headers={"X-Grid-Row": "1"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json["rows"]) == 1  # type: ignore[index]
    return answer.json["rows"][0]  # type: ignore[index, no-any-return]


def states(text: str) -> list[str]:
    return re.findall(r'data-state="(\w+)"', text)


def test_the_way_to_the_grid(login: Login, world: World, address: str) -> None:
    client = login(Role.STATISTICIAN)
    assert "/surveys/grid" in client.get("/surveys/tools").text
    assert "Mở bảng nhập" in client.get("/surveys/grid").text
    opened = client.get(f"/surveys/grid?round={world.round_id}&group={world.group_ids[0]}")
    assert opened.location == address
    page = client.get(opened.location).text
    assert states(page) == ["new", "new", "new"]
    assert "Trần Đình Ấn" in page


def test_rows_are_saved_each_for_itself_without_scripts(
    login: Login, world: World, session: Session, address: str
) -> None:
    client = login(Role.STATISTICIAN)
    fields = typed(fields_on(client.get(address)), 0)
    fields = typed(fields, 1, adults="7", smartphone_adults="x")
    page = client.post(address, data=fields)
    assert states(page.text) == ["saved", "error", "new"]
    assert "Lỗi:" in page.text
    assert 'name="r1-adults" value="7"' in page.text
    assert "1 dòng chưa lưu" in page.text
    revision = session.scalars(select(VisitRevision)).one()
    assert (revision.source, revision.totals_only) == ("grid", True)
    assert "vneid_l2" not in revision.answers["totals"]
    assert compare_facts(session, world.ward_id) == ([], 0)


def test_a_page_sent_again_makes_no_new_revision(login: Login, world: World, session: Session, address: str) -> None:
    client = login(Role.STATISTICIAN)
    page = client.post(address, data=typed(fields_on(client.get(address)), 0))
    assert states(client.post(address, data=fields_on(page)).text) == ["saved", "new", "new"]
    fields = fields_on(client.get(address))
    assert fields["r0-residents"] == "5"
    assert fields["r0-vneid_l2"] == "k"
    fields["r0-residents"] = "6"
    assert states(client.post(address, data=fields).text) == ["saved", "new", "new"]
    found = session.scalars(select(VisitRevision).order_by(VisitRevision.number)).all()
    assert [(row.number, row.answers["totals"]["residents"], bool(row.reason)) for row in found] == [
        (1, 5, False),
        (2, 6, True),
    ]


def test_a_row_that_was_sent_twice_is_stored_once(login: Login, world: World, session: Session, address: str) -> None:
    client = login(Role.STATISTICIAN)
    row = one_row(typed(fields_on(client.get(address)), 2), 2)
    first = send_row(client, address, row)
    assert (first["state"], first["word"]) == ("saved", "Đã lưu")
    again = send_row(client, address, row)
    assert [again[key] for key in ("state", "visit", "base", "seen")] == [
        first[key] for key in ("state", "visit", "base", "seen")
    ]
    assert session.scalar(select(func.count()).select_from(VisitRevision)) == 1
    assert not {"Đỗ", "Phan"} & set(str(first).split())


def test_what_cannot_be_true_is_told_at_its_cell(login: Login, world: World, address: str) -> None:
    client = login(Role.GROUP_HEAD)
    row = one_row(typed(fields_on(client.get(address)), 0, smartphone_adults="4", iot_connections=""), 0)
    answer = send_row(client, address, row)
    assert answer["state"] == "error"
    assert list(answer["errors"]) == ["iot_connections"]
    row["r0-iot_connections"] = "0"
    assert list(send_row(client, address, row)["errors"]) == ["smartphone_adults"]


def test_a_soft_question_is_confirmed_in_the_row_and_kept(
    login: Login, world: World, session: Session, address: str
) -> None:
    client = login(Role.STATISTICIAN)
    row = one_row(typed(fields_on(client.get(address)), 0, residents="14"), 0)
    answer = send_row(client, address, row)
    assert (answer["state"], answer["word"]) == ("ask", "Cần hỏi lại")
    assert answer["questions"] == [["many_residents", "Nhà có 14 người, đúng không?"]]
    row.add("r0-confirmed", "many_residents")
    assert send_row(client, address, row)["state"] == "saved"
    assert [q["code"] for q in session.scalars(select(VisitRevision.confirmed)).one()] == ["many_residents"]


def test_nobody_met_is_stored_without_answers_and_typed_over_later(
    login: Login, world: World, session: Session, address: str
) -> None:
    client = login(Role.STATISTICIAN)
    empty = dict.fromkeys(FULL, "")
    row = one_row(typed(fields_on(client.get(address)), 0, **empty, outcome="2"), 0)
    assert send_row(client, address, row)["state"] == "saved"
    page = client.get(address)
    assert "không gặp" in page.text
    row = one_row(typed(fields_on(page), 0), 0)
    answer = send_row(client, address, row)
    assert [code for code, _text in answer["questions"]] == ["visited_already"]
    row.add("r0-confirmed", "visited_already")
    assert send_row(client, address, row)["state"] == "saved"
    outcomes = session.scalars(select(Visit.outcome).order_by(Visit.submitted_at, Visit.id)).all()
    assert sorted(outcomes) == [VisitOutcome.ABSENT, VisitOutcome.INTERVIEWED]


def test_two_clerks_see_both_values_and_choose(login: Login, world: World, session: Session, address: str) -> None:
    one, other = login(Role.STATISTICIAN), login(Role.GROUP_HEAD)
    mine, theirs = (one_row(typed(fields_on(client.get(address)), 0), 0) for client in (one, other))
    theirs["r0-residents"] = "6"
    assert send_row(other, address, theirs)["state"] == "saved"
    answer = send_row(one, address, mine)
    assert answer["state"] == "taken"
    assert answer["differences"][0] == "Số người trong nhà: đã lưu 6, bạn ghi 5"
    assert session.scalar(select(func.count()).select_from(Visit)) == 1
    session.rollback()  # SQLite has one writer
    kept = mine.copy()
    kept["r0-choice"] = "theirs"
    assert send_row(one, address, kept)["cells"]["residents"] == "6"
    mine["r0-choice"] = f"mine:{answer['theirs']}"
    assert send_row(one, address, mine)["state"] == "saved"
    totals = [row.answers["totals"]["residents"] for row in session.scalars(select(VisitRevision))]
    assert sorted(totals) == [5, 6]
    assert session.scalar(select(func.count()).select_from(Visit)) == 1


def test_visits_by_lines_and_approved_ones_are_only_shown(
    login: Login, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session, address: str
) -> None:
    client = login(Role.STATISTICIAN)
    client.post(address, data=typed(fields_on(client.get(address)), 1))
    with unit_of_work(sessions, world.ward_id) as arranged:
        actor = world.actor(Role.STATISTICIAN)
        by_totals = arranged.scalars(select(Visit.id)).one()
        approve_visits(arranged, [by_totals], actor=actor, clock=clock)
        submit_visit(arranged, visit_of(world, answers=family()), actor=actor, clock=clock)
    page = client.get(address).text
    assert states(page) == ["kept", "kept", "new"]
    assert "ghi từng người" in page
    assert states(client.get(f"{address}?left=1").text) == ["new"]


def test_a_round_that_closed_meanwhile_keeps_what_was_typed_and_logs_it(
    login: Login, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session, address: str
) -> None:
    client = login(Role.STATISTICIAN)
    fields = typed(typed(fields_on(client.get(address)), 0), 1)
    with unit_of_work(sessions, world.ward_id) as arranged:
        move_round(arranged, world.round_id, RoundStatus.CLOSED, actor=world.actor(Role.STATISTICIAN), clock=clock)
    page = client.post(address, data=fields)
    assert states(page.text) == ["error", "error", "new"]
    assert 'name="r0-residents" value="5"' in page.text
    assert session.scalar(select(func.count()).select_from(Visit)) == 0
    assert "visit:refused" in session.scalars(select(AuditEvent.tag)).all()


def test_rows_of_another_group_are_not_found(login: Login, world: World, address: str) -> None:
    client = login(Role.GROUP_HEAD)
    fields = one_row(typed(fields_on(client.get(address)), 0), 0)
    fields["r0-household"] = str(world.households[world.group_ids[1]][0])
    assert client.post(address, data=fields).status_code == 404
    assert client.get(address.replace(str(world.group_ids[0]), str(world.group_ids[1]))).status_code == 404
    fields["r0-household"] = "x"
    assert client.post(address, data=fields).status_code == 400
    assert client.post(address, data={"usual_day": ""}).status_code == 400


def test_a_returned_visit_is_typed_over(
    login: Login, world: World, sessions: sessionmaker[Session], session: Session, address: str
) -> None:
    client = login(Role.STATISTICIAN)
    client.post(address, data=typed(fields_on(client.get(address)), 0))
    with sessions.begin() as arranged:
        visit = arranged.scalars(select(Visit)).one()
        visit.status, visit.return_reason = VisitStatus.NEEDS_CORRECTION, "Xem lại"
    row = one_row(fields_on(client.get(address)), 0)
    assert UUID(row["r0-visit"])
    row["r0-residents"] = "6"
    assert send_row(client, address, row)["state"] == "saved"
    assert session.scalars(select(Visit.status)).one() is VisitStatus.SUBMITTED
