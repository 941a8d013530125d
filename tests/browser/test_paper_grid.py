"""A clerk types a pile of paper forms with the keyboard alone."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.phone_desk import violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Shot = Callable[..., None]
ROW = ["4", "3", "3", "2", "4", "k", "1", "0", "c", "", "1", "2", "", ""]


def _type_row(page: Page, cells: list[str]) -> None:
    """Type the answers from the first cell on; Enter goes to the next cell, and from the last one to the next row."""
    for text in cells:
        if text:
            page.keyboard.type(text)
        page.keyboard.press("Enter")


def _saved(page: Page, row: Locator) -> bool:
    """Wait until the row is saved; an odd answer is confirmed with the space bar. Tells whether one was."""
    state = row.locator("[data-row-state]")
    expect(state).to_have_text(re.compile("^(Đã lưu|Cần hỏi lại)$"))
    asked = state.inner_text() != "Đã lưu"
    if asked:
        row.locator('input[type="checkbox"]').first.focus()
        for _ in range(row.locator('input[type="checkbox"]').count()):
            page.keyboard.press("Space")
            page.keyboard.press("Tab")
        expect(state).to_have_text("Đã lưu")
    return asked


def _open_grid(page: Page) -> None:
    page.goto("/surveys/grid")
    page.get_by_label("Tổ dân phố").select_option(index=1)
    page.get_by_role("button", name="Mở bảng nhập").click()
    expect(page.locator("[data-row]").first).to_be_visible()


def test_paper_forms_are_typed_with_the_keyboard_alone(open_page: NewPage, ward: Ward, shot: Shot) -> None:
    page = open_page()
    log_in(page, ward.logins["Thống kê"])
    _open_grid(page)
    page.get_by_label("Chỉ hộ chưa có phiếu").check()
    page.get_by_role("button", name="Xem", exact=True).click()
    rows = page.locator("[data-row]:has([data-cell])")
    expect(rows.first.locator('[data-cell="residents"]')).to_be_focused()
    places = [rows.nth(n).bounding_box() for n in range(2)]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0]["x"] == places[1]["x"], "a row a household, one below the other"
    numbers = [rows.nth(n).get_attribute("data-number") for n in range(4)]

    _type_row(page, ROW)
    if _saved(page, rows.nth(0)):
        rows.nth(1).locator('[data-cell="residents"]').focus()
    expect(rows.nth(1).locator('[data-cell="residents"]')).to_be_focused()
    expect(page.get_by_text(f"Hộ {numbers[0]}: Đã lưu")).to_be_visible()

    _type_row(page, ["4", "7", *ROW[2:]])  # more adults than people
    expect(rows.nth(1).locator("[data-row-state]")).to_have_text("Có lỗi")
    expect(rows.nth(1).get_by_text("nhiều hơn số người được hỏi").first).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(rows.nth(1).locator('[data-cell="adults"]')).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Control+Enter")
    if _saved(page, rows.nth(1)):
        rows.nth(2).locator('[data-cell="residents"]').focus()

    _type_row(page, ["14", *ROW[1:]])  # unlikely: asked once more, answered with the space bar
    expect(rows.nth(2).locator("[data-row-state]")).to_have_text("Cần hỏi lại")
    expect(rows.nth(2).get_by_text("Nhà có 14 người, đúng không?")).to_be_visible()
    shot(page, "staff-grid-desk")
    assert violations(page) == []
    assert _saved(page, rows.nth(2))


def test_what_is_not_saved_survives_a_reload_without_names(open_page: NewPage, ward: Ward) -> None:
    page = open_page()
    log_in(page, ward.logins["Thống kê"])
    _open_grid(page)
    page.goto(re.sub(r"\?.*|$", "?left=1", page.url, count=1))
    row = page.locator("[data-row]:has([data-cell])").first
    row.locator('[data-cell="residents"]').fill("5")
    row.locator('[data-cell="adults"]').fill("2")
    kept = page.evaluate("Object.entries(localStorage).filter(([key]) => key.startsWith('phs.grid'))")
    name = row.locator("th").inner_text().split("\n")[0]
    assert len(kept) == 1
    assert not [word for word in name.split()[1:] if len(word) > 2 and word in kept[0][1]]
    assert next(iter(json.loads(kept[0][1]).values()))["cells"]["residents"] == "5"
    page.reload()
    expect(row.locator('[data-cell="residents"]')).to_have_value("5")
    expect(row.locator("[data-row-state]")).to_have_text("Chưa lưu")

    page.context.set_offline(True)
    for key, text in zip(
        ("residents_14plus", "smartphone_adults", "digital_id_residents", "vneid_l2"), ("3", "2", "4", "?"), strict=True
    ):
        row.locator(f'[data-cell="{key}"]').fill(text)
    for key, text in (("esignature_adults", "1"), ("digital_signature_adults", "1"), ("fibre_connected", "0")):
        row.locator(f'[data-cell="{key}"]').fill(text)
    row.locator('[data-cell="fibre_covered"]').fill("c")
    row.locator('[data-cell="iot_connections"]').fill("0")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-grid-status]")).to_contain_text("vẫn giữ trên máy này")
    page.context.set_offline(False)
    page.reload()
    row.locator('[data-cell="iot_connections"]').focus()
    page.keyboard.press("Control+Enter")
    expect(row.locator("[data-row-state]")).to_have_text(re.compile("Đã lưu|Cần hỏi lại"))
    for question in row.locator('input[type="checkbox"]').all():  # what last round makes unlikely for this household
        question.focus()
        page.keyboard.press("Space")
    expect(row.locator("[data-row-state]")).to_have_text("Đã lưu")
    left = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('phs.grid'))")
    assert left == []


def test_cells_copied_from_a_spreadsheet_fill_rows(open_page: NewPage, ward: Ward) -> None:
    page = open_page()
    log_in(page, ward.logins["Thống kê"])
    _open_grid(page)
    page.goto(re.sub(r"\?.*|$", "?left=1", page.url, count=1))
    rows = page.locator("[data-row]:has([data-cell])")
    rows.nth(0).locator('[data-cell="residents"]').focus()
    table = "\r\n".join("\t".join(ROW) for _ in range(3)) + "\r\n"
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        table,
    )
    for n in range(3):
        expect(rows.nth(n).locator("[data-row-state]")).to_have_text(re.compile("Đã lưu|Cần hỏi lại"))
        expect(rows.nth(n).locator('[data-cell="vneid_l2"]')).to_have_value("k")


def test_the_grid_fits_a_phone_and_the_dark(open_page: NewPage, ward: Ward, shot: Shot) -> None:
    page = open_page(phone=True, dark=True)
    log_in(page, ward.logins["Thống kê"])
    for address, name in (("/surveys/tools", "staff-tools-phone"), ("/surveys/grid", "staff-grid-choose-phone")):
        page.goto(address)
        shot(page, name)
        assert violations(page) == []
    _open_grid(page)
    shot(page, "staff-grid-phone", whole=False)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
