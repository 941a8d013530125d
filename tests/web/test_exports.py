"""What leaves the house as a file: the right rows, within rights, harmless, and written down."""

import csv
import dataclasses
import io
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.fakes import FixedClock
from tests.survey_answers import adult, family, visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.surveys import Totals, VisitOutcome
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.services.submit_visit import submit_visit
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
URL = "/exports/"


@pytest.fixture
def visits(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> list[str]:
    """Three visits: lines (corrected once), totals, absent; the last in group 2."""
    first, second = world.households[world.group_ids[0]][:2]
    third = world.households[world.group_ids[1]][0]
    ids = sorted(new_id() for _ in range(3))
    commands = [
        visit_of(world, first),
        visit_of(
            world, second, answers=family(adults=(), minors=(), totals=Totals(residents=5, adults=3), note="=cmd")
        ),
        visit_of(world, third, outcome=VisitOutcome.ABSENT, answers=None),
    ]
    commands = [dataclasses.replace(command, visit_id=ids.pop(0)) for command in commands]
    with unit_of_work(sessions, world.ward_id) as session:
        for command in commands:
            submit_visit(session, command, actor=world.actor(Role.STATISTICIAN), clock=clock)
        corrected = family(adults=(adult(), adult(smartphone=False)))
        again = dataclasses.replace(commands[0], answers=corrected, base_revision=1, reason="@SUM(1)")
        submit_visit(session, again, actor=world.actor(Role.STATISTICIAN), clock=clock)
    return [command.visit_id.hex for command in commands]


def order(client: FlaskClient, **fields: str) -> TestResponse:
    values = {"round_id": "", "group_id": "", "status": "", "kind": "csv", "table": "visits", "wording": "codes"}
    return client.post(URL, data={**values, **fields})


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_csv_has_one_row_a_visit_with_its_newest_answers(login: Login, visits: list[str]) -> None:
    answer = order(login(Role.STATISTICIAN))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="khao-sat-visits-2026-11-22.csv"'
    lines, totals, absent = rows_of(answer)
    assert [row["visit_id"] for row in (lines, totals, absent)] == visits
    assert (lines["revision"], lines["residents"], lines["adults"]) == ("2", "4", "2")
    assert (lines["adults_smartphone"], lines["adults_smartphone_unknown"]) == ("1", "0")
    assert (lines["fibre_connected"], lines["made_at"]) == ("true", "2026-11-22T09:00:00+07:00")
    assert (totals["adults"], totals["adults_smartphone"], totals["totals_only"]) == ("3", "", "true")
    assert (absent["outcome"], absent["adults"], absent["group_code"]) == ("absent", "", "02")


def test_headings_and_cells_are_vietnamese_when_wished(login: Login, visits: list[str]) -> None:
    row = rows_of(order(login(Role.LEADER), wording="words"))[0]
    assert (row["Tổ dân phố"], row["Kết quả"], row["Đã lắp cáp quang"]) == ("Tổ dân phố 1", "Gặp và hỏi được", "Có")


def test_all_revisions_are_given_when_wished(login: Login, visits: list[str]) -> None:
    found = rows_of(order(login(Role.AUDITOR), revisions="y"))
    assert [(row["visit_id"], row["revision"]) for row in found] == [
        (visits[0], "1"),
        (visits[0], "2"),
        (visits[1], "1"),
        (visits[2], "1"),
    ]


def test_adult_lines_are_a_table_of_their_own(login: Login, visits: list[str]) -> None:
    found = rows_of(order(login(Role.LEADER), table="adults", revisions="y"))
    assert [(row["revision"], row["line"], row["smartphone"]) for row in found] == [
        ("1", "1", "true"),
        ("1", "2", ""),
        ("2", "1", "true"),
        ("2", "2", "false"),
    ]


def test_json_nests_answers_and_adults(login: Login, visits: list[str]) -> None:
    answer = order(login(Role.STATISTICIAN), kind="json")
    found = json.loads(answer.data)["visits"]
    assert [visit["visit_id"] for visit in found] == visits
    assert [line["smartphone"] for line in found[0]["answers"]["adults"]] == [True, False]
    assert found[0]["answers"]["minors"][0] == {"band": "6-13", "count": 1, "digital_id": 1}
    assert found[1]["answers"]["totals"] == {"residents": 5, "adults": 3}
    assert "answers" not in found[2]
    assert "note" not in answer.text
    assert json.loads(order(login(Role.STATISTICIAN), kind="json", status="locked").data) == {"visits": []}


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.GROUP_HEAD])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_names_and_free_text_are_for_the_statistician_alone(
    login: Login, visits: list[str], role: Role, kind: str
) -> None:
    answer = order(login(role), kind=kind, names="y", wording="words")
    assert answer.status_code == 200
    for secret in ("Nguyễn", "Lê Lợi", "Gọi trước", "@SUM", "Họ tên"):
        assert secret not in answer.data.decode()


