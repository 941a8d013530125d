"""A certified copy (sao y) in the browser: a scan that breaks the decree is refused, a good one is sealed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.papers_desk import confirm_password, press_and_agree
from tests.browser.test_journey import CLERK

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ABSTRACT = "Quyết định về việc giao đất xây nhà văn hóa"
Shot = Callable[..., None]


def _scan(folder: Path, dpi: int) -> Path:
    """Write what a scanner makes: one coloured picture that fills an A4 page."""
    size = (round(8.27 * dpi), round(11.69 * dpi))
    picture = Image.linear_gradient("L").resize(size)
    path = folder / f"quet-{dpi}.pdf"
    Image.merge("RGB", (picture, picture.rotate(180), picture)).save(path, resolution=dpi)
    return path


def _offer(page: Page, scan: Path) -> None:
    page.locator('input[type="file"]').set_input_files(scan)
    page.get_by_role("button", name="Kiểm tra và lưu").click()
    page.wait_for_load_state()


def test_the_clerk_makes_a_copy_that_carries_the_seal_alone(
    ward: Ward, open_page: NewPage, shot: Shot, tmp_path: Path
) -> None:
    login = ward.logins[CLERK]
    page, phone = open_page(), open_page(phone=True)
    log_in(page, login)
    page.goto("/documents/")
    page.get_by_text("Việc khác").click()
    page.get_by_role("link", name="Làm bản sao").click()
    page.get_by_label("Sao y").first.check()
    page.get_by_label("Trích yếu của văn bản được sao").fill(ABSTRACT)
    page.get_by_label("Số, ký hiệu của văn bản được sao").fill("12/QĐ-UBND")
    page.get_by_label("Cơ quan ban hành văn bản đó").fill("UBND tỉnh")
    _offer(page, _scan(tmp_path, 100))
    expect(page.locator("main")).to_contain_text("100 dpi")
    expect(page.get_by_label("Trích yếu của văn bản được sao")).to_have_value(ABSTRACT)
    shot(page, "copy-refused-desktop")
    _offer(page, _scan(tmp_path, 200))
    expect(page.locator("main")).to_contain_text("Sao từ văn bản")
    press_and_agree(page, "Cấp số và vào sổ")
    expect(page.locator("main")).to_contain_text("/SY-UBND")
    page.get_by_role("link", name="Xem và đóng dấu").click()
    confirm_password(page)
    page.get_by_label("Mã PIN của khóa ký").fill(login.pin or "")
    page.get_by_role("button", name="Đóng dấu").click()
    expect(page.locator(".page-head")).to_contain_text("Đã đóng dấu, chờ phát hành")
    press_and_agree(page, "Phát hành")
    expect(page.locator(".page-head")).to_contain_text("Đã phát hành")
    shot(page, "copy-published-desktop", whole=False)
    public = page.locator('a[href*="/v/"]').first.get_attribute("href")
    assert public
    phone.goto(public)
    expect(phone.locator("main")).to_contain_text("12/QĐ-UBND")
    shot(phone, "copy-published-phone", whole=False)
