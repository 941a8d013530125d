"""What is deleted every night, and what is not yet."""

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import WrongState
from webapp.core.jobs import JobKind, JobStatus
from webapp.jobs.context import JobResult, Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.registry import Registry
from webapp.jobs.schedule import queue_nightly
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.models.households import ImportBatch
from webapp.models.jobs import Job
from webapp.queries.imports import get_batch
from webapp.services.imports import load_sheets
from webapp.services.jobs import NewJob, enqueue


def _export(sessions: sessionmaker[Session], ports: Ports, world: World) -> None:
    registry = Registry()
    registry.register(JobKind.EXPORT, lambda _c: JobResult(content=b"rows", filename="a.xlsx"))
    with unit_of_work(sessions, world.ward_id) as session:
        enqueue(session, NewJob(kind=JobKind.EXPORT), ward_id=world.ward_id, created_by=None, clock=ports.clock)
    Worker(sessions, ports, registry).run_once()


def _upload(sessions: sessionmaker[Session], ports: Ports, world: World, *, stored: bool = False) -> UUID:
    now = ports.clock.now()
    with unit_of_work(sessions, world.ward_id) as session:
        batch = ImportBatch(
            ward_id=world.ward_id,
            round_id=world.round_id,
            file_sha256=ports.files.put(ports.cipher.seal(b"names")),
            filename="ho.xlsx",
            created_at=now,
            created_by=world.accounts[Role.STATISTICIAN],
            stored_at=now + dt.timedelta(days=5) if stored else None,
        )
        session.add(batch)
        session.flush()
        return batch.id


def _night(sessions: sessionmaker[Session], ports: Ports) -> None:
    queue_nightly(sessions, ports)
    worker = Worker(sessions, ports, standard_registry())
    while worker.run_once():
        pass


def _files(ports: Ports) -> int:
    return sum(path.is_file() for path in ports.files.root.rglob("*"))  # type: ignore[attr-defined]


def test_an_export_is_deleted_after_seven_days(
    sessions: sessionmaker[Session], ports: Ports, world: World, clock: FixedClock
) -> None:
    _export(sessions, ports, world)
    clock.move(days=6)
    _night(sessions, ports)
    assert _files(ports) == 1
    clock.move(days=2)
    _night(sessions, ports)
    assert _files(ports) == 0
    with sessions() as session:
        job = session.scalars(select(Job).where(Job.kind == JobKind.EXPORT)).one()
        assert (job.file_sha256, job.file_name, job.status) == (None, "", JobStatus.DONE)


def test_an_uploaded_workbook_is_deleted_thirty_days_after_it_was_stored_or_left(
    sessions: sessionmaker[Session], ports: Ports, world: World, clock: FixedClock
) -> None:
    left, stored = _upload(sessions, ports, world), _upload(sessions, ports, world, stored=True)
    clock.move(days=31)
    _night(sessions, ports)
    with sessions() as session:
        names = dict(session.execute(select(ImportBatch.id, ImportBatch.file_sha256)).all())
        assert (names[left], bool(names[stored])) == ("", True)
        batch = get_batch(session, world.ward_id, left)
    assert batch is not None
    with pytest.raises(WrongState, match="30 ngày"):
        load_sheets(batch, files=ports.files, cipher=ports.cipher)
    clock.move(days=5)
    _night(sessions, ports)
    assert _files(ports) == 0


def test_the_night_is_queued_once_a_day_and_old_jobs_go(
    sessions: sessionmaker[Session], ports: Ports, world: World, clock: FixedClock
) -> None:
    clock.moment = dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)  # half past one in the ward
    queue_nightly(sessions, ports)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0
    clock.move(hours=1)
    _night(sessions, ports)
    _night(sessions, ports)
    with sessions() as session:
        first = session.scalars(select(Job).where(Job.kind == JobKind.RETENTION)).one()
    clock.move(days=91)
    _night(sessions, ports)
    with sessions() as session:
        assert first.id not in set(session.scalars(select(Job.id)))