def test_names_are_given_where_chosen_harmless_and_written_down(
    login: Login, visits: list[str], session: Session
) -> None:
    client = login(Role.STATISTICIAN)
    assert "head_name" not in rows_of(order(client))[0]
    found = rows_of(order(client, names="y"))
    assert (found[0]["head_name"], found[0]["address"]) == ("Nguyễn Thị Ánh", "12 Đường Lê Lợi")
    assert (found[0]["reason"], found[1]["note"]) == ("'@SUM(1)", "'=cmd")
    events = session.scalars(select(AuditEvent).where(AuditEvent.tag == AuditTag.EXPORT).order_by(AuditEvent.sequence))
    assert [event.detail.get("names", False) for event in events] == [False, True]


def test_a_head_gets_their_own_group_and_no_other(login: Login, world: World, visits: list[str]) -> None:
    client = login(Role.GROUP_HEAD)
    assert [row["visit_id"] for row in rows_of(order(client))] == visits[:2]
    assert order(client, group_id=str(world.group_ids[1])).status_code == 422


def test_round_group_and_state_narrow_the_rows(login: Login, world: World, visits: list[str]) -> None:
    client = login(Role.STATISTICIAN)
    assert len(rows_of(order(client, round_id=str(world.round_id)))) == 3
    assert [row["visit_id"] for row in rows_of(order(client, group_id=str(world.group_ids[1])))] == visits[2:]
    assert rows_of(order(client, status="approved")) == []
    assert len(rows_of(order(client, status="submitted"))) == 3
    assert order(client, round_id=str(world.ward_id)).status_code == 422
    assert order(client, kind="pdf").status_code == 422


def test_a_workbook_is_made_by_a_job_and_fetched_by_who_asked(
    login: Login, visits: list[str], sessions: sessionmaker[Session], wiring: Wiring
) -> None:
    client = login(Role.STATISTICIAN)
    page = order(client, kind="xlsx", names="y")
    assert page.status_code == 303
    address = page.headers["Location"]
    assert "data-live-again" in client.get(address).text
    assert client.post(f"{address}/file").status_code == 409
    worker = Worker(sessions, Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher), standard_registry())
    assert worker.run_once()
    done = client.get(address)
    assert "Tệp có 3 phiếu" in done.text
    assert "data-live-again" not in done.text
    answer = client.post(f"{address}/file")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Phiếu", "Người lớn"]
    assert [row[0] for row in book["Phiếu"].iter_rows(min_row=2, values_only=True)] == visits
    assert book["Người lớn"].max_row == 3
    assert "Nguyễn Thị Ánh" in [cell.value for cell in book["Phiếu"][2]]
    assert login(Role.LEADER).get(address).status_code == 404
    assert login(Role.LEADER).post(f"{address}/file").status_code == 404


def test_a_waiting_workbook_can_be_stopped(login: Login, visits: list[str]) -> None:
    client = login(Role.LEADER)
    address = order(client, kind="xlsx").headers["Location"]
    assert client.post(f"{address}/stop").status_code == 303
    assert "Đã dừng" in client.get(address).text
