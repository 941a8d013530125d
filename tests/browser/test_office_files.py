"""The ward's office and what goes in and out: phones by QR, extra questions as XLSForm, visits as CSV, XLSX and JSON.

Each page is looked at on a desk and at 360 px: a picture, no sideways scrolling, nothing that axe-core finds.
"""

import io
import json
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward
from tests.browser.office_desk import LAST_GROUP, button, link, look_at, plan, sit_down, title
from tests.browser.phone_desk import Shot, set_up
from tests.workbooks import workbook

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(open_page: NewPage, ward: Ward) -> Page:
    """A statistician at work."""
    return sit_down(open_page, ward, "Thống kê")


def test_a_phone_is_let_in_by_its_code_seen_by_the_ward_and_withdrawn(
    page: Page, open_page: NewPage, shot: Shot
) -> None:
    page.goto("/devices")
    head = page.get_by_role("row").filter(has_text=LAST_GROUP)
    head.get_by_role("button", name=re.compile("Tạo mã QR")).click()
    expect(page.get_by_role("img", name="Mã QR để nối điện thoại")).to_be_visible()
    look_at(page, shot, "qr")
    code = page.locator(".code.lead").inner_text().replace(" ", "")
    phone = open_page(phone=True)
    set_up(phone, code)
    link(page, "Xong")
    expect(head).to_contain_text("Đã gửi hết")
    look_at(page, shot, "devices")
    expect(page.locator(".rail__nav").get_by_role("link", name="Máy của tổ trưởng")).to_be_in_viewport(ratio=1)
    head.get_by_role("link", name="Thu hồi máy này").last.click()
    look_at(page, shot, "withdraw")
    button(page, "Thu hồi")
    expect(page.get_by_role("table", name="Máy đã thu hồi")).to_be_visible()
    phone.reload()
    expect(phone.locator("body")).to_contain_text("Phường đã thu quyền của máy này.")
    expect(phone.locator("main")).to_contain_text("Danh sách hộ đã được xóa khỏi máy này.")
    expect(phone.locator(".row")).to_have_count(0)
    expect(phone.get_by_role("link", name="Nhập mã mới")).to_be_visible()
    shot(phone, "office-withdrawn-phone")


def test_programs_find_how_to_speak_to_the_ward(page: Page, shot: Shot) -> None:
    page.goto("/devices")
    link(page, "API cho điện thoại và chương trình khác")
    expect(page.locator("main")).to_contain_text("/api/v1/visits")
    look_at(page, shot, "api")


def _questions(rule: str) -> bytes:
    label = "label::Tiếng Việt (vi)"
    rows = [("type", "name", label, "constraint"), ("integer", "may_tinh", "Nhà có mấy máy tính?", rule)]
    return workbook(*rows, name="survey", choices=[("list_name", "name", label)])


def test_extra_questions_come_from_a_workbook_and_leave_as_one(page: Page, shot: Shot, tmp_path: Path) -> None:
    plan(page, "Đợt hỏi thêm")
    page.goto(f"{page.url}/form")
    sheet = tmp_path / "cau-hoi.xlsx"
    sheet.write_bytes(_questions("today() > 3"))
    page.locator('input[type="file"]').set_input_files(sheet)
    button(page, "Tải lên và xem thử")
    expect(page.locator(".error-summary")).to_contain_text("dòng 2")
    look_at(page, shot, "questions-refused")
    sheet.write_bytes(_questions(". >= 0 and . <= 20"))
    page.locator('input[type="file"]').set_input_files(sheet)
    button(page, "Tải lên và xem thử")
    title(page, "Câu hỏi thêm, bản 1")
    look_at(page, shot, "questions")
    button(page, "Dùng cho đợt này", leaves=True)
    page.goto(re.sub(r"/form.*", "/form", page.url))
    with page.expect_download() as got:
        link(page, re.compile("Tải cả phiếu"))
    book = load_workbook(io.BytesIO(Path(got.value.path()).read_bytes()))
    assert "may_tinh" in [cell.value for cell in book["survey"]["B"]]


def _export(page: Page, kind: str) -> bytes:
    page.goto("/exports/")
    page.locator(f'input[name="kind"][value="{kind}"]').check()
    with page.expect_download() as got:
        button(page, "Xuất dữ liệu")
    return Path(got.value.path()).read_bytes()


def test_visits_leave_as_a_file_at_once_and_as_a_workbook_with_progress(page: Page, shot: Shot) -> None:
    page.goto("/exports/")
    look_at(page, shot, "exports")
    text = _export(page, "csv")
    assert text.startswith(b"\xef\xbb\xbf")
    rows = text.count(b"\n") - 1
    assert rows > 20
    assert len(json.loads(_export(page, "json"))["visits"]) == rows
    page.goto("/exports/")
    button(page, "Xuất dữ liệu")
    fetch = page.get_by_role("button", name="Tải tệp về")
    expect(page.get_by_role("progressbar").or_(fetch).first).to_be_visible()
    expect(fetch).to_be_visible(timeout=60_000)
    look_at(page, shot, "export-job")
    with page.expect_download() as got:
        fetch.click()
    assert load_workbook(io.BytesIO(Path(got.value.path()).read_bytes())).worksheets[0].max_row == rows + 1
