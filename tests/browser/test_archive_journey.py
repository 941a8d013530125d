"""Long-term preservation in the browser: asked for by the clerk, done by the worker, read by the leader on a phone."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.test_journey import CLERK, LEADER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MENU = "Lưu trữ lâu dài"
PATIENCE = 120.0
"""Seconds in which the worker gets to it."""
Shot = Callable[..., None]


def test_every_published_file_is_made_to_last(ward: Ward, open_page: NewPage, shot: Shot) -> None:
    clerk, leader = open_page(), open_page(phone=True, dark=True)
    log_in(clerk, ward.logins[CLERK])
    clerk.get_by_role("link", name=MENU).first.click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text(MENU)
    clerk.get_by_role("button", name="Làm ngay mọi tệp đến hạn").click()
    _until_all_last(clerk)
    expect(clerk.locator("main table").last).to_contain_text("B-LTA")
    shot(clerk, "archive-desktop", whole=False)
    log_in(leader, ward.logins[LEADER])
    leader.goto("/documents/archive")
    expect(leader.locator("main")).to_contain_text("Mọi tệp đều bền vững")
    expect(leader.get_by_role("button", name="Làm ngay mọi tệp đến hạn")).to_have_count(0)
    assert leader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(leader, "archive-phone")


def _until_all_last(page: Page) -> None:
    """Look again until no file is left to do; what the page says otherwise is the failure's text."""
    deadline = time.monotonic() + PATIENCE
    while "Mọi tệp đều bền vững" not in page.locator("main").inner_text():
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        time.sleep(1)
        page.goto("/documents/archive")
