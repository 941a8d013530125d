"""A leader and a clerk with USB tokens: the real agent with SoftHSM behind it, a real browser in front."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from signing.keystores import load_pkcs12
from signing.timestamps import LocalTimestamper
from tests.browser import conftest
from tests.browser.conftest import Login, Ward, demo_ward, free_port, log_in
from tests.browser.papers import browser_pdf
from tests.browser.papers_desk import press_and_agree
from tests.browser.test_journey import _confirm_password, _three_opinions, _upload_and_submit
from tests.browser.test_journey import _select as choose
from tests.pyhanko_cli import pyhanko_says
from tests.softhsm import TokenBox, make_box, module
from tests.vgca_tool import VgcaTool, served

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PIN = "246810"
ATTACHED = "Phụ lục I. Danh sách các tổ"
PASSWORDS: dict[str, str] = {}
"""Of this file's own ward; the names are those of the ward that the other tests share."""

ROOT = Path(__file__).parents[2]
Shot = Callable[..., None]
Desks = Callable[..., Page]


class AgentProgram:
    """The agent of one computer, started and ended as its owner does."""

    def __init__(self, port: int, folder: Path, box: TokenBox) -> None:
        self.port = port
        self._folder = folder
        self._box = box
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "signing", "agent", "--port", str(self.port), "--no-browser"]
        command += ["--folder", str(self._folder), "--module", str(module())]
        environment = {**os.environ, **self._box.environment}
        self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert "đang chạy" in self._process.stdout.readline()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def vgca_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def token_ward(tmp_path_factory: pytest.TempPathFactory, port: int, vgca_port: int) -> Iterator[Ward]:
    service = f"ws://127.0.0.1:{vgca_port}"
    folder = tmp_path_factory.mktemp("token-ward")
    with demo_ward(folder, PHS_AGENT_PORT=str(port), PHS_VGCA_SERVICE=service) as made:
        yield made


@pytest.fixture
def box(token_ward: Ward, tmp_path: Path) -> TokenBox:
    """The leader's token with two certificates of different people, as a shared computer sees it."""
    folder = token_ward.folder / "instance" / "pki"
    pins = json.loads((folder / "demo-pins.json").read_text())
    box = make_box(tmp_path / "hsm")
    slugs = ("chu-tich", "co-quan")
    files = [(next(folder.rglob(f"{slug}.p12")), pins[slug]) for slug in slugs]
    box.fill("Token lãnh đạo", PIN, files)
    return box


@pytest.fixture
def program(port: int, tmp_path: Path, box: TokenBox) -> Iterator[AgentProgram]:
    program = AgentProgram(port, tmp_path / "agent", box)
    yield program
    program.stop()


