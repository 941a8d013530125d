"""A batch with a remote key: one authorisation for all, what it made kept at once, and each document signed once."""

import dataclasses
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import make_desk
from tests.fake_signing import CODE, PDF, PIN, PNG, RAW
from tests.fakes import FixedClock
from tests.jobs.test_signing_batches import Office
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.events import AuditTag
from webapp.core.jobs import JobStatus
from webapp.core.ports import KeyAccess
from webapp.core.prepared_signings import PreparedState
from webapp.core.signing_batches import BatchKind
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.jobs import Job, JobItem
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import SignatureLedger
from webapp.services.jobs import cancel_job
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.unstamped import queue_due_stamps, stamp


class Killed(BaseException):
    """As good as kill -9: nothing after it is written down, and the thread ends without a word."""


@pytest.fixture
def office(sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports) -> Office:
    office = Office(make_desk(sessions, world, clock, ports.files), ports)
    for role, owner in ((Role.LEADER, KeystoreOwner.PERSON), (Role.CLERK, KeystoreOwner.AGENCY)):
        actor = office.desk.actor(role)
        location = {"place": "xa", "credential": owner.value, "asks": "pin code"}
        key = KeyAccess(kind=KeystoreKind.CSC, certificates=(f"{owner.value} far away".encode(),), location=location)
        account = actor.account_id if owner is KeystoreOwner.PERSON else None
        with sessions.begin() as session:
            command = EnrolKeystore(key=key, owner=owner, account_id=account, picture=PNG)
            enrol_keystore(session, command, actor=actor, **office.desk.ports)  # type: ignore[arg-type]
    return office


def waiting(office: Office, number: int) -> list[UUID]:
    """Give documents that wait for the leader."""
    return office.documents(number)


def states(office: Office) -> list[PreparedState]:
    with office.desk.reading() as session:
        return list(session.scalars(select(PreparedSigning.state).order_by(PreparedSigning.id)))


def test_fifty_documents_take_one_authorisation(office: Office, session: Session) -> None:
    office.room.at_once = 50
    ids = waiting(office, 50)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done"] * 50
    assert office.room.authorised == [50]
    assert office.signatures() == dict.fromkeys(ids, 1)
    assert set(states(office)) == {PreparedState.DONE}
    kinds = set(session.scalars(select(SignatureLedger.keystore_kind)))
    assert kinds == {KeystoreKind.CSC}
    assert [key.closed for key in office.room.opened] == [True]
    batch = office.batch(job_id)
    assert (batch.unstamped, batch.done, batch.share) == (0, 50, 1.0)


def test_a_code_that_is_used_up_is_asked_for_again_and_the_rest_is_signed(office: Office) -> None:
    office.room.at_once = 3
    ids = waiting(office, 5)
    job_id = office.run(ids)
    batch = office.batch(job_id)
    assert office.outcome(job_id) == ["done"] * 3 + ["waiting"] * 2
    assert "Hãy lấy mã mới" in batch.error
    office.room.codes_used.clear()
    office.go_on(job_id, ids[3:])
    assert office.outcome(job_id) == ["done"] * 5
    assert office.room.authorised == [3, 2]
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_without_a_code_the_limit_of_the_service_only_cuts_the_batch(office: Office) -> None:
    office.room.asked, office.room.at_once = "pin", 2
    ids = waiting(office, 5)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done"] * 5
    assert office.room.authorised == [2, 2, 1]


