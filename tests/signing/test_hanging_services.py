"""Services that stop in the middle of an answer: given up in time, the next one asked, what the key made kept."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from signing import Level, SignRequest, errors, validate_pdf
from signing.deferred import complete_signature
from signing.fetching import RevocationData, RevocationFetcher
from signing.model import Code, Mechanism
from signing.sign import sign_pdf
from signing.timestamps import HttpTimestamper, SeveralTimestampers
from tests.signing.conftest import World
from tests.signing.test_fetching import pair
from tests.signing.test_surroundings import service

SECONDS = 0.5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 4000\r\n\r\n"
FAULTS = {
    "silent from the start": (b"", b""),
    "half an answer, then silence": (HEAD + bytes(100), b""),
    "a byte now and then": (HEAD, b"x"),
    "a header now and then": (b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
    "half an answer, then gone": (HEAD + bytes(100), None),
    "another kind of service": (b"SSH-2.0-OpenSSH_9.2\r\n", None),
}


@contextmanager
def faulty(fault: str) -> Iterator[tuple[str, list[float]]]:
    """A service on the loopback address that takes the query, begins an answer and goes on as told."""
    begin, more = FAULTS[fault]
    asked: list[float] = []
    over = threading.Event()

    def talk(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.recv(65536)
            asked.append(time.monotonic())
            line.sendall(begin)
            while more is not None and not over.wait(0.05):
                line.sendall(more)

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/", asked
        finally:
            over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_service_is_asked_in_time(world: World, plan: bytes, fault: str) -> None:
    with faulty(fault) as (bad, asked_bad), service(lambda query: (200, world.tsa.answer(query))) as (good, asked):
        stampers = [HttpTimestamper(bad, timeout=SECONDS, tries=2, pause=0.01), HttpTimestamper(good)]
        started = time.monotonic()
        signed = world.sign(plan, timestamper=SeveralTimestampers(stampers))
        taken = time.monotonic() - started
    assert taken < SECONDS + 1.5, "one service never has more than its time, all tries together"
    assert len(asked) == 1
    assert asked_bad
    assert signed.report
    assert signed.report.signatures[0].timestamp_trusted


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_key_made_waits_for_a_better_service(world: World, plan: bytes, fault: str) -> None:
    used = 0

    with world.key() as key, faulty(fault) as (bad, _asked):

        class Counted:
            certificate, chain, mechanisms = key.certificate, key.chain, key.mechanisms

            def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
                nonlocal used
                used += 1
                return key.sign(attributes, mechanism)

        around = world.around(timestamper=SeveralTimestampers([HttpTimestamper(bad, timeout=SECONDS, pause=0.01)]))
        with pytest.raises(errors.TimestampPending) as caught:
            sign_pdf(plan, Counted(), SignRequest(level=Level.B_T), around)
        left = caught.value.unfinished
        with pytest.raises(errors.TimestampFailed):
            complete_signature(left.prepared, left.pdf, left.raw, around)
    signed = complete_signature(left.prepared, left.pdf, left.raw, world.around())
    assert used == 1, "only the timestamp is asked for again"
    report = validate_pdf(signed.data, trust=world.trust, crls=world.crls)
    assert (report.code, report.signatures[0].level) == (Code.OK, Level.B_T)


@pytest.mark.parametrize("fault", FAULTS)
def test_revocation_data_that_do_not_come_are_left_out_in_time(fault: str) -> None:
    with faulty(fault) as (url, asked):
        started = time.monotonic()
        assert RevocationFetcher(timeout=SECONDS).data_for(pair(url)) == RevocationData()
        taken = time.monotonic() - started
    assert asked
    assert taken < len(asked) * SECONDS + 1
