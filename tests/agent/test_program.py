"""The program itself: where it listens, that it starts from every form it is given out in, and how it ends."""

import http.client
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from signing.agent.parts import Parts, make_parts
from signing.agent.server import AgentServer
from signing.agent.settings import MAX_BODY_BYTES, AgentSettings
from tests.browser.conftest import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Parts]:
    parts = make_parts(AgentSettings(folder=tmp_path / "agent", port=free_port()))
    server = AgentServer(parts)
    server.start()
    yield parts
    server.stop()


def test_it_listens_on_loopback_alone(running: Parts) -> None:
    port = running.settings.port
    lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
    listening = [line.split()[1] for line in lines[1:] if len(line.split()) > 3 and line.split()[3] == "0A"]
    mine = {address.split(":")[0] for address in listening if address.endswith(f":{port:04X}")}
    assert "0100007F" in mine
    assert mine <= {"0100007F", "00000000000000000000000001000000"}


def test_both_loopback_addresses_answer(running: Parts) -> None:
    port = running.settings.port
    for host, name in (("127.0.0.1", f"127.0.0.1:{port}"), ("::1", f"[::1]:{port}")):
        connection = http.client.HTTPConnection(host, port, timeout=5)
        connection.request("GET", "/", headers={"Host": name})
        answer = connection.getresponse()
        assert (answer.status, b"Ph\xe1\xba\xa7n m\xe1\xbb\x81m k\xc3\xbd" in answer.read()) == (200, True)
        connection.close()


def test_a_rebound_name_is_refused_over_the_wire(running: Parts) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.settings.port, timeout=5)
    connection.request("GET", "/", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (421, b"")
    connection.close()


@pytest.mark.parametrize("head", ["Content-Length: 99999999", "Content-Length: -1", "Transfer-Encoding: chunked"])
def test_what_is_too_long_is_not_read(running: Parts, head: str) -> None:
    port = running.settings.port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"POST /api/batches HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{head}\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    assert MAX_BODY_BYTES < 99999999


def test_many_at_once_are_answered(running: Parts) -> None:
    seen = []

    def look() -> None:
        with urllib.request.urlopen(f"{running.settings.address}/agent.css", timeout=10) as answer:
            seen.append(answer.status)

    threads = [threading.Thread(target=look) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 16


@contextmanager
def started(command: list[str], port: int, folder: Path) -> Iterator[str]:
    """Run it as a person would, and end it as a logging-off computer does."""
    whole = [*command, "--port", str(port), "--folder", str(folder), "--no-browser"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    process = subprocess.Popen(whole, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    try:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                    yield answer.read().decode()
                    break
            except urllib.error.URLError:
                assert process.poll() is None
                time.sleep(0.1)
        else:
            raise AssertionError
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0
        assert process.stdout
        process.stdout.close()


def test_it_runs_from_the_package(tmp_path: Path) -> None:
    with started([sys.executable, "-m", "signing", "agent"], free_port(), tmp_path) as page:
        assert "Chưa kết nối với trang nào" in page


def test_a_second_start_says_that_one_runs_already(running: Parts, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "signing.agent.main", "--no-browser", "--folder", str(tmp_path / "second")]
    second = subprocess.run(
        [*command, "--port", str(running.settings.port)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert second.returncode == 3
    assert "có lẽ đã chạy" in second.stdout


def test_the_agent_needs_neither_pyhanko_nor_flask() -> None:
    code = "import sys, signing.agent.main; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not set(re.findall(r"'(\w+)'", loaded)) & {"pyhanko", "flask", "pandas", "sqlalchemy", "PIL", "fontTools"}


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agent_build", ROOT / "deploy" / "agent" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def single_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(builder().build_zipapp(tmp_path_factory.mktemp("pyz")))


def test_the_single_file_starts_with_nothing_installed(single_file: Path, tmp_path: Path) -> None:
    with started([sys.executable, "-I", "-S", str(single_file)], free_port(), tmp_path) as page:
        assert "Phần mềm ký trên máy này" in page
    unpacked = list((tmp_path / ".cache" / "phs-agent").iterdir())
    assert len(unpacked) == 1
    assert (unpacked[0].parent.stat().st_mode & 0o077) == 0


def test_the_single_file_says_when_it_is_for_another_machine(single_file: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.pyz"
    with zipfile.ZipFile(single_file) as good, zipfile.ZipFile(foreign, "w") as bad:
        bad.writestr("__main__.py", good.read("__main__.py"))
        bad.writestr("made.json", json.dumps({"build": "x", "python": [3, 99], "platform": "win-amd64"}))
    told = subprocess.run(
        [sys.executable, "-I", str(foreign)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONUTF8": "1", "HOME": str(tmp_path)},
    )
    assert told.returncode == 2
    assert "Tệp này dành cho Python 3.99 trên win-amd64" in told.stderr


def test_the_wheel_for_pipx_carries_the_agent_alone(tmp_path: Path) -> None:
    wheel = builder().build_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        about = opened.read("phs_agent-0.1.0.dist-info/METADATA").decode()
        scripts = opened.read("phs_agent-0.1.0.dist-info/entry_points.txt").decode()
    assert "phs-agent = signing.agent.main:main" in scripts
    assert {"signing/agent/pages/page.html", "signing/agent/pages/agent.css"} <= set(names)
    assert not [name for name in names if name.startswith("webapp") or "/sign/" in name]
    needed = {line.split(":")[1].split(">=")[0].strip() for line in about.splitlines() if "Requires-Dist" in line}
    assert needed == {"asn1crypto", "cryptography", "pypdfium2", "python-pkcs11", "tzdata"}
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "unpacked")}
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "unpacked")
    command = [sys.executable, "-c", "from signing.agent.main import main; main(['--list', '--folder', 'x'])"]
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "Không thấy token" in told.stdout
