"""The import pages: upload, columns, check, store, result, and every kind of bad file."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.workbooks import HEADINGS, PERSON, bomb, raw_workbook, sheet_xml, workbook
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus
from webapp.models.households import ImportBatch
from webapp.models.surveys import SurveyRound, Visit

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def desk(login: Login) -> FlaskClient:
    return login(Role.STATISTICIAN)


def upload(client: FlaskClient, world: World, content: bytes, name: str = "ho.xlsx") -> TestResponse:
    data = {"round_id": str(world.round_id), "file": (io.BytesIO(content), name)}
    return client.post("/surveys/imports", data=data, content_type="multipart/form-data")


def fields_of(page: str) -> dict[str, str]:
    """Give what the mapping form would send as it stands."""
    found = {}
    for name, body in re.findall(r'<select class="input"[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and 'type="radio"' not in tag and name[1] not in {"was", "csrf_token"}:
            found[name[1]] = value[1]
    return found


def decide(client: FlaskClient, address: str, **changes: str) -> TestResponse:
    page = client.get(address)
    assert page.status_code == 200
    return client.post(address, data=fields_of(page.text) | changes)


def through(client: FlaskClient, world: World, content: bytes, **changes: str) -> TestResponse:
    """Upload and decide; give the check page."""
    there = upload(client, world, content)
    assert there.status_code == 303, there.text
    decided = decide(client, there.location, **changes)
    assert decided.status_code == 303, decided.text
    return client.get(decided.location)


def visits(session: Session) -> int:
    """Count stored visits, and let go of the database again."""
    found = session.scalar(select(func.count()).select_from(Visit)) or 0
    session.rollback()
    return found


def test_a_messy_workbook_goes_through_all_pages(desk: FlaskClient, world: World, session: Session) -> None:
    content = workbook(
        ["UBND PHƯỜNG THỬ NGHIỆM"],
        ["PHIẾU TỔNG HỢP SỐ LIỆU HỘ GIA ĐÌNH"],
        [],
        [
            "Stt",
            "TDP",
            "HỌ VÀ TÊN\nCHỦ HỘ",
            "Địa chỉ",
            "Số\nnhân khẩu",
            "Người lớn",
            "Điện thoại thông minh",
            None,
            "Ghi chú",
        ],
        [None, None, None, None, None, None, "Có", "Không", None],
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
        [101, "Tổ 1", "Lê Thị Bưởi", "9 Trần Phú", "04", "2 ", 2, 0, None],
        [102, "2", "Đỗ Ổi", "10 Trần Phú", 5.0, "3 người", "-", 1, "nhà mới"],
        ["Tổng cộng", None, None, None, 9, 5, 2, 1, None],
        [None, None, None, None, None, None, "Người lập biểu", None, None],
        merges=("A1:I1", "A2:I2", "G4:H4", "A4:A5", "C4:C5"),
    )
    check = through(desk, world, content)
    assert check.status_code == 200
    assert "Tệp không có lỗi" in check.text
    assert visits(session) == 0
    stored = desk.post(check.request.path.replace("/check", "/store"))
    assert stored.status_code == 303
    result = desk.get(stored.location)
    assert "Đã nhập xong, số liệu khớp" in result.text
    assert "Tệp có 2 dòng hộ: đã lưu 2 phiếu" in result.text
    assert visits(session) == 2
    assert desk.get("/surveys/imports").status_code == 200


def test_errors_are_shown_with_row_column_and_what_to_do(desk: FlaskClient, world: World, session: Session) -> None:
    content = workbook(
        HEADINGS,
        (101, *PERSON[1:]),
        (102, "Tổ 9", "Hộ B", "1 A", "bốn", 9, "x", "hình như có"),
        (103, "Tổ 1", None, "", 1, 2, 0, 0),
    )
    check = through(desk, world, content)
    assert "Có 2 dòng cần sửa" in check.text
    for text in (
        "Dòng\u00a03",
        "Dòng\u00a04",
        "bốn",
        "Cần một số",
        "không phải dấu x",
        "Không có tổ này",
        "Chưa có họ tên",
        "Lỗi:",
    ):
        assert text in check.text, text
    assert "Dòng\u00a02<" not in check.text
    refused = desk.post(check.request.path.replace("/check", "/store"))
    assert refused.status_code == 422
    assert "Có 2 dòng cần sửa" in refused.text
    assert visits(session) == 0


def test_the_list_of_errors_opens_harmlessly_in_excel(desk: FlaskClient, world: World) -> None:
    content = workbook(HEADINGS, (101, "@SUM(A1)", "Hộ A", "1 A", "+cmd|' /C calc'!A0", 1, 1, "có"))
    check = through(desk, world, content)
    answer = desk.get(check.request.path.replace("/check", "/errors.csv"))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    assert "'+cmd|" in text
    assert "'@SUM" in text
    assert not re.search(r'(^|,|")[=+@]', text, re.MULTILINE)


def test_a_formula_is_named_by_its_cell(desk: FlaskClient, world: World) -> None:
    check = through(desk, world, workbook(HEADINGS, (101, *PERSON[1:4], "=2+2", 2, 2, "có")))
    assert "Ô E2 là công thức; hãy dán giá trị" in check.text


def test_an_error_cell_is_not_taken_for_an_empty_one(desk: FlaskClient, world: World) -> None:
    content = workbook(HEADINGS, (101, *PERSON[1:6], "#N/A", "có"))
    check = through(desk, world, content)
    assert "Ô G2 báo lỗi của Excel" in check.text


def test_what_an_empty_cell_of_a_tick_column_means_must_be_said(
    desk: FlaskClient, world: World, session: Session
) -> None:
    rows = [(101, *PERSON[1:7], "x"), (102, "Tổ 1", "Hộ B", "2 B", 2, 1, 1, None)]
    there = upload(desk, world, workbook(HEADINGS, *rows))
    refused = decide(desk, there.location)
    assert refused.status_code == 422
    assert "chỉ có dấu x" in refused.text
    accepted = decide(desk, there.location, blank_H="no")
    assert accepted.status_code == 303
    desk.post(accepted.location.replace("/check", "/store"))
    batch = session.scalars(select(ImportBatch)).one()
    assert batch.result["stored"] == 2


def test_households_visited_already_can_be_skipped(desk: FlaskClient, world: World, session: Session) -> None:
    first = through(desk, world, workbook(HEADINGS, (101, *PERSON[1:])))
    desk.post(first.request.path.replace("/check", "/store"))
    again = through(desk, world, workbook(HEADINGS, (101, *PERSON[1:]), (102, "Tổ 1", "Hộ B", "2 B", 2, 1, 1, "k")))
    assert "1 hộ trong tệp đã có phiếu" in again.text
    desk.post(again.request.path.replace("/check", "/choices"), data={"skip_visited": "yes"})
    assert "Tệp không có lỗi" in desk.get(again.request.path).text
    desk.post(again.request.path.replace("/check", "/store"))
    assert visits(session) == 2


def test_a_total_row_that_does_not_agree_must_be_looked_at(desk: FlaskClient, world: World) -> None:
    content = workbook(HEADINGS, (101, *PERSON[1:]), ("Tổng cộng", None, None, None, 5, 2, 2, None))
    check = through(desk, world, content)
    assert "tệp ghi 5, cộng các dòng được 4" in check.text
    assert desk.post(check.request.path.replace("/check", "/store")).status_code == 422
    desk.post(check.request.path.replace("/check", "/choices"), data={"accept": "yes"})
    assert desk.post(check.request.path.replace("/check", "/store")).status_code == 303


def test_another_sheet_or_header_row_can_be_chosen(desk: FlaskClient, world: World) -> None:
    content = workbook(["Ghi chú"], name="Bìa", **{"Số liệu": [HEADINGS, (101, *PERSON[1:])]})
    there = upload(desk, world, content)
    assert "Họ tên chủ hộ" in desk.get(there.location).text
    cover = desk.get(there.location, query_string={"sheet": "Bìa", "was": "Số liệu", "header": "1", "height": "1"})
    assert "Không tìm thấy dòng tiêu đề cột" in cover.text
    assert desk.get(there.location, query_string={"sheet": "Không có"}).status_code == 404


BAD_FILES = {
    "empty": (b"", "Tệp rỗng"),
    "pdf": (b"%PDF-1.7 ...", "tệp PDF"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel đời cũ"),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "đặt mật khẩu",
    ),
    "html": (b"<html><table><tr><td>1</td></tr></table></html>", "trang web"),
    "latin csv": ("Họ tên;Số khẩu".encode("cp1258", "replace") + b"\xff\xfe;1", "không phải UTF-8"),
    "binary": (bytes(range(256)) * 20, "Không nhận ra"),
    "cut zip": (workbook(HEADINGS)[:900], "bị hỏng"),
    "zip of something": (b"", "Không nhận ra"),
    "macro": (b"", "có macro"),
    "ods": (b"", ".ods"),
    "word": (b"", "tệp Word"),
    "binary excel": (b"", ".xlsb"),
    "bomb": (bomb(), "nén quá nhiều"),
    "far corners": (
        raw_workbook(
            sheet_xml(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>')
        ),
        "nén quá nhiều",
    ),
    "entities": (
        raw_workbook(b'<!DOCTYPE x [<!ENTITY a "b">]>' + sheet_xml(b"<row><c><v>1</v></c></row>")),
        "bị hỏng",
    ),
    "no rows": (workbook(), "không có trang tính nào"),
    "nul in csv": ("Họ tên,Số khẩu\nA\x00B,1".encode(), "Không nhận ra"),
}
ZIPS = {
    "zip of something": "a.txt",
    "macro": "xl/vbaProject.bin",
    "ods": "content.xml",
    "word": "word/document.xml",
    "binary excel": "xl/workbook.bin",
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gets_its_own_message_and_stores_nothing(
    desk: FlaskClient, world: World, session: Session, kind: str
) -> None:
    content, message = BAD_FILES[kind]
    if kind in ZIPS:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(ZIPS[kind], "x")
        content = out.getvalue()
    answer = upload(desk, world, content)
    assert answer.status_code == 422
    assert message in answer.text
    assert "Traceback" not in answer.text
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_a_file_over_the_limit_is_refused_before_it_is_read(desk: FlaskClient, world: World) -> None:
    desk.application.config["MAX_CONTENT_LENGTH"] = 20_000
    answer = upload(desk, world, b"x" * 60_000)
    assert answer.status_code == 413
    assert "Traceback" not in answer.text


def test_no_file_and_no_round_are_said_beside_the_fields(desk: FlaskClient, world: World) -> None:
    answer = desk.post("/surveys/imports", data={})
    assert answer.status_code == 422
    assert "Hãy chọn một tệp." in answer.text


def test_a_round_closed_meanwhile_takes_nothing(desk: FlaskClient, world: World, session: Session) -> None:
    check = through(desk, world, workbook(HEADINGS, (101, *PERSON[1:])))
    session.execute(update(SurveyRound).values(status=RoundStatus.CLOSED))
    session.commit()
    assert desk.post(check.request.path.replace("/check", "/store")).status_code == 409
    assert desk.get(check.request.path).status_code == 409
    assert visits(session) == 0


def test_a_stored_file_cannot_be_stored_again(desk: FlaskClient, world: World, session: Session) -> None:
    check = through(desk, world, workbook(HEADINGS, (101, *PERSON[1:])))
    store = check.request.path.replace("/check", "/store")
    assert [desk.post(store).status_code for _ in range(2)] == [303, 409]
    assert visits(session) == 1


def test_unknown_batches_are_not_found(desk: FlaskClient) -> None:
    nowhere = "/surveys/imports/00000000-0000-7000-8000-000000000001"
    for path in ("", "/columns", "/check", "/errors.csv"):
        assert desk.get(nowhere + path).status_code == 404
    for path in ("/columns", "/store", "/choices"):
        assert desk.post(nowhere + path).status_code == 404


@pytest.mark.parametrize("role", [Role.GROUP_HEAD, Role.LEADER, Role.ADMIN, Role.AUDITOR])
def test_others_may_not_open_the_import(login: Login, world: World, role: Role) -> None:
    client = login(role)
    assert client.get("/surveys/imports").status_code == 403
    assert upload(client, world, workbook(HEADINGS, PERSON)).status_code == 403


def test_a_csv_with_semicolons_goes_through(desk: FlaskClient, world: World) -> None:
    lines = (
        "\ufeffSTT;Tổ;Họ tên;Địa chỉ;Số khẩu;Người lớn",
        "101;Tổ 1;Lê Thị Bưởi;9 Trần Phú;4;2",
        "102;2;Đỗ Ổi;10 A;1.000;2",
    )
    check = through(desk, world, "\r\n".join(lines).encode())
    assert "Lớn hơn mức có thể có (99)" in check.text
    assert "Có 1 dòng cần sửa" in check.text
