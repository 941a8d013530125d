"""The ward's office with its list of households: many at once, taken back, printed, and what residents ask about it.

Each page is looked at on a desk and at 360 px: a picture, no sideways scrolling, nothing that axe-core finds.
"""

import re

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, Ward
from tests.browser.office_desk import LAST_GROUP, agree, button, link, look_at, sit_down, title
from tests.browser.phone_desk import Shot

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TWINS = "Lưu Thị Ngọc Hạnh; 991 Hẻm Bàu Sen\nLưu Thị Ngọc Hạnh; 991 hẻm Bàu Senn"


@pytest.fixture
def page(open_page: NewPage, ward: Ward) -> Page:
    """A statistician at work."""
    return sit_down(open_page, ward, "Thống kê")


def _operations(page: Page, kind: str) -> Locator:
    """Open what was done lately; gives the newest line of this kind."""
    page.goto("/surveys/households/operations")
    return page.get_by_role("row").filter(has_text=kind).first


def _take_back(page: Page, kind: str) -> None:
    _operations(page, kind).get_by_role("link", name="Hoàn tác").click()
    button(page, "Hoàn tác")
    expect(page.get_by_role("row").filter(has_text=kind).first).to_contain_text("Đã hoàn tác")


def test_households_are_added_merged_and_split_and_all_of_it_is_taken_back(page: Page, shot: Shot) -> None:
    page.goto("/surveys/households/many")
    page.get_by_label("Tổ dân phố").select_option(label=LAST_GROUP)
    page.locator("#list").fill("Lưu Thị Ngọc Hạnh")
    button(page, "Xem lại danh sách")
    expect(page.locator(".error-summary")).to_contain_text("Dòng 1: chưa có địa chỉ")
    look_at(page, shot, "register-refused")
    page.locator("#list").fill(TWINS)
    button(page, "Xem lại danh sách")
    expect(page.get_by_role("button", name="Thêm 2 hộ")).to_be_visible()
    look_at(page, shot, "register")
    button(page, "Thêm 2 hộ", leaves=True)
    page.goto("/surveys/households/duplicates")
    page.get_by_label("Tổ dân phố").select_option(label=LAST_GROUP)
    button(page, "Xem")
    look_at(page, shot, "duplicates")
    page.get_by_role("row").filter(has_text="Hẻm Bàu Sen").get_by_role("link", name="Xem để gộp").click()
    look_at(page, shot, "merge")
    button(page, "Gộp hai hộ", leaves=True)
    page.goto("/surveys/households/operations")
    expect(page.get_by_role("row").filter(has_text="Thêm nhiều hộ").first).to_contain_text("Hoàn tác việc làm sau")
    _take_back(page, "Gộp hai hộ")
    page.goto("/surveys/")
    page.get_by_role("searchbox").fill("luu thi ngoc hanh")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name=re.compile("Lưu Thị Ngọc Hạnh")).first.click()
    link(page, "Trang của hộ")
    look_at(page, shot, "household")
    link(page, "Tách hộ")
    page.get_by_label("Họ tên chủ hộ").fill("Lưu Văn Bảy")
    page.get_by_label("Địa chỉ").fill("991A Hẻm Bàu Sen")
    look_at(page, shot, "split")
    button(page, "Tách thành hộ mới", leaves=True)
    for kind in ("Tách hộ", "Thêm nhiều hộ"):
        _take_back(page, kind)


def test_households_are_moved_and_taken_off_together_and_all_come_back(page: Page, shot: Shot) -> None:
    def choose() -> None:
        page.goto("/surveys/households/arrange")
        page.get_by_label("Tổ dân phố").first.select_option(label=LAST_GROUP)
        button(page, "Xem")
        for number in (1, 2):
            page.locator(f"#household-{number}").check()

    choose()
    look_at(page, shot, "arrange")
    page.get_by_label("Chuyển đến tổ").select_option(index=1)
    button(page, "Chuyển tổ")
    agree(page, "Đồng ý")
    moved = _operations(page, "Chuyển tổ")
    expect(moved).to_contain_text(LAST_GROUP)
    look_at(page, shot, "operations")
    moved.get_by_role("link", name="Hoàn tác").click()
    look_at(page, shot, "undo")
    button(page, "Hoàn tác")
    expect(page.get_by_role("row").filter(has_text="Chuyển tổ").first).to_contain_text("Đã hoàn tác")
    choose()
    button(page, "Đưa ra khỏi danh sách")
    agree(page, "Đưa ra khỏi danh sách")
    _take_back(page, "Đưa ra")


def test_paper_forms_and_the_list_of_a_group_are_printed(page: Page, shot: Shot) -> None:
    page.goto("/surveys/tools")
    look_at(page, shot, "tools")
    link(page, "In phiếu giấy")
    page.get_by_label("Tổ dân phố").select_option(label=LAST_GROUP)
    page.get_by_label("Từ số hộ").fill("1")
    page.get_by_label("Đến số hộ").fill("3")
    button(page, "Xem phiếu")
    expect(page.locator(".sheet-paper")).to_have_count(3)
    look_at(page, shot, "paper-forms")
    assert _pages_of(page) == 3
    page.goto("/surveys/print/list")
    page.get_by_label("Tổ dân phố").select_option(label=LAST_GROUP)
    button(page, "Xem")
    title(page, f"Danh sách hộ – {LAST_GROUP}")
    look_at(page, shot, "paper-list")
    assert _pages_of(page) >= 2


def _pages_of(page: Page) -> int:
    address = page.get_by_role("link", name="Tải tệp PDF").get_attribute("href")
    document = pdfium.PdfDocument(page.request.get(str(address)).body())
    try:
        return len(document)
    finally:
        document.close()


def test_a_residents_request_is_written_down_answered_and_closed(page: Page, shot: Shot) -> None:
    page.goto("/registers/requests")
    look_at(page, shot, "requests")
    link(page, "Ghi yêu cầu")
    button(page, "Ghi vào sổ")
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("Người dân yêu cầu").select_option(index=1)
    page.get_by_label("Họ tên người yêu cầu").fill("Lưu Văn Bảy")
    page.get_by_label("Cách liên hệ để trả lời").fill("0900 000 000")
    page.get_by_label("Nội dung yêu cầu").fill("Xin xem phường giữ những gì về nhà tôi")
    look_at(page, shot, "request-new")
    button(page, "Ghi vào sổ")
    title(page, re.compile("Yêu cầu số"))
    expect(page.locator("main")).to_contain_text("trước hết ngày")
    button(page, "Đã phản hồi người yêu cầu")
    expect(page.locator("main")).to_contain_text("đã phản hồi")
    page.get_by_label("Kết quả đã trả lời").fill("Đã cho xem tại trụ sở phường")
    look_at(page, shot, "request")
    button(page, "Đã thực hiện")
    expect(page.locator("main")).to_contain_text("Đã cho xem tại trụ sở phường")
    link(page, "Về sổ yêu cầu")
    expect(page.get_by_role("row").nth(1)).to_contain_text("–")
    look_at(page, shot, "requests-register")
