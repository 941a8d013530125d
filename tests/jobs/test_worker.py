"""The worker: each job comes to one end, whoever works on it and whatever happens to them."""

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import NotFound, WrongState
from webapp.core.jobs import BROKEN, INTERRUPTED, JobCancelled, JobKind, JobStatus
from webapp.jobs.context import Handler, JobContext, JobResult, Ports
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.models.jobs import Job, JobItem
from webapp.models.places import ResidentialGroup
from webapp.queries.jobs import get_job, recent_jobs
from webapp.services.jobs import NewItem, NewJob, cancel_job

Make = Callable[[Handler], Worker]
Queue = Callable[..., UUID]
Find = Callable[[UUID], Job]


def nothing(_context: JobContext) -> JobResult:
    return JobResult()


def make_group(session: Session, ward_id: UUID, number: int) -> None:
    session.add(ResidentialGroup(ward_id=ward_id, code=f"K{number}", name=f"Tổ {number}", sort_key=100 + number))


def groups(session: Session) -> int:
    return (
        session.scalar(select(func.count()).select_from(ResidentialGroup).where(ResidentialGroup.sort_key > 100)) or 0
    )


def test_a_job_is_done_once_and_leaves_its_result(worker_of: Make, queue: Queue, job_of: Find) -> None:
    seen = []

    def work(context: JobContext) -> JobResult:
        seen.append(context.payload)
        context.progress(3, 4)
        return JobResult(result={"rows": 4})

    job_id = queue(NewJob(kind=JobKind.EXPORT, payload={"round": "x"}))
    worker = worker_of(work)
    assert (worker.run_once(), worker.run_once()) == (True, False)
    job = job_of(job_id)
    assert (job.status, job.result, job.done, job.total, job.attempts) == (JobStatus.DONE, {"rows": 4}, 3, 4, 1)
    assert seen == [{"round": "x"}]
    assert job.lease_owner is None


def test_a_file_is_sealed_in_the_store_and_kept_for_its_time(
    worker_of: Make, queue: Queue, job_of: Find, ports: Ports, clock: FixedClock
) -> None:
    job_id = queue()
    worker_of(lambda _c: JobResult(content=b"Ho Nguyen", filename="a.xlsx")).run_once()
    job = job_of(job_id)
    assert job.file_sha256 is not None
    stored = ports.files.get(job.file_sha256)
    assert b"Nguyen" not in stored
    assert ports.cipher.unseal(stored) == b"Ho Nguyen"
    assert (job.file_name, job.file_until) == ("a.xlsx", clock.now() + dt.timedelta(days=7))


def test_what_the_domain_refuses_ends_the_job_with_its_words(worker_of: Make, queue: Queue, job_of: Find) -> None:
    def refuse(_context: JobContext) -> JobResult:
        raise WrongState("Đợt này đã chốt.")

    job_id = queue()
    worker_of(refuse).run_once()
    assert (job_of(job_id).status, job_of(job_id).error) == (JobStatus.FAILED, "Đợt này đã chốt.")


