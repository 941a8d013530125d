"""Real servers on this machine that stand at the other end: a receiver of webhooks and a mail server."""

import base64
import datetime as dt
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Receiver(ThreadingHTTPServer):
    """Answers with `status` (and `location`) and keeps what it got; `drip` seconds between the bytes of an answer."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.location, self.drip = 200, "", 0.0
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.scheme = "https" if tls else "http"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/nhan?x=1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: callers that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        if self.server.drip:
            for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000:
                self.wfile.write(bytes([letter]))
                time.sleep(self.server.drip)
            return
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server that keeps letters. `refuse` sends every recipient away; `tls` offers STARTTLS and log-in."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.letters: list[EmailMessage] = []
        self.logins: list[str] = []
        self.refuse = False
        self.tls = tls

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://localhost:{self.port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: callers that hang up are part of the tests."""


class _Smtp(socketserver.BaseRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.file = self.request.makefile("rwb")
        self.encrypted = False
        self._say("220 thu")
        while (line := self.file.readline()) and self._answer(line.decode().strip()):
            pass

    def finish(self) -> None:
        with suppress(OSError):
            self.file.close()
        self.request.close()

    def _answer(self, line: str) -> bool:
        word = line.upper()
        if word.startswith("EHLO"):
            offers = ["AUTH PLAIN"] if self.encrypted else ["STARTTLS"] if self.server.tls else []
            self._say("250-localhost", *(f"250-{one}" for one in offers), "250 8BITMIME")
        elif word == "STARTTLS" and self.server.tls:
            self._say("220 go")
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self.file, self.encrypted = self.request.makefile("rwb"), True
        elif word.startswith("AUTH PLAIN "):
            self.server.logins.append(base64.b64decode(line.split()[2]).decode().replace("\0", "|"))
            self._say("235 ok")
        elif word.startswith("RCPT"):
            self._say("550 no" if self.server.refuse else "250 ok")
        elif word == "DATA":
            self._say("354 go")
            text = b"".join(iter(self.file.readline, b".\r\n"))
            self.server.letters.append(message_from_bytes(text, policy=policy.default))
            self._say("250 ok")
        else:
            self._say("221 bye" if word == "QUIT" else "250 ok")
        return word != "QUIT"

    def _say(self, *lines: str) -> None:
        self.file.write("".join(f"{line}\r\n" for line in lines).encode())
        self.file.flush()


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def own_certificate(folder: Path, name: str) -> Path:
    """Write a key and a certificate of its own for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
