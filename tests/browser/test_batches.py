"""A leader signs five documents with one PIN, and the clerk numbers and seals them."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.papers import browser_pdf
from tests.browser.papers_desk import confirm_password, upload

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEADER, CLERK = "Lãnh đạo", "Văn thư"
NAMES = [f"Đợt ký thử số {number}" for number in range(1, 6)]
Shot = Callable[..., None]


def test_a_leader_reads_and_signs_five_and_the_clerk_seals_them(
    ward: Ward, open_page: NewPage, chromium: Browser, shot: Shot, tmp_path: Path
) -> None:
    leader, clerk = ward.logins[LEADER], ward.logins[CLERK]
    page = open_page()
    log_in(page, leader)
    paper = tmp_path / "bao-cao.pdf"
    paper.write_bytes(browser_pdf(chromium, leader.name))
    for name in NAMES:
        upload(page, paper, leader.name, name)
        page.get_by_role("button", name="Trình ký").click()
    page.goto("/documents/")
    page.get_by_role("link", name="Ký nhiều văn bản").click()
    _tick(page)
    shot(page, "batch-choose-desktop", whole=False)
    page.get_by_role("button", name="Xem các văn bản đã chọn").click()
    confirm_password(page)
    _read(page, shot)
    _look_on_a_phone(open_page(phone=True, dark=True), ward, page.url, shot, "batch-review-phone")
    _apply(page, leader.pin or "", "Ký các văn bản đã chọn", "Tất cả văn bản đã ký.")
    shot(page, "batch-done-desktop", whole=False)
    assert _zip(page) == [f"{name}.pdf" for name in NAMES]
    address = page.url
    _look_on_a_phone(open_page(phone=True), ward, address, shot, "batch-done-phone")
    office = open_page()
    log_in(office, clerk)
    office.goto("/documents/batch/seal")
    _tick(office)
    office.get_by_role("button", name="Xem các văn bản đã chọn").click()
    confirm_password(office)
    _apply(office, clerk.pin or "", "Đóng dấu các văn bản đã chọn", "Tất cả văn bản đã đóng dấu.")
    names = _zip(office)
    assert len(names) == len(NAMES)
    assert all(name in "".join(names) for name in NAMES)
    assert all("-BC-UBND " in name for name in names), names
    stranger = open_page()
    log_in(stranger, clerk)
    assert stranger.goto(address).status == 404  # type: ignore[union-attr]


def _tick(page: Page) -> None:
    """Leave only this test's documents ticked."""
    expect(page.locator('input[name="d"]').first).to_be_visible()
    for box in page.locator('input[name="d"]').all():
        box.set_checked(
            any(name in page.locator(f'label[for="{box.get_attribute("id")}"]').inner_text() for name in NAMES)
        )


def _read(page: Page, shot: Shot) -> None:
    expect(page.locator(".batch__item")).to_have_count(len(NAMES))
    shot(page, "batch-review-desktop", whole=False)
    page.get_by_text("Đọc tất cả 1 trang").first.click()
    picture = page.get_by_alt_text("Trang 1 của văn bản").first
    expect(picture).to_be_visible()
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def _apply(page: Page, pin: str, button: str, words: str) -> None:
    page.get_by_label("Mã PIN của khóa ký").fill(pin)
    page.get_by_role("button", name=button).click()
    expect(page.locator("main")).to_contain_text(words, timeout=60_000)


def _zip(page: Page) -> list[str]:
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tất cả (ZIP)").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def _look_on_a_phone(phone: Page, ward: Ward, address: str, shot: Shot, name: str) -> None:
    log_in(phone, ward.logins[LEADER])
    phone.goto(address)
    confirm_password(phone)
    shot(phone, name, whole=False)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
