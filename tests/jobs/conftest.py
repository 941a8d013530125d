"""A worker over the test's database."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.jobs import JobKind
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.jobs.context import Handler, Ports
from webapp.jobs.registry import Registry
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.models.jobs import Job
from webapp.services.jobs import NewJob, enqueue


@pytest.fixture
def ports(clock: FixedClock, cipher: AesGcmCipher, tmp_path: Path) -> Ports:
    return Ports(clock=clock, files=FolderStore(tmp_path / "files"), cipher=cipher, signing=FakeSigning(clock))


@pytest.fixture
def worker_of(sessions: sessionmaker[Session], ports: Ports) -> Callable[[Handler], Worker]:
    def make(handler: Handler) -> Worker:
        registry = Registry()
        registry.register(JobKind.EXPORT, handler)
        return Worker(sessions, ports, registry, lease=dt.timedelta(seconds=60))

    return make


@pytest.fixture
def queue(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Callable[..., UUID | None]:
    def put(order: NewJob | None = None, created_by: UUID | None = None) -> UUID | None:
        with unit_of_work(sessions, world.ward_id) as session:
            order = order or NewJob(kind=JobKind.EXPORT)
            return enqueue(session, order, ward_id=world.ward_id, created_by=created_by, clock=clock)

    return put


@pytest.fixture
def job_of(sessions: sessionmaker[Session]) -> Callable[[UUID], Job]:
    def find(job_id: UUID) -> Job:
        with sessions() as session:
            return session.scalars(select(Job).where(Job.id == job_id)).one()

    return find
