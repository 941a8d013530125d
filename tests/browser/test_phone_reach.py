"""The offline form for everybody: screen readers, keyboards, large letters, narrow screens, thumbs and slow phones."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage, Ward
from tests.browser.phone_desk import PHONE, Desk, Shot, answer_all, go_on, hand_in, set_up, violations, walk_to_check

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Record = Callable[[str, object], None]
HEAD = "Tổ trưởng"
LEFT = ".row:not(:has(.badge))"
SLOWER = 4
READY_MS = 2_500
TYPED_MS = 300

# What is pressed: its own box, or for a box or a dot the tile around it.
TARGETS = """
() => [...document.querySelectorAll(
    'main a, main button, main input, main select, main textarea, .state-bar, .phone-band a')]
  .filter((node) => node.checkVisibility({ contentVisibilityAuto: true }))
  .map((node) => (['radio', 'checkbox'].includes(node.type) ? node.closest('.tile, .segment') : node))
  .map((node) => ({
    text: node.textContent.trim().slice(0, 40) || node.id,
    bar: node.closest('.phone-top, .dock')?.className ?? '',
    box: node.getBoundingClientRect().toJSON(),
  }))
"""
DRAWN = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  while (document.querySelectorAll('.row').length < 200) await frame();
  await frame();
  return performance.now();
}
"""
SEARCHED = """
async () => {
  const input = document.querySelector('#search');
  const start = performance.now();
  input.value = 'an 187';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}
"""
ENLARGE = """
addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '225%'; }); // twice 112.5 %
"""
SMALL_TEXT = """
() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = [];
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !parent.checkVisibility()) continue;
    if (parent.closest('.visually-hidden, template, noscript')) continue;
    if (parseFloat(getComputedStyle(parent).fontSize) < 18) small.push(walk.currentNode.data.trim().slice(0, 40));
  }
  return small;
}
"""


@pytest.fixture(scope="module")
def desk(ward: Ward) -> Iterator[Desk]:
    found = Desk(ward)
    yield found
    found.engine.dispose()


def _new_phone(open_page: NewPage, ward: Ward, desk: Desk, *, dark: bool = False) -> Page:
    page = open_page(phone=True, dark=dark)
    page.emulate_media(reduced_motion="reduce")  # no colour is read half-way
    set_up(page, desk.code(ward.logins[HEAD].username))
    return page


@pytest.fixture
def phone(open_page: NewPage, ward: Ward, desk: Desk) -> Page:
    return _new_phone(open_page, ward, desk)


def _heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def _screens(page: Page) -> Iterator[str]:
    """Walk through every screen of the form; the caller looks at each."""
    page.goto(f"{PHONE}#/")
    expect(page.locator(".row").first).to_be_visible()
    yield "list"
    page.locator(LEFT).first.click()
    _heading(page, "Hôm nay ở nhà này")
    yield "door"
    go_on(page)
    yield "door-error"
    page.get_by_label("Gặp và hỏi được").check()
    go_on(page)
    for name, title in (
        ("people", "Người trong nhà"),
        ("digital", "Điện thoại và giấy tờ số"),
        ("house", "Mạng, thiết bị và lý do"),
    ):
        _heading(page, title)
        go_on(page)
        answer_all(page)
        answer_all(page)
        yield name
        go_on(page)
    _heading(page, "Xem lại trước khi nộp")
    yield "check"
    page.context.set_offline(True)
    hand_in(page)
    expect(page.locator("main")).to_contain_text("Đã lưu trên máy")
    yield "waiting"
    page.goto(f"{PHONE}#/gui")
    _heading(page, "Phiếu trên máy này")
    yield "outbox"
    page.context.set_offline(False)
    page.goto(f"{PHONE}#/cai-dat")
    _heading(page, "Cài đặt")
    yield "settings"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_screen(open_page: NewPage, ward: Ward, desk: Desk, shot: Shot, dark: bool) -> None:
    fresh = open_page(phone=True, dark=dark)
    fresh.goto(f"{PHONE}enrol#23456789ABCD")
    _heading(fresh, "Dùng điện thoại này để ghi phiếu")
    found = {"enrol": violations(fresh)}
    fresh.goto(f"{PHONE}#/bat-dau")
    page = _new_phone(open_page, ward, desk, dark=dark)
    for name in _screens(page):
        found[name] = violations(page)
        shot(page, f"phone-{name}-{'dark' if dark else 'light'}")
    assert len(found) == 11
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_target_is_large_and_every_letter_readable(phone: Page) -> None:
    small: dict[str, object] = {}
    for name in _screens(phone):
        boxes = phone.evaluate(TARGETS)
        tight = [one["text"] for one in boxes if min(one["box"]["width"], one["box"]["height"]) < 47.5]
        small |= {f"{name}: target": tight} if tight else {}
        letters = phone.evaluate(SMALL_TEXT)
        small |= {f"{name}: letters": letters} if letters else {}
        close = _too_close(boxes)
        small |= {f"{name}: gap": close} if close else {}
    assert small == {}


