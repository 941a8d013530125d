"""The whole job, as the README tells it: three households on a phone, a document signed, sealed and verified."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NEW_PASSWORD, Login, NewPage, Ward, log_in
from tests.browser.papers import browser_pdf
from tests.browser.papers_desk import press_and_agree

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ANSWERS = (
    ("sex", "female"),
    ("age_band", "30-44"),
    ("smartphone", "yes"),
    ("digital_id", "yes"),
    ("vneid_level", "2"),
    ("digital_signature", "yes"),
    ("e_signature", "no"),
)
Shot = Callable[..., None]
HEAD, LEADER, CLERK = "Tổ trưởng", "Lãnh đạo", "Văn thư"


@dataclass(frozen=True)
class Figures:
    """What a leader reads: adults with a signature, and households visited in the open round."""

    signatures: int
    visited: int


def _read_figures(page: Page) -> Figures:
    page.goto("/adoption/")
    card = page.locator(".card", has_text="chữ ký số hoặc chữ ký điện tử").first
    signatures = re.search(r"([\d.]+) trong [\d.]+ người", card.inner_text())
    page.goto("/")
    visited = re.search(r"Đã khảo sát ([\d.]+) trong", page.locator("main").inner_text())
    assert signatures, card.inner_text()
    assert visited, page.locator("main").inner_text()
    return Figures(*(int(found.group(1).replace(".", "")) for found in (signatures, visited)))


def _fill_household(page: Page, number: int, shot: Shot) -> str:
    """Open the first household that is left, answer for everybody, and give the receipt's code."""
    page.goto("/surveys/")
    page.locator('a[href*="/visit"]').first.click()
    page.get_by_text("Gặp và hỏi được", exact=True).click()
    adults = page.locator('input[name="adult_count"]')
    if adults.count():
        adults.fill("2")
    if number == 1:
        shot(page, "visit-1-start-phone")
    page.get_by_role("button", name="Tiếp tục").last.click()
    for index in range(page.locator('input[name$="-smartphone"][value="yes"][name^="adults"]').count()):
        for name, value in ANSWERS:
            _choose(page, f"adults-{index}-{name}", value)
    _choose(page, "fibre_covered", "yes")
    _choose(page, "fibre_connected", "yes")
    _choose(page, "fibre_speed", "below_1g")
    if number == 1:
        shot(page, "visit-2-details-phone")
    page.get_by_role("button", name="Xem lại trước khi nộp").last.click()
    page.wait_for_load_state()
    assert not page.locator(".error-summary").count(), page.locator(".error-summary").inner_text()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi nộp")
    for box in page.locator('input[name="confirmed"]').all():
        box.click()
        expect(box).to_be_checked()
    if number == 1:
        shot(page, "visit-3-check-phone")
    page.get_by_role("button", name="Nộp phiếu").click()
    page.wait_for_url("**/receipt*")
    if number == 1:
        shot(page, "visit-4-receipt-phone")
    return page.locator("main").inner_text()


def _choose(page: Page, name: str, value: str) -> None:
    """Press an answer, as a thumb does."""
    option = page.locator(f'input[name="{name}"][value="{value}"]')
    option.click()
    expect(option).to_be_checked()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_head_enters_three_households_on_a_phone_and_the_leaders_page_moves(
    ward: Ward, open_page: NewPage, shot: Shot, javascript: bool
) -> None:
    desk = open_page()
    log_in(desk, ward.logins[LEADER])
    before = _read_figures(desk)
    phone = open_page(phone=True, javascript=javascript)
    log_in(phone, ward.logins[HEAD])
    shot(phone, "home-phone")
    phone.goto("/surveys/")
    shot(phone, "households-phone", whole=False)
    receipts = {_fill_household(phone, number, shot) for number in (1, 2, 3)}
    assert len(receipts) == 3
    after = _read_figures(desk)
    assert after.visited == before.visited + 3
    assert after.signatures > before.signatures
    desk.goto("/adoption/")
    shot(desk, "adoption-desktop", whole=False)
    recount = ward.phs("adoption", "--check")
    assert recount.returncode == 0, recount.stdout + recount.stderr


