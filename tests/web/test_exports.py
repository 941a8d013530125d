"""What leaves the house as a file: the right rows, within rights, harmless, and written down."""

import csv
import dataclasses
import datetime as dt
import io
import json
from collections.abc import Callable, Iterable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.extra_questions import CUOC, DICH_VU, FORM, HAI_LONG, LAP_NGAY, MAY_TINH, VI_SAO
from tests.fakes import FixedClock
from tests.survey_answers import adult, family, visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.core.extra_questions import ExtraFormStatus, ExtraQuestion, QuestionType
from webapp.core.ids import new_id
from webapp.core.surveys import Totals, VisitOutcome
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.extra_forms import ExtraFormRow
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
    worker = Worker(
        sessions,
        Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher, signing=wiring.signing),
        standard_registry(),
    )
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


TINH_THUE = ExtraQuestion(name="tinh", type=QuestionType.INTEGER, label={"vi": "=1+1"})
TRUNG_TEN = ExtraQuestion(name="so_nguoi", type=QuestionType.INTEGER, label={"vi": "Số người"})
VERSIONS = (
    (ExtraFormStatus.RETIRED, FORM.questions),
    (ExtraFormStatus.ACTIVE, (dataclasses.replace(MAY_TINH, label={"vi": "Mấy máy tính?"}), TINH_THUE, TRUNG_TEN)),
    (ExtraFormStatus.DRAFT, (dataclasses.replace(CUOC, name="nhap"),)),
)
GIVEN = {
    "may_tinh": 2, "dich_vu": ["ho_tich", "thue"], "hai_long": "khong", "vi_sao": "=HYPERLINK(1)",
    "cuoc": "-165.5", "lap_ngay": "2024-02-29",
}  # fmt: skip


@pytest.fixture
def asked(session: Session, sessions: sessionmaker[Session], world: World, clock: FixedClock) -> None:
    """Two visits with extra answers, each to its own version of the questions."""
    put_versions(session, world, clock, VERSIONS)
    first, second = world.households[world.group_ids[0]][:2]
    commands = [
        visit_of(world, first, visit_id=new_id(), extra=GIVEN, form_version=FORM.version),
        visit_of(world, second, visit_id=new_id(), extra={"may_tinh": 0, "tinh": -3}),
    ]
    with unit_of_work(sessions, world.ward_id) as unit:
        for command in commands:
            submit_visit(unit, command, actor=world.actor(Role.STATISTICIAN), clock=clock)


def put_versions(
    session: Session,
    world: World,
    clock: FixedClock,
    versions: Iterable[tuple[ExtraFormStatus, tuple[ExtraQuestion, ...]]],
) -> None:
    session.add_all(
        ExtraFormRow(
            ward_id=world.ward_id,
            id=new_id(),
            round_id=world.round_id,
            number=number,
            status=status,
            questions=[question.to_json() for question in questions],
            made_at=clock.now(),
        )
        for number, (status, questions) in enumerate(versions, 1)
    )
    session.commit()


def extra_of(row: dict[str, str]) -> dict[str, str]:
    return {code: text for code, text in row.items() if code.startswith("them_")}


def ordered(rows: Iterable[dict[str, str]], code: str) -> list[dict[str, str]]:
    return sorted(rows, key=lambda row: row[code], reverse=True)


@pytest.mark.usefixtures("asked")
def test_each_extra_question_of_any_version_is_one_column(login: Login) -> None:
    old, new = ordered(rows_of(order(login(Role.STATISTICIAN))), "them_may_tinh")
    assert extra_of(old) == {
        "them_may_tinh": "2",
        "them_tinh": "",
        "them_so_nguoi": "",
        "them_dich_vu": "ho_tich thue",
        "them_hai_long": "khong",
        "them_cuoc": "-165.5",
        "them_lap_ngay": "2024-02-29",
    }
    assert {code: text for code, text in extra_of(new).items() if text} == {"them_may_tinh": "0", "them_tinh": "-3"}
    adults = rows_of(order(login(Role.STATISTICIAN), table="adults"))
    assert adults
    assert extra_of(adults[0]) == {}


