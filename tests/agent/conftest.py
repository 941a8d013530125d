"""An agent with a key file, a ward that serves prepared documents, and a clock that can be moved."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from signing import Level, SignRequest
from signing.agent.answers import Answer, Ask
from signing.agent.parts import Parts, make_parts
from signing.agent.server import answer
from signing.agent.settings import AgentSettings
from signing.deferred import prepare_signature
from signing.keystores import open_pkcs12
from signing.model import Mechanism
from signing.protocol import PreparedSignature
from signing.trust.demo_pki import IssuedKey
from tests.signing.conftest import World, plain_world, plan, world

__all__ = ["plain_world", "plan", "world"]

PORT = 17999
HOST = f"127.0.0.1:{PORT}"
OWN = f"http://{HOST}"


class MovableClock:
    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: int) -> None:
        self.moment += timedelta(**span)


@dataclass
class Ward:
    """What a ward's server is to the agent: files at addresses."""

    origin: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    redirect_to: str = ""

    def put(self, name: str, pdf: bytes) -> str:
        self.files[f"/{name}.pdf"] = pdf
        return f"{self.origin}/{name}.pdf"


@pytest.fixture
def ward() -> Iterator[Ward]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_parts: Any) -> None: ...

        def do_GET(self) -> None:
            ward.asked.append(self.path)
            found = ward.files.get(self.path)
            if ward.redirect_to:
                self.send_response(302)
                self.send_header("Location", ward.redirect_to)
                found = b""
            else:
                self.send_response(200 if found is not None else 404)
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ward = Ward(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield ward
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def key(world: World) -> IssuedKey:
    return world.pki.keys["chu-tich"]


@pytest.fixture
def parts(tmp_path: Path, clock: MovableClock, key: IssuedKey) -> Parts:
    """An agent with one key file whose certificate it knows."""
    parts = make_parts(AgentSettings(folder=tmp_path / "agent", port=PORT), clock=clock)
    (parts.settings.key_folder / "khoa.p12").write_bytes(key.path.read_bytes())
    parts.keys.read_file("khoa.p12", key.pin)
    return parts


@dataclass
class Page:
    """The ward's page in a browser, as far as the agent sees it."""

    parts: Parts
    origin: str
    token: str = ""

    def ask(self, method: str, path: str, value: object = None, **headers: str) -> Answer:
        import json

        sent = {"host": HOST, "origin": self.origin, "content-type": "application/json", **headers}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        body = b"" if value is None else json.dumps(value).encode()
        return answer(self.parts, Ask(method=method, path=path, headers=sent, body=body))

    def told(self, method: str, path: str, value: object = None) -> Any:
        import json

        return json.loads(self.ask(method, path, value).body)

    def ended(self, batch: str) -> Any:
        """Poll until nothing moves."""
        for _ in range(400):
            told = self.told("GET", f"/api/batches/{batch}")
            if told["stage"] not in {"fetching", "signing"}:
                return told
            time.sleep(0.02)
        raise AssertionError(told)


@dataclass
class Person:
    """Somebody at the agent's own pages."""

    parts: Parts

    def open(self, path: str, **fields: str) -> Answer:
        return answer(self.parts, Ask(method="GET", path=path, headers={"host": HOST}, fields=fields))

    def send(self, path: str, **fields: str) -> Answer:
        headers = {"host": HOST, "origin": OWN, "content-type": "application/x-www-form-urlencoded"}
        whole = {"form_token": self.parts.form_token, **fields}
        ask = Ask(method="POST", path=path, headers=headers, fields=whole, body=urlencode(whole).encode())
        return answer(self.parts, ask)


@pytest.fixture
def person(parts: Parts) -> Person:
    return Person(parts)


@pytest.fixture
def page(parts: Parts, ward: Ward) -> Page:
    """A paired page."""
    code = parts.pairings.offer(ward.origin).code
    return Page(parts, ward.origin, parts.pairings.redeem(ward.origin, code))


Order = Callable[..., dict[str, Any]]


@pytest.fixture
def order(world: World, plan: bytes, ward: Ward, key: IssuedKey) -> Order:
    """Prepare documents at the ward and say what to sign."""

    def make(count: int = 1, *, issued: IssuedKey = key, mechanism: Mechanism | None = None) -> dict[str, Any]:
        documents = []
        for place in range(count):
            prepared, pdf = _prepared(world, plan, issued, mechanism)
            documents.append(
                {
                    "id": f"d{place}",
                    "title": f"Kế hoạch số {place + 1}",
                    "abstract": "Chuyển đổi số năm 2026",
                    "url": ward.put(f"v{place}", pdf),
                    "prepared": prepared.to_json(),
                }
            )
        return {"documents": documents}

    return make


def _prepared(
    world: World, plan: bytes, issued: IssuedKey, mechanism: Mechanism | None
) -> tuple[PreparedSignature, bytes]:
    with open_pkcs12(issued.path, issued.pin) as signer:
        request = SignRequest(level=Level.B_T, mechanism=mechanism)
        return prepare_signature(plan, signer.certificate, signer.chain, request, world.around())
