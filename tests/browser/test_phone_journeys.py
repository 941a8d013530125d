"""A head's day with the offline form: set up, three households without a network, receipts, a correction."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward
from tests.browser.phone_desk import PHONE, Desk, Shot, answer_all, go_on, hand_in, set_up, walk_to_check

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HEAD = "Tổ trưởng"
LEFT = ".row:not(:has(.badge))"


@pytest.fixture(scope="module")
def desk(ward: Ward) -> Iterator[Desk]:
    found = Desk(ward)
    yield found
    found.engine.dispose()


@pytest.fixture
def phone(open_page: NewPage, ward: Ward, desk: Desk) -> Page:
    """A phone that was set up and opens without a network."""
    page = open_page(phone=True)
    set_up(page, desk.code(ward.logins[HEAD].username))
    return page


def _offline(page: Page, *, off: bool) -> None:
    page.context.set_offline(off)


def test_three_households_without_a_network_are_received_when_it_is_back(phone: Page, desk: Desk, shot: Shot) -> None:
    shot(phone, "phone-1-list", whole=False)
    before = int(re.findall(r"(\d+)\sđã gửi", phone.locator("main").inner_text())[0])
    _offline(phone, off=True)
    phone.reload()
    visits: list[UUID] = []
    for number in range(3):
        phone.goto(f"{PHONE}#/")
        phone.locator(LEFT).first.click()
        shot(phone, f"phone-2-door-{number}", whole=False)
        walk_to_check(phone, people=2)
        shot(phone, f"phone-3-check-{number}", whole=False)
        visits.append(hand_in(phone))
        expect(phone.locator(".state-bar")).to_contain_text(f"{number + 1} chưa gửi · cũ nhất")
    shot(phone, "phone-4-waiting", whole=False)
    _offline(phone, off=False)
    expect(phone.locator(".state-bar")).to_contain_text("Đã gửi hết")
    expect(phone.locator("main")).to_contain_text(re.compile(r"Phường đã nhận \d\d:\d\d, mã [0-9A-Z]{3}-[0-9A-Z]{3}"))
    shot(phone, "phone-5-receipt", whole=False)
    phone.goto(f"{PHONE}#/gui")
    expect(phone.locator(".card .badge", has_text=re.compile("Phường đã nhận .* mã"))).to_have_count(3)
    shot(phone, "phone-6-outbox")
    assert [desk.stored(visit).number for visit in visits] == [1, 1, 1]
    phone.goto(f"{PHONE}#/")
    expect(phone.locator("main")).to_contain_text(re.compile(rf"{before + 3}\sđã gửi, 0\schờ gửi"))


def test_a_returned_visit_stands_first_and_is_sent_again_with_a_reason(phone: Page, desk: Desk, shot: Shot) -> None:
    phone.locator(LEFT).first.click()
    walk_to_check(phone)
    visit = hand_in(phone)
    expect(phone.locator("main")).to_contain_text("Phường đã nhận")
    desk.send_back(visit, "Số thiết bị chưa rõ, hỏi lại giúp")
    phone.goto(PHONE)
    first = phone.locator(".row").filter(has_text="Số thiết bị chưa rõ")
    expect(first).to_contain_text("Cần sửa")
    shot(phone, "phone-7-returned", whole=False)
    first.click()
    expect(phone.locator("main")).to_contain_text("Phường trả lại phiếu này để sửa")
    while phone.get_by_role("button", name="Tiếp tục").count():
        if phone.locator("#f-iot_connections").count():
            phone.locator("#f-iot_connections").fill("3")
        title = phone.get_by_role("heading", level=1).inner_text()
        go_on(phone)
        expect(phone.get_by_role("heading", level=1)).not_to_have_text(title)
    phone.get_by_role("button", name="Nộp phiếu").click()
    expect(phone.locator(".error-summary")).to_contain_text("Hãy ghi lý do sửa phiếu.")
    phone.get_by_label("Vì sao sửa phiếu?").fill("Đã hỏi lại chủ hộ")
    shot(phone, "phone-8-correction")
    assert hand_in(phone) == visit
    expect(phone.locator("main")).to_contain_text("Phường đã nhận")
    stored = desk.stored(visit)
    assert (stored.number, stored.reason) == (2, "Đã hỏi lại chủ hộ")


def test_one_question_a_screen_and_the_phones_back_button_lose_nothing(phone: Page, desk: Desk, shot: Shot) -> None:
    phone.goto(f"{PHONE}#/cai-dat")
    phone.get_by_label("Mỗi trang một câu").check()
    phone.goto(f"{PHONE}#/")
    phone.locator(LEFT).first.click()
    phone.get_by_label("Gặp và hỏi được").check()
    go_on(phone)
    expect(phone.locator("#f-visited_on")).to_be_visible()
    go_on(phone)
    phone.locator("#f-adult_count").fill("1")
    go_on(phone)
    expect(phone.locator("[data-path]")).to_have_count(1)
    phone.go_back()
    expect(phone.locator("#f-adult_count")).to_have_value("1")
    phone.wait_for_timeout(800)  # what was typed is on the disk within 300 ms; a busy machine takes longer
    phone.reload()
    expect(phone.locator("#f-adult_count")).to_have_value("1")
    shot(phone, "phone-9-simple", whole=False)
    seen = 0
    while phone.get_by_role("button", name="Tiếp tục").count():
        answer_all(phone)
        address = phone.url
        go_on(phone)
        expect(phone).not_to_have_url(address)
        seen += 1
        expect(phone.locator("[data-path]").or_(phone.get_by_role("button", name="Nộp phiếu"))).to_have_count(1)
    assert seen >= 14
    visit = hand_in(phone)
    expect(phone.locator("main")).to_contain_text("Phường đã nhận")
    assert desk.stored(visit).number == 1


def test_wrong_and_missing_answers_are_told_where_they_are_and_stay_typed(phone: Page, shot: Shot) -> None:
    phone.locator(LEFT).first.click()
    go_on(phone)
    expect(phone.locator(".error-summary")).to_be_focused()
    expect(phone).to_have_title(re.compile("^Lỗi: "))
    phone.get_by_label("Gặp và hỏi được").check()
    go_on(phone)
    phone.locator("#f-adult_count").fill("hai")
    go_on(phone)
    expect(phone.locator("#f-adult_count")).to_have_value("hai")
    expect(phone.locator(".error-summary")).to_contain_text("Ghi một số nguyên bằng chữ số, ví dụ 4.")
    shot(phone, "phone-10-errors", whole=False)
    phone.locator(".error-summary a").first.click()
    expect(phone.locator("#f-adult_count")).to_be_focused()


def test_an_unlikely_answer_is_asked_once_more_and_the_yes_is_kept(phone: Page, desk: Desk, shot: Shot) -> None:
    phone.locator(LEFT).first.click()
    walk_to_check(phone, people=13)
    expect(phone.locator("main")).to_contain_text("Nhà có 13 người, đúng không?")
    phone.get_by_role("button", name="Nộp phiếu").click()
    expect(phone.locator(".error-summary")).to_contain_text("Nhà có 13 người, đúng không?")
    shot(phone, "phone-11-soft", whole=False)
    visit = hand_in(phone)
    expect(phone.locator("main")).to_contain_text("Phường đã nhận")
    confirmed = desk.stored(visit).confirmed
    assert {"code": "many_residents", "params": {"count": 13}} in [
        {"code": one["code"], "params": one.get("params")} for one in confirmed
    ]


def test_a_house_where_nothing_changed_takes_one_tap(phone: Page, shot: Shot) -> None:
    phone.get_by_role("button", name="Tất cả").click()
    for link in phone.locator(LEFT).all()[:12]:
        link.click()
        phone.get_by_label("Gặp và hỏi được").check()
        go_on(phone)
        expect(phone.get_by_role("heading", level=1)).to_have_text("Người trong nhà")
        same = phone.get_by_role("button", name="Cả nhà không đổi")
        if same.count():
            shot(phone, "phone-12-same")
            same.click()
            break
        phone.goto(f"{PHONE}#/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi nộp")
    hand_in(phone)
    expect(phone.locator("main")).to_contain_text("Phường đã nhận")
