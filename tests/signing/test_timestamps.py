"""Several time-stamping services: in order, each asked once, none believed that stamps something else."""

import threading
import time
from collections.abc import Callable

import pytest
from asn1crypto import tsp

from signing import errors
from signing.timestamps import HttpTimestamper, SeveralTimestampers, Timestamper
from tests.signing.conftest import World
from tests.signing.test_surroundings import service


def lying(world: World) -> Callable[[bytes], tuple[int, bytes]]:
    """Answer for another imprint than the one asked about."""

    def answer(query: bytes) -> tuple[int, bytes]:
        request = tsp.TimeStampReq.load(query)
        request["message_imprint"]["hashed_message"] = bytes(32)
        return 200, world.tsa.answer(request.dump(force=True))

    return answer


def slow(_query: bytes) -> tuple[int, bytes]:
    time.sleep(0.6)
    return 200, b""


@pytest.mark.parametrize("fault", ["down", "hanging", "lying"])
def test_the_next_service_is_asked_when_one_fails_or_lies(world: World, plan: bytes, fault: str) -> None:
    first = {"down": lambda _query: (503, b""), "hanging": slow, "lying": lying(world)}[fault]
    with service(first) as (bad, asked_bad), service(lambda query: (200, world.tsa.answer(query))) as (good, asked):
        stampers = [HttpTimestamper(url, timeout=0.3, tries=1) for url in (bad, good)]
        signed = world.sign(plan, timestamper=SeveralTimestampers(stampers))
    assert (len(asked_bad), len(asked)) == (1, 1)
    assert signed.timestamp_time is not None
    assert signed.report
    assert signed.report.signatures[0].timestamp_trusted


def test_when_none_answers_what_the_key_made_is_kept(world: World, plan: bytes) -> None:
    with service(lambda _query: (503, b"")) as (url, asked):
        stamper = SeveralTimestampers([HttpTimestamper(url, tries=1), HttpTimestamper(url, tries=1)])
        with pytest.raises(errors.TimestampPending) as caught:
            world.sign(plan, timestamper=stamper)
    assert len(asked) == 2
    assert caught.value.unfinished is not None


def test_few_requests_are_under_way_at_a_time(world: World) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    class Counting(Timestamper):
        def answer(self, query: bytes) -> bytes:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.02)
            with lock:
                under_way -= 1
            return world.tsa.answer(query)

    stamper = SeveralTimestampers([Counting(8192)], at_once=2)
    query = tsp.TimeStampReq(
        {"version": 1, "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}}
    ).dump()
    threads = [threading.Thread(target=stamper.answer, args=(query,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_no_service_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="service"):
        SeveralTimestampers([])
