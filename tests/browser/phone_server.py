"""The real server with a faulty line in front of it: `python -m tests.browser.phone_server`.

The process reads everything in once and then forks a server for each `start` on its input, so that tests can kill
servers as often as they like. Tests tell it by `POST /__fault` what happens to the next posts of visits: answers that
are not the ward's, a line that is cut, or the end of the process between the commit and the answer.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from werkzeug.serving import make_server

from tests.browser.phone_doors import open_doors
from webapp.factory import create_app
from webapp.settings import Settings

Environ = dict[str, Any]
Start = Callable[..., Any]
Program = Callable[[Environ, Start], Iterable[bytes]]
POSTS = ("/api/v1/visits", "/api/v1/visits/bundle")
PORTAL = b"<!doctype html><title>Wi-Fi</title><h1>Moi dang nhap</h1>"
ANSWERS: dict[str, tuple[str, str, bytes]] = {
    "html": ("200 OK", "text/html", PORTAL),
    "html-201": ("201 Created", "text/html", PORTAL),
    "json-200": ("200 OK", "application/json", b'{"ok": true}'),
    "redirect": ("302 Found", "text/html", b""),
    "empty": ("204 No Content", "", b""),
    "bad-json": ("201 Created", "application/json", b'{"visit_id": "'),
    "400-html": ("400 Bad Request", "text/html", PORTAL),
    "401-html": ("401 Unauthorized", "text/html", PORTAL),
    "404-html": ("404 Not Found", "text/html", PORTAL),
    "409-html": ("409 Conflict", "text/html", PORTAL),
    "413": ("413 Content Too Large", "text/html", b"<h1>413</h1>"),
    "429": ("429 Too Many Requests", "text/html", b""),
    "500": ("500 Internal Server Error", "text/html", b"<h1>500</h1>"),
    "502": ("502 Bad Gateway", "text/html", b"<h1>nginx</h1>"),
    "503": ("503 Service Unavailable", "text/html", b""),
    "423": ("423 Locked", "application/problem+json", b'{"status": 423, "code": "round-closed", "detail": "Dot dong"}'),
    "403": ("403 Forbidden", "application/problem+json", b'{"status": 403, "code": "not-allowed", "detail": "Khong"}'),
}


class FaultyLine:
    """Between the phone and the program. `fault` hits posts of visits, `everywhere` the whole API."""

    def __init__(self, program: Program, doors: dict[str, Callable[..., Any]]) -> None:
        self.program = program
        self.doors = doors
        self.lock = threading.Lock()
        self.fault: dict[str, Any] = {}
        self.together: list[list[str]] = []
        self.pings = 0
        self.release = ""

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/__fault":
            return self.control(environ, start)
        if path == "/api/v1/ping":
            self.pings += 1
        if path == "/__logout":  # what web/auth/login.py sends when somebody logs out of the pages
            start("200 OK", [("Content-Type", "text/html"), ("Clear-Site-Data", '"cache"')])
            return [b"<title>out</title>"]
        if path.endswith("/sw.js") and self.release:
            return self.newer(environ, start)
        is_post = environ["REQUEST_METHOD"] == "POST" and path in POSTS
        body = self.read(environ) if is_post else b""
        if is_post:
            sent = json.loads(body)
            self.together.append([visit["visit_id"] for visit in sent.get("visits", [sent])])
        mode = self.take(body.decode(), is_post=is_post, is_api=path.startswith("/api/"))
        return self.answer(mode, environ, start) if mode else self.program(environ, start)

    def newer(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Give the service worker of a later release."""

        def without_length(status: str, headers: list[tuple[str, str]], *_rest: Any) -> None:
            start(status, [pair for pair in headers if pair[0] != "Content-Length"])

        mark = b'"version": "'
        return [b"".join(self.program(environ, without_length)).replace(mark, mark + self.release.encode())]

    def read(self, environ: Environ) -> bytes:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        return bytes(body)

    def take(self, body: str, *, is_post: bool, is_api: bool) -> str:
        with self.lock:
            fault = self.fault
            hit = is_api if fault.get("everywhere") else is_post and fault.get("only", "") in body
            if not hit or fault.get("times", 0) < 1:
                return ""
            fault["times"] -= 1
            return str(fault["mode"])

    def answer(self, mode: str, environ: Environ, start: Start) -> Iterable[bytes]:
        if mode in ANSWERS:
            status, kind, body = ANSWERS[mode]
            headers = [("Content-Type", kind)] if kind else []
            headers += [("Location", "/login")] if mode == "redirect" else []
            headers += [("Retry-After", "1")] if mode in {"429", "503"} else []
            start(status, headers)
            return [body]
        if mode == "die-before":
            os._exit(137)
        if mode == "hang":
            time.sleep(30)
        parts = self.program(environ, start if mode == "slow" else (lambda *_: None))
        body = b"".join(parts)  # the program committed
        if mode == "die":
            os._exit(137)
        if mode == "slow":
            time.sleep(0.2)
            return [body]
        if mode in {"wrong-hash", "wrong-id"}:
            said = json.loads(body)
            receipts = [one["receipt"] for one in said["answers"]] if "answers" in said else [said]
            for receipt in receipts[-1:]:  # the last of several: those before it are as they should be
                receipt["sha256" if mode == "wrong-hash" else "visit_id"] = "0" * 64
            start("200 OK" if "answers" in said else "201 Created", [("Content-Type", "application/json")])
            return [json.dumps(said).encode()]
        if mode == "hang-after":
            time.sleep(30)
        return self.cut(start)

    def cut(self, start: Start) -> Iterable[bytes]:
        start("201 Created", [("Content-Type", "application/json"), ("Content-Length", "5000")])
        yield b'{"visit_id": "'
        raise ConnectionAbortedError

    def control(self, environ: Environ, start: Start) -> Iterable[bytes]:
        wish = json.loads(self.read(environ) or b"{}")
        result: Any = None
        if "do" in wish:
            result = self.doors[wish["do"]](**wish.get("with", {}))
        elif "release" in wish:
            self.release = wish["release"]
        elif wish:
            self.fault = wish
        seen = {"posts": list(self.together), "pings": self.pings, "left": self.fault.get("times", 0), "result": result}
        if "mode" in wish or "clear" in wish:
            self.together.clear()
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(seen).encode()]


def serve() -> None:
    """Be one server until something ends it."""
    settings = Settings()
    line = FaultyLine(create_app(settings).wsgi_app, open_doors(settings))
    make_server("127.0.0.1", settings.port, line, threaded=True).serve_forever()


def main() -> None:
    """Fork a server for each line that comes in and tell its number; ends with its input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended servers are gone at once
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve()
        print(child, flush=True)


if __name__ == "__main__":
    main()