def test_a_broken_handler_is_tried_three_times_with_pauses(
    worker_of: Make, queue: Queue, job_of: Find, clock: FixedClock
) -> None:
    def fall(_context: JobContext) -> JobResult:
        raise ZeroDivisionError

    job_id, worker = queue(), worker_of(fall)
    assert worker.run_once()
    assert (job_of(job_id).status, worker.run_once()) == (JobStatus.WAITING, False)
    clock.move(seconds=31)
    assert worker.run_once()
    clock.move(seconds=31)
    assert not worker.run_once()
    clock.move(seconds=31)
    assert worker.run_once()
    assert (job_of(job_id).status, job_of(job_id).error) == (JobStatus.FAILED, BROKEN)


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(
    worker_of: Make, queue: Queue, job_of: Find, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    actor = world.actor(Role.STATISTICIAN)

    def stop(job_id: UUID) -> None:
        with unit_of_work(sessions, world.ward_id) as session:
            cancel_job(session, job_id, actor=actor, clock=clock)

    def long(context: JobContext) -> JobResult:
        stop(context.lease.job_id)
        with pytest.raises(JobCancelled), context.transaction() as session:
            make_group(session, world.ward_id, 1)
        context.progress(1, 2)
        raise AssertionError

    waiting = queue(created_by=actor.account_id)
    stop(waiting)
    assert job_of(waiting).status is JobStatus.CANCELLED
    running = queue(created_by=actor.account_id)
    worker_of(long).run_once()
    assert job_of(running).status is JobStatus.CANCELLED
    with sessions() as session:
        assert groups(session) == 0
    stop(running)  # pressing again changes nothing
    foreign = queue(created_by=world.accounts[Role.LEADER])
    with unit_of_work(sessions, world.ward_id) as session:
        cancel_job(session, foreign, actor=actor, clock=clock)
    assert not job_of(foreign).cancel_asked
    with pytest.raises(NotFound), unit_of_work(sessions, world.ward_id) as session:
        cancel_job(session, world.round_id, actor=actor, clock=clock)


def test_a_silent_worker_loses_the_job_and_can_store_nothing_more(
    worker_of: Make, queue: Queue, job_of: Find, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    def second(context: JobContext) -> JobResult:
        with context.transaction() as session:
            make_group(session, world.ward_id, 1)
        return JobResult(result={"by": "second"})

    def first(context: JobContext) -> JobResult:
        clock.move(seconds=61)  # asleep past its lease
        assert worker_of(second).run_once()
        with context.transaction() as session:
            make_group(session, world.ward_id, 2)
        return JobResult(result={"by": "first"})

    job_id = queue()
    worker_of(first).run_once()
    job = job_of(job_id)
    assert (job.status, job.result, job.attempts) == (JobStatus.DONE, {"by": "second"}, 2)
    with sessions() as session:
        assert groups(session) == 1


def test_a_job_that_kills_its_worker_is_given_up_after_three_attempts(
    worker_of: Make, queue: Queue, job_of: Find, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    job_id = queue()
    with unit_of_work(sessions) as session:
        job = session.scalars(select(Job)).one()
        job.status, job.attempts, job.lease_owner = JobStatus.RUNNING, 3, job.id
        job.lease_until = clock.now() - dt.timedelta(seconds=1)
    assert worker_of(nothing).run_once() is False
    assert (job_of(job_id).status, job_of(job_id).error) == (JobStatus.FAILED, INTERRUPTED)


def test_a_worker_told_to_stop_gives_the_job_back(worker_of: Make, queue: Queue, job_of: Find) -> None:
    job_id = queue()

    def work(context: JobContext) -> JobResult:
        worker.stop.set()
        context.progress(1, 2)
        raise AssertionError

    worker = worker_of(work)
    worker.run_once()
    assert (job_of(job_id).status, job_of(job_id).attempts) == (JobStatus.WAITING, 0)
    assert worker_of(nothing).run_once()
    assert job_of(job_id).status is JobStatus.DONE


def test_many_workers_do_each_job_once(
    worker_of: Make, queue: Queue, world: World, sessions: sessionmaker[Session]
) -> None:
    for number in range(20):
        queue(NewJob(kind=JobKind.EXPORT, payload={"number": number}))

    def work(context: JobContext) -> JobResult:
        with context.transaction() as session:
            make_group(
                session, world.ward_id, context.payload["number"] + 1
            )  # a second one would break its unique code
        return JobResult()

    def drain() -> None:
        worker = worker_of(work)
        while worker.run_once():
            pass

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        assert groups(session) == 20
        assert {(job.status, job.attempts) for job in session.scalars(select(Job))} == {(JobStatus.DONE, 1)}


def test_steps_are_done_in_order_and_only_those_that_are_left(
    worker_of: Make, queue: Queue, job_of: Find, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    seen: list[int] = []

    def work(context: JobContext) -> JobResult:
        def step(session: Session, item) -> dict[str, int]:
            if item.number == 3 and context.lease.attempts == 1:
                raise ZeroDivisionError
            make_group(session, world.ward_id, item.number)
            seen.append(item.number)
            return {"made": item.number}

        context.each_item(step)
        return JobResult()

    job_id, worker = queue(NewJob(kind=JobKind.EXPORT, items=[NewItem() for _ in range(4)])), worker_of(work)
    worker.run_once()
    clock.move(seconds=31)
    worker.run_once()
    assert seen == [1, 2, 3, 4]
    with sessions() as session:
        items = session.scalars(select(JobItem).order_by(JobItem.number)).all()
        assert [(item.status, item.result) for item in items] == [(JobStatus.DONE, {"made": n}) for n in (1, 2, 3, 4)]
    assert (job_of(job_id).status, job_of(job_id).done, job_of(job_id).total) == (JobStatus.DONE, 4, 4)


def test_work_of_one_key_is_queued_once(queue: Queue, worker_of: Make) -> None:
    order = NewJob(kind=JobKind.EXPORT, dedupe_key="night:2026-11-22")
    assert queue(order) is not None
    assert queue(order) is None
    worker_of(nothing).run_once()
    assert queue(order) is None


def test_work_of_a_kind_that_nobody_here_knows_waits(queue: Queue, worker_of: Make, job_of: Find) -> None:
    job_id = queue(NewJob(kind=JobKind.QUALITY))
    assert worker_of(nothing).run_once() is False
    assert job_of(job_id).status is JobStatus.WAITING


def test_a_person_sees_their_own_jobs(queue: Queue, world: World, session: Session, tmp_path: Path) -> None:
    mine = queue(created_by=world.accounts[Role.STATISTICIAN])
    other = queue(created_by=world.accounts[Role.LEADER])
    found = recent_jobs(session, world.ward_id, JobKind.EXPORT, created_by=world.accounts[Role.STATISTICIAN])
    assert [job.job_id for job in found] == [mine]
    assert get_job(session, world.ward_id, other) is not None
    assert get_job(session, other, other) is None
