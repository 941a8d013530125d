"""The time-stamping service is away: what the key made is kept, and finished later without the key."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PIN, FakeSigning
from tests.fakes import FixedClock
from tests.web.test_documents import act
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import WrongState
from webapp.core.prepared_signings import PreparedState
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.schedule import queue_due
from webapp.jobs.worker import Worker
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import SignatureLedger
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def signing(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def wiring(wiring: Wiring, signing: FakeSigning) -> Wiring:
    return replace(wiring, signing=signing)


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


@pytest.fixture
def worker(sessions: sessionmaker[Session], wiring: Wiring, signing: FakeSigning) -> Worker:
    ports = Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher, signing=wiring.signing)
    return Worker(sessions, ports, standard_registry(signing), schedule=queue_due)


def tick(worker: Worker) -> None:
    """What the worker does in a minute."""
    assert worker._schedule
    worker._schedule(worker._sessions, worker._ports)
    while worker.run_once():
        pass


def prepared(desk: Desk) -> PreparedSigning:
    with desk.reading() as session:
        return session.scalars(select(PreparedSigning)).one()


def unstamped(desk: Desk, login: Login, signing: FakeSigning) -> UUID:
    """A document that the leader signed while the service was away."""
    document_id = desk.until("awaiting_signature")
    signing.stamps = False
    assert act(login(Role.LEADER), desk, document_id, "sign", pin=PIN).status_code == 303
    return document_id


def test_a_signature_without_its_timestamp_is_finished_by_the_worker(
    desk: Desk, login: Login, signing: FakeSigning, worker: Worker, clock: FixedClock
) -> None:
    document_id = unstamped(desk, login, signing)
    assert desk.status(document_id) == "awaiting_signature"
    page = login(Role.LEADER).get(f"/documents/{document_id}").text
    assert "Đã ký, chờ dấu thời gian" in page
    assert "Xem và ký" not in page
    clock.move(minutes=2)
    tick(worker)
    row = prepared(desk)
    assert (row.state, row.attempts) == (PreparedState.SIGNED, 2)
    signing.stamps = True
    tick(worker)  # not due yet
    assert desk.status(document_id) == "awaiting_signature"
    clock.move(minutes=3)
    tick(worker)
    assert desk.status(document_id) == "signed"
    assert prepared(desk).state is PreparedState.DONE
    with desk.reading() as session:
        assert session.scalars(select(SignatureLedger.actor_id)).all() == [desk.world.accounts[Role.LEADER]]
    tick(worker)
    with desk.reading() as session:
        assert len(session.scalars(select(SignatureLedger.sequence)).all()) == 1


def test_somebody_may_ask_at_once_and_nobody_signs_twice(
    desk: Desk, login: Login, signing: FakeSigning, worker: Worker
) -> None:
    document_id = unstamped(desk, login, signing)
    with pytest.raises(WrongState):
        desk.sign(document_id)
    signing.stamps = True
    assert login(Role.OFFICER).post(f"/documents/{document_id}/stamp").status_code == 303
    tick(worker)
    assert desk.status(document_id) == "signed"
    assert login(Role.OFFICER).post(f"/documents/{document_id}/stamp").status_code == 404


def test_after_three_failures_the_administrators_are_told(
    desk: Desk, login: Login, signing: FakeSigning, worker: Worker, clock: FixedClock
) -> None:
    unstamped(desk, login, signing)
    admin = login(Role.ADMIN)
    assert "dấu thời gian" not in admin.get("/").text
    for minutes in (2, 3):
        clock.move(minutes=minutes)
        tick(worker)
    assert "chữ ký không xin được dấu thời gian" in login(Role.ADMIN).get("/").text


def test_a_seal_waits_the_same_way(desk: Desk, login: Login, signing: FakeSigning, worker: Worker) -> None:
    document_id = desk.until("numbered")
    signing.stamps = False
    assert act(login(Role.CLERK), desk, document_id, "seal", pin=PIN).status_code == 303
    assert desk.status(document_id) == "numbered"
    signing.stamps = True
    assert login(Role.CLERK).post(f"/documents/{document_id}/stamp").status_code == 303
    tick(worker)
    assert desk.status(document_id) == "sealed"
    desk.publish(document_id)
