"""A remote signing provider that others wrote (certomancer-csc-dummy), on the loopback address.

Before it stands a thin gate that asks for PIN and code, counts calls, and can be told to misbehave.
"""

import asyncio
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from certomancer import CertomancerConfig
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from csc_dummy.csc_dummy_server import CSCWithCertomancer, DummyServiceParams

from signing.keystores.csc_http import CscService

PIN, CODE, TOKEN = "73914628", "204816", "ward-access"
CONFIG = """
keysets:
  csc:
    path-prefix: .
    keys: {root: {path: root.pem}, person: {path: person.pem}, curve: {path: curve.pem}}
pki-architectures:
  csc:
    keyset: csc
    entity-defaults: {country-name: VN, organization-name: "Dịch vụ ký từ xa MẪU"}
    entities:
      root: {common-name: "CA ký từ xa MẪU"}
      person: {common-name: "Đỗ Thị Ngọc Ánh"}
      curve: {common-name: "Đỗ Thị Ngọc Ánh (EC)"}
    certs:
      root:
        subject: root
        subject-key: root
        issuer: root
        authority-key: root
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2060-01-01T00:00:00+0000"}
        profiles: [{id: simple-ca}]
      person:
        issuer: root
        validity: {valid-from: "2024-01-01T00:00:00+0000", valid-to: "2050-01-01T00:00:00+0000"}
        profiles: [digsig-commitment]
      curve:
        issuer: root
        validity: {valid-from: "2024-01-01T00:00:00+0000", valid-to: "2050-01-01T00:00:00+0000"}
        profiles: [digsig-commitment]
"""


@dataclass
class Provider:
    """The running service. `fault` is done once to the next call of an endpoint: (endpoint, what)."""

    url: str = ""
    asks: tuple[str, ...] = ("PIN",)
    multisign: int = 10
    calls: list[str] = field(default_factory=list)
    fault: tuple[str, str] | None = None
    root: bytes = b""

    def service(self, **changes: Any) -> CscService:
        return CscService(**{"url": self.url, "token": TOKEN, "timeout": 5.0, "patience": 5.0, **changes})

    def count(self, endpoint: str) -> int:
        return self.calls.count(endpoint)


def _no(reason: str, status: int = 400) -> web.Response:
    return web.json_response({"error": reason, "error_description": "Mô tả dành cho người"}, status=status)


def _gate(provider: Provider) -> Any:
    faults = {
        "html": lambda: web.Response(text="<html>bảo trì</html>", content_type="text/html"),
        "500": lambda: web.Response(status=500),
        "redirect": lambda: web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"}),
        "refuse": lambda: _no("invalid_request"),
        "few": lambda: web.json_response({"signatures": []}),
    }

    @web.middleware
    async def gate(request: web.Request, handler: Any) -> web.StreamResponse:
        endpoint = request.path.removeprefix("/csc/v1/")
        provider.calls.append(endpoint)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _no("invalid_token", 401)
        if provider.fault and provider.fault[0] == endpoint:
            what, provider.fault = provider.fault[1], None
            if what == "hang":
                await asyncio.sleep(3)  # longer than the tests are patient
            return faults[what]()  # type: ignore[misc]
        body = await request.json()
        if endpoint == "credentials/authorize":
            if "PIN" in provider.asks and body.get("PIN") != PIN:
                return _no("invalid_pin")
            if "OTP" in provider.asks and body.get("OTP") != CODE:
                return _no("invalid_otp")
            if body["numSignatures"] > provider.multisign:
                return _no("invalid_request")
        answer = await handler(request)
        return _with_asks(provider, answer) if endpoint == "credentials/info" else answer

    return gate


def _with_asks(provider: Provider, answer: web.Response) -> web.Response:
    import json

    content = json.loads(answer.text or "{}")
    content |= {name: {"presence": "true"} for name in provider.asks}
    return web.json_response(content)


@contextmanager
def remote_service(folder: Path, *, multisign: int = 10) -> Iterator[Provider]:
    """Make keys and serve in a thread with a loop of its own."""
    keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("root", "person")}
    for name, key in {**keys, "curve": ec.generate_private_key(ec.SECP256R1())}.items():
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pem)
    config = CertomancerConfig.from_yaml(CONFIG, key_search_dir=str(folder))
    provider = Provider(multisign=multisign)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", web.NotAppKeyWarning)  # the dummy keeps its parts under plain names
        server = CSCWithCertomancer(config, service_params=DummyServiceParams(multisign=multisign))
    server.app.middlewares.append(_gate(provider))
    server.register_routes()

    async def sent(_request: web.Request) -> web.Response:
        return web.json_response({})

    server.app.router.add_post("/csc/v1/credentials/sendOTP", sent)
    provider.root = config.get_pki_arch("csc").get_cert("root").dump()
    loop, ready = asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(server.app, shutdown_timeout=1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield provider
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
