"""Long-term preservation in the browser: asked for by the clerk, done by the worker, read by the leader on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage, Ward, log_in, look_until
from tests.browser.phone_desk import Shot
from tests.browser.test_journey import CLERK, LEADER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MENU = "Lưu trữ lâu dài"
DONE = "Mọi tệp đều bền vững"
PATH = "/documents/archive"


def test_every_published_file_is_made_to_last(ward: Ward, open_page: NewPage, shot: Shot) -> None:
    clerk, leader = open_page(), open_page(phone=True, dark=True)
    log_in(clerk, ward.logins[CLERK])
    clerk.get_by_role("link", name=MENU).first.click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text(MENU)
    clerk.get_by_role("button", name="Làm ngay mọi tệp đến hạn").click()
    look_until(clerk, PATH, clerk.get_by_text(DONE))
    expect(clerk.locator("main table").last).to_contain_text("B-LTA")
    shot(clerk, "archive-desktop", whole=False)
    log_in(leader, ward.logins[LEADER])
    leader.goto(PATH)
    expect(leader.locator("main")).to_contain_text(DONE)
    expect(leader.get_by_role("button", name="Làm ngay mọi tệp đến hạn")).to_have_count(0)
    assert leader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(leader, "archive-phone")