def _too_close(targets: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs that stand side by side, or one above the other, with less than 8 px between; bars aside."""
    found = []
    for index, one in enumerate(targets):
        for other in targets[index + 1 :]:
            a, b = one["box"], other["box"]
            across = max(a["left"], b["left"]) - min(a["right"], b["right"])
            down = max(a["top"], b["top"]) - min(a["bottom"], b["bottom"])
            near = (down < 0 and 0 <= across < 7.4) or (across < 0 and 0 <= down < 7.4)
            if near and one["bar"] == other["bar"]:
                found.append((one["text"], other["text"]))
    return found


@pytest.mark.parametrize(("width", "text"), [(320, ""), (360, "200%")], ids=["320-px", "200-percent"])
def test_nothing_needs_sideways_scrolling(phone: Page, shot: Shot, width: int, text: str) -> None:
    phone.set_viewport_size({"width": width, "height": 640})
    if text:
        phone.add_init_script(ENLARGE)
        phone.reload()
    wide = {}
    for name in _screens(phone):
        over = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[name] = over
        if name in {"people", "list"}:
            shot(phone, f"phone-{name}-{width}{text.strip('%')}")
    assert wide == {}


def test_a_visit_is_handed_in_with_the_keyboard_alone(phone: Page) -> None:
    row = phone.locator(LEFT).first
    row.focus()
    phone.keyboard.press("Enter")
    _heading(phone, "Hôm nay ở nhà này")
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.keyboard.press("ArrowDown")
    expect(phone.get_by_label("Vắng nhà")).to_be_checked()
    _tab_to(phone, "Tiếp tục")
    phone.keyboard.press("Enter")
    _heading(phone, "Xem lại trước khi nộp")
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    _tab_to(phone, "Nộp phiếu")
    phone.keyboard.press("Enter")
    expect(phone.locator("main")).to_contain_text("Phường đã nhận")


def _tab_to(page: Page, words: str) -> None:
    for _ in range(30):
        if page.evaluate("document.activeElement.innerText") == words:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard never reaches “{words}”")


def test_two_hundred_households_are_usable_at_once_on_a_slow_phone(phone: Page, record_property: Record) -> None:
    def many(route: Route) -> None:
        answer = route.fetch(headers={k: v for k, v in route.request.headers.items() if k != "if-none-match"})
        told = answer.json()
        pattern = next(one for one in told["households"] if one["visit"] is None)
        group = pattern["group_id"]
        told["households"] = [
            {**pattern, "id": f"33333333-3333-7333-8333-{n:012d}", "number": n, "head_name": f"Trần Đình Ấn {n}"}
            for n in range(1, 201)
        ]
        told["groups"] = [one for one in told["groups"] if one["id"] == group]
        route.fulfill(status=200, content_type="application/json", body=json.dumps(told), headers={"ETag": '"x"'})

    phone.route("**/api/v1/reference", many)
    phone.reload()
    expect(phone.locator(".row")).to_have_count(200)
    cpu = phone.context.new_cdp_session(phone)
    cpu.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    ready, typed = READY_MS, TYPED_MS
    for _again in range(4):  # other work on the same cores may slow one time, not each
        phone.reload(wait_until="commit")
        ready, typed = min(ready, phone.evaluate(DRAWN)), min(typed, phone.evaluate(SEARCHED))
        if ready < READY_MS and typed < TYPED_MS:
            break
    cpu.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    phone.unroute_all(behavior="wait")  # a late answer must not meet a closed page
    told = f"200 households, CPU {SLOWER}x slower: list after {ready:.0f} ms, search {typed:.0f} ms"
    record_property("counted", told)
    expect(phone.locator(".row")).to_have_count(1)
    assert ready < READY_MS
    assert typed < TYPED_MS


def test_the_first_load_is_light(open_page: NewPage, ward: Ward, record_property: Record) -> None:
    page = open_page(phone=True)
    page.goto(f"{PHONE}enrol")
    _heading(page, "Dùng điện thoại này để ghi phiếu")
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        """() => performance.getEntries().filter((one) => one.transferSize !== undefined)
          .map((one) => [one.name.replace(/.*[/]/, ''), one.transferSize])"""
    )
    total = sum(size for _name, size in sizes)
    record_property("counted", f"first load of the phone form: {total / 1000:.0f} KB in {len(sizes)} answers")
    assert len(sizes) >= 6, sizes
    assert total <= 150_000, sizes


def test_a_returning_visit_walks_back_screen_by_screen(phone: Page) -> None:
    phone.locator(LEFT).first.click()
    walk_to_check(phone)
    for title in ("Mạng, thiết bị và lý do", "Điện thoại và giấy tờ số", "Người trong nhà", "Hôm nay ở nhà này"):
        phone.go_back()
        _heading(phone, title)
    expect(phone.get_by_label("Gặp và hỏi được")).to_be_checked()
    phone.go_back()
    expect(phone.locator(".row").first).to_be_visible()
    expect(phone.locator(".row").filter(has_text="Đang ghi dở")).to_have_count(1)