@pytest.fixture
def open_desk(chromium: Browser, token_ward: Ward, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desks]:
    """A computer with one person logged in; a script error or a refused policy fails the test."""
    monkeypatch.setattr(conftest, "PASSWORDS", PASSWORDS)
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(login: Login | None, *, phone: bool = False, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=token_ward.url,
            viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        if login is not None:
            log_in(page, login)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_leader_and_a_clerk_sign_with_tokens_on_their_own_computers(
    open_desk: Desks,
    token_ward: Ward,
    program: AgentProgram,
    chromium: Browser,
    shot: Shot,
    tmp_path: Path,
) -> None:
    logins = token_ward.logins
    leader, clerk = logins["Lãnh đạo"], logins["Văn thư"]
    paper = tmp_path / "ke-hoach.pdf"
    paper.write_bytes(browser_pdf(chromium, leader.name))
    desk = open_desk(leader)
    _agent_is_off(desk, shot)
    program.start()
    _pair_and_enrol(desk, leader.name, shot)
    office = open_desk(clerk)
    addresses = [_submit_with_attachment(office, paper, leader.name)]
    addresses += [_upload_and_submit(office, paper, leader.name) for _ in range(2)]
    _sign_one(desk, addresses[0], shot)
    _sign_two_at_once(desk, shot)
    _pair_and_enrol(office, "", shot, agency=True)
    signed = _seal(office, addresses[0], tmp_path, shot)
    _three_opinions(token_ward, signed)
    assert _fields_that_pyhanko_accepts(signed, token_ward) == ["NguoiKy", "CoQuan"]
    _publish_and_verify(office, open_desk(None, phone=True), shot)
    _status_page(office, program, shot)


def _agent_is_off(desk: Page, shot: Shot) -> None:
    desk.goto("/documents/keys/mine")
    _confirm_password(desk)
    desk.get_by_role("link", name="Đăng ký khóa trên máy").click()
    _confirm_password(desk)
    expect(desk.locator('[data-agent-state="off"]')).to_be_visible()
    shot(desk, "agent-off-desktop")


def _pair_and_enrol(desk: Page, name: str, shot: Shot, *, agency: bool = False) -> None:
    """Allow on the agent's page, type its code here, choose the certificate."""
    desk.goto(f"/documents/keys/{'agency' if agency else 'mine'}/token")
    _confirm_password(desk)
    expect(desk.get_by_role("heading", name="Kết nối phần mềm ký")).to_be_visible()
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="Mở trang kết nối").click()
    agent = opened.value
    expect(agent.locator("main")).to_contain_text("http://localhost:")
    if not agency:
        shot(agent, "agent-pair-desktop")
        _look_in_the_dark_on_a_phone(agent, "agent-pair", shot)
    agent.get_by_role("button", name="Đúng, cho phép").click()
    code = agent.locator(".code").inner_text()
    agent.close()
    desk.get_by_label("Mã kết nối").fill("0000 0000")
    desk.get_by_role("button", name="Kết nối", exact=True).click()
    expect(desk.locator('[data-agent-state="code_wrong"]')).to_be_visible()
    desk.get_by_label("Mã kết nối").fill(code)
    desk.get_by_role("button", name="Kết nối", exact=True).click()
    choice = desk.locator("[data-agent-keys] .tile")
    expect(choice).to_have_count(2)
    choice.filter(has_text=name or re.compile("Ủy ban nhân dân")).locator("label").first.click()
    shot(desk, "agent-enrol-agency-desktop" if agency else "agent-enrol-desktop")
    desk.get_by_role("button", name="Đăng ký khóa").click()
    expect(desk.locator("main")).to_contain_text("USB token trên máy của tôi")


