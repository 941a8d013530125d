"""The night's preservation: what is published is archived once, renewed in time, and what fails is said."""

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, FakePreserver, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import VersionKind
from webapp.core.events import AuditTag
from webapp.core.jobs import JobKind
from webapp.core.preservation import MOST_FAILURES, PreservationOrder, PreservationState
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.schedule import queue_nightly
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.documents import Document, DocumentVersion
from webapp.models.jobs import Job
from webapp.models.preservation import Preservation
from webapp.models.workflow import DocumentAttachment
from webapp.queries.companions import find_attachment
from webapp.queries.ledger_checks import last_check
from webapp.queries.preservation import files_to_look_at, preservation_rows, preservation_summary
from webapp.services.attachments import AddAttachment, add_attachment
from webapp.services.audit_check import check_audit
from webapp.services.jobs import NewJob, enqueue
from webapp.services.preservation import keep_look, look_at


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, ports: Ports) -> Desk:
    desk = make_desk(sessions, world, ports.clock, ports.files, ports.signing)
    desk.enrol_all()
    return desk


@pytest.fixture
def room(ports: Ports) -> FakePreserver:
    assert isinstance(ports.signing, FakeSigning)
    return ports.signing.archive_room


def work(
    desk: Desk, ports: Ports, kind: JobKind = JobKind.PRESERVE, order: PreservationOrder | None = None
) -> dict[str, int]:
    """Run one job of the kind and give its result."""
    with unit_of_work(desk.sessions, desk.world.ward_id) as session:
        payload = order.payload() if order else {}
        job = NewJob(kind=kind, payload=payload)
        job_id = enqueue(session, job, ward_id=desk.world.ward_id, created_by=None, clock=desk.clock)
    worker = Worker(desk.sessions, ports, standard_registry())
    while worker.run_once():
        pass
    with desk.reading() as session:
        return session.scalars(select(Job.result).where(Job.id == job_id)).one()


def row_of(desk: Desk, document_id: UUID, part: int = 0) -> Preservation:
    with desk.reading() as session:
        return session.get_one(Preservation, (desk.world.ward_id, document_id, part))


def versions(desk: Desk, document_id: UUID) -> list[DocumentVersion]:
    with desk.reading() as session:
        wanted = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
        return list(session.scalars(wanted.order_by(DocumentVersion.number)))


def test_a_published_file_is_archived_once_and_every_earlier_version_stays(
    desk: Desk, ports: Ports, room: FakePreserver, session: Session
) -> None:
    document_id = desk.until("published")
    before = versions(desk, document_id)
    assert work(desk, ports) == {"files": 1, "archived": 1, "refused": 0}
    after = versions(desk, document_id)
    assert [one.sha256 for one in after[:-1]] == [one.sha256 for one in before]
    assert (after[-1].kind, after[-1].made_by) == (VersionKind.ARCHIVED, None)
    assert desk.files.get(after[-1].sha256).startswith(desk.files.get(before[-1].sha256))
    row = row_of(desk, document_id)
    assert (row.state, row.level, row.sha256) == (PreservationState.KEPT, "b-lta", after[-1].sha256)
    assert work(desk, ports) == {"files": 0, "archived": 0, "refused": 0}
    assert room.asked == 1
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == AuditTag.DOCUMENT_ARCHIVE)).one()
    assert (event.actor_id, event.detail) == (None, {"part": 0, "sha256": after[-1].sha256})
    assert check_audit(session, desk.world.ward_id).intact


def test_what_is_not_published_is_left_alone(desk: Desk, ports: Ports, room: FakePreserver) -> None:
    for state in ("draft", "signed", "sealed"):
        desk.until(state)
    assert work(desk, ports)["files"] == room.asked == 0


def test_files_and_ledger_still_agree_after_archiving(desk: Desk, ports: Ports) -> None:
    desk.until("published")
    work(desk, ports)
    assert work(desk, ports, JobKind.LEDGER)["findings"] == 0
    with desk.reading() as session:
        check = last_check(session, desk.world.ward_id)
    assert check is not None
    assert (check.findings, check.rows, check.signatures) == (0, 2, 2)


def test_a_stamp_is_renewed_half_a_year_before_it_ends(
    desk: Desk, ports: Ports, room: FakePreserver, clock: FixedClock
) -> None:
    document_id = desk.until("published")
    work(desk, ports)
    due = row_of(desk, document_id).due_at
    assert due is not None
    clock.moment = due - dt.timedelta(days=1)
    work(desk, ports)
    assert room.asked == 1
    clock.moment = due
    assert work(desk, ports)["archived"] == 1
    renewed = row_of(desk, document_id)
    assert renewed.due_at == due + room.stamp_ends - dt.timedelta(days=180)
    assert [one.kind for one in versions(desk, document_id)][-2:] == [VersionKind.ARCHIVED] * 2


