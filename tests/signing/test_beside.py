"""Work in another process: the same result as here, key and network only here, and trouble told as here."""

import pickle
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa

from signing import Level, errors, open_pkcs12, validate_pdf
from signing.batch_pool import Worker, WorkerPool
from signing.beside import Services
from signing.fetching import RevocationFetcher
from signing.keystores import KeySigner
from signing.keystores.token_errors import TokenPulled
from signing.model import Code, Mechanism
from signing.timestamps import HttpTimestamper, Timestamper
from signing.trust import load_trust
from tests.signing import beside_work
from tests.signing.authority import authority
from tests.signing.conftest import World
from tests.signing.documents import plan_pdf


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as workers:
        yield workers


@pytest.fixture
def worker(pool: WorkerPool) -> Worker:
    return pool.workers[0]


class Key:
    """A key that counts, and may fail in its own way."""

    def __init__(self, key: KeySigner, trouble: Exception | None = None, cannot: Sequence[Mechanism] = ()) -> None:
        self.certificate: asn1_x509.Certificate = key.certificate
        self.chain = key.chain
        self.mechanisms: Sequence[Mechanism] = tuple(key.mechanisms)
        self.asked: list[Mechanism] = []
        self._key, self._trouble, self._cannot = key, trouble, cannot

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        self.asked.append(mechanism)
        if self._trouble is not None:
            raise self._trouble
        if mechanism in self._cannot:
            self.mechanisms = tuple(one for one in self.mechanisms if one not in self._cannot)
            raise errors.MechanismUnsupported
        return self._key.sign(attributes, mechanism)


class Silent(Timestamper):
    def __init__(self) -> None:
        super().__init__(8192)

    def answer(self, query: bytes) -> bytes:
        raise errors.TimestampFailed


def anchors(world: World) -> tuple[bytes, ...]:
    return tuple(one.dump() for one in world.trust.anchors)


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
def test_a_document_is_signed_beside_as_it_is_here(world: World, worker: Worker, level: Level) -> None:
    pdf = plan_pdf()
    with world.key() as key:
        services = Services(signer=key, timestamper=world.tsa)
        signed = worker.work(beside_work.sign, (pdf, level, anchors(world), tuple(world.crls)), services)
    assert signed.data.startswith(pdf)
    report = validate_pdf(signed.data, trust=world.trust, crls=world.crls)
    assert (report.code, report.signatures[0].level) == (Code.OK, level)
    assert signed.report is not None
    assert signed.report.code is Code.OK


