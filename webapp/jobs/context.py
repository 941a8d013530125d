"""What a handler is given: its order, the outside world, and transactions that count only while it holds the job."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from webapp.core.jobs import JobStatus, WorkerStopping
from webapp.core.outward import CLOSED, Outward
from webapp.core.ports import Clock, FileStore, PersonalDataCipher, SigningGateway
from webapp.models.database import bind_ward, unit_of_work
from webapp.queries.jobs import JobItemRow, list_items
from webapp.services.job_leases import Lease, end_item, renew_lease

PROGRESS_EVERY = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside world of the worker."""

    clock: Clock
    files: FileStore
    cipher: PersonalDataCipher
    signing: SigningGateway
    outward: Outward = CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a handler gives back. A file is sealed, stored, and kept for `keep`; None keeps no file."""

    result: Mapping[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    filename: str = ""
    keep: dt.timedelta = dt.timedelta(days=7)


class JobContext:
    """One attempt at one job."""

    def __init__(
        self,
        lease: Lease,
        sessions: sessionmaker[Session],
        ports: Ports,
        *,
        length: dt.timedelta,
        stop: threading.Event,
    ) -> None:
        self.lease = lease
        self.ports = ports
        self._sessions = sessions
        self._length = length
        self._stop = stop
        self._told_at: dt.datetime | None = None

    @property
    def ward_id(self) -> UUID:
        """The ward of the job."""
        return self.lease.ward_id

    @property
    def payload(self) -> dict[str, Any]:
        """What was ordered."""
        return self.lease.payload

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write something for the job: committed only while the job is held. Raises LeaseLost, JobCancelled.

        Keep it short: on SQLite everybody else waits.
        """
        with unit_of_work(self._sessions, self.ward_id) as session:
            renew_lease(session, self.lease, clock=self.ports.clock, length=self._length)
            yield session

    @contextmanager
    def reading(self, ward_id: UUID | None = None) -> Iterator[Session]:
        """Read as long as it takes: never waits for SQLite's writer, and never holds it up. The job's ward, or another.

        Another ward is for what belongs to all: which stored files are named anywhere.
        """
        engine = cast("Engine", self._sessions.kw["bind"]).execution_options(sqlite_deferred=True)
        with self._sessions(bind=engine) as session:
            bind_ward(session, ward_id or self.ward_id)
            yield session

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the job is, once a second at most. Raises LeaseLost, JobCancelled, WorkerStopping."""
        if self._stop.is_set():
            raise WorkerStopping
        now = self.ports.clock.now()
        if self._told_at is not None and now - self._told_at < PROGRESS_EVERY and done != total:
            return
        self._told_at = now
        with unit_of_work(self._sessions, self.ward_id) as session:
            renew_lease(session, self.lease, clock=self.ports.clock, length=self._length, done=done, total=total)

    def own_session(self) -> Session:
        """Open a session that holds no lease: for steps whose slow part must not hold a transaction.

        Call `keep` in the transaction that stores the step.
        """
        session = self._sessions()
        bind_ward(session, self.ward_id)
        return session

    def keep(self, session: Session) -> None:
        """Renew the lease in that transaction. Raises LeaseLost, JobCancelled."""
        renew_lease(session, self.lease, clock=self.ports.clock, length=self._length)

    def waiting_items(self) -> list[JobItemRow]:
        """Give the steps that are left, in order."""
        with self.reading() as session:
            return list_items(session, self.ward_id, self.lease.job_id, JobStatus.WAITING)

    def each_item(self, work: Callable[[Session, JobItemRow], Mapping[str, Any] | None]) -> None:
        """Do every step that is left, each in a transaction of its own that also marks it done."""
        for item in self.waiting_items():
            if self._stop.is_set():
                raise WorkerStopping
            with self.transaction() as session:
                result = work(session, item)
                end_item(session, self.lease, item.number, clock=self.ports.clock, result=result)


Handler = Callable[[JobContext], JobResult]
