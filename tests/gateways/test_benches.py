"""The real room beside which processes work: real signatures side by side, each valid, the key only here."""

import datetime as dt
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session, sessionmaker

from signing.errors import TimestampFailed
from tests.fakes import FixedClock
from tests.gateways.test_signing_room import Office, office, pki
from tests.pdfs import plan_pdf
from webapp.core.errors import SigningRefused
from webapp.core.ports import SigningGateway
from webapp.core.prepared_signings import StampPending
from webapp.gateways import benches
from webapp.gateways.benches import Benches
from webapp.gateways.keys import OpenKey
from webapp.gateways.signing import SigningRoom
from webapp.settings import Settings

__all__ = ["office", "pki"]

COUNT = 2


@pytest.fixture
def room(office: Office, settings: Settings, sessions: sessionmaker[Session], clock: FixedClock) -> SigningRoom:
    office.room = SigningRoom(settings.model_copy(update={"signing_workers": COUNT}), sessions, clock)
    return office.room


@pytest.fixture
def beside(room: SigningRoom) -> Iterator[SigningGateway]:
    with room.side_by_side(1) as found:
        assert found.lanes == COUNT
        yield found.signing
    room._benches._let_go()


def opened(office: Office, order: object) -> OpenKey:
    return office.room.open_key(order.key, ward_id=office.desk.world.ward_id)  # type: ignore[attr-defined]


def test_persons_number_and_seal_of_several_files_at_once(office: Office, beside: SigningGateway) -> None:
    ward_id = office.desk.world.ward_id
    person, agency = office.person_order(), office.agency_order()
    with ThreadPoolExecutor(COUNT) as threads:
        signed = list(
            threads.map(
                lambda number: beside.sign_person(plan_pdf(f"Người {number}"), person, ward_id=ward_id), range(4)
            )
        )
        filled = [
            beside.fill_number(one.content, notation=f"0{number}/KH-UBND", issued_on=dt.date(2026, 11, 22))
            for number, one in enumerate(signed, 1)
        ]
        sealed = list(threads.map(lambda pdf: beside.sign_agency(pdf, agency, ward_id=ward_id), filled))
    assert len({one.signature_sha256 for one in (*signed, *sealed)}) == 8
    for one in sealed:
        report = office.room.verify(one.content, ward_id=ward_id)
        assert (report["code"], [s["level"] for s in report["signatures"]]) == ("ok", ["b-lt", "b-lt"])
    processes = office.room._benches.processes()
    assert len(processes) == COUNT
    assert os.getpid() not in processes


def test_a_refusal_comes_back_in_the_wards_words(office: Office, beside: SigningGateway) -> None:
    ward_id = office.desk.world.ward_id
    with pytest.raises(SigningRefused) as caught:
        beside.sign_agency(plan_pdf(), office.agency_order(), ward_id=ward_id)
    assert caught.value.code == "person_missing"
    assert "người có thẩm quyền" in caught.value.text()
    with pytest.raises(SigningRefused) as unreadable:
        beside.sign_person(b"%PDF-1.7\nxx", office.person_order(), ward_id=ward_id)
    assert unreadable.value.code == "document_unreadable"