@pytest.mark.parametrize(
    ("pin", "code", "refusal"), [(PIN, "", "wrong_code"), (PIN, "used", "wrong_code"), ("1", CODE, "wrong_pin")]
)
def test_a_wrong_pin_or_code_signs_nothing_and_everything_waits(
    office: Office, session: Session, pin: str, code: str, refusal: str
) -> None:
    office.room.codes_used.add("used")
    ids = waiting(office, 2)
    job_id = office.order(ids)
    office.hands.start(job_id, actor=office.desk.actor(Role.LEADER), key=office.open(pin=pin, code=code))
    office.hands.wait(job_id, 60)
    batch = office.batch(job_id)
    assert (batch.status, office.outcome(job_id)) == (JobStatus.WAITING, ["waiting"] * 2)
    assert "không đúng" in batch.error
    assert office.signatures() == {}
    failures = session.scalars(select(AuditEvent.detail).where(AuditEvent.tag == AuditTag.SIGNING_FAILED)).all()
    assert [failure["code"] for failure in failures] == [refusal]
    session.rollback()
    office.room.codes_used.clear()
    office.go_on(job_id, ids)
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_pin_and_code_are_in_no_row(office: Office, session: Session) -> None:
    office.run(waiting(office, 2))
    tables = (Job, JobItem, AuditEvent, PreparedSigning)
    kept = [
        str({c.key: getattr(row, c.key) for c in t.__table__.columns})
        for t in tables
        for row in session.scalars(select(t))
    ]
    assert len(kept) > 4
    assert not [text for text in kept if PIN in text or CODE in text]


