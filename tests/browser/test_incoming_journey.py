"""An incoming document in the browser: checked before it is registered, handed on, remembered, done."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.papers_desk import choose
from tests.browser.test_journey import CLERK

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OFFICER = "Công chức"
TITLE = "Mời dự tập huấn chữ ký số"
Shot = Callable[..., None]


def test_a_signed_file_is_checked_registered_handed_on_and_done(
    ward: Ward, open_page: NewPage, shot: Shot, tmp_path: Path
) -> None:
    clerk, officer = open_page(), open_page(phone=True, dark=True)
    log_in(clerk, ward.logins[CLERK])
    log_in(officer, ward.logins[OFFICER])
    _receive(clerk, _published(clerk), tmp_path)
    _stands_above(clerk, "Kết quả kiểm tra khi nhận", "Vào sổ")
    shot(clerk, "incoming-checked-desktop")
    clerk.get_by_label("Tác giả (nơi gửi)").fill("Sở Khoa học và Công nghệ")
    clerk.get_by_label("Số, ký hiệu văn bản").fill("125/SKHCN")
    clerk.get_by_label("Trích yếu nội dung").fill(TITLE)
    clerk.get_by_role("button", name="Cấp số đến").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text(re.compile(r"Văn bản đến số \d+"))
    choose(clerk, "Người giải quyết", ward.logins[OFFICER].name)
    today = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    clerk.get_by_label("Hạn giải quyết").fill((today + dt.timedelta(days=2)).isoformat())
    clerk.get_by_role("button", name="Giao việc").click()
    expect(clerk.locator("main .summary").first).to_contain_text(ward.logins[OFFICER].name)
    officer.goto("/")
    expect(officer.locator("main")).to_contain_text("văn bản đến của bạn đến hạn trong 3 ngày tới")
    officer.get_by_role("link", name="Xem từng việc").click()
    shot(officer, "waiting-phone")
    officer.get_by_role("link", name=TITLE).click()
    officer.get_by_role("button", name="Ký nhận").click()
    officer.get_by_label("Đã giải quyết ra sao").fill("Đã cử hai người dự.")
    officer.get_by_role("button", name="Ghi đã giải quyết").click()
    expect(officer.locator("main")).to_contain_text("Đã cử hai người dự.")
    officer.goto("/waiting")
    expect(officer.locator("main")).not_to_contain_text(TITLE)
    clerk.goto("/registers/incoming?q=tap+huan")
    expect(clerk.locator("main table").first).to_contain_text(TITLE)
    shot(clerk, "incoming-register-desktop", whole=False)


def test_a_file_that_was_changed_on_its_way_is_returned_without_a_number(
    ward: Ward, open_page: NewPage, shot: Shot, tmp_path: Path
) -> None:
    clerk = open_page(phone=True)
    log_in(clerk, ward.logins[CLERK])
    changed = bytearray(_published(clerk))
    changed[len(changed) // 3] ^= 1
    _receive(clerk, bytes(changed), tmp_path)
    expect(clerk.locator("main")).to_contain_text("Chữ ký chưa được xác nhận hợp lệ")
    shot(clerk, "incoming-doubtful-phone")
    clerk.get_by_text("Không nhận, trả lại nơi gửi").click()
    clerk.get_by_label("Lý do").fill("Tệp đã bị sửa trên đường gửi.")
    clerk.get_by_role("button", name="Trả lại").click()
    expect(clerk.locator("main")).to_contain_text("Đã ghi là trả lại")
    expect(clerk.get_by_role("link", name="van-ban-den")).to_have_count(0)


def _published(page: Page) -> bytes:
    """Fetch a signed and sealed file as anybody can."""
    page.goto("/documents/?tab=da-phat-hanh")
    page.locator("main table a").last.click()
    public = page.locator('a[href*="/v/"]').first.get_attribute("href")
    return page.request.get(f"{public}/tai-ve").body()


def _receive(page: Page, content: bytes, folder: Path) -> None:
    paper = folder / "van-ban-den.pdf"
    paper.write_bytes(content)
    page.goto("/registers/incoming/new")
    page.locator('input[type="file"]').set_input_files(paper)
    page.get_by_role("button", name="Kiểm tra và nhận").click()
    page.get_by_role("heading", name="Kết quả kiểm tra khi nhận").wait_for()


def _stands_above(page: Page, first: str, second: str) -> None:
    tops = [page.get_by_role("heading", name=name, exact=True).bounding_box() for name in (first, second)]
    assert tops[0] is not None
    assert tops[1] is not None
    assert tops[0]["y"] < tops[1]["y"]
