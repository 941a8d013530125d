"""Many documents with one entry of the PIN: each signed once, trouble told beside each, and the key forgotten."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import CODE, PIN, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreOwner, SigningCapacity
from webapp.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, SigningRefused, StorageFull
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.jobs import JobStatus
from webapp.core.signing_batches import BatchKind
from webapp.gateways.files import FolderStore
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.signing import SigningHands
from webapp.jobs.worker import Worker
from webapp.models.accounts import RoleGrant
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.jobs import Job, JobItem
from webapp.models.signing import Keystore, SignatureLedger
from webapp.queries.signing_batches import Batch, get_batch, waiting_documents
from webapp.services.jobs import cancel_job
from webapp.services.signing_batches import BatchItem, Typed, go_on, open_for_batch, order_batch
from webapp.services.submission import withdraw_document


class Office:
    """A desk with the signing sessions of one process."""

    def __init__(self, desk: Desk, ports: Ports) -> None:
        self.desk = desk
        self.room = desk.signing
        assert isinstance(self.room, FakeSigning)
        self.hands = SigningHands(desk.sessions, ports, self.room)

    def documents(self, number: int, state: str = "awaiting_signature") -> list[UUID]:
        return [self.desk.until(state, abstract=f"Văn bản {n}") for n in range(1, number + 1)]

    def items(self, ids: list[UUID]) -> list[BatchItem]:
        return [BatchItem(document_id=each, base=self.desk.base(each)) for each in ids]

    def open(self, role: Role = Role.LEADER, pin: str = PIN, kind: BatchKind = BatchKind.SIGN, code: str = CODE):
        with self.desk.sessions() as session:
            actor, release = self.desk.actor(role), session.rollback
            return open_for_batch(
                session, kind, Typed(pin=pin, code=code), actor=actor, release=release, **self.desk.ports
            )  # type: ignore[arg-type]

    def order(self, ids: list[UUID], role: Role = Role.LEADER, kind: BatchKind = BatchKind.SIGN) -> UUID:
        items = self.items(ids)
        with self.desk.sessions.begin() as session:
            return order_batch(session, kind, items, actor=self.desk.actor(role), clock=self.desk.clock)

    def run(self, ids: list[UUID], role: Role = Role.LEADER, kind: BatchKind = BatchKind.SIGN) -> UUID:
        job_id = self.order(ids, role, kind)
        self.start(job_id, role, kind)
        return job_id

    def start(self, job_id: UUID, role: Role = Role.LEADER, kind: BatchKind = BatchKind.SIGN) -> None:
        self.hands.start(job_id, actor=self.desk.actor(role), key=self.open(role, kind=kind))
        self.hands.wait(job_id, 60)

    def go_on(self, job_id: UUID, ids: list[UUID], role: Role = Role.LEADER, kind: BatchKind = BatchKind.SIGN) -> None:
        items = self.items(ids)
        with self.desk.sessions.begin() as session:
            go_on(session, job_id, items, actor=self.desk.actor(role), clock=self.desk.clock)
        self.start(job_id, role, kind)

    def batch(self, job_id: UUID, role: Role = Role.LEADER) -> Batch:
        with self.desk.reading() as session:
            return get_batch(session, self.desk.actor(role), job_id, now=self.desk.clock.now())

    def outcome(self, job_id: UUID, role: Role = Role.LEADER) -> list[str]:
        return [step.status.value for step in self.batch(job_id, role).steps]

    def signatures(self) -> dict[UUID, int]:
        with self.desk.reading() as session:
            rows = session.execute(
                select(SignatureLedger.document_id, func.count()).group_by(SignatureLedger.document_id)
            )
            return {row[0]: row[1] for row in rows}


@pytest.fixture
def office(sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports) -> Office:
    return Office(make_desk(sessions, world, clock, ports.files), ports)


def in_the_middle(office: Office, number: int, act: Callable[[], None]) -> None:
    """Do something just before the signature of that number (from 0) is made, once."""
    done = []

    def before(made: int) -> None:
        if made == number and not done:
            done.append(made)
            act()

    office.room.before = before


def refuse(code: str, words: str) -> Callable[[], None]:
    def act() -> None:
        raise SigningRefused(code, words)

    return act


def test_five_documents_are_signed_with_one_pin_and_the_key_is_forgotten(office: Office, session: Session) -> None:
    ids = office.documents(5)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done"] * 5
    assert office.batch(job_id).status is JobStatus.DONE
    assert office.signatures() == dict.fromkeys(ids, 1)
    assert [key.closed for key in office.room.opened] == [True]
    events = session.scalars(select(AuditEvent).where(AuditEvent.tag == AuditTag.DOCUMENT_BATCH)).all()
    assert [event.detail for event in events] == [{"what": "sign", "documents": 5}]


def test_the_pin_is_in_no_row(office: Office, session: Session) -> None:
    office.run(office.documents(2))
    rows = [*session.scalars(select(Job)), *session.scalars(select(JobItem)), *session.scalars(select(AuditEvent))]
    kept = [str({c.key: getattr(row, c.key) for c in row.__table__.columns}) for row in rows]
    assert kept
    assert not [text for text in kept if PIN in text]


def test_the_clerk_gives_numbers_in_order_and_seals(office: Office) -> None:
    ids = [*office.documents(2, "signed"), *office.documents(1, "numbered")]
    job_id = office.run(ids, Role.CLERK, BatchKind.SEAL)
    assert office.outcome(job_id, Role.CLERK) == ["done"] * 3
    assert [step.document.notation for step in office.batch(job_id, Role.CLERK).steps] == [
        "02/KH-UBND",
        "03/KH-UBND",
        "01/KH-UBND",
    ]
    assert {office.desk.status(each) for each in ids} == {"sealed"}


def test_a_base_that_somebody_changed_fails_alone_and_is_signed_after_another_look(office: Office) -> None:
    ids = office.documents(3)

    def meddle() -> None:
        office.desk.sign(ids[1])  # the same person in another window

    in_the_middle(office, 1, meddle)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done", "failed", "done"]
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_a_document_taken_back_meanwhile_fails_with_words(office: Office) -> None:
    ids = office.documents(2)
    job_id = office.order(ids)
    with office.desk.sessions.begin() as session:
        withdraw_document(session, ids[0], actor=office.desk.actor(Role.OFFICER), clock=office.desk.clock)
    office.start(job_id)
    batch = office.batch(job_id)
    assert office.outcome(job_id) == ["failed", "done"]
    assert batch.steps[0].error


@pytest.mark.parametrize("code", ["certificate_expired", "certificate_revoked", "token_pulled", "key_closed"])
def test_trouble_with_the_key_in_the_middle_pauses_and_the_rest_waits_for_the_pin(office: Office, code: str) -> None:
    ids = office.documents(4)
    in_the_middle(office, 2, refuse(code, "Chứng thư số đã hết hạn."))
    job_id = office.run(ids)
    batch = office.batch(job_id)
    assert office.outcome(job_id) == ["done", "done", "waiting", "waiting"]
    assert (batch.status, batch.live, batch.error) == (JobStatus.WAITING, False, "Chứng thư số đã hết hạn.")
    assert office.room.opened[0].closed
    office.go_on(job_id, ids[2:])
    assert office.outcome(job_id) == ["done"] * 4
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_a_key_retired_between_two_documents_stops_the_batch(office: Office, session: Session) -> None:
    ids = office.documents(3)

    def retire() -> None:
        with office.desk.sessions.begin() as other:
            other.execute(
                update(Keystore)
                .where(Keystore.owner == KeystoreOwner.PERSON)
                .values(retired_at=office.desk.clock.now())
            )

    in_the_middle(office, 0, retire)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done", "waiting", "waiting"]
    assert "chưa đăng ký khóa" in office.batch(job_id).error


def test_a_right_taken_away_between_two_documents_stops_the_batch(office: Office) -> None:
    ids = office.documents(3)

    def revoke() -> None:
        with office.desk.sessions.begin() as other:
            other.execute(
                update(RoleGrant)
                .where(RoleGrant.account_id == office.desk.world.accounts[Role.LEADER])
                .values(revoked_at=office.desk.clock.now())
            )

    in_the_middle(office, 0, revoke)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["failed", "waiting", "waiting"]
    assert office.signatures() == {}
    assert "không còn quyền" in office.batch(job_id).error


def test_a_refused_file_fails_alone_and_can_be_tried_again(office: Office) -> None:
    ids = office.documents(3)
    in_the_middle(office, 1, refuse("document_locked", "Văn bản đã khóa."))
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done", "failed", "done"]
    assert office.batch(job_id).steps[1].error == "Văn bản đã khóa."
    office.go_on(job_id, [ids[1]])
    assert office.outcome(job_id) == ["done"] * 3
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_a_full_disk_fails_the_document_with_words_and_a_retry_signs_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = office.documents(3)
    store = office.hands._ports.files
    assert isinstance(store, FolderStore)
    real = store.put
    full = [True]

    def put(content: bytes) -> str:
        if b"signed" in content and full and office.room.signed == 2:
            full.clear()
            raise StorageFull
        return real(content)

    monkeypatch.setattr(store, "put", put)
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done", "failed", "done"]
    assert "hết chỗ lưu" in office.batch(job_id).steps[1].error
    office.go_on(job_id, [ids[1]])
    assert office.outcome(job_id) == ["done"] * 3
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_without_a_time_stamp_a_document_waits_for_it_alone_and_the_others_go_on(office: Office) -> None:
    ids = office.documents(3)

    def before(made: int) -> None:
        office.room.stamps = made != 1 or bool(waited)
        if not office.room.stamps:
            waited.append(made)

    waited: list[int] = []
    office.room.before = before
    job_id = office.run(ids)
    batch = office.batch(job_id)
    assert [step.unstamped for step in batch.steps] == [False, True, False]
    assert (batch.done, batch.unstamped, batch.left) == (2, 1, ())
    assert office.signatures() == {ids[0]: 1, ids[2]: 1}


def test_stopping_keeps_what_is_signed_and_the_rest_can_be_gone_on_with(office: Office) -> None:
    ids = office.documents(4)
    job_id = office.order(ids)

    def stop() -> None:
        with office.desk.sessions.begin() as session:
            cancel_job(session, job_id, actor=office.desk.actor(Role.LEADER), clock=office.desk.clock)

    in_the_middle(office, 1, stop)
    office.start(job_id)
    batch = office.batch(job_id)
    assert batch.status is JobStatus.CANCELLED
    assert batch.done < 4
    assert sum(office.signatures().values()) == batch.done
    office.go_on(job_id, [step.document.id for step in batch.left])
    assert office.outcome(job_id) == ["done"] * 4
    assert office.signatures() == dict.fromkeys(ids, 1)


def test_a_session_ends_after_its_time_and_asks_again(office: Office, clock: FixedClock) -> None:
    ids = office.documents(3)
    in_the_middle(office, 0, lambda: clock.move(minutes=31))
    job_id = office.run(ids)
    assert office.outcome(job_id) == ["done", "waiting", "waiting"]
    assert "hết giờ" in office.batch(job_id).error


def test_a_batch_that_is_held_is_not_begun_twice(office: Office, clock: FixedClock) -> None:
    ids = office.documents(2)
    job_id = office.order(ids)
    with office.desk.sessions.begin() as session:
        session.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(status=JobStatus.RUNNING, lease_owner=new_id(), lease_until=clock.now() + dt.timedelta(seconds=9))
        )
    key = office.open()
    with pytest.raises(Conflict):
        office.hands.start(job_id, actor=office.desk.actor(Role.LEADER), key=key)
    assert key.closed
    assert office.batch(job_id).live
    clock.move(seconds=20)  # the process that held it is dead
    assert not office.batch(job_id).live
    office.start(job_id)
    assert office.outcome(job_id) == ["done"] * 2


def test_a_worker_of_other_jobs_leaves_batches_alone(office: Office, ports: Ports) -> None:
    job_id = office.order(office.documents(1))
    worker = Worker(office.desk.sessions, ports, standard_registry())
    assert not worker.run_once()
    assert office.batch(job_id).status is JobStatus.WAITING


def test_only_the_owner_goes_on_with_a_batch(office: Office) -> None:
    job_id = office.order(office.documents(1))
    with pytest.raises(NotFound):
        office.batch(job_id, Role.OFFICER)
    with pytest.raises(NotFound):
        office.hands.start(job_id, actor=office.desk.actor(Role.OFFICER), key=office.open(Role.OFFICER))


def test_what_cannot_be_a_batch_is_refused(office: Office) -> None:
    ids = office.documents(2)
    for bad in ([], [ids[0], ids[0]]):
        with pytest.raises(InvalidInput):
            office.order(bad)
    items = office.items(ids[:1])
    stranger = BatchItem(document_id=new_id(), base=items[0].base)
    with unit_of_work(office.desk.sessions) as session, pytest.raises(NotFound):
        order_batch(session, BatchKind.SIGN, [stranger], actor=office.desk.actor(Role.LEADER), clock=office.desk.clock)
    with pytest.raises(NotAllowed):
        office.order(ids, Role.CLERK)
    with pytest.raises(SigningRefused) as caught:
        office.open(pin="00000000")
    assert caught.value.code == "wrong_pin"


def test_the_list_holds_what_waits_for_me(office: Office) -> None:
    waiting = office.documents(2)
    signed = office.documents(1, "signed")
    other = office.desk.until(
        "awaiting_signature", signer_id=office.desk.world.accounts[Role.OFFICER], capacity=SigningCapacity.OWN
    )
    with office.desk.reading() as session:
        mine = waiting_documents(session, office.desk.actor(Role.LEADER), BatchKind.SIGN)
        clerks = waiting_documents(session, office.desk.actor(Role.CLERK), BatchKind.SEAL)
    assert [document.id for document in mine] == waiting
    assert [document.id for document in clerks] == signed
    assert other not in {document.id for document in mine}
