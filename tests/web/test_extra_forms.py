"""Extra questions on staff pages and on the visit form."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.world import World
from webapp.core.access import Role
from webapp.core.extra_questions import ExtraFormStatus
from webapp.models.extra_forms import ExtraFormRow
from webapp.models.surveys import VisitRevision

SURVEY = [
    "type",
    "name",
    "label::Tiếng Việt (vi)",
    "label::English (en)",
    "required",
    "relevant",
    "constraint",
    "calculation",
]
GOOD = [
    ["integer", "may_tinh", "Nhà có mấy máy tính?", "How many computers?", "yes", None, ". >= 0 and . <= 20"],
    ["select_one co_khong", "trong_nha", "Dùng trong nhà không?", "At home?", "yes", "${may_tinh} > 0"],
    ["note", "cam_on", "Cảm ơn gia đình"],
]
CHOICES = [["co_khong", "co", "Có", "Yes"], ["co_khong", "khong", "Không", "No"]]


def workbook(survey: list[list[str | None]], choices: list[list[str]] = CHOICES) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, header, rows in (
        ("survey", SURVEY, survey),
        ("choices", ["list_name", "name", "label::Tiếng Việt (vi)", "label::English (en)"], choices),
    ):
        sheet = book.create_sheet(name)
        for row in [header, *rows]:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def staff(login: Callable[[Role], FlaskClient]) -> FlaskClient:
    return login(Role.STATISTICIAN)


def _upload(client: FlaskClient, world: World, content: bytes):
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="cau-hoi.xlsx"\r\n\r\n'
    address = f"/surveys/rounds/{world.round_id}/form"
    return client.post(address, data=head + content + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")


def _take_over(client: FlaskClient, world: World, content: bytes):
    preview = _upload(client, world, content).headers["Location"]
    return client.post(f"{preview}/use")


def test_questions_are_uploaded_looked_at_and_taken_into_use(
    staff: FlaskClient, world: World, session: Session
) -> None:
    answer = _upload(staff, world, workbook(GOOD))
    assert answer.status_code == 303
    preview = staff.get(answer.headers["Location"])
    assert "Nhà có mấy máy tính?" in preview.text
    assert "Dùng trong nhà không?" in preview.text
    assert staff.post(f"{answer.headers['Location']}/use").status_code == 303
    row = session.scalars(select(ExtraFormRow)).one()
    assert (row.status, row.number, len(row.questions)) == (ExtraFormStatus.ACTIVE, 1, 3)
    session.rollback()
    assert _take_over(staff, world, workbook(GOOD[:1])).status_code == 303
    statuses = {row.number: row.status for row in session.scalars(select(ExtraFormRow))}
    assert statuses == {1: ExtraFormStatus.RETIRED, 2: ExtraFormStatus.ACTIVE}


def test_what_cannot_be_done_is_told_with_sheet_row_and_column_and_nothing_is_stored(
    staff: FlaskClient, world: World, session: Session
) -> None:
    bad = [
        ["geopoint", "vi_tri", "Ở đâu?"],
        ["integer", "note", "Tên đã dùng"],
        ["integer", "Hai Ba", "Tên sai"],
        ["integer", "so", None],
        ["select_one la", "chon", "Chọn"],
        ["integer", "tong", "Tổng", None, None, "count(${so}) > 1", ". > sum(1)", "1 + 1"],
        ["integer", "sau", "Sau", None, "maybe", "${chua_co} = 1"],
    ]
    answer = _upload(staff, world, workbook(bad))
    assert answer.status_code == 422
    for place in (
        "Trang survey, dòng 2, cột type",
        "Trang survey, dòng 3, cột name",
        "Trang survey, dòng 4, cột name",
        "Trang survey, dòng 5, cột label::tiếng việt (vi)",
        "Trang survey, dòng 6, cột type",
        "Trang survey, dòng 7, cột relevant",
        "Trang survey, dòng 7, cột constraint",
        "Trang survey, dòng 7, cột calculation",
        "Trang survey, dòng 8, cột required",
        "Trang survey, dòng 8, cột relevant",
    ):
        assert place in answer.text, place
    assert session.scalars(select(ExtraFormRow)).all() == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Tệp rỗng"),
        (b"%PDF-1.7", "tệp PDF"),
        (b"PK\x03\x04broken", "hỏng"),
        (b"x" * (2 * 1024 * 1024 + 1), "lớn quá 2 MB"),
        (workbook([]), "chưa có câu hỏi nào"),
        (workbook([["integer", "so", "=1+1"]]), "công thức"),
        (workbook([["text", f"c{n}", "Câu"] for n in range(61)]), "Nhiều nhất 60"),
    ],
    ids=["empty", "pdf", "broken", "large", "no question", "formula", "too many"],
)
def test_files_that_are_no_questions_are_refused_with_words(
    staff: FlaskClient, world: World, content: bytes, told: str
) -> None:
    answer = _upload(staff, world, content)
    assert answer.status_code == 422
    assert told in answer.text


def test_the_form_and_the_sheet_to_write_in_are_xlsforms(staff: FlaskClient, world: World) -> None:
    for name in ("form", "questions"):
        content = staff.get(f"/surveys/rounds/{world.round_id}/{name}.xlsx").data
        converted = convert(io.BytesIO(content), validate=False, file_type=".xlsx")
        assert converted.warnings == []
        book = load_workbook(io.BytesIO(content))
        assert book.sheetnames == ["survey", "choices", "settings"]
        header = [cell.value for cell in book["survey"][1]]
        assert {"label::Tiếng Việt (vi)", "label::English (en)"} <= set(header)


def test_an_exported_sheet_comes_back_as_the_same_questions(staff: FlaskClient, world: World, session: Session) -> None:
    _take_over(staff, world, workbook(GOOD))
    for name in ("form", "questions"):
        content = staff.get(f"/surveys/rounds/{world.round_id}/{name}.xlsx").data
        assert _upload(staff, world, content).status_code == 303
    questions = [row.questions for row in session.scalars(select(ExtraFormRow))]
    assert len(questions) == 3
    assert questions[0] == questions[1] == questions[2]


def _visit(world: World, **changes: str) -> dict[str, str]:
    fields = {
        "visit_id": "0190a1b2-0000-7000-8000-000000000001",
        "mode": "lines",
        "outcome": "interviewed",
        "visited_on": "2026-11-22",
        "adult_count": "1",
        "adults-0-last": "",
        "adults-0-sex": "female",
        "adults-0-age_band": "30-44",
        "adults-0-smartphone": "yes",
        "adults-0-digital_id": "yes",
        "adults-0-vneid_level": "1",
        "adults-0-digital_signature": "no",
        "adults-0-e_signature": "no",
        "fibre_connected": "no",
        "fibre_covered": "unknown",
        "iot_connections": "0",
        "action": "check",
        **{f"minors_{band}-count": "0" for band in ("0_5", "6_13", "14", "15_17")},
    }
    return {**fields, **changes}


def _hidden(html: str, name: str) -> str:
    import html as entities
    import re

    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return entities.unescape(found[1])


def test_the_head_is_asked_what_the_answers_call_for_and_sees_it_again(
    staff: FlaskClient, login: Callable[[Role], FlaskClient], world: World, session: Session
) -> None:
    _take_over(staff, world, workbook(GOOD))
    head = login(Role.GROUP_HEAD)
    household = world.households[world.group_ids[0]][0]
    step = f"/surveys/rounds/{world.round_id}/households/{household}/visit"
    first = head.post(step, data=_visit(world))
    assert (first.status_code, "Nhà có mấy máy tính?" in first.text) == (200, True)
    assert "Dùng trong nhà không?" not in first.text
    seen = _hidden(first.text, "extra_seen")
    missing = head.post(step, data=_visit(world, extra_seen=seen))
    assert (missing.status_code, "Ô này chưa có nội dung" in missing.text) == (422, True)
    wrong = head.post(step, data=_visit(world, extra_seen=seen, **{"extra-may_tinh": "21"}))
    assert wrong.status_code == 422
    more = head.post(step, data=_visit(world, extra_seen=seen, **{"extra-may_tinh": "2"}))
    assert (more.status_code, "Có câu hỏi mới" in more.text, "Dùng trong nhà không?" in more.text) == (200, True, True)
    answers = {"extra-may_tinh": "2", "extra-trong_nha": "co", "extra_seen": _hidden(more.text, "extra_seen")}
    check = head.post(step, data=_visit(world, **answers))
    assert (check.status_code, "Câu hỏi thêm" in check.text, "Xem lại trước khi nộp" in check.text) == (200, True, True)
    content = _hidden(check.text, "content")
    back = head.post(step, data={"visit_id": _visit(world)["visit_id"], "content": content, "action": "edit-extra"})
    assert 'value="2"' in back.text
    sent = head.post(f"/surveys/visits/{_visit(world)['visit_id']}/submit", data={"content": content})
    assert sent.status_code == 303
    revision = session.scalars(select(VisitRevision)).one()
    assert (revision.extra, revision.extra_form) == ({"may_tinh": 2, "trong_nha": "co"}, 1)
    page = head.get(f"/surveys/visits/{_visit(world)['visit_id']}").text
    assert "Dùng trong nhà không?" in page
    assert "Nhà có mấy máy tính?" in page
    assert head.get(f"/surveys/visits/{_visit(world)['visit_id']}/history").status_code == 200


def test_a_version_that_does_not_fit_answers_given_is_not_taken_over(
    staff: FlaskClient, login: Callable[[Role], FlaskClient], world: World, session: Session
) -> None:
    test_the_head_is_asked_what_the_answers_call_for_and_sees_it_again(staff, login, world, session)
    session.rollback()
    tighter = [["integer", "may_tinh", "Máy tính", None, "yes", None, ". <= 1"]]
    refused = _take_over(staff, world, workbook(tighter))
    assert refused.status_code == 422
    assert "Câu “may_tinh”: 1 phiếu" in refused.text
    assert "Câu “trong_nha”: 1 phiếu" in refused.text
    wider = [*GOOD, ["text", "them", "Còn gì nữa không?", None, "yes"]]
    assert _take_over(staff, world, workbook(wider)).status_code == 303


def test_a_head_and_a_leader_do_not_change_forms(login: Callable[[Role], FlaskClient], world: World) -> None:
    for role in (Role.GROUP_HEAD, Role.LEADER):
        client = login(role)
        assert client.get("/surveys/forms").status_code == 403
        assert _upload(client, world, workbook(GOOD)).status_code == 403


def test_the_page_of_forms_leads_everywhere(staff: FlaskClient, world: World) -> None:
    page = staff.get("/surveys/forms").text
    assert f"/surveys/rounds/{world.round_id}/form" in page
    assert "/surveys/odk" in page
    assert staff.get("/surveys/rounds").status_code == 200