def _look_in_the_dark_on_a_phone(page: Page, name: str, shot: Shot) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= 360")
    shot(page, f"{name}-phone-dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def _give_pin(agent: Page, pin: str) -> None:
    agent.get_by_label("Mã PIN của khóa ký").fill(pin)
    agent.locator("form button[type=submit]").first.click()


def _sign_one(desk: Page, address: str, shot: Shot) -> None:
    desk.goto(f"{address}/sign")
    _confirm_password(desk)
    start = desk.get_by_role("button", name="Ký bằng khóa trên máy")
    expect(start).to_be_enabled()
    shot(desk, "agent-sign-desktop")
    with desk.context.expect_page() as opened:
        start.click()
    agent = opened.value
    expect(agent.get_by_role("img", name="Trang 1 của văn bản")).to_be_visible()
    expect(agent.locator("main")).to_contain_text("Mã băm khớp")
    shot(agent, "agent-approval-desktop")
    _look_in_the_dark_on_a_phone(agent, "agent-approval", shot)
    _give_pin(agent, "000000")
    expect(agent.get_by_role("alert")).to_contain_text("Mã PIN không đúng")
    expect(desk.locator("[data-agent-state=waiting] [data-agent-problem]")).to_contain_text("Mã PIN không đúng")
    _give_pin(agent, PIN)
    expect(agent.locator("h1")).to_have_text("Đã ký xong")
    expect(desk.locator(".page-head")).to_contain_text("Đã ký, chờ cấp số")
    agent.close()


def _sign_two_at_once(desk: Page, shot: Shot) -> None:
    desk.goto("/documents/batch/sign")
    desk.get_by_role("button", name="Xem các văn bản đã chọn").click()
    desk.wait_for_url(re.compile("/review|/account/confirm"))
    _confirm_password(desk)
    expect(desk.locator('input[name="item"]').first).to_be_attached()
    waiting = desk.locator('input[name="item"]').count()
    assert waiting >= 2
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Ký bằng khóa trên máy").click()
    agent = opened.value
    expect(agent.locator("h1")).to_have_text(f"Ký {waiting} văn bản")
    _give_pin(agent, PIN)
    expect(desk.locator('[data-agent-state="done"]')).to_contain_text(f"Đã ký {waiting} trên {waiting} văn bản.")
    shot(desk, "agent-batch-desktop")
    _look_in_the_dark_on_a_phone(desk, "agent-batch", shot)
    agent.close()


def _submit_with_attachment(office: Page, paper: Path, signer: str) -> str:
    """Upload a document, put a separate attachment beside it, submit both."""
    office.goto("/documents/new")
    office.locator('input[type="file"]').set_input_files(paper)
    choose(office, "Loại văn bản", "Báo cáo")
    office.get_by_label("Trích yếu nội dung").fill("Kết quả phát triển hạ tầng số năm 2026")
    choose(office, "Người ký", signer)
    office.get_by_role("button", name="Lưu").click()
    office.get_by_role("link", name="Thêm tệp đính kèm").click()
    office.get_by_label("Tên phụ lục").fill(ATTACHED)
    office.locator('input[type="file"]').set_input_files(paper)
    office.get_by_role("button", name="Thêm tệp").click()
    office.get_by_role("button", name="Trình ký").click()
    expect(office.locator("main")).to_contain_text("Chờ ký")
    return office.url


def _seal(office: Page, address: str, folder: Path, shot: Shot) -> Path:
    office.goto(address)
    press_and_agree(office, "Cấp số và vào sổ")
    expect(office.locator(".page-head")).to_contain_text("Đã cấp số, chờ đóng dấu")
    office.get_by_role("link", name="Xem và đóng dấu").click()
    _confirm_password(office)
    with office.context.expect_page() as opened:
        office.get_by_role("button", name="Đóng dấu bằng khóa trên máy").click()
    agent = opened.value
    expect(agent.locator("h1")).to_have_text("Ký 2 văn bản")
    expect(agent.locator("main")).to_contain_text(f"Tệp đính kèm 1: {ATTACHED}")
    expect(agent.get_by_role("img", name="Trang 1 của văn bản")).to_have_count(2)
    _look_in_the_dark_on_a_phone(agent, "agent-attachments", shot)
    _give_pin(agent, PIN)
    expect(office.locator(".page-head")).to_contain_text("Đã đóng dấu, chờ phát hành")
    expect(office.locator("main")).to_contain_text("Đã ký số cơ quan")
    agent.close()
    shot(office, "agent-sealed-desktop")
    with office.expect_download() as told:
        office.get_by_role("link", name=re.compile("Tải về")).first.click()
    signed = folder / "da-dong-dau.pdf"
    told.value.save_as(signed)
    return signed


def _fields_that_pyhanko_accepts(signed: Path, ward: Ward) -> list[str]:
    """All signatures, judged by its command line with the root and the lists that the file carries."""
    root = next((ward.folder / "instance" / "pki").glob("**/trust/*.pem"))
    return [line.split(":")[0] for line in pyhanko_says(signed, root, revocation_inside=True)]


def _publish_and_verify(office: Page, stranger: Page, shot: Shot) -> None:
    """Anybody's telephone says of the published document what it is."""
    press_and_agree(office, "Phát hành")
    public = office.locator('a[href*="/v/"]').first.get_attribute("href")
    assert public
    stranger.goto(public)
    expect(stranger.locator("main")).to_contain_text("Chữ ký số hợp lệ")
    shot(stranger, "agent-verified-phone")


def _status_page(office: Page, program: AgentProgram, shot: Shot) -> None:
    status = office.context.new_page()
    status.goto(f"http://127.0.0.1:{program.port}/")
    expect(status.locator("main")).to_contain_text("Token lãnh đạo")
    expect(status.locator("main")).to_contain_text("http://localhost:")
    expect(status.locator("main")).to_contain_text("BC-UBND")
    shot(status, "agent-status-desktop")
    status.set_viewport_size({"width": 360, "height": 740})
    assert status.evaluate("document.documentElement.scrollWidth <= 360")
    shot(status, "agent-status-phone")
    status.get_by_role("button", name="Ngắt kết nối").click()
    expect(status.locator("main")).to_contain_text("Chưa kết nối với trang nào")


def _seen(page: Page, change: Callable[[], None]) -> None:
    """Change what is plugged in and wait until the agent has looked, as it does every three seconds."""
    change()
    page.wait_for_timeout(3200)


def test_every_state_is_said_in_clear_words(
    open_desk: Desks,
    token_ward: Ward,
    program: AgentProgram,
    box: TokenBox,
    chromium: Browser,
    shot: Shot,
    tmp_path: Path,
) -> None:
    leader, clerk = token_ward.logins["Lãnh đạo"], token_ward.logins["Văn thư"]
    paper = tmp_path / "ke-hoach.pdf"
    paper.write_bytes(browser_pdf(chromium, leader.name))
    program.start()
    desk = open_desk(leader)
    _pair_and_enrol(desk, leader.name, shot)
    address = _upload_and_submit(open_desk(clerk), paper, leader.name)
    start = desk.get_by_role("button", name="Ký bằng khóa trên máy")

    def state(name: str) -> None:
        expect(desk.locator(f'[data-agent-sign] [data-agent-state="{name}"]')).to_be_visible()

    _seen(desk, box.pull)
    desk.goto(f"{address}/sign")
    _confirm_password(desk)
    state("no_token")
    expect(start).to_be_disabled()
    _seen(desk, box.plug)
    desk.locator('[data-agent-sign] [data-agent-state="no_token"] [data-agent-again]').click()
    state("ready")
    with desk.context.expect_page() as opened:
        start.click()
    opened.value.get_by_role("button", name="Không ký").click()
    state("refused")
    with desk.context.expect_page() as opened:
        start.click()
    state("waiting")
    program.stop()
    state("closed")
    expect(start).to_be_enabled()
    shot(desk, "agent-closed-desktop")
    _look_in_the_dark_on_a_phone(desk, "agent-closed", shot)
    start.click()
    state("off")
    program.start()
    desk.locator('[data-agent-sign] [data-agent-state="off"] [data-agent-again]').click()
    state("ready")
    with desk.context.expect_page() as opened:
        start.click()
    _give_pin(opened.value, PIN)
    expect(desk.locator(".page-head")).to_contain_text("Đã ký, chờ cấp số")


def _vgca_tool(ward: Ward, slug: str) -> VgcaTool:
    """The tool with the token of the demo authority's holder, and a time-stamping service that the ward trusts."""
    folder = ward.folder / "instance" / "pki"
    pin = json.loads((folder / "demo-pins.json").read_text())[slug]
    tsa = (folder / "tsa.p12").read_bytes(), (folder / "tsa.pin").read_text().strip()
    key = next(folder.rglob(f"{slug}.p12")).read_bytes()
    return VgcaTool(key=(key, pin), tsa=LocalTimestamper(load_pkcs12(*tsa)))


def test_a_leader_signs_with_the_governments_tool(
    open_desk: Desks, token_ward: Ward, vgca_port: int, chromium: Browser, shot: Shot, tmp_path: Path
) -> None:
    leader, clerk = token_ward.logins["Lãnh đạo"], token_ward.logins["Văn thư"]
    paper, certificate = tmp_path / "ke-hoach.pdf", tmp_path / "token.cer"
    paper.write_bytes(browser_pdf(chromium, leader.name))
    tool = _vgca_tool(token_ward, "chu-tich")
    certificate.write_bytes(load_pkcs12(*tool.key).certificate.dump())
    desk = open_desk(leader)
    desk.goto("/documents/keys/mine/vgca")
    _confirm_password(desk)
    desk.locator('input[type="file"]').set_input_files(certificate)
    shot(desk, "vgca-enrol-desktop")
    desk.get_by_role("button", name="Đăng ký khóa").click()
    expect(desk.locator("main")).to_contain_text("Công cụ ký của Ban Cơ yếu Chính phủ")
    address = _upload_and_submit(open_desk(clerk), paper, leader.name)
    desk.goto(f"{address}/sign")
    _confirm_password(desk)
    start = desk.get_by_role("button", name="Ký bằng VGCA")
    start.click()
    expect(desk.locator('[data-agent-state="off"]')).to_contain_text("Không thấy công cụ ký VGCA")
    shot(desk, "vgca-off-desktop")
    _look_in_the_dark_on_a_phone(desk, "vgca-off", shot)
    other = _vgca_tool(token_ward, "co-quan")
    with served(other, vgca_port):
        start.click()
        expect(desk.locator('[data-agent-state="failed"]')).to_contain_text("chứng thư số khác")
    shot(desk, "vgca-refused-desktop")
    with served(tool, vgca_port):
        start.click()
        expect(desk.locator(".page-head")).to_contain_text("Đã ký, chờ cấp số")
    expect(desk.locator("main")).to_contain_text("Đã ký văn bản bằng công cụ VGCA.")
    shot(desk, "vgca-signed-desktop")