def test_a_document_that_cannot_be_prepared_or_does_not_fit_fails_alone(office: Office) -> None:
    ids = waiting(office, 3)
    stale = office.order(ids)
    office.room.raw = lambda number: RAW if number != 1 else b"another key's"
    with office.desk.sessions.begin() as session:
        first = session.scalars(select(JobItem).where(JobItem.job_id == stale, JobItem.number == 1)).one()
        first.payload = {**first.payload, "sha256": "0" * 64}
    office.start(stale)
    assert office.outcome(stale) == ["failed", "done", "failed"]
    steps = office.batch(stale).steps
    assert "không khớp với chứng thư số" in steps[2].error
    assert office.signatures() == {ids[1]: 1}
    office.room.raw = lambda _number: RAW
    office.room.codes_used.clear()
    office.go_on(stale, [ids[0], ids[2]])
    assert office.signatures() == dict.fromkeys(ids, 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_killed_after_the_authorisation_a_worker_finishes_and_nobody_authorises_again(
    office: Office, ports: Ports, clock: FixedClock
) -> None:
    ids = waiting(office, 3)

    def die(made: int) -> None:
        if made == 1:
            raise Killed

    office.room.before = die
    job_id = office.order(ids)
    office.hands.start(job_id, actor=office.desk.actor(Role.LEADER), key=office.open())
    office.hands.wait(job_id, 60)
    office.room.before = lambda _made: None
    clock.move(minutes=6)
    batch = office.batch(job_id)
    assert (batch.live, batch.left, batch.unstamped) == (False, (), 2)
    with office.desk.sessions.begin() as session:
        assert queue_due_stamps(session, office.desk.world.ward_id, clock=clock) == 2
    worker = Worker(
        office.desk.sessions, dataclasses.replace(ports, signing=office.room), standard_registry(signing=office.room)
    )
    while worker.run_once():
        pass
    assert office.signatures() == dict.fromkeys(ids, 1)
    assert office.room.authorised == [3]
    assert office.batch(job_id).done == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_killed_before_the_answer_nothing_is_signed_and_the_batch_goes_on(office: Office, clock: FixedClock) -> None:
    ids = waiting(office, 2)

    def die(_number: int) -> bytes:
        raise Killed

    office.room.raw = die
    job_id = office.order(ids)
    office.hands.start(job_id, actor=office.desk.actor(Role.LEADER), key=office.open())
    office.hands.wait(job_id, 60)
    assert office.signatures() == {}
    clock.move(seconds=20)
    office.room.raw = lambda _number: RAW
    office.room.codes_used.clear()
    office.go_on(job_id, ids)
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_a_service_without_timestamps_leaves_the_steps_waiting_for_them_alone(office: Office) -> None:
    office.room.stamps = False
    ids = waiting(office, 2)
    job_id = office.run(ids)
    batch = office.batch(job_id)
    assert (batch.done, batch.unstamped, batch.left) == (0, 2, ())
    assert states(office) == [PreparedState.SIGNED] * 2


def test_what_a_worker_finished_first_is_not_dropped(office: Office) -> None:
    """Two at once on one signature: the second finds it done and leaves it so."""
    ids = waiting(office, 1)

    def other(made: int) -> None:
        office.room.before = lambda _made: None
        with office.desk.sessions() as session:
            row = session.scalars(select(PreparedSigning)).one()
            assert stamp(session, row.ward_id, row.id, **office.desk.ports)  # type: ignore[arg-type]
            session.commit()

    office.room.before = other
    job_id = office.run(ids)
    assert states(office) == [PreparedState.DONE]
    assert office.signatures() == {ids[0]: 1}
    assert office.outcome(job_id) == ["done"]


def test_stopping_while_the_service_is_asked_signs_nothing(office: Office) -> None:
    ids = waiting(office, 2)
    job_id = office.order(ids)

    def stop(_number: int) -> bytes:
        with office.desk.sessions.begin() as session:
            cancel_job(session, job_id, actor=office.desk.actor(Role.LEADER), clock=office.desk.clock)
        office.room.raw = lambda _number: RAW
        return RAW

    office.room.raw = stop
    office.start(job_id)
    assert office.batch(job_id).status is JobStatus.CANCELLED
    assert office.signatures() == {}


def test_the_clerk_numbers_and_seals_with_one_authorisation(office: Office) -> None:
    leader = office.desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
    assert leader
    ids = office.documents(3, "signed")
    job_id = office.run(ids, Role.CLERK, BatchKind.SEAL)
    assert office.outcome(job_id, Role.CLERK) == ["done"] * 3
    assert {office.desk.status(each) for each in ids} == {"sealed"}
    assert office.room.authorised == [3]


def test_attachments_are_sealed_in_the_same_authorisation_and_a_document_is_never_split(office: Office) -> None:
    office.desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
    office.room.at_once = 4
    one, two = PDF + b"1", PDF + b"2"
    ids = [
        office.desk.with_attachments("signed", one, two),
        office.desk.with_attachments("signed", one),
        office.desk.until("signed"),
    ]
    job_id = office.run(ids, Role.CLERK, BatchKind.SEAL)
    assert office.outcome(job_id, Role.CLERK) == ["done", "waiting", "waiting"]
    assert office.signatures() == {ids[0]: 4, ids[1]: 1, ids[2]: 1}
    office.room.codes_used.clear()
    office.go_on(job_id, ids[1:], Role.CLERK, BatchKind.SEAL)
    assert office.outcome(job_id, Role.CLERK) == ["done"] * 3
    assert office.room.authorised == [3, 3]
    assert office.signatures() == {ids[0]: 4, ids[1]: 3, ids[2]: 2}


def test_a_document_of_more_files_than_one_code_signs_is_told_and_the_others_go_on(office: Office) -> None:
    office.desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
    office.room.at_once = 2
    ids = [office.desk.with_attachments("signed", PDF, PDF), office.desk.until("signed")]
    job_id = office.run(ids, Role.CLERK, BatchKind.SEAL)
    batch = office.batch(job_id, Role.CLERK)
    assert office.outcome(job_id, Role.CLERK) == ["failed", "done"]
    assert "3 tệp phải ký cùng lúc" in batch.steps[0].error


def test_one_attachment_that_does_not_fit_keeps_its_whole_document_unsealed(office: Office) -> None:
    office.desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
    ids = [office.desk.with_attachments("signed", PDF), office.desk.until("signed")]
    office.room.raw = lambda number: RAW if number != 1 else b"another key's"
    job_id = office.run(ids, Role.CLERK, BatchKind.SEAL)
    assert office.outcome(job_id, Role.CLERK) == ["failed", "done"]
    assert "Tệp đính kèm 1" in office.batch(job_id, Role.CLERK).steps[0].error
    assert office.signatures() == {ids[0]: 1, ids[1]: 2}
