"""``phs-agent``: start the agent, or list the keys it sees."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from signing.agent.parts import Parts, make_parts
from signing.agent.server import AgentServer
from signing.agent.settings import DEFAULT_PORT, AgentSettings, default_folder, installed_libraries

RUNNING_ALREADY: Final = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped. Exit status: 0 stopped, 3 the port is taken (an agent runs already)."""
    options = _parser().parse_args(arguments)
    modules = tuple(dict.fromkeys([*options.module, *installed_libraries()]))
    settings = AgentSettings(folder=options.folder, port=options.port, modules=modules)
    parts = make_parts(settings)
    if options.list:
        _say(_keys(parts))
        return 0
    try:
        server = AgentServer(parts)
    except OSError:
        _say([f"Cổng {settings.port} đang được dùng: phần mềm ký có lẽ đã chạy, xem {settings.address}"])
        _open(settings, wanted=not options.no_browser)
        return RUNNING_ALREADY
    _say([f"Phần mềm ký đang chạy: {settings.address}", "Để tắt: đóng cửa sổ này hoặc bấm Ctrl+C."])
    _run(server, settings, browser=not options.no_browser)
    return 0


def _run(server: AgentServer, settings: AgentSettings, *, browser: bool) -> None:
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: ended.set())
    server.start()
    _open(settings, wanted=browser)
    while not ended.wait(1.0):  # in pieces: on Windows a wait without end hears no Ctrl+C
        pass
    server.stop()


def _open(settings: AgentSettings, *, wanted: bool) -> None:
    if wanted:
        webbrowser.open(settings.address)


def _keys(parts: Parts) -> list[str]:
    sight = parts.keys.see()
    lines = [
        f"{key.info.common_name}: {key.place}; {key.unfit.vi if key.unfit else 'ký được'}; SHA-256 {key.info.sha256}"
        for key in sight.keys
    ]
    lines += [f"{name}: chưa đọc chứng thư, hãy mở {parts.settings.address}" for name in sight.unread]
    return [*lines, *sight.problems] or ["Không thấy token hay tệp khóa nào."]


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="phs-agent", description="Phần mềm ký Phường Số trên máy của bạn.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"cổng trên máy này (mặc định {DEFAULT_PORT})")
    parser.add_argument(
        "--module", type=Path, action="append", default=[], metavar="PATH", help="thư viện PKCS#11; nêu được nhiều lần"
    )
    parser.add_argument("--folder", type=Path, default=default_folder(), help="thư mục dữ liệu của phần mềm")
    parser.add_argument("--no-browser", action="store_true", help="không mở trang trạng thái khi khởi động")
    parser.add_argument("--list", action="store_true", help="liệt kê token và chứng thư rồi dừng")
    return parser


if __name__ == "__main__":
    sys.exit(main())
