"""Composing a document from a template, and a Word file that becomes the page, in a real browser."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.papers_desk import choose, confirm_password
from tests.browser.test_journey import CLERK, LEADER
from tests.word_files import with_relation

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]
BODY = (
    "I. KẾT QUẢ ĐẠT ĐƯỢC\n"
    "Các tổ dân phố đã hoàn thành việc hướng dẫn người dân *cài đặt* định danh điện tử; số liệu đều bịa để thử.\n"
    "II. NHIỆM VỤ THỜI GIAN TỚI\n"
    "Tiếp tục phối hợp với doanh nghiệp viễn thông kéo cáp quang đến các cụm dân cư chưa có"
)


def words_of(pdf: bytes, folder: Path) -> str:
    path = folder / "van-ban.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(text.split())


def compose(page: Page, signer: str) -> None:
    page.goto("/documents/")
    page.locator("main summary", has_text="Việc khác").click()
    page.locator("main").get_by_role("link", name="Soạn từ mẫu").click()
    page.get_by_role("link", name=re.compile("Báo cáo")).click()
    expect(page.get_by_label("Nội dung", exact=True)).to_have_value(re.compile("I. KẾT QUẢ"))
    page.get_by_label("Trích yếu nội dung").fill("Kết quả hướng dẫn định danh điện tử")
    page.get_by_label("Kính gửi").fill("Sở Khoa học và Công nghệ")
    page.get_by_label("Nội dung", exact=True).fill(BODY)
    choose(page, "Người ký", signer)
    choose(page, "Quyền hạn ký", "TM.")


def newest_file(page: Page) -> bytes:
    link = page.locator('a[href*="/versions/"][download]').first.get_attribute("href")
    return page.request.get(link or "").body()


def test_from_a_template_to_a_signed_and_numbered_document(
    ward: Ward, open_page: NewPage, shot: Shot, tmp_path: Path
) -> None:
    clerk, leader = ward.logins[CLERK], ward.logins[LEADER]
    office, desk, phone = open_page(), open_page(), open_page(phone=True, dark=True)
    log_in(office, clerk)
    log_in(phone, clerk)
    for page, name in ((office, "desktop"), (phone, "phone-dark")):
        page.goto("/documents/letters")
        shot(page, f"letters-{name}")
    phone.goto("/documents/letters/quyet_dinh")
    phone.get_by_role("button", name="Lưu và xem văn bản").click()
    expect(phone.locator(".error-summary")).to_contain_text("trích yếu")
    shot(phone, "letter-phone-dark")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    compose(office, leader.name)
    shot(office, "letter-desktop")
    office.get_by_role("button", name="Lưu và xem văn bản").click()
    expect(office.locator("main img").first).to_be_visible()
    shot(office, "composed-desktop")
    assert "*cài đặt*" in words_of(newest_file(office), tmp_path)
    office.get_by_role("button", name="Trình ký").click()
    expect(office.locator(".page-head")).to_contain_text("Chờ ký")
    log_in(desk, leader)
    desk.goto(office.url)
    desk.get_by_role("link", name="Xem và ký").click()
    confirm_password(desk)
    desk.get_by_label("Mã PIN của khóa ký").fill(leader.pin or "")
    desk.get_by_role("button", name="Ký văn bản").click()
    expect(desk.locator(".page-head")).to_contain_text("Đã ký, chờ cấp số")
    office.reload()
    office.get_by_role("button", name="Cấp số và vào sổ").first.click()
    office.get_by_role("dialog").get_by_role("button", name="Cấp số").click()
    expect(office.locator(".page-head")).to_contain_text("Đã cấp số, chờ đóng dấu")
    shot(office, "composed-numbered-desktop")
    text = words_of(newest_file(office), tmp_path)
    assert re.search(r"Số: \d+ /BC-UBND", text)
    assert re.search(r"ngày \d\d tháng \d+ năm 20\d\d", text)


def test_a_word_file_becomes_the_page_before_ones_eyes(
    ward: Ward, open_page: NewPage, shot: Shot, tmp_path: Path
) -> None:
    clerk, leader = ward.logins[CLERK], ward.logins[LEADER]
    page, phone = open_page(dark=True), open_page(phone=True)
    log_in(page, clerk)
    compose(page, leader.name)
    page.get_by_role("button", name="Lưu và xem văn bản").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bản Word").click()
    paper = tmp_path / "bao-cao.docx"
    download.value.save_as(paper)
    page.get_by_role("link", name="Sửa hoặc thay tệp").click()
    linked = tmp_path / "lien-ket.docx"
    linked.write_bytes(with_relation("image", "http://anh.invalid/a.png"))
    page.locator('input[type="file"]').set_input_files(linked)
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator(".error-summary")).to_contain_text("liên kết từ nơi khác")
    shot(page, "word-refused-desktop-dark", whole=False)
    page.locator('input[type="file"]').set_input_files(paper)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name="Đang chuyển đổi tệp Word")).to_be_visible()
    shot(page, "word-converting-desktop-dark", whole=False)
    log_in(phone, clerk)
    phone.goto(page.url)
    shot(phone, "word-converting-phone", whole=False)
    expect(page.get_by_text("Đã chuyển thành PDF")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Trình ký")).to_be_visible()
    shot(page, "word-converted-desktop-dark")
    expect(phone.get_by_text("Đã chuyển thành PDF")).to_be_visible(timeout=60_000)  # it looks again by itself
    shot(phone, "word-converted-phone")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert "TM. ỦY BAN NHÂN DÂN" in words_of(newest_file(page), tmp_path)