def test_a_refusal_is_written_down_tried_every_night_and_forgotten_when_it_works(
    desk: Desk, ports: Ports, room: FakePreserver
) -> None:
    document_id = desk.until("published")
    room.refuse = "revocation_data_missing"
    for night in (1, 2):
        assert work(desk, ports) == {"files": 1, "archived": 0, "refused": 1}
        row = row_of(desk, document_id)
        assert (row.state, row.code, row.failures) == (PreservationState.FAILING, "revocation_data_missing", night)
        assert (row.reason_vi, row.reason_en) == ("Không lấy được dấu thời gian.", "No timestamp.")
    assert len(versions(desk, document_id)) == 5
    room.refuse = ""
    work(desk, ports)
    row = row_of(desk, document_id)
    assert (row.state, row.code, row.failures, row.reason_vi) == (PreservationState.KEPT, "", 0, "")


def test_a_service_that_is_away_is_not_asked_for_every_file(desk: Desk, ports: Ports, room: FakePreserver) -> None:
    for _ in range(MOST_FAILURES + 2):
        desk.until("published")
    room.refuse = "timestamp_failed"
    assert work(desk, ports)["refused"] == room.asked == MOST_FAILURES
    with desk.reading() as session:
        counts = preservation_summary(session, desk.world.ward_id).counts
    assert (counts[PreservationState.FAILING], counts[PreservationState.DUE]) == (MOST_FAILURES, 2)


def test_looking_changes_no_file(desk: Desk, ports: Ports, room: FakePreserver) -> None:
    document_id = desk.until("published")
    work(desk, ports, order=PreservationOrder(look=True))
    assert (room.asked, row_of(desk, document_id).state) == (0, PreservationState.DUE)


def test_what_was_signed_without_timestamps_is_named_and_not_an_alarm(
    desk: Desk, ports: Ports, room: FakePreserver
) -> None:
    document_id = desk.until("published")
    untimely = versions(desk, document_id)[-1]
    with desk.sessions.begin() as session:
        sha256 = desk.files.put(desk.files.get(untimely.sha256) + b"\nuntimely\n")
        session.get_one(DocumentVersion, (untimely.ward_id, document_id, untimely.number)).sha256 = sha256
    work(desk, ports)
    row = row_of(desk, document_id)
    assert (row.state, row.code, room.asked) == (PreservationState.UNFIT, "no_timestamp", 0)


def test_a_file_that_is_lost_fails_with_its_reason(desk: Desk, ports: Ports) -> None:
    document_id = desk.until("published")
    desk.files.delete(desk.base(document_id).sha256)
    work(desk, ports)
    row = row_of(desk, document_id)
    assert (row.state, row.code) == (PreservationState.FAILING, "not-found")


def test_two_workers_on_one_file_store_one_version(desk: Desk, ports: Ports, room: FakePreserver) -> None:
    document_id, ward_id = desk.until("published"), desk.world.ward_id
    with desk.reading() as session:
        file = files_to_look_at(session, ward_id, desk.clock.now())[0]
    both = [look_at(file, room, files=ports.files, clock=ports.clock, act=True) for _ in range(2)]
    kept = []
    for looked in both:
        with unit_of_work(desk.sessions, ward_id) as session:
            kept.append(keep_look(session, ward_id, looked, clock=ports.clock, files=ports.files))
    assert kept == [True, False]
    assert [one.kind for one in versions(desk, document_id)].count(VersionKind.ARCHIVED) == 1


def test_attachments_are_archived_beside_their_document(desk: Desk, ports: Ports) -> None:
    document_id = desk.upload()
    with desk.sessions.begin() as session:
        command = AddAttachment(document_id=document_id, title="Phụ lục I", content=PDF + b"one\n", filename="a.pdf")
        add_attachment(session, command, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]
    for step in (desk.submit, desk.sign, desk.number, desk.seal, desk.publish):
        step(document_id)
    assert work(desk, ports)["archived"] == 2
    with desk.reading() as session:
        kept = session.get_one(DocumentAttachment, (desk.world.ward_id, document_id, 1))
        assert kept.archived_sha256 is not None
        assert find_attachment(session, desk.world.ward_id, document_id, 1).sha256 == kept.archived_sha256
        assert desk.files.get(kept.archived_sha256).startswith(desk.files.get(str(kept.sealed_sha256)))
    assert row_of(desk, document_id, 1).state is PreservationState.KEPT
    assert work(desk, ports, JobKind.LEDGER)["findings"] == 0


def test_what_is_kept_is_looked_at_once_a_week_and_when_asked(
    desk: Desk, ports: Ports, room: FakePreserver, clock: FixedClock
) -> None:
    document_id = desk.until("published")
    work(desk, ports)
    assert work(desk, ports, order=PreservationOrder(everything=True))["files"] == 1
    assert work(desk, ports, order=PreservationOrder(document_id=document_id))["files"] == 1
    clock.move(days=8)
    assert work(desk, ports)["files"] == 1
    assert room.asked == 1


def test_the_night_queues_it_once_and_another_ward_sees_nothing(desk: Desk, ports: Ports, world: World) -> None:
    desk.until("published")
    queue_nightly(desk.sessions, ports)
    queue_nightly(desk.sessions, ports)
    with desk.reading() as session:
        kinds = session.scalars(select(Job.kind).where(Job.ward_id == world.ward_id)).all()
        assert kinds.count(JobKind.PRESERVE.value) == 1
    work(desk, ports)
    with desk.reading() as session:
        stranger = session.scalars(select(Document.id)).one()
        assert preservation_rows(session, stranger, tuple(PreservationState)) == []
        assert preservation_summary(session, stranger).unseen == 0
