"""What people do with documents in the browser, in the words of the pages."""

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import NEW_PASSWORD


def choose(page: Page, label: str, words: str) -> None:
    """Choose the first option that has the words."""
    box = page.get_by_label(label, exact=True)
    box.select_option(value=box.locator("option", has_text=words).first.get_attribute("value"))


def upload(page: Page, paper: Path, signer: str, abstract: str) -> str:
    """Keep a draft report, and give its address."""
    page.goto("/documents/new")
    page.locator('input[type="file"]').set_input_files(paper)
    choose(page, "Loại văn bản", "Báo cáo")
    page.get_by_label("Trích yếu nội dung").fill(abstract)
    choose(page, "Người ký", signer)
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("button", name="Trình ký").wait_for()
    return page.url


def confirm_password(page: Page) -> None:
    """Answer the step-up page when it asks."""
    if "/account/confirm" in page.url:
        page.locator('main input[type="password"]').fill(NEW_PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()


def press_and_agree(page: Page, name: str) -> None:
    """Press a button, and agree where the page asks again."""
    page.get_by_role("button", name=name).first.click()
    dialog = page.get_by_role("dialog")
    if dialog.count() and dialog.first.is_visible():
        dialog.get_by_role("button").filter(has_text=re.compile("Cấp số|Phát hành")).first.click()
