"""Revocation data from addresses: asked once, bounded, and never believed as they come."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from signing import Level, SignRequest, errors
from signing import fetching as room
from signing.fetching import RevocationFetcher
from signing.sign.revocation import FetchedRevocation
from tests.signing.authority import authority
from tests.signing.conftest import World

KEY = ec.generate_private_key(ec.SECP256R1())


@contextmanager
def answering(status: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  -- the name that http.server calls

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/answer", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def issued(url: str, name: str = "Người ký", serial: int = 7) -> x509.Certificate:
    now = datetime.now().astimezone()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
    builder = x509.CertificateBuilder(issuer, subject, KEY.public_key(), serial, now, now + timedelta(days=1))
    builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False).sign(KEY, hashes.SHA256())


def pair(url: str) -> list[asn1_x509.Certificate]:
    return [
        asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        for certificate in (issued(url), issued("ldap://not.asked/", name="CA", serial=1))
    ]


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"garbage"), (404, b""), (302, b""), (500, b"down"), (200, b"0\x03\x0a\x01\x06")],
    ids=["empty", "garbage", "missing", "redirect", "down", "unauthorised"],
)
def test_an_address_without_a_usable_answer_is_asked_once_and_left_out(status: int, body: bytes) -> None:
    with answering(status, body) as (url, asked):
        fetcher = RevocationFetcher(timeout=5)
        for _document in range(3):
            assert fetcher.data_for(pair(url)) == room.RevocationData()
    assert asked == ["/answer", "/answer"]  # once as a list, once as a responder


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_BYTES", 100)
    with answering(200, b"x" * 1000) as (url, _asked):
        assert RevocationFetcher(timeout=5).data_for(pair(url)) == room.RevocationData()


def test_an_address_nobody_listens_at_is_left_out() -> None:
    assert RevocationFetcher(timeout=1).data_for(pair("http://127.0.0.1:9/")) == room.RevocationData()


def test_a_revoked_answer_stops_the_batch() -> None:
    now = datetime.now().astimezone()
    leaf, issuer = issued("http://127.0.0.1:9/"), issued("http://127.0.0.1:9/", name="CA", serial=1)
    builder = ocsp.OCSPResponseBuilder().add_response(
        leaf, issuer, hashes.SHA256(), ocsp.OCSPCertStatus.REVOKED, now, now, now, None
    )
    answer = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).sign(KEY, hashes.SHA256())
    body = answer.public_bytes(Encoding.DER)
    with answering(200, body) as (url, _asked), pytest.raises(errors.CertificateRevoked):
        RevocationFetcher(timeout=5).data_for(pair(url))


def test_b_lt_without_any_answer_is_refused_and_b_lta_is_not_ours(world: World, plan: bytes) -> None:
    hook = FetchedRevocation()
    with pytest.raises(errors.RevocationDataMissing):
        world.sign(plan, request=SignRequest(level=Level.B_LT), raise_level=hook)
    with pytest.raises(errors.LevelUnavailable):
        world.sign(plan, request=SignRequest(level=Level.B_LTA), raise_level=hook)


def test_the_certificate_authority_of_others_is_understood(tmp_path: Path) -> None:
    with authority(tmp_path) as other:
        architecture = other.architecture
        from certomancer.registry import CertLabel

        certificates = [architecture.get_cert(CertLabel(label)) for label in ("person", "root")]
        data = RevocationFetcher(timeout=10).data_for(certificates)
    assert (len(data.crls), len(data.ocsps)) == (1, 1)
