"""The ward's office around a round: planning to locking, heads and substitutes, review, and the check of quality.

Each page is looked at on a desk and at 360 px: a picture, no sideways scrolling, nothing that axe-core finds.
"""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, look_until
from tests.browser.office_desk import LAST_GROUP, agree, button, link, look_at, open_round, plan, sit_down, title
from tests.browser.phone_desk import Shot

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
REASON = "Hỏi lại số người có điện thoại, đợt trước nhiều hơn"


@pytest.fixture
def page(open_page: NewPage, ward: Ward) -> Page:
    """A statistician at work."""
    return sit_down(open_page, ward, "Thống kê")


def test_a_round_is_planned_opened_closed_and_locked_and_one_group_ahead_of_it(page: Page, shot: Shot) -> None:
    plan(page, "Đợt diễn tập")
    link(page, "Mở đợt")
    button(page, "Mở đợt")
    link(page, LAST_GROUP)
    for act in ("Đóng tổ", "Chốt tổ"):
        link(page, act)
        if act == "Chốt tổ":
            look_at(page, shot, "group-lock")
        button(page, act)
        title(page, f"{LAST_GROUP} – Đợt diễn tập")
    expect(page.locator("main").get_by_role("link", name="Mở lại tổ")).to_have_count(0)
    look_at(page, shot, "group")
    link(page, "Tiến độ các tổ")
    look_at(page, shot, "round")
    for act in ("Đóng đợt", "Chốt đợt"):
        link(page, act)
        button(page, act)
        title(page, "Đợt diễn tập")
    expect(page.locator("main").get_by_role("link", name=re.compile("Mở lại|Đóng đợt|Chốt đợt"))).to_have_count(0)
    page.goto("/surveys/rounds")
    expect(page.get_by_role("row").filter(has_text="Đợt diễn tập")).to_contain_text("Đã chốt")
    look_at(page, shot, "rounds")


def test_a_substitute_stands_in_and_gets_households(page: Page, shot: Shot) -> None:
    open_round(page)
    link(page, LAST_GROUP)
    link(page, "Người phụ trách")
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()
    page.get_by_label("Người thay", exact=True).select_option(index=1)
    page.get_by_label("Từ ngày").fill(today.isoformat())
    page.get_by_label("Đến hết ngày").fill((today + dt.timedelta(days=7)).isoformat())
    button(page, "Cử người thay")
    row = page.get_by_role("row").filter(has_text="Thay từ")
    expect(row).to_have_count(1)
    look_at(page, shot, "heads")
    name = row.get_by_role("rowheader").inner_text()
    link(page, "Giao hộ cho từng người")
    page.get_by_label("Giao cho").select_option(label=name)
    page.get_by_label("Số hộ").fill("1-3")
    button(page, "Giao các hộ đã chọn")
    expect(page.locator("main")).to_contain_text("Đã giao 3 hộ.")
    look_at(page, shot, "assign")
    page.goto(re.sub(r"/assign.*", "/heads", page.url))
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("3 hộ")
    button(page, "Dừng thay")
    agree(page, "Dừng thay")
    expect(page.get_by_role("row").filter(has_text="Thay từ")).to_have_count(0)


def test_visits_are_approved_one_two_and_a_page_at_a_time(page: Page, shot: Shot) -> None:
    page.goto("/surveys/review")
    link(page, re.compile(LAST_GROUP))
    lead = page.locator(".page-head__lead")
    before = _waiting(lead.inner_text())
    for number in (1, 2):
        page.locator(f"#visit-{number}").check()
    look_at(page, shot, "review")
    button(page, "Duyệt các phiếu đã chọn")
    expect(lead).to_contain_text(f"{before - 2} phiếu chờ duyệt")
    link(page, re.compile("^Xem"))
    title(page, re.compile("Phiếu hộ số"))
    look_at(page, shot, "visit")
    button(page, "Duyệt phiếu này")
    expect(lead).to_contain_text(f"{before - 3} phiếu chờ duyệt")
    button(page, re.compile("Duyệt cả trang này"))
    agree(page, "Duyệt")
    expect(page.locator("main")).not_to_contain_text(f"{before - 3} phiếu chờ duyệt")


def _waiting(text: str) -> int:
    found = re.search(r"(\d+) phiếu chờ duyệt", text)
    assert found, text
    return int(found[1])


def test_a_visit_goes_back_with_field_and_reason_and_stands_on_the_heads_home_page(
    page: Page, open_page: NewPage, ward: Ward, shot: Shot
) -> None:
    page.goto("/surveys/review")
    link(page, re.compile("Tổ dân phố 1"))
    row = page.get_by_role("row").filter(has_text="Gặp và hỏi được").first
    number = row.get_by_role("rowheader").inner_text().split("–")[0].strip()
    row.get_by_role("link", name="Trả lại").click()
    button(page, "Trả lại để sửa")
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("Cần sửa mục nào?").select_option(label="Điện thoại thông minh")
    page.get_by_label("Lý do trả lại").fill(REASON)
    look_at(page, shot, "return")
    button(page, "Trả lại để sửa")
    head = sit_down(open_page, ward, "Tổ trưởng", phone=True)
    head.goto("/")
    told = head.locator(".card").filter(has_text=f"Hộ số {number} –")
    expect(told).to_contain_text("Cần sửa: Điện thoại thông minh")
    expect(told).to_contain_text(REASON)
    look_at(head, shot, "returned-home")
    head.set_viewport_size({"width": 360, "height": 740})
    told.get_by_role("link", name=f"Sửa phiếu hộ số {number}").click()
    expect(head.locator("main")).to_contain_text(REASON)
    expect(head.locator(f"[id='{head.url.partition('#')[2]}']")).to_be_in_viewport()
    look_at(head, shot, "returned-form")


def test_quality_is_looked_at_and_a_sample_is_asked_again(page: Page, shot: Shot) -> None:
    page.goto("/quality/")
    button(page, "Tính lại", leaves=True)
    # Between midnight and two nothing was counted before, and other work may stand first.
    look_until(page, "/quality/", page.get_by_role("table"))
    expect(page.get_by_role("table").first).to_be_visible()
    look_at(page, shot, "quality")
    link(page, "Phúc tra")
    page.get_by_label("Số gốc").fill("2026")
    page.locator("#wanted").fill("5")
    button(page, "Chọn mẫu")
    title(page, "Mẫu phúc tra")
    expect(page.locator(".page-head__lead")).to_contain_text("số gốc 2026")
    page.locator("#visit-1").check()
    page.locator("#account_id").select_option(index=1)
    button(page, "Giao các hộ đã chọn")
    expect(page.get_by_role("row").nth(1)).not_to_contain_text("Chưa giao")
    look_at(page, shot, "back-check")
    link(page, "Xem kết quả")
    title(page, "Kết quả phúc tra")
    look_at(page, shot, "back-check-report")
