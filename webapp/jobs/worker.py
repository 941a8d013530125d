"""The worker: takes jobs one after the other, in a thread of `phs serve` or in `phs worker`."""

import datetime as dt
import hashlib
import logging
import threading
from collections.abc import Callable
from typing import cast
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from webapp.core.errors import DomainError
from webapp.core.ids import new_id
from webapp.core.jobs import BROKEN, JobCancelled, JobStatus, LeaseLost, WorkerStopping
from webapp.jobs.context import JobContext, JobResult, Ports
from webapp.jobs.registry import Registry
from webapp.models.database import unit_of_work
from webapp.queries.jobs import wards_with_work
from webapp.services.job_leases import Lease, claim_job, end_job, give_back, renew_lease

LEASE = dt.timedelta(seconds=60)
POLL_SECONDS = 1.0
SCHEDULE_SECONDS = 60.0
log = logging.getLogger(__name__)
Schedule = Callable[[sessionmaker[Session], Ports], None]


class Worker:
    """One thread's worth of work. Any number of workers may share a database."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        ports: Ports,
        registry: Registry,
        *,
        schedule: Schedule | None = None,
        lease: dt.timedelta = LEASE,
    ) -> None:
        self._sessions = sessions
        self._ports = ports
        self._registry = registry
        self._schedule = schedule
        self._lease = lease
        self._owner: UUID = new_id()
        self.stop = threading.Event()

    def run(self) -> None:
        """Work until `stop` is set. A database that is away for a while is waited for."""
        since_schedule = SCHEDULE_SECONDS
        while not self.stop.is_set():
            try:
                if self._schedule is not None and since_schedule >= SCHEDULE_SECONDS:
                    self._schedule(self._sessions, self._ports)
                    since_schedule = 0.0
                busy = self.run_once()
            except SQLAlchemyError as error:
                log.warning("worker waits for the database: %s", type(error).__name__)
                busy = False
            if not busy:
                self.stop.wait(POLL_SECONDS)
                since_schedule += POLL_SECONDS

    def run_once(self) -> bool:
        """Do one job if there is one; tell whether there was."""
        lease = self._claim()
        if lease is None:
            return False
        self.work_on(lease)
        return True

    def work_on(self, lease: Lease) -> None:
        """Make one attempt at a job that is held already; its end is written down."""
        if lease.left_file is not None:
            self._ports.files.delete(lease.left_file)
        context = JobContext(lease, self._sessions, self._ports, length=self._lease, stop=self.stop)
        with _Heartbeat(lambda: self._beat(lease), self._lease.total_seconds() / 3):
            self._attempt(context)

    def _claim(self) -> Lease | None:
        engine = cast("Engine", self._sessions.kw["bind"]).execution_options(sqlite_deferred=True)
        with self._sessions(bind=engine) as session:
            wards = wards_with_work(session, self._ports.clock.now(), self._registry.kinds)
        for ward_id in wards:
            with unit_of_work(self._sessions, ward_id) as session:
                lease = claim_job(
                    session,
                    ward_id,
                    kinds=self._registry.kinds,
                    owner=self._owner,
                    clock=self._ports.clock,
                    length=self._lease,
                )
            if lease is not None:
                return lease
        return None

    def _attempt(self, context: JobContext) -> None:
        lease = context.lease
        try:
            self._finish(context, self._registry.handler(lease.kind)(context))
        except LeaseLost:
            log.warning("job %s went to another worker", lease.job_id)
        except JobCancelled:
            self._write(lambda s: end_job(s, lease, JobStatus.CANCELLED, clock=self._ports.clock), lease)
        except WorkerStopping as stop:
            why = "" if type(stop) is WorkerStopping else stop.text()[:500]
            self._write(lambda s: give_back(s, lease, clock=self._ports.clock, error=why, failed=False), lease)
        except DomainError as error:
            text = error.text()[:500]
            self._write(lambda s: end_job(s, lease, JobStatus.FAILED, clock=self._ports.clock, error=text), lease)
        except Exception:  # whatever a handler does, the worker lives on
            log.exception("job %s of kind %s failed", lease.job_id, lease.kind)
            self._write(lambda s: give_back(s, lease, clock=self._ports.clock, error=BROKEN), lease)

    def _finish(self, context: JobContext, result: JobResult) -> None:
        """Store the file, then the end. The name is noted first, so that a kill between leaves no nameless file."""
        lease, clock = context.lease, self._ports.clock
        if result.content is None:
            with context.transaction() as session:
                end_job(session, lease, JobStatus.DONE, clock=clock, result=dict(result.result), file_sha256=None)
            return
        sealed = self._ports.cipher.seal(result.content)
        with unit_of_work(self._sessions, lease.ward_id) as session:
            name = hashlib.sha256(sealed).hexdigest()
            renew_lease(session, lease, clock=clock, length=self._lease, file_sha256=name, file_name=result.filename)
        self._ports.files.put(sealed)
        with context.transaction() as session:
            until = clock.now() + result.keep
            end_job(session, lease, JobStatus.DONE, clock=clock, result=dict(result.result), file_until=until)

    def _write(self, change: Callable[[Session], None], lease: Lease) -> None:
        try:
            with unit_of_work(self._sessions, lease.ward_id) as session:
                change(session)
        except LeaseLost:
            log.warning("job %s went to another worker", lease.job_id)

    def _beat(self, lease: Lease) -> bool:
        """Renew the lease from beside the work; tell whether to go on."""
        try:
            with unit_of_work(self._sessions, lease.ward_id) as session:
                renew_lease(session, lease, clock=self._ports.clock, length=self._lease)
        except JobCancelled:
            return True  # the handler hears it at its next step
        except LeaseLost:
            return False
        except SQLAlchemyError:
            log.warning("heart-beat of job %s not written", lease.job_id)
        return True


class _Heartbeat:
    """Calls `beat` every `seconds` beside the block, until the block ends or `beat` gives False."""

    def __init__(self, beat: Callable[[], bool], seconds: float) -> None:
        self._beat = beat
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="phs-heartbeat", daemon=True)

    def _run(self) -> None:
        while not self._over.wait(self._seconds) and self._beat():
            pass

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
