"""Documents of a batch side by side: each once, begun in order, trouble with the key told once, large files alone."""

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import make_desk
from tests.fake_signing import PDF
from tests.fakes import FixedClock
from tests.jobs.test_signing_batches import Office
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import SigningRefused
from webapp.core.events import AuditTag
from webapp.core.jobs import JobStatus
from webapp.core.signing_batches import BatchKind
from webapp.jobs.context import Ports
from webapp.jobs.signing_lanes import ROOM, Room, Step, side_by_side
from webapp.models.audit import AuditEvent
from webapp.queries.signing_batches import batch_bytes
from webapp.services.audit_check import check_audit
from webapp.services.jobs import cancel_job

LANES = 3


@pytest.fixture
def office(sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports) -> Office:
    office = Office(make_desk(sessions, world, clock, ports.files), ports)
    office.room.lanes = LANES
    return office


class Meeting:
    """Lets so many signatures begin before any of them goes on: they are surely in hand at the same time."""

    def __init__(self, office: Office, number: int = LANES) -> None:
        self.met = threading.Barrier(number)
        self.left = number
        self.lock = threading.Lock()
        office.room.before = self.before

    def before(self, _made: int) -> None:
        with self.lock:
            meets = self.left > 0
            self.left -= 1
        if meets:
            self.met.wait(30)


def test_several_are_in_hand_at_once_and_each_is_signed_once(office: Office) -> None:
    ids = office.documents(7)
    Meeting(office)  # would break the batch if they came one after the other
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done"] * 7
    assert office.signatures() == dict.fromkeys(ids, 1)
    assert office.room.opened[0].closed
    with office.desk.reading() as session:
        assert check_audit(session, office.desk.world.ward_id).intact


def test_numbers_are_given_in_the_order_of_the_list(office: Office) -> None:
    ids = office.documents(7, "signed")
    Meeting(office)
    job_id = office.run(ids, Role.CLERK, BatchKind.SEAL)
    assert office.outcome(job_id, Role.CLERK) == ["done"] * 7
    steps = office.batch(job_id, Role.CLERK).steps
    assert [step.document.notation for step in steps] == [f"0{number}/KH-UBND" for number in range(1, 8)]


def test_trouble_with_the_key_is_told_once_and_the_rest_waits(office: Office) -> None:
    ids = office.documents(8)
    meeting = Meeting(office)

    def pulled(made: int) -> NoReturn:
        meeting.before(made)
        raise SigningRefused("token_pulled", "Token đã bị rút ra.")

    office.room.before = pulled
    job_id = office.run(ids)
    batch = office.batch(job_id)
    assert office.outcome(job_id) == ["waiting"] * 8
    assert (batch.status, batch.live, batch.error) == (JobStatus.WAITING, False, "Token đã bị rút ra.")
    with office.desk.reading() as session:
        failures = select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == AuditTag.SIGNING_FAILED)
        assert session.scalar(failures) == 1  # three documents met it, and it is one trouble
    office.room.before = lambda _made: None
    office.go_on(job_id, ids)
    assert office.outcome(job_id) == ["done"] * 8
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_a_refused_file_fails_alone_beside_the_others(office: Office) -> None:
    ids = office.documents(6)
    refused: list[int] = []
    lock = threading.Lock()

    def refuse(_made: int) -> None:
        with lock:
            first = not refused
            refused.append(1)
        if first:
            raise SigningRefused("document_locked", "Văn bản đã khóa.")

    office.room.before = refuse
    job_id = office.run(ids)
    assert sorted(office.outcome(job_id)) == ["done"] * 5 + ["failed"]
    (failed,) = [step for step in office.batch(job_id).steps if step.error]
    assert failed.error == "Văn bản đã khóa."
    office.go_on(job_id, [failed.document.id])
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_stopping_keeps_what_is_signed_and_begins_nothing_new(office: Office) -> None:
    ids = office.documents(9)
    job_id = office.order(ids)
    begun, cancelled = itertools.count(), threading.Event()

    def stop(_made: int) -> None:
        number = next(begun)
        if number == LANES:
            with office.desk.sessions.begin() as session:
                cancel_job(session, job_id, actor=office.desk.actor(Role.LEADER), clock=office.desk.clock)
            cancelled.set()
        if number > LANES:
            assert cancelled.wait(60)

    office.room.before = stop
    office.start(job_id)
    batch = office.batch(job_id)
    assert batch.status is JobStatus.CANCELLED
    assert batch.done <= LANES
    assert sum(office.signatures().values()) == batch.done
    office.room.before = lambda _made: None
    office.go_on(job_id, [step.document.id for step in batch.left])
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_the_bytes_of_a_document_count_its_attachments(office: Office) -> None:
    alone = office.desk.upload()
    with_two = office.desk.upload()
    for title in ("một", "hai"):
        office.desk.attach(with_two, title, PDF + b"x" * 1000)
    with office.desk.reading() as session:
        ward_id = office.desk.world.ward_id
        assert batch_bytes(session, ward_id, alone) == len(PDF)
        assert batch_bytes(session, ward_id, with_two) == len(PDF) + 2 * (len(PDF) + 1000)
        assert batch_bytes(session, ward_id, UUID(int=0)) == 0


