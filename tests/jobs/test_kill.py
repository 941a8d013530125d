"""kill -9 of the worker in the middle, and another one begins: the work is finished, and each step counts once."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.world import World
from webapp.core.jobs import JobKind, JobStatus
from webapp.gateways.clock import SystemClock
from webapp.models.database import unit_of_work
from webapp.models.jobs import Job, JobItem
from webapp.models.places import ResidentialGroup
from webapp.services.jobs import NewItem, NewJob, enqueue

STEPS = 30


def start(url: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.jobs.killed_worker", url, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    with process:
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_killed_twice_the_job_is_finished_once(
    database_url: str, world: World, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with unit_of_work(sessions, world.ward_id) as session:
        order = NewJob(kind=JobKind.EXPORT, items=[NewItem() for _ in range(STEPS)])
        job_id = enqueue(session, order, ward_id=world.ward_id, created_by=None, clock=SystemClock())
        assert job_id is not None

    readers = sessions.kw["bind"].execution_options(sqlite_deferred=True)  # does not wait for the worker's writes

    def job(read: Callable[[Job], object]) -> object:
        with sessions(bind=readers) as session:
            return read(session.scalars(select(Job).where(Job.id == job_id)).one())

    dice = random.Random(3)
    for least in (4, 15):
        process = start(database_url, tmp_path / "files")
        until(lambda least=least: int(str(job(lambda found: found.done))) >= least)
        time.sleep(dice.random() * 0.08)
        kill(process)
        assert job(lambda found: found.status) is JobStatus.RUNNING
    last = start(database_url, tmp_path / "files")
    try:
        until(lambda: job(lambda found: found.status) is JobStatus.DONE)
    finally:
        kill(last)
    _check(sessions, job_id)
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1


def _check(sessions: sessionmaker[Session], job_id: UUID) -> None:
    with sessions() as session:
        codes = session.scalars(select(ResidentialGroup.code).where(ResidentialGroup.sort_key == 101)).all()
        assert sorted(codes) == sorted(f"K{n}" for n in range(1, STEPS + 1))
        assert set(session.scalars(select(JobItem.status))) == {JobStatus.DONE}
        found = session.scalars(select(Job).where(Job.id == job_id)).one()
        assert (found.done, found.attempts) == (STEPS, 3)