def test_a_document_is_signed_numbered_sealed_published_and_verified_by_a_stranger(
    ward: Ward, open_page: NewPage, shot: Shot, tmp_path: Path, chromium: Browser
) -> None:
    leader, clerk = ward.logins[LEADER], ward.logins[CLERK]
    paper = tmp_path / "bao-cao.pdf"
    paper.write_bytes(browser_pdf(chromium, leader.name))
    office, desk, stranger = open_page(), open_page(), open_page(phone=True)
    log_in(office, clerk)
    log_in(desk, leader)
    address = _upload_and_submit(office, paper, leader.name)
    _sign(desk, address, leader, shot)
    public = _number_seal_publish(office, address, clerk, shot)

    stranger.goto(public)
    expect(stranger.locator("main")).to_contain_text("hợp lệ")
    shot(stranger, "verify-code-phone")
    signed = tmp_path / "da-ky.pdf"
    signed.write_bytes(stranger.request.get(public + "/tai-ve").body())
    _three_opinions(ward, signed)
    _stranger_uploads(stranger, signed, shot, tmp_path)


def _upload_and_submit(office: Page, paper: Path, signer: str) -> str:
    office.goto("/documents/new")
    office.locator('input[type="file"]').set_input_files(paper)
    _select(office, "Loại văn bản", "Báo cáo")
    office.get_by_label("Trích yếu nội dung").fill("Kết quả phát triển hạ tầng số năm 2026")
    _select(office, "Người ký", signer)
    office.get_by_role("button", name="Lưu").click()
    office.get_by_role("button", name="Trình ký").click()
    expect(office.locator("main")).to_contain_text("Chờ ký")
    return office.url


def _select(page: Page, label: str, words: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.select_option(value=box.locator("option", has_text=words).first.get_attribute("value"))


def _sign(desk: Page, address: str, leader: Login, shot: Shot) -> None:
    desk.goto(address)
    desk.get_by_role("link", name="Xem và ký").click()
    _confirm_password(desk)
    shot(desk, "sign-desktop")
    desk.get_by_label("Mã PIN của khóa ký").fill("sai pin")
    desk.get_by_role("button", name="Ký văn bản").click()
    expect(desk.locator(".error-summary")).to_contain_text("PIN")
    desk.get_by_label("Mã PIN của khóa ký").fill(leader.pin or "")
    desk.get_by_role("button", name="Ký văn bản").click()
    expect(desk.locator(".page-head")).to_contain_text("Đã ký, chờ cấp số")
    shot(desk, "signed-desktop")


def _number_seal_publish(office: Page, address: str, clerk: Login, shot: Shot) -> str:
    office.goto(address)
    press_and_agree(office, "Cấp số và vào sổ")
    expect(office.locator(".page-head")).to_contain_text("Đã cấp số, chờ đóng dấu")
    office.get_by_role("link", name="Xem và đóng dấu").click()
    _confirm_password(office)
    office.get_by_label("Mã PIN của khóa ký").fill(clerk.pin or "")
    office.get_by_role("button", name="Đóng dấu").click()
    expect(office.locator(".page-head")).to_contain_text("Đã đóng dấu, chờ phát hành")
    press_and_agree(office, "Phát hành")
    expect(office.locator(".page-head")).to_contain_text("Đã phát hành")
    shot(office, "published-desktop")
    public = office.locator('a[href*="/v/"]').first.get_attribute("href")
    assert public
    return public


def _confirm_password(page: Page) -> None:
    """Answer the step-up page when it asks."""
    if "/account/confirm" in page.url:
        page.locator('main input[type="password"]').fill(NEW_PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_load_state()


def _three_opinions(ward: Ward, signed: Path) -> None:
    """Our command line with the demo root, pdfsig, and the page agree."""
    root = next((ward.folder / "instance" / "pki").glob("**/trust"), None) or ward.folder / "instance" / "pki"
    verdict = ward.phs("verify", str(signed), "--trust", str(root), "--json")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    nobody = ward.phs("verify", str(signed), "--json")
    assert nobody.returncode == 2, nobody.stdout
    second = subprocess.run(["pdfsig", "-nocert", str(signed)], capture_output=True, text=True, check=False)
    assert second.stdout.count("Signature is Valid") == 2, second.stdout


def _stranger_uploads(page: Page, signed: Path, shot: Shot, folder: Path) -> None:
    page.goto("/kiem-tra")
    page.locator('input[type="file"]').set_input_files(signed)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("hợp lệ")
    shot(page, "verify-upload-phone")
    forged = folder / "sua.pdf"
    content = bytearray(signed.read_bytes())
    content[len(content) // 10] ^= 0xFF
    forged.write_bytes(content)
    page.goto("/kiem-tra")
    page.locator('input[type="file"]').set_input_files(forged)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).not_to_contain_text("Chữ ký hợp lệ")
    shot(page, "verify-forged-phone")
