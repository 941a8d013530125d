"""Timestamp services, trust files, the isolated check: what lies around a signature."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from asn1crypto import pem

from signing import Level, SignRequest, TrustStore, errors, open_pkcs12, sign_pdf, validate_pdf
from signing.model import Code, Verdict
from signing.sign import Surroundings
from signing.timestamps import HttpTimestamper, LocalTimestamper
from signing.trust import load_certificates, load_crls, load_trust
from signing.trust.demo_pki import Holder, make_demo_pki
from signing.validate import isolated, validate_isolated
from signing.validate.isolated import report_from_json
from tests.signing.authority import authority
from tests.signing.conftest import Journey, World

ENDLESS = b"x" * 2**21
REFUSED = bytes.fromhex("30053003020102")


@contextmanager
def service(answer: Callable[[bytes], tuple[int, bytes]]) -> Iterator[tuple[str, list[bytes]]]:
    """A TSA on the loopback address that answers as told; its queries are kept."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(query)
            status, body = answer(query)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_real_authority_and_its_timestamp_service_work(tmp_path: Path, plan: bytes) -> None:
    with authority(tmp_path) as other:
        trust, crls = load_trust([other.root()]), [other.crl()]
        around = Surroundings(timestamper=HttpTimestamper(other.tsa_url, timeout=20), trust=trust, crls=crls)
        with open_pkcs12(other.key_file("4711"), "4711") as signer:
            signed = sign_pdf(plan, signer, SignRequest(level=Level.B_LT), around)
    report = validate_pdf(signed.data, trust=trust)
    assert (report.code, report.signatures[0].level) == (Code.OK, Level.B_LT)
    assert report.signatures[0].timestamp_trusted
    assert report.signatures[0].signer == "Đỗ Thị Ngọc Ánh"


def test_a_timestamp_is_asked_for_once(world: World, plan: bytes) -> None:
    with service(lambda query: (200, world.tsa.answer(query))) as (url, asked):
        stamper = HttpTimestamper(url)
        for _round in range(2):
            world.sign(plan, timestamper=stamper)
    assert len(asked) == 2


def test_a_service_that_recovers_is_asked_again(world: World, plan: bytes) -> None:
    replies = iter([(503, b""), (200, None)])

    def answer(query: bytes) -> tuple[int, bytes]:
        status, _body = next(replies)
        return status, world.tsa.answer(query) if status == 200 else b""

    with service(answer) as (url, asked):
        signed = world.sign(plan, timestamper=HttpTimestamper(url, pause=0.01))
    assert len(asked) == 2
    assert signed.timestamp_time is not None


@pytest.mark.parametrize(
    "reply",
    [
        (500, b"down"),
        (200, b"not asn1"),
        (200, b""),
        (302, b""),
        (200, b"0\x05\x30\x03\x02\x01\x02"),
        (200, b"x" * 2**21),
    ],
    ids=["down", "garbage", "empty", "redirect", "refused", "endless"],
)
def test_a_failing_service_gives_no_signature(world: World, plan: bytes, reply: tuple[int, bytes]) -> None:
    with service(lambda _query: reply) as (url, _asked), pytest.raises(errors.TimestampFailed):
        world.sign(plan, timestamper=HttpTimestamper(url, tries=2, pause=0.01))


def test_a_hanging_service_is_given_up(world: World, plan: bytes) -> None:
    def hang(_query: bytes) -> tuple[int, bytes]:
        time.sleep(0.6)
        return 200, b""

    with service(hang) as (url, asked), pytest.raises(errors.TimestampFailed):
        world.sign(plan, timestamper=HttpTimestamper(url, timeout=0.2, tries=2, pause=0.01))
    assert len(asked) == 1  # it has had its time


def test_other_kinds_of_address_are_refused() -> None:
    with pytest.raises(ValueError, match="http"):
        HttpTimestamper("file:///etc/passwd")


def test_the_local_timestamp_service_follows_its_clock(world: World, plan: bytes) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
    with open_pkcs12(world.pki.tsa.path, world.pki.tsa.pin) as key:
        signed = world.sign(plan, timestamper=LocalTimestamper(key, clock=lambda: moment))
    assert signed.timestamp_time == moment


