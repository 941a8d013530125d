"""A stand-in for the government's signing tool: the messages of its browser plugin, and PDFs signed by pyHanko itself.

It speaks as the tool does on `wss://127.0.0.1:8987/Sign…`: one JSON text in, one out. It fetches `FileName`, signs with
its owner's token, posts the result as `uploadfile` to `FileUploadHandler`, and tells the page what the handler said.
"""

import asyncio
import io
import json
import threading
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from signing.keystores import load_pkcs12
from signing.timestamps import Timestamper
from tests.signing.library_signer import LibrarySigner

Change = Callable[[IncrementalPdfFileWriter], None]


@dataclass
class VgcaTool:
    """The tool with a token in it: `key` is the PKCS#12 file with its PIN that stands for the token."""

    key: tuple[bytes, str]
    tsa: Timestamper | None
    name: str = "Signature1"
    subfilter: SigSeedSubFilter = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    change: Change = lambda _writer: None
    heard: list[dict[str, Any]] = field(default_factory=list)

    def sign(self, pdf: bytes) -> bytes:
        """Add one signature as an incremental update."""
        opened = load_pkcs12(*self.key)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
        self.change(writer)
        about = signers.PdfSignatureMetadata(field_name=self.name, md_algorithm="sha256", subfilter=self.subfilter)
        signer = signers.PdfSigner(about, signer=LibrarySigner(opened), timestamper=self.tsa)
        return signer.sign_pdf(writer).getvalue()

    def answer(
        self, message: str, *, fetch: Callable[[str], bytes], post: Callable[[str, bytes], dict[str, Any]]
    ) -> str:
        """Do what a page asks; `post` sends the file as the multipart field `uploadfile`."""
        asked = json.loads(message)
        self.heard.append(asked)
        told = post(asked["FileUploadHandler"], self.sign(fetch(asked["FileName"])))
        status = 0 if told.get("Status") else 1
        return json.dumps({**told, "Status": status, "DocumentNumber": asked.get("DocNumber", "")})


@contextmanager
def served(tool: VgcaTool, port: int) -> Iterator[None]:
    """Let it listen on loopback, in a thread of its own; plain `ws`, for it has no certificate."""

    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        message = await socket.receive()
        if message.type is WSMsgType.TEXT:
            answer = await asyncio.to_thread(tool.answer, message.data, fetch=_fetch, post=_post)
            await socket.send_str(answer)
        await socket.close()
        return socket

    async def serve(ready: threading.Event, stop: asyncio.Event) -> None:
        app = web.Application()
        app.router.add_get("/{act}", talk)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        ready.set()
        await stop.wait()
        await runner.cleanup()

    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(ready, stop)), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


def _fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return bytes(answer.read())


def _post(address: str, content: bytes) -> dict[str, Any]:
    edge = uuid.uuid4().hex.encode()
    head = b'Content-Disposition: form-data; name="uploadfile"; filename="signed.pdf"\r\nContent-Type: application/pdf'
    body = b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (edge, head, content, edge)
    kind = f"multipart/form-data; boundary={edge.decode()}"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=120) as answer:
        told: dict[str, Any] = json.loads(answer.read())
    return told