class Watch:
    """Steps that tell how much was in hand at most; the first ones wait until so many have met."""

    def __init__(self, sizes: list[int], meet: int) -> None:
        self.sizes = sizes
        self.begun: list[int] = []
        self.now = self.most = self.together = self.most_together = 0
        self.lock, self.meet, self.met = threading.Lock(), meet, threading.Event()

    def steps(self) -> Iterator[tuple[int, Step]]:
        for place, size in enumerate(self.sizes):
            self.begun.append(place)
            yield size, self.step(size)

    def step(self, size: int) -> Callable[[], None]:
        def work() -> None:
            with self.lock:
                self.now, self.together = self.now + size, self.together + 1
                self.most, self.most_together = max(self.most, self.now), max(self.most_together, self.together)
                if self.together == self.meet:
                    self.met.set()
            assert self.met.wait(60)
            threading.Event().wait(0.02)  # time for one too many to come in
            with self.lock:
                self.now, self.together = self.now - size, self.together - 1

        return work


def test_large_documents_wait_for_room_and_a_huge_one_is_alone() -> None:
    third = ROOM // 3
    watch = Watch([third, third, third, third, third], meet=3)
    side_by_side(watch.steps(), 4)
    assert watch.most_together == 3
    assert watch.most <= ROOM
    huge = Watch([10, 5 * ROOM, 10, 5 * ROOM], meet=1)
    side_by_side(huge.steps(), 4)
    assert huge.most == 5 * ROOM
    assert huge.begun == [0, 1, 2, 3]


def test_room_that_is_given_back_lets_the_next_one_in() -> None:
    room, entered = Room(10), threading.Event()
    room.enter(8)
    waiting = threading.Thread(target=lambda: (room.enter(8), entered.set()))
    waiting.start()
    assert not entered.wait(0.05)
    room.leave(8)
    assert entered.wait(10)
    waiting.join()


@pytest.mark.parametrize("lanes", [1, 3])
def test_trouble_in_one_lane_stops_all_and_is_raised(lanes: int) -> None:
    begun: list[int] = []

    def fail() -> NoReturn:
        raise LookupError

    def steps() -> Iterator[tuple[int, Step]]:
        for number in range(100):
            begun.append(number)
            yield 1, (fail if number == 4 else lambda: None)

    with pytest.raises(LookupError):
        side_by_side(steps(), lanes)
    assert len(begun) < 100


@pytest.mark.parametrize("lanes", [1, 3])
def test_trouble_while_a_step_is_made_ready_is_raised(lanes: int) -> None:
    def steps() -> Iterator[tuple[int, Step]]:
        yield 1, lambda: None
        raise LookupError

    with pytest.raises(LookupError):
        side_by_side(steps(), lanes)