def test_certificates_are_read_from_files_folders_and_bundles(world: World, tmp_path: Path) -> None:
    root = world.pki.root.read_bytes()
    chain = world.pki.chain.read_bytes()
    (tmp_path / "bundle.pem").write_bytes(root + chain)
    (tmp_path / "root.der").write_bytes(pem.unarmor(root)[2])
    (tmp_path / "ghi-chu.txt").write_text("không phải chứng thư")
    assert len(load_certificates([tmp_path])) == 2
    assert load_trust([tmp_path / "root.der"]).fingerprints() == load_trust([world.pki.root]).fingerprints()
    assert len(load_crls([world.pki.folder / "crl"])) == 2


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"0\x03"]
)
def test_a_bad_trust_file_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "hong.pem").write_bytes(data)
    for load in (load_certificates, load_crls):
        with pytest.raises(errors.TrustMaterialUnreadable, match=r"hong\.pem"):
            load([tmp_path])


def test_a_missing_or_empty_trust_folder_is_an_error_not_silence(tmp_path: Path) -> None:
    for path in (tmp_path / "khong-co", tmp_path):
        with pytest.raises(errors.TrustMaterialUnreadable):
            load_trust([path])


def test_an_intermediate_may_be_the_anchor(world: World, journey: Journey) -> None:
    report = validate_pdf(journey.sealed.data, trust=load_trust([world.pki.chain]), crls=world.crls)
    assert report.code is Code.OK


def test_leaf_only_signatures_are_completed_by_shipped_intermediates(world: World, plan: bytes) -> None:
    issued = world.pki.keys["chu-tich"]
    with open_pkcs12(issued.path, issued.pin) as whole:
        from signing.keystores import KeySigner

        bare = KeySigner(whole._key, whole.certificate)
        signed = sign_pdf(plan, bare, SignRequest())
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.UNTRUSTED
    helped = load_trust([world.pki.root], intermediates=[world.pki.chain])
    assert validate_pdf(signed.data, trust=helped, crls=world.crls).code is Code.OK


def test_a_demo_pki_for_a_dozen_people_is_quick(tmp_path: Path) -> None:
    people = [Holder(slug=f"nguoi-{i}", common_name=f"Người {i}") for i in range(12)]
    started = time.process_time()
    pki = make_demo_pki(tmp_path, people, Holder(slug="co-quan", common_name="Phường"), now=datetime.now(UTC))
    assert time.process_time() - started < 10
    assert len(pki.keys) == 13


def test_the_isolated_check_says_the_same(world: World, journey: Journey) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    direct = validate_pdf(journey.sealed.data, trust=world.trust, crls=world.crls, now=now)
    apart = validate_isolated(journey.sealed.data, trust=world.trust, crls=world.crls, now=now)
    assert apart.to_json() == direct.to_json()
    assert report_from_json(direct.to_json()).verdict is Verdict.VALID


def test_the_isolated_check_trusts_nobody_unless_told(journey: Journey) -> None:
    assert validate_isolated(journey.sealed.data, trust=TrustStore.nobody()).code is Code.UNTRUSTED


def test_the_isolated_check_ends_in_time(journey: Journey) -> None:
    report = validate_isolated(journey.sealed.data, trust=TrustStore.nobody(), seconds=0)
    assert report.verdict is Verdict.UNREADABLE
    assert "quá lâu" in report.reasons[0].vi or "bất thường" in report.reasons[0].vi


def test_the_isolated_check_survives_a_crash(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated.sys, "executable", "/bin/false")
    report = validate_isolated(journey.sealed.data, trust=TrustStore.nobody())
    assert report.verdict is Verdict.UNREADABLE
    assert "bất thường" in report.reasons[0].vi


def test_the_child_bounds_itself(journey: Journey, tmp_path: Path) -> None:
    """A file beyond the memory allowed ends the child, not the machine."""
    program = (
        "import signing.validate.isolated as i; i.ISOLATED_MEMORY_BYTES = 400 * 2**20; i.bound_this_process(5);"
        "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[0]); bytearray(500 * 2**20)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "5"
    assert "MemoryError" in done.stderr


def test_checking_never_touches_the_network(world: World, plan: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates name a CRL address; an attacker's could name an internal one."""
    import socket

    signed = world.sign(plan)

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert validate_pdf(signed.data, trust=world.trust).code is Code.STATUS_UNKNOWN
