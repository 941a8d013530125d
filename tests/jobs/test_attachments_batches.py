"""A batch of seals with attachments while the time-stamping service is away: kept, and sealed by the worker."""

from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import make_desk
from tests.fake_signing import PDF, RAW
from tests.fakes import FixedClock
from tests.jobs.test_signing_batches import Office
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.jobs import JobStatus
from webapp.core.signing_batches import BatchKind
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.schedule import queue_due
from webapp.jobs.worker import Worker
from webapp.models.prepared_signings import PreparedAttachment, PreparedSigning
from webapp.models.signing import Keystore, SignatureLedger
from webapp.services.jobs import cancel_job

CLERK, SEAL = Role.CLERK, BatchKind.SEAL


@pytest.fixture(params=[KeystoreKind.PKCS12, KeystoreKind.PKCS11])
def kind(request: pytest.FixtureRequest) -> KeystoreKind:
    """Where the agency's key is: in a file, or in a token at the server."""
    found: KeystoreKind = request.param
    return found


@pytest.fixture
def office(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports, kind: KeystoreKind
) -> Office:
    office = Office(make_desk(sessions, world, clock, ports.files), ports)
    with sessions.begin() as session:
        session.scalars(select(Keystore).where(Keystore.owner == KeystoreOwner.AGENCY)).one().kind = kind
    return office


def count(office: Office, table: type) -> int:
    with office.desk.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def worker_goes(office: Office, ports: Ports, clock: FixedClock) -> None:
    """What the worker does when the next tries are due."""
    clock.move(minutes=10)
    worker = Worker(office.desk.sessions, ports, standard_registry(office.room), schedule=queue_due)
    queue_due(office.desk.sessions, ports)
    while worker.run_once():
        pass


def agency_rows(office: Office) -> dict[UUID, list[tuple[str, KeystoreKind]]]:
    with office.desk.reading() as session:
        rows = session.scalars(
            select(SignatureLedger)
            .where(SignatureLedger.owner == KeystoreOwner.AGENCY)
            .order_by(SignatureLedger.sequence)
        ).all()
    found: dict[UUID, list[tuple[str, KeystoreKind]]] = {}
    for row in rows:
        found.setdefault(row.document_id, []).append((row.field, row.keystore_kind))
    return found


def test_each_document_waits_with_its_attachments_and_all_are_sealed_without_the_key(
    office: Office, ports: Ports, clock: FixedClock, kind: KeystoreKind
) -> None:
    ids = [office.desk.with_attachments("signed", PDF + b"1", PDF + b"2"), office.desk.until("signed")]
    office.room.stamps = False
    job_id = office.run(ids, CLERK, SEAL)
    batch = office.batch(job_id, CLERK)
    assert (batch.unstamped, office.outcome(job_id, CLERK)) == (2, ["done"] * 2)
    assert agency_rows(office) == {}
    with office.desk.reading() as session:
        assert session.scalars(select(PreparedAttachment.raw)).all() == [RAW, RAW]
    worker_goes(office, ports, clock)
    assert {office.desk.status(each) for each in ids} == {"numbered"}
    office.room.stamps = True
    worker_goes(office, ports, clock)
    assert {office.desk.status(each) for each in ids} == {"sealed"}
    names = [["CoQuanPL1", "CoQuanPL2", "CoQuan"], ["CoQuan"]]
    assert agency_rows(office) == {each: [(name, kind) for name in own] for each, own in zip(ids, names, strict=True)}
    assert (office.batch(job_id, CLERK).unstamped, count(office, PreparedAttachment)) == (0, 0)
    assert [key.closed for key in office.room.opened] == [True]


def test_stopping_the_batch_lets_what_is_signed_get_its_timestamps(
    office: Office, ports: Ports, clock: FixedClock
) -> None:
    ids = [office.desk.with_attachments("signed", PDF) for _ in range(2)]
    office.room.stamps = False
    calls, job_id = [], office.order(ids, CLERK, SEAL)

    def stop(_made: int) -> None:
        calls.append(1)
        if len(calls) == 3:  # the first document of the second pair
            with office.desk.sessions.begin() as session:
                cancel_job(session, job_id, actor=office.desk.actor(CLERK), clock=clock)

    office.room.before = stop
    office.start(job_id, CLERK, SEAL)
    assert office.batch(job_id, CLERK).status is JobStatus.CANCELLED
    assert (count(office, PreparedSigning), count(office, PreparedAttachment)) == (1, 1)
    office.room.stamps = True
    worker_goes(office, ports, clock)
    assert [office.desk.status(each) for each in ids] == ["sealed", "numbered"]
    assert [len(agency_rows(office).get(each, [])) for each in ids] == [2, 0]