def test_neither_key_nor_pin_goes_over_the_line(world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    real = Worker._sent

    def watch(self: Worker, message: tuple[object, ...]) -> tuple[Any, Any]:
        sent.append(pickle.dumps(message))
        return real(self, message)

    monkeypatch.setattr(Worker, "_sent", watch)
    issued = world.pki.keys["chu-tich"]
    with world.key() as key:
        assert isinstance(key._key, rsa.RSAPrivateKey)
        private = key._key.private_numbers()
        worker.work(beside_work.sign, (plan_pdf(), Level.B_B, (), ()), Services(signer=key))
    assert len(sent) == 2  # the work, the raw signature
    for secret in (issued.pin.encode(), issued.path.read_bytes(), private.p.to_bytes(128, "big")):
        assert not [message for message in sent if secret in message]


def test_it_is_another_process_and_the_same_one_again(worker: Worker) -> None:
    first, second = (worker.work(beside_work.process_of, ()) for _time in range(2))
    assert first == second == worker.process


def test_a_mechanism_that_a_token_turns_out_not_to_know_is_followed_by_the_next(world: World, worker: Worker) -> None:
    with world.key() as key:
        unable = Key(key, cannot=[Mechanism.RSA_PSS])
        signed = worker.work(beside_work.sign, (plan_pdf(), Level.B_B, anchors(world), ()), Services(signer=unable))
    assert unable.asked == [Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15]
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK


def test_a_pulled_token_is_told_as_such(world: World, worker: Worker) -> None:
    with world.key() as key:
        pulled = Key(key, TokenPulled())
        with pytest.raises(TokenPulled):
            worker.work(beside_work.sign, (plan_pdf(), Level.B_B, (), ()), Services(signer=pulled))
    assert worker.work(beside_work.process_of, ()) == worker.process


def test_a_missing_timestamp_keeps_what_the_key_made(world: World, worker: Worker) -> None:
    with world.key() as key:
        counted = Key(key)
        work = (plan_pdf(), Level.B_T, (), ())
        with pytest.raises(errors.TimestampPending) as caught:
            worker.work(beside_work.sign, work, Services(signer=counted, timestamper=Silent()))
    assert len(counted.asked) == 1
    assert caught.value.unfinished.raw  # type: ignore[attr-defined]


def test_a_key_that_breaks_in_an_unknown_way_stops_the_work_and_the_next_begins_anew(
    world: World, worker: Worker
) -> None:
    before = worker.work(beside_work.process_of, ())
    with world.key() as key, pytest.raises(MemoryError):
        worker.work(beside_work.sign, (plan_pdf(), Level.B_B, (), ()), Services(signer=Key(key, MemoryError())))
    assert worker.process is None
    assert worker.work(beside_work.process_of, ()) != before


def test_one_document_cannot_have_the_key_sign_as_often_as_it_likes(world: World, worker: Worker) -> None:
    with world.key() as key:
        counted = Key(key)
        with pytest.raises(errors.BatchWorkerLost):
            worker.work(beside_work.sign_too_often, (), Services(signer=counted))
    assert len(counted.asked) == 2


def test_work_without_services_is_answered_nothing(worker: Worker) -> None:
    assert worker.work(beside_work.process_of, (1, 2)) == worker.process


def test_an_error_nobody_named_is_called_unreadable_and_a_named_one_comes_back(worker: Worker) -> None:
    with pytest.raises(errors.DocumentUnreadable):
        worker.work(beside_work.break_down, ())
    with pytest.raises(LookupError, match="words"):
        worker.work(beside_work.refuse, ("words",), passing=(LookupError,))


def test_a_process_that_dies_is_told_and_replaced(worker: Worker) -> None:
    with pytest.raises(errors.BatchWorkerLost):
        worker.work(beside_work.die, ())
    assert worker.work(beside_work.process_of, ()) == worker.process


def test_a_process_that_is_killed_in_the_middle_is_told(world: World, worker: Worker) -> None:
    told = threading.Event()

    class Telling(Key):
        def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
            told.set()
            return super().sign(attributes, mechanism)

    def kill() -> None:
        assert told.wait(30)
        assert worker._process is not None
        worker._process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with world.key() as key, pytest.raises(errors.BatchWorkerLost):
        worker.work(beside_work.sleep_after_signing, (), Services(signer=Telling(key)))
    killer.join()


def test_b_lt_beside_asks_each_issuer_once_for_all_documents(tmp_path: Path, worker: Worker) -> None:
    with authority(tmp_path) as other:
        trust = load_trust([other.root()])
        stamper, fetcher = HttpTimestamper(other.tsa_url, timeout=30), RevocationFetcher()
        with open_pkcs12(other.key_file("4711"), "4711") as signer:
            services = Services(signer=signer, timestamper=stamper, fetcher=fetcher)
            work = (plan_pdf(), Level.B_LT, (other.root(),), ())
            files = [worker.work(beside_work.sign, work, services).data for _time in range(3)]
        asked = Counter(path.split("/")[2] for path in other.asked)
    assert asked["tsa"] == 3
    assert max(Counter(path for path in other.asked if "/tsa/" not in path).values()) == 1, other.asked
    for data in files:
        report = validate_pdf(data, trust=trust)
        assert (report.code, report.signatures[0].level) == (Code.OK, Level.B_LT)


def test_without_a_fetcher_nothing_is_asked(world: World, worker: Worker) -> None:
    with world.key() as key:
        assert worker.work(beside_work.ask_revocation, (), Services(signer=key)) is None
