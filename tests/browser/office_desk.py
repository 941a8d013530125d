"""What the journeys of the office have in common: one log-in, pressing, and looking at a page on both screens."""

import re
from contextlib import nullcontext
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.phone_desk import Shot, violations

LAST_GROUP = "Tổ dân phố 4"  # the phones of the other tests belong to the groups before it
_cookies: dict[str, Any] = {}


def sit_down(open_page: NewPage, ward: Ward, role: str, **device: bool) -> Page:
    """Open a page where somebody of this role is logged in; the second time with the cookie of the first."""
    page = open_page(**device)
    page.emulate_media(reduced_motion="reduce")
    key = f"{ward.url} {role}"
    if key in _cookies:
        page.context.add_cookies(_cookies[key])
    else:
        log_in(page, ward.logins[role])
        _cookies[key] = page.context.cookies()
    return page


def look_at(page: Page, shot: Shot, name: str) -> None:
    """Look at the page as it stands on both screens: a picture, no sideways scrolling, nothing that axe-core finds."""
    for width, kind in ((360, "phone"), (1280, "desk")):
        page.set_viewport_size({"width": width, "height": 800})
        shot(page, f"office-{name}-{kind}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name}: {width} px"
        assert violations(page) == [], f"{name}: {width} px"


def title(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait for the page of this heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def button(page: Page, words: str | re.Pattern[str], *, leaves: bool = False) -> None:
    """Press the first button of these words; `leaves` waits for the next page, which going elsewhere would cut off."""
    with page.expect_navigation() if leaves else nullcontext():
        page.locator("main").get_by_role("button", name=words).first.click()


def link(page: Page, words: str | re.Pattern[str]) -> None:
    """Follow the first link of these words."""
    page.locator("main").get_by_role("link", name=words).first.click()


def agree(page: Page, words: str) -> None:
    """Answer the question that a button asks first, and wait for the next page."""
    with page.expect_navigation():
        page.locator("#confirm-dialog").get_by_role("button", name=words).click()


def plan(page: Page, name: str) -> None:
    """Plan a round of long ago: the open one of the other tests stays the newest."""
    page.goto("/surveys/rounds/new")
    page.get_by_label("Tên đợt").fill(name)
    page.get_by_label("Ngày bắt đầu").fill("2020-03-01")
    page.get_by_label("Ngày kết thúc").fill("2020-03-31")
    button(page, "Lập đợt")
    title(page, name)


def open_round(page: Page) -> None:
    """Go to the round that is open, with its groups."""
    page.goto("/surveys/rounds")
    page.get_by_role("row").filter(has_text="Đang mở").get_by_role("link").first.click()
    expect(page.get_by_role("table").first).to_be_visible()