@pytest.mark.usefixtures("asked")
def test_extra_headings_are_the_newest_words_harmless_and_told_apart(login: Login) -> None:
    old, new = ordered(rows_of(order(login(Role.LEADER), wording="words")), "Mấy máy tính?")
    assert (old[DICH_VU.label["vi"]], old[HAI_LONG.label["vi"]]) == ("Hộ tịch, Thuế", "Không")
    assert old[LAP_NGAY.label["vi"]] == "2024-02-29"
    assert (new["'=1+1"], new["Số người"], new["Số người (them_so_nguoi)"]) == ("-3", "4", "")
    assert MAY_TINH.label["vi"] not in old


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("wording", ["codes", "words"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_free_text_of_extra_questions_goes_the_way_of_names(login: Login, kind: str, wording: str) -> None:
    for role in (Role.LEADER, Role.AUDITOR, Role.GROUP_HEAD):
        text = order(login(role), kind=kind, names="y", wording=wording).data.decode()
        assert "hai_long" in text or HAI_LONG.label["vi"] in text
        assert not any(secret in text for secret in ("HYPERLINK", "vi_sao", VI_SAO.label["vi"]))
    client = login(Role.STATISTICIAN)
    assert "HYPERLINK" not in order(client, kind=kind, wording=wording).text
    assert "HYPERLINK" in order(client, kind=kind, wording=wording, names="y").text


@pytest.mark.usefixtures("asked")
def test_free_text_cells_cannot_run_and_keep_a_column_of_their_own(login: Login) -> None:
    old, _new = ordered(rows_of(order(login(Role.STATISTICIAN), names="y")), "them_may_tinh")
    assert old["them_vi_sao"] == "'=HYPERLINK(1)"


@pytest.mark.usefixtures("asked")
def test_a_name_that_became_free_text_gives_only_its_harmless_version(
    login: Login, session: Session, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    session.execute(update(ExtraFormRow).where(ExtraFormRow.number == 2).values(status=ExtraFormStatus.RETIRED))
    texts = dataclasses.replace(HAI_LONG, type=QuestionType.TEXT, choices=(), relevant=None)
    session.execute(
        update(ExtraFormRow)
        .where(ExtraFormRow.number == 3)
        .values(status=ExtraFormStatus.ACTIVE, questions=[texts.to_json()])
    )
    session.commit()
    command = visit_of(world, world.households[world.group_ids[1]][0], extra={"hai_long": "Ông Tư nói vậy"})
    with unit_of_work(sessions, world.ward_id) as unit:
        submit_visit(unit, command, actor=world.actor(Role.STATISTICIAN), clock=clock)
    client = login(Role.STATISTICIAN)
    assert sorted(row["them_hai_long"] for row in rows_of(order(client))) == ["", "", "khong"]
    assert "Ông Tư" not in order(client, kind="json").text
    assert "Ông Tư nói vậy" in [row["them_hai_long"] for row in rows_of(order(client, names="y"))]


@pytest.mark.usefixtures("asked")
def test_json_has_the_extra_answers_as_they_are_stored(login: Login, visits: list[str]) -> None:
    found = json.loads(order(login(Role.STATISTICIAN), kind="json", names="y").data)["visits"]
    given = sorted((visit["extra"] for visit in found if "extra" in visit), key=len)
    assert given == [{"may_tinh": 0, "tinh": -3}, GIVEN]
    assert len(found) == 5


@pytest.mark.usefixtures("asked")
def test_a_workbook_has_the_extra_answers_as_numbers_days_and_words(
    login: Login, sessions: sessionmaker[Session], wiring: Wiring
) -> None:
    client = login(Role.STATISTICIAN)
    address = order(client, kind="xlsx", wording="words", names="y").headers["Location"]
    ports = Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher, signing=wiring.signing)
    assert Worker(sessions, ports, standard_registry()).run_once()
    book = load_workbook(io.BytesIO(client.post(f"{address}/file").data))
    heads, *rows = book["Phiếu"].iter_rows(values_only=True)
    old = next(found for row in rows if (found := dict(zip(heads, row, strict=True)))["Mấy máy tính?"] == 2)
    assert (old[CUOC.label["vi"]], old[LAP_NGAY.label["vi"]]) == (-165.5, dt.datetime(2024, 2, 29))
    assert (old[DICH_VU.label["vi"]], old[VI_SAO.label["vi"]]) == ("Hộ tịch, Thuế", "'=HYPERLINK(1)")
    assert "'=1+1" in heads
    assert not any(label in heads for label in ("=1+1", "Cảm ơn gia đình."))
    assert "Số người (them_so_nguoi)" not in [cell.value for cell in book["Người lớn"][1]]
