"""The workflow in the browser: who signs for whom, and a replaced document."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.test_journey import CLERK

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]


def _open(page: Page, words: str) -> None:
    page.goto("/documents/?tab=tat-ca")
    page.get_by_label("Tìm theo trích yếu hoặc số").fill(words)
    page.get_by_role("button", name="Tìm").click()
    page.locator("main table a").last.click()
    page.wait_for_load_state()


def test_who_signs_for_whom_is_in_the_register_and_on_the_document(ward: Ward, open_page: NewPage, shot: Shot) -> None:
    page, phone = open_page(), open_page(phone=True)
    log_in(page, ward.logins[CLERK])
    page.goto("/documents/delegations")
    expect(page.locator("main")).to_contain_text("Đã hết hạn")
    shot(page, "delegations-desktop")
    _open(page, "Kết quả đợt khảo sát thứ nhất")
    expect(page.locator(".steps")).to_contain_text("Thay cho Chủ tịch")
    shot(page, "delegated-desktop", whole=False)
    log_in(phone, ward.logins[CLERK])
    phone.goto("/documents/delegations")
    shot(phone, "delegations-phone", whole=False)


def test_a_replaced_document_says_so_to_anybody_with_a_link(ward: Ward, open_page: NewPage, shot: Shot) -> None:
    page, stranger = open_page(), open_page(phone=True)
    log_in(page, ward.logins[CLERK])
    _open(page, "Lịch hướng dẫn sử dụng chữ ký số")
    expect(page.locator("main")).to_contain_text("không còn hiệu lực")
    shot(page, "replaced-desktop", whole=False)
    public = page.locator('a[href*="/v/"]').first.get_attribute("href")
    assert public
    stranger.goto(public)
    expect(stranger.locator("main")).to_contain_text("Văn bản này đã được thay thế")
    shot(stranger, "replaced-phone", whole=False)
    assert stranger.request.get(f"{public}/tai-ve").status == 200
    stranger.locator(".notice a").first.click()
    expect(stranger.locator("main")).to_contain_text("Thay thế")