def test_without_a_timestamp_what_the_key_made_is_kept(
    office: Office, beside: SigningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward_id = office.desk.world.ward_id
    stamper = office.room._grounds.timestamper.get()

    def silent(_query: bytes) -> bytes:
        raise TimestampFailed

    with monkeypatch.context() as away:
        away.setattr(stamper, "answer", silent)
        with pytest.raises(StampPending) as caught:
            beside.sign_person(plan_pdf(), office.person_order(), ward_id=ward_id)
    signed = office.room.complete(caught.value.unfinished, ward_id=ward_id)
    assert office.room.verify(signed.content, ward_id=ward_id)["code"] == "ok"


def test_an_order_goes_over_without_its_key(
    office: Office, beside: SigningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[object] = []
    real = Benches.do

    def watch(self: Benches, function: Callable[..., object], *arguments: object, **options: object) -> object:
        orders.append(arguments[1])
        return real(self, function, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(office.room._benches, "do", watch.__get__(office.room._benches))
    with office.room.side_by_side(1) as found:
        found.signing.sign_person(plan_pdf(), office.person_order(), ward_id=office.desk.world.ward_id)
    (order,) = orders
    key = order.key  # type: ignore[attr-defined]
    assert (key.secret, key.content, key.code, key.location, key.certificates, key.opened) == (
        "",
        b"",
        "",
        {},
        (),
        None,
    )


def test_one_open_key_is_asked_by_one_document_at_a_time(office: Office, beside: SigningGateway) -> None:
    ward_id, order = office.desk.world.ward_id, office.person_order()
    key = opened(office, order)
    busy, clashes = threading.Lock(), []
    real = key.signer.sign

    def sign(attributes: bytes, mechanism: object) -> bytes:
        if not busy.acquire(blocking=False):
            clashes.append(1)
        time.sleep(0.05)
        busy.release()
        return real(attributes, mechanism)  # type: ignore[arg-type]

    key.signer.sign = sign  # type: ignore[method-assign]
    held = replace(order, key=replace(order.key, opened=key))
    with ThreadPoolExecutor(COUNT) as threads:
        files = list(threads.map(lambda _n: beside.sign_person(plan_pdf(), held, ward_id=ward_id), range(4)))
    key.close()
    assert (len(files), clashes) == (4, [])


def test_a_process_that_dies_fails_one_document_with_words(office: Office, beside: SigningGateway) -> None:
    ward_id, order = office.desk.world.ward_id, office.person_order()
    beside.sign_person(plan_pdf(), order, ward_id=ward_id)
    for process in office.room._benches.processes():
        os.kill(process, signal.SIGKILL)
    with pytest.raises(SigningRefused) as caught:
        beside.sign_person(plan_pdf(), order, ward_id=ward_id)
    assert caught.value.code == "batch_worker_lost"
    assert beside.sign_person(plan_pdf(), order, ward_id=ward_id).content


def test_processes_go_when_nobody_signs_and_come_back(office: Office, room: SigningRoom) -> None:
    room._benches = Benches(1, idle=0.2)
    ward_id, order = office.desk.world.ward_id, office.person_order()
    with room.side_by_side(1) as found:
        found.signing.sign_person(plan_pdf(), order, ward_id=ward_id)
        time.sleep(0.4)
        (process,) = room._benches.processes()  # a batch lasts: they stay
    until(lambda: not room._benches.processes())
    with room.side_by_side(1) as found:
        found.signing.sign_person(plan_pdf(), order, ward_id=ward_id)
        assert room._benches.processes() != [process]
    until(lambda: not room._benches.processes())


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_few_documents_do_not_wait_for_processes_to_start(
    office: Office, room: SigningRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "standard_count", lambda: 1)
    room._benches = Benches(idle=0)
    with room.side_by_side(benches.FEWEST - 1) as few:
        assert (few.lanes, few.signing) == (1, room)
    ward_id = office.desk.world.ward_id
    with room.side_by_side(benches.FEWEST) as many:
        many.signing.sign_person(plan_pdf(), office.person_order(), ward_id=ward_id)
        with room.side_by_side(1) as warm:  # they run already
            assert warm.signing is not room
    until(lambda: not room._benches.processes())


def test_on_one_core_and_with_none_set_nothing_is_started(
    office: Office,
    settings: Settings,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(benches.os, "sched_getaffinity", lambda _process: {0})
    assert benches.standard_count() == 0
    monkeypatch.setattr(benches.os, "sched_getaffinity", lambda _process: set(range(2)))
    assert benches.standard_count() == 3
    monkeypatch.setattr(benches.os, "sched_getaffinity", lambda _process: set(range(64)))
    assert benches.standard_count() == benches.MOST
    room = SigningRoom(settings.model_copy(update={"signing_workers": 0}), sessions, clock)
    with room.side_by_side(1) as found:
        assert (found.lanes, found.signing) == (1, room)
        assert found.signing.sign_person(plan_pdf(), office.person_order(), ward_id=office.desk.world.ward_id).content
    assert room._benches.processes() == []
