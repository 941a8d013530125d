"""The nightly comparison of files and ledger: clean after honest work, and each fault named."""

import datetime as dt
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, PIN, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind
from webapp.core.jobs import JobKind
from webapp.core.ledger_checks import FileState, FindingKind
from webapp.core.ports import KeyAccess, PersonSigning
from webapp.gateways.files import FolderStore
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.schedule import queue_nightly
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.models.documents import Document, DocumentVersion
from webapp.models.jobs import Job
from webapp.models.ledger_checks import FileCheck
from webapp.models.signing import SignatureLedger
from webapp.queries.ledger_checks import CheckRow, last_check
from webapp.services.jobs import NewJob, enqueue
from webapp.services.submission import reject_document


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, ports: Ports) -> Desk:
    desk = make_desk(sessions, world, ports.clock, ports.files, ports.signing)
    desk.enrol_all()
    return desk


def compared(desk: Desk, ports: Ports) -> CheckRow:
    """Compare now and give the outcome."""
    with unit_of_work(desk.sessions, desk.world.ward_id) as session:
        enqueue(session, NewJob(kind=JobKind.LEDGER), ward_id=desk.world.ward_id, created_by=None, clock=desk.clock)
    worker = Worker(desk.sessions, ports, standard_registry())
    while worker.run_once():
        pass
    with desk.reading() as session:
        check = last_check(session, desk.world.ward_id)
    assert check is not None
    return check


def kinds(check: CheckRow) -> list[FindingKind]:
    assert check.findings == len(check.shown)
    return [row.kind for row in check.shown]


def stored(desk: Desk, document_id: UUID) -> Path:
    assert isinstance(desk.files, FolderStore)
    name = desk.base(document_id).sha256
    return desk.files.root / name[:2] / name


def test_honest_work_in_every_state_is_clean(desk: Desk, ports: Ports) -> None:
    for state in ("draft", "awaiting_signature", "signed", "numbered", "sealed", "published"):
        desk.until(state)
    check = compared(desk, ports)
    assert (check.findings, check.rows, check.signatures) == (0, 6, 6)
    assert check.files >= 10


def test_a_document_rejected_and_uploaded_again_leaves_nothing_behind(desk: Desk, ports: Ports) -> None:
    document_id = desk.until("awaiting_signature")
    with desk.sessions.begin() as session:
        reject_document(session, document_id, "sai", actor=desk.actor(Role.LEADER), clock=desk.clock)
    desk.submit(document_id)
    desk.sign(document_id)
    assert compared(desk, ports).findings == 0


def test_signatures_that_came_with_the_upload_are_not_the_wards(desk: Desk, ports: Ports) -> None:
    elsewhere = ports.signing
    assert isinstance(elsewhere, FakeSigning)
    key = KeyAccess(kind=KeystoreKind.PKCS12, content=b"p12 khac", secret=PIN)
    order = PersonSigning(key=key, signer_name="Người khác", title="", picture=None, field="Khac")
    foreign = elsewhere.sign_person(PDF, order, ward_id=desk.world.ward_id)
    document_id = desk.upload(content=foreign.content)
    desk.submit(document_id)
    desk.sign(document_id)
    check = compared(desk, ports)
    assert (check.findings, check.rows, check.signatures) == (0, 1, 2)


def test_a_missing_and_an_altered_file_are_named_with_their_document(desk: Desk, ports: Ports) -> None:
    lost, altered = desk.until("published"), desk.until("sealed")
    stored(desk, lost).unlink()
    path = stored(desk, altered)
    path.write_bytes(path.read_bytes().replace(b"plain", b"PLAIN"))
    check = compared(desk, ports)
    assert {(row.kind, row.document_id) for row in check.shown} == {
        (FindingKind.FILE_MISSING, lost),
        (FindingKind.FILE_ALTERED, altered),
    }
    with desk.reading() as session:
        states = dict(session.execute(select(FileCheck.state, func.count()).group_by(FileCheck.state)).all())
    assert states[FileState.MISSING] == states[FileState.ALTERED] == 1


def test_a_signature_without_its_row_and_a_row_without_its_signature_are_named(
    desk: Desk, ports: Ports, session: Session
) -> None:
    desk.until("published")
    session.execute(delete(SignatureLedger).where(SignatureLedger.sequence == 2))
    session.commit()
    assert set(kinds(compared(desk, ports))) == {FindingKind.CHAIN_BROKEN, FindingKind.SIGNATURE_UNKNOWN}


def test_a_row_whose_file_left_the_records_is_named(desk: Desk, ports: Ports, session: Session) -> None:
    document_id = desk.until("signed")
    version = desk.base(document_id).version
    session.execute(update(Document).where(Document.id == document_id).values(version=version - 1))
    session.execute(delete(DocumentVersion).where(DocumentVersion.number == version))
    session.commit()
    check = compared(desk, ports)
    assert kinds(check) == [FindingKind.SIGNATURE_MISSING]
    assert check.shown[0].sequence == 1


def test_a_row_that_names_another_revision_is_named(desk: Desk, ports: Ports, session: Session) -> None:
    desk.until("published")
    session.execute(update(SignatureLedger).where(SignatureLedger.sequence == 1).values(revision_sha256="0" * 64))
    session.commit()
    assert set(kinds(compared(desk, ports))) == {FindingKind.CHAIN_BROKEN, FindingKind.REVISION_ALTERED}


def test_a_file_that_is_whole_again_is_clean_again(desk: Desk, ports: Ports) -> None:
    path = stored(desk, desk.until("published"))
    content = path.read_bytes()
    path.unlink()
    assert kinds(compared(desk, ports)) == [FindingKind.FILE_MISSING]
    path.write_bytes(content)
    assert compared(desk, ports).findings == 0


def test_signatures_are_looked_for_once_and_files_read_every_night(desk: Desk, ports: Ports, clock: FixedClock) -> None:
    desk.until("published")
    compared(desk, ports)
    looked = []
    assert isinstance(ports.signing, FakeSigning)
    ports.signing.list_signatures = lambda pdf: looked.append(pdf) or []  # type: ignore[method-assign]
    clock.move(days=1)
    check = compared(desk, ports)
    assert (check.findings, check.signatures, looked) == (0, 2, [])
    with desk.reading() as session:
        assert set(session.scalars(select(FileCheck.checked_at))) == {clock.now()}


def test_every_night_queues_one_comparison(desk: Desk, ports: Ports, clock: FixedClock, session: Session) -> None:
    clock.moment = dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC)
    queue_nightly(desk.sessions, ports)
    queue_nightly(desk.sessions, ports)
    jobs = session.scalars(select(Job).where(Job.kind == JobKind.LEDGER.value)).all()
    assert [job.dedupe_key for job in jobs] == ["ledger:2026-11-23"]
