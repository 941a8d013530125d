"""A demo ward behind the real server, and a real Chromium to look at it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.browser.phone_world import FaultyServer, Phone, init_script, new_phone

OUTPUT = Path(__file__).parents[1] / "output" / "screenshots"
PHS = Path(sys.executable).with_name("phs")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEW_PASSWORD = "con duong lang que toi"
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Login:
    """A printed log-in of the demo ward."""

    role: str
    username: str
    password: str
    pin: str | None
    name: str


@dataclass
class Ward:
    """The running demo ward."""

    url: str
    logins: dict[str, Login]
    folder: Path
    environment: dict[str, str]

    def phs(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PHS), *arguments], env=self.environment, capture_output=True, text=True, check=False, cwd=self.folder
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(900):
        if process.poll() is not None:
            message = f"the server ended with status {process.returncode}"
            raise RuntimeError(message)
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    message = "the server did not become healthy"
    raise RuntimeError(message)


@contextmanager
def demo_ward(folder: Path, **settings: str) -> Iterator[Ward]:
    """A small demo ward, made and served by the commands that users type."""
    port = free_port()
    url = f"http://localhost:{port}"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PHS_")},
        "PHS_DATA_DIR": str(folder / "instance"),
        "PHS_PORT": str(port),
        "PHS_BASE_URL": url,
        "PHS_LOG_LEVEL": "WARNING",
        "PHS_RATE_LIMITS": "no",
        **settings,
    }
    made = subprocess.run(
        [str(PHS), "demo", "--households", "300", "--groups", "4", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert made.returncode == 0, made.stderr
    logins = {row["role"]: Login(**row) for row in reversed(json.loads(made.stdout))}
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen([str(PHS), "serve"], env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        wait_until_healthy(url, process)
        yield Ward(url, logins, folder, environment)
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@pytest.fixture(scope="session")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """The demo ward that most tests share."""
    with demo_ward(tmp_path_factory.mktemp("ward")) as made:
        yield made


@pytest.fixture(scope="module")  # its event loop must be gone before tests of signing run in the same process
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is not installed: `apt-get install chromium`"
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


NewPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, ward: Ward) -> Iterator[NewPage]:
    """Open a page of a device; a script error or a refused policy on any of them fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(*, phone: bool = False, javascript: bool = True, dark: bool = False, sharp: float = 1) -> Page:
        context = chromium.new_context(
            base_url=ward.url,
            viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 900},
            is_mobile=phone,
            has_touch=phone,
            java_script_enabled=javascript,
            device_scale_factor=sharp,
            color_scheme="dark" if dark else "light",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a picture of the page under tests/output/screenshots."""
    OUTPUT.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str, *, whole: bool = True) -> None:
        page.wait_for_load_state("networkidle")
        for picture in page.locator("main img:visible").all():  # drawn only when they come into view
            picture.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        page.mouse.wheel(0, -100_000)
        page.screenshot(path=OUTPUT / f"{name}.png", full_page=whole)

    return take


PASSWORDS: dict[str, str] = {}


def log_in(page: Page, login: Login) -> None:
    """Log in as printed on the console; the first time the password must be changed."""
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(login.username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORDS.get(login.username, login.password))
    page.get_by_role("button", name="Đăng nhập").click()
    if login.username not in PASSWORDS:
        expect(page.get_by_role("heading", level=1)).to_have_text("Đặt mật khẩu của riêng bạn")
        page.get_by_label("Mật khẩu đang dùng").fill(login.password)
        page.get_by_label("Mật khẩu mới", exact=True).fill(NEW_PASSWORD)
        page.get_by_label("Nhập lại mật khẩu mới").fill(NEW_PASSWORD)
        page.get_by_role("button", name="Lưu mật khẩu mới").click()
        PASSWORDS[login.username] = NEW_PASSWORD
    page.wait_for_load_state()


def look_until(page: Page, path: str, wanted: Locator, seconds: float = 120) -> None:
    """Open the page again until the worker has made it show `wanted`; otherwise what it shows is the failure's text."""
    end = time.monotonic() + seconds
    while not wanted.count():
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(1_000)
        page.goto(path)


@pytest.fixture(scope="session")
def faulty(ward: Ward) -> Iterator[FaultyServer]:
    """The demo ward behind a second server, which tests stop, kill and break."""
    server = FaultyServer(free_port(), ward.environment, ward.folder).start()
    yield server
    server.close()


NewPhone = Callable[..., Phone]


@pytest.fixture
def make_phone(chromium: Browser, faulty: FaultyServer) -> Iterator[NewPhone]:
    """Make phones that are enrolled for a head; a script error on any of them fails the test."""
    faulty.well()
    phones: list[Phone] = []
    complaints: list[str] = []

    def make(username: str = "", *, enrolled: bool = True, **settings: object) -> Phone:
        phone = new_phone(chromium, faulty, **settings)  # type: ignore[arg-type]  # settings of the page, and `before`
        phone.context.on("weberror", lambda error: complaints.append(str(error.error)))
        phones.append(phone)
        return phone.open().enrol(username) if enrolled else phone

    yield make
    for phone in phones:
        phone.context.close()
    assert complaints == []


OpenProfile = Callable[[], Phone]


@pytest.fixture
def open_profile(chromium: Browser, faulty: FaultyServer, tmp_path: Path) -> Iterator[OpenProfile]:
    """Open the form in a browser of its own that keeps its data in `tmp_path / "profile"`, as a phone does."""
    opened: list[BrowserContext] = []

    def open_it() -> Phone:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
        context = chromium.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=path, args=arguments, base_url=faulty.url
        )
        opened.append(context)
        context.add_init_script(init_script())
        return Phone(context, faulty).open()

    yield open_it
    opened[-1].close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the fault tests of the offline form in one line."""
    reports = {
        outcome: [r for r in terminalreporter.getreports(outcome) if "phone_fault" in getattr(r, "keywords", {})]
        for outcome in ("passed", "failed", "error", "skipped")
    }
    calls = [r for r in reports["passed"] if r.when == "call"]
    total = len({r.nodeid for found in reports.values() for r in found})
    if total:
        bad = {r.nodeid for outcome in ("failed", "error") for r in reports[outcome]}
        good = len({r.nodeid for r in calls} - bad)
        terminalreporter.write_line(
            f"phone faults: {good} of {total} survived{', nothing lost, nothing doubled' * (good == total)}"
        )
