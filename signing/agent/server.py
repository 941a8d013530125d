"""Sockets: HTTP on 127.0.0.1 and [::1], never on another address."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from signing.agent import answers
from signing.agent.answers import Answer, Ask
from signing.agent.api import answer_api
from signing.agent.desk import answer_desk
from signing.agent.doors import own_hosts
from signing.agent.parts import Parts
from signing.agent.settings import MAX_BODY_BYTES

FORM: Final = "application/x-www-form-urlencoded"
IDLE_SECONDS: Final = 20


def answer(parts: Parts, ask: Ask) -> Answer:
    """Answer a request. The Host header comes first: a strange name that leads here is an attack (DNS rebinding)."""
    if ask.headers.get("host", "") not in own_hosts(parts.settings.port):
        return answers.bare(421)
    return answer_api(parts, ask) if ask.path.startswith("/api/") else answer_desk(parts, ask)


class AgentServer:
    """Both loopback sockets of one agent. IPv6 may be missing on a computer; then IPv4 alone is used."""

    def __init__(self, parts: Parts) -> None:
        """Bind. Raises OSError when the port is taken: probably an agent runs already."""
        handler = _handler_for(parts)
        self._servers: list[ThreadingHTTPServer] = [_Server(("127.0.0.1", parts.settings.port), handler)]
        with contextlib.suppress(OSError):
            self._servers.append(_Server6(("::1", parts.settings.port), handler))
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Serve in threads."""
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop serving and give the port back."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let two programs share the port

    def handle_error(self, *_parts: Any) -> None:  # noqa: ANN401
        """Say nothing: a broken connection is the browser's business, and a trace could hold a form."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _handler_for(parts: Parts) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "phs-agent"
        sys_version = ""
        timeout = IDLE_SECONDS

        def log_message(self, *_parts: Any) -> None:  # noqa: ANN401
            """Write no log: addresses of batches are secrets."""

        def _serve(self) -> None:
            told = self._answered()
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told.body)

        def _answered(self) -> Answer:
            length = self.headers.get("Content-Length", "0")
            if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > MAX_BODY_BYTES:
                self.close_connection = True  # what follows is not read
                return answers.bare(413)
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            return answer(parts, _ask(self.command, self.path, headers, body))

        do_GET = do_POST = do_DELETE = do_OPTIONS = do_HEAD = _serve  # noqa: N815

    return Handler


def _ask(method: str, target: str, headers: dict[str, str], body: bytes) -> Ask:
    parts = urlsplit(target)
    pairs = list(_pairs(parts.query))
    if method == "POST" and headers.get("content-type", "").split(";")[0].strip() == FORM:
        pairs = list(_pairs(body.decode("utf-8", "replace")))
    return Ask(method=method, path=parts.path, headers=headers, fields=dict(pairs), body=body)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    with contextlib.suppress(ValueError):
        yield from parse_qsl(text, keep_blank_values=True, max_num_fields=20)
