"""Many documents with one key: each by itself, none twice, the key never in another process."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto import core

from signing import Level, Place, SignRequest, Surroundings, errors, open_pkcs12, validate_pdf
from signing.appearance import draw_demo_signature, person_stamp
from signing.batch import GROUP, GROUP_BYTES, LEAST, BatchResult, _groups, sign_batch
from signing.batch_lanes import AHEAD
from signing.batch_pool import WorkerPool
from signing.deferred import complete_signature
from signing.keystores import KeySigner
from signing.model import Code, Mechanism, SignedPdf
from signing.sign.desk import BatchItem
from signing.sign.revocation import FetchedRevocation
from signing.timestamps import HttpTimestamper
from signing.trust import load_certificates, load_trust
from tests.signing.authority import authority
from tests.signing.conftest import Journey, World
from tests.signing.documents import SIGNER, plan_pdf
from tests.signing.test_deferred import Unreachable

LOOK = {"place": Place(page=0, box=(60, 300, 260, 380)), "stamp": person_stamp(draw_demo_signature(SIGNER))}


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2) as workers:
        yield workers


def some(count: int, level: Level = Level.B_B, **changes: object) -> list[BatchItem]:
    request = SignRequest(level=level, **LOOK, **changes)  # type: ignore[arg-type]
    return [BatchItem(name=f"{n}", pdf=plan_pdf(f"Văn bản số {n}"), request=request) for n in range(count)]


def bytes_of(result: BatchResult) -> bytes:
    assert result.error is None
    assert isinstance(result.signed, SignedPdf)
    return result.signed.data


@pytest.mark.parametrize("parallel", [False, True], ids=["alone", "two workers"])
@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
def test_each_document_of_a_batch_is_signed_once(world: World, pool: WorkerPool, parallel: bool, level: Level) -> None:
    items = some(5, level)
    with world.key() as key:
        results = list(sign_batch(items, key, world.around(revalidate=False), pool=pool if parallel else None))
    assert sorted(result.item.name for result in results) == [item.name for item in items]
    for result in results:
        signed = bytes_of(result)
        assert signed.startswith(result.item.pdf)
        report = validate_pdf(signed, trust=world.trust, crls=world.crls)
        assert (report.code, len(report.signatures), report.signatures[0].level) == (Code.OK, 1, level)


def test_a_bad_document_does_not_take_the_others_along(world: World, journey: Journey, pool: WorkerPool) -> None:
    items = some(3)
    items[1] = BatchItem(name="hỏng", pdf=b"%PDF-1.7 nothing", request=SignRequest())
    twice = SignRequest(field="KyNguoi")
    items.append(BatchItem(name="đã ký", pdf=journey.person.data, request=twice))
    with world.key() as key:
        results = {r.item.name: r for r in sign_batch(items, key, world.around(), pool=pool)}
    assert isinstance(results["hỏng"].error, errors.DocumentUnreadable)
    assert isinstance(results["đã ký"].error, errors.FieldAlreadyFilled)
    assert all(results[name].error is None for name in ("0", "2"))


def test_a_sealing_batch_validates_every_earlier_signature(world: World, journey: Journey, pool: WorkerPool) -> None:
    request = SignRequest(field="KyCoQuan", level=Level.B_T)
    items = [BatchItem(name=str(n), pdf=journey.filled, request=request) for n in range(2)]
    with world.key("co-quan") as key:
        for result in sign_batch(items, key, world.around(revalidate=False), pool=pool):
            assert result.signed is not None
            assert result.signed.report is not None
            assert [s.code for s in result.signed.report.signatures] == [Code.OK, Code.OK]


def test_results_may_go_to_files(world: World, pool: WorkerPool, tmp_path: Path) -> None:
    items = []
    for item in some(3):
        source = tmp_path / f"{item.name}.pdf"
        source.write_bytes(item.pdf)  # type: ignore[arg-type]
        items.append(
            BatchItem(name=item.name, pdf=source, request=item.request, target=tmp_path / f"{item.name}.signed.pdf")
        )
    items.append(BatchItem(name="mất", pdf=tmp_path / "khong-co.pdf", request=SignRequest()))
    with world.key() as key:
        results = {r.item.name: r for r in sign_batch(items, key, world.around(revalidate=False), pool=pool)}
    assert isinstance(results.pop("mất").error, errors.DocumentUnreadable)
    for result in results.values():
        assert result.item.target is not None
        assert not isinstance(result.signed, SignedPdf)
        report = validate_pdf(result.item.target, trust=world.trust, crls=world.crls)
        assert (report.code, report.sha256) == (Code.OK, result.signed.sha256 if result.signed else "")


@pytest.mark.parametrize(
    ("slug", "error"), [("thu-hoi", errors.CertificateRevoked), ("het-han", errors.CertificateExpired)]
)
def test_a_bad_certificate_signs_nothing_in_a_batch_either(
    world: World, pool: WorkerPool, slug: str, error: type[Exception]
) -> None:
    with world.key(slug) as key:
        for result in sign_batch(some(3), key, world.around(revalidate=False), pool=pool):
            assert isinstance(result.error, error)


def test_an_untrusted_signer_is_found_out_without_full_validation(
    world: World, plain_world: World, pool: WorkerPool
) -> None:
    with plain_world.key() as key:
        around = world.around(revalidate=False, crls=())
        assert all(
            isinstance(result.error, errors.CertificateUntrusted)
            for workers in (None, pool)
            for result in sign_batch(some(3), key, around, pool=workers)
        )


class Watched:
    """A key that notes who uses it; broken after ``limit`` signatures."""

    def __init__(self, key: KeySigner, limit: int = 99) -> None:
        self.certificate, self.chain, self.mechanisms = key.certificate, key.chain, key.mechanisms
        self._key, self._limit = key, limit
        self.calls: list[tuple[int, int]] = []
        self.inside = 0

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        self.inside += 1
        assert self.inside == 1
        self.calls.append((os.getpid(), threading.get_ident()))
        if len(self.calls) > self._limit:
            self.inside -= 1
            raise errors.KeystoreError
        raw = self._key.sign(attributes, mechanism)
        self.inside -= 1
        return raw

    def __reduce__(self) -> str:
        raise AssertionError("a key was about to leave the process")


def test_the_key_stays_in_this_process_and_is_used_by_one_at_a_time(world: World, pool: WorkerPool) -> None:
    with world.key() as key:
        watched = Watched(key)
        results = list(sign_batch(some(8), watched, world.around(revalidate=False), pool=pool))
    assert all(result.error is None for result in results)
    assert len(watched.calls) == 8
    assert {pid for pid, _thread in watched.calls} == {os.getpid()}


def test_a_token_pulled_in_the_middle_leaves_the_rest_for_another_try(world: World, pool: WorkerPool) -> None:
    with world.key() as key:
        results = list(sign_batch(some(6), Watched(key, limit=2), world.around(revalidate=False), pool=pool))
    assert Counter(type(result.error) for result in results) == {type(None): 2, errors.KeystoreError: 4}


class Together(Watched):
    """A remote service with one authorisation for several documents."""

    def __init__(self, key: KeySigner) -> None:
        super().__init__(key)
        self.asked: list[int] = []

    def sign_many(self, attributes: Sequence[bytes], mechanism: Mechanism) -> list[bytes]:
        self.asked.append(len(attributes))
        return [self._key.sign(one, mechanism) for one in attributes]


@pytest.mark.parametrize("parallel", [False, True], ids=["alone", "two workers"])
def test_a_remote_service_is_asked_once_for_the_whole_batch(world: World, pool: WorkerPool, parallel: bool) -> None:
    items = [*some(6), BatchItem(name="hỏng", pdf=b"", request=SignRequest())]
    with world.key() as key:
        together = Together(key)
        results = list(sign_batch(items, together, world.around(revalidate=False), pool=pool if parallel else None))
    assert (together.asked, together.calls) == ([6], [])
    assert Counter(type(result.error) for result in results) == {type(None): 6, errors.DocumentUnreadable: 1}


def test_a_batch_without_its_timestamps_is_completed_later(world: World, pool: WorkerPool) -> None:
    with world.key("van-thu") as tsa_key:
        down = Unreachable(tsa_key)
    with world.key() as key:
        results = list(sign_batch(some(3, Level.B_T), key, world.around(timestamper=down), pool=pool))
    for result in results:
        assert isinstance(result.error, errors.TimestampPending)
        left = result.error.unfinished
        signed = complete_signature(left.prepared, left.pdf, left.raw, world.around())
        assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK


def unread(value: object) -> bool:
    """Tell whether asn1crypto would still parse something of it when asked."""
    if isinstance(value, tuple):
        return True
    if isinstance(value, core.Sequence | core.SequenceOf):
        return value.children is None or any(unread(child) for child in value.children)
    return False


def test_certificates_that_lanes_share_are_read_to_the_last_field(world: World) -> None:
    """Two threads that ask a half-read one at once got "No field numbered 6" or half of its extensions."""
    with world.key() as key:
        shared = [key.certificate, *key.chain, *world.trust.anchors, *world.trust.intermediates]
    assert len(shared) > 2
    assert [one.subject.human_friendly for one in shared if unread(one)] == []


def test_a_slow_reader_holds_the_lanes_up(world: World) -> None:
    with world.key() as key:
        results = sign_batch(some(AHEAD + 5, Level.B_T), watched := Watched(key), world.around(revalidate=False))
        next(results)
        deadline = time.monotonic() + 20
        while len(watched.calls) < AHEAD + 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)  # one that did not wait would come now
        assert len(watched.calls) == AHEAD + 1
        assert len(list(results)) == AHEAD + 4


def test_the_last_documents_go_to_whichever_lane_is_free() -> None:
    jobs = list(enumerate(some(41)))
    sizes = [len(group) for group in _groups(jobs, 2)]
    assert sizes == [GROUP, 12, 6, LEAST, LEAST, 1]
    assert [len(group) for group in _groups(jobs, 1)] == [GROUP, GROUP, 9]


def test_large_files_do_not_wait_together_in_memory(tmp_path: Path) -> None:
    large, small = tmp_path / "large.pdf", tmp_path / "small.pdf"
    small.write_bytes(b"%PDF")
    with large.open("wb") as sparse:
        sparse.truncate(GROUP_BYTES // 2)
    paths = [large, large, small, large, tmp_path / "missing.pdf", small]
    jobs = [(n, replace(item, pdf=path)) for (n, item), path in zip(enumerate(some(6)), paths, strict=True)]
    assert [len(group) for group in _groups(jobs, 1)] == [2, 4]
    huge = [(n, replace(item, pdf=b"x" * (GROUP_BYTES + 1))) for n, item in enumerate(some(2))]
    assert [len(group) for group in _groups(huge, 1)] == [1, 1]


def test_a_worker_that_dies_loses_what_it_had_in_hand_and_is_replaced(world: World) -> None:
    with WorkerPool(1) as workers, world.key() as key:
        around = world.around(revalidate=False)
        assert len(list(sign_batch(some(1), key, around, pool=workers))) == 1
        process = workers.workers[0]._process
        assert process is not None

        class Killing(Watched):
            def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
                raw = super().sign(attributes, mechanism)
                if len(self.calls) == 2:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                return raw

        results = list(sign_batch(some(GROUP + 3), Killing(key), around, pool=workers))
        assert Counter(type(result.error) for result in results) == {type(None): 3, errors.BatchWorkerLost: GROUP}


def test_all_that_a_dead_worker_had_in_hand_is_lost_and_the_other_goes_on(world: World) -> None:
    count = 12 * GROUP
    with WorkerPool(2) as workers, world.key() as key:
        around = world.around(revalidate=False)
        assert len(list(sign_batch(some(4), key, around, pool=workers))) == 4
        process = workers.workers[0]._process
        assert process is not None

        class Killing(Watched):
            def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
                if len(self.calls) == 3 * GROUP:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                return super().sign(attributes, mechanism)

        errors_of = Counter(
            type(result.error) for result in sign_batch(some(count), Killing(key, count), around, pool=workers)
        )
        lost = errors_of.pop(errors.BatchWorkerLost, 0)
        assert 1 <= lost <= 2 * GROUP  # both groups that were there; neither is called unreadable
        assert errors_of == {type(None): count - lost}


def test_leaving_early_begins_nothing_new(world: World, pool: WorkerPool) -> None:
    with world.key() as key:
        watched = Watched(key)
        for _result in sign_batch(some(60), watched, world.around(revalidate=False), pool=pool):
            break
        assert 1 <= len(watched.calls) <= 5 * GROUP  # a group in each of four hands, and the one that was read
        assert len(list(sign_batch(some(2), key, world.around(), pool=pool))) == 2


def test_workers_see_no_secret_of_the_environment(
    world: World, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHS_PIN", "4711")
    with WorkerPool(1) as workers, world.key() as key:
        list(sign_batch(some(1), key, world.around(), pool=workers))
        process = workers.workers[0]._process
        assert process is not None
        assert b"4711" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    assert process.returncode is not None


@pytest.mark.parametrize("parallel", [False, True], ids=["alone", "two workers"])
def test_a_b_lt_batch_asks_each_issuer_once_and_the_timestamp_service_once_a_signature(
    tmp_path: Path, pool: WorkerPool, parallel: bool
) -> None:
    with authority(tmp_path) as other:
        trust = load_trust([other.root()])
        around = Surroundings(
            timestamper=HttpTimestamper(other.tsa_url, timeout=30),
            trust=trust,
            raise_level=FetchedRevocation(extra=load_certificates([other.root()])),
            revalidate=False,
        )
        with open_pkcs12(other.key_file("4711"), "4711") as signer:
            results = list(sign_batch(some(6, Level.B_LT), signer, around, pool=pool if parallel else None))
        asked = Counter(path.split("/")[2] for path in other.asked)
    assert asked == {"tsa": 6, "ocsp": 1, "crls": 1}, other.asked
    for result in results:
        report = validate_pdf(bytes_of(result), trust=trust)
        assert (report.code, report.signatures[0].level) == (Code.OK, Level.B_LT)
        assert report.signatures[0].revocation_source == "dss crl, dss ocsp"
