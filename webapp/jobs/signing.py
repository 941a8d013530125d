"""Signing sessions: keys that were opened with a PIN, held in the memory of this process, a few threads a batch.

The rows of the job say what is to be signed and what is done; the key is nowhere but here. See services/README.md,
"Decisions: batches", for what that guards against.
"""

import datetime as dt
import logging
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from webapp.core.access import Actor
from webapp.core.errors import N_, DomainError, SigningRefused, StorageFull
from webapp.core.ids import new_id
from webapp.core.jobs import JobCancelled, JobKind, JobStatus, LeaseLost, WorkerStopping
from webapp.core.ports import OpenedKey, SigningGateway
from webapp.core.signing_batches import LEASE, SESSION_LENGTH, BatchKind, BatchPaused, is_key_trouble
from webapp.jobs.context import JobContext, JobResult, Ports
from webapp.jobs.registry import Registry
from webapp.jobs.signing_lanes import Step, side_by_side
from webapp.jobs.signing_together import Together
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.queries.jobs import JobItemRow
from webapp.queries.signing_batches import batch_bytes, count_items, live_actor
from webapp.services.document_signing import SignDocument
from webapp.services.document_versions import BaseVersion
from webapp.services.job_leases import Lease, end_item
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.signature_store import PlannedUnstamped
from webapp.services.signing_batches import apply_key, base_of, note_base, number_if_needed, take_batch
from webapp.services.unstamped import keep_waiting

log = logging.getLogger(__name__)
FULL: Final = ("disk is full", "No space left")
_OVER: Final = N_("Phiên ký đã hết giờ. Hãy nhập lại mã PIN để ký tiếp.")
_NO_RIGHT: Final = N_("Tài khoản không còn quyền ký nên đợt ký đã dừng.")


@dataclass(slots=True)
class Hand:
    """A key in hand: whose it is, for which batch, until when."""

    actor: Actor
    key: OpenedKey
    until: dt.datetime
    worker: Worker
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    troubled: bool = False
    thread: threading.Thread | None = field(default=None, repr=False)


class SigningHands:
    """The signing sessions of this process. Any number of processes may have their own."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        ports: Ports,
        signing: SigningGateway,
        *,
        lease: dt.timedelta = LEASE,
        longest: dt.timedelta = SESSION_LENGTH,
    ) -> None:
        self._sessions = sessions
        self._ports = ports
        self._signing = signing
        self._length = lease
        self._longest = longest
        self._hands: dict[UUID, Hand] = {}
        self._lock = threading.Lock()

    def start(self, job_id: UUID, *, actor: Actor, key: OpenedKey) -> None:
        """Take the batch and work on it beside the request. The key is closed here in any case.

        Raises Conflict when another process holds it, NotFound when it is somebody else's.
        """
        # A crash must not write the memory of this process, with the key in it, to the disk.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        registry = Registry()
        worker = Worker(self._sessions, self._ports, registry, lease=self._length)
        try:
            with unit_of_work(self._sessions, actor.ward_id) as session:
                clock = self._ports.clock
                lease = take_batch(session, job_id, actor=actor, owner=new_id(), clock=clock, length=self._length)
        except BaseException:
            key.close()
            raise
        hand = Hand(actor, key, self._ports.clock.now() + self._longest, worker)
        registry.register(JobKind.SIGNING, lambda context: self._work(context, hand))
        hand.thread = threading.Thread(target=self._run, args=(lease, hand), name="phs-signing", daemon=True)
        with self._lock:
            self._hands[job_id] = hand
        hand.thread.start()

    def wait(self, job_id: UUID, seconds: float) -> None:
        """Wait for a batch of this process to come to rest."""
        with self._lock:
            hand = self._hands.get(job_id)
        if hand is not None and hand.thread is not None:
            hand.thread.join(seconds)

    def close(self) -> None:
        """Forget every key: batches stop after the document in hand and wait for their PIN."""
        with self._lock:
            hands = list(self._hands.values())
        for hand in hands:
            hand.worker.stop.set()
        for hand in hands:
            if hand.thread is not None:
                hand.thread.join(10)
            hand.key.close()

    def _run(self, lease: Lease, hand: Hand) -> None:
        try:
            hand.worker.work_on(lease)
        except Exception:  # the database is away: the lease runs out, and the page asks for the PIN again
            log.exception("signing batch %s came to rest", lease.job_id)
        finally:
            hand.key.close()
            with self._lock:
                self._hands.pop(lease.job_id, None)

    def _work(self, context: JobContext, hand: Hand) -> JobResult:
        kind = BatchKind(context.payload["what"])
        items = context.waiting_items()
        if hand.key.at_once is None:
            with self._signing.side_by_side(len(items)) as room:
                side_by_side(self._steps(context, hand, kind, items, room.signing), room.lanes)
        else:
            together = Together(
                context,
                kind,
                hand.key,
                self._signing,
                ready=lambda item: self._ready(context, hand, kind, item, self._signing)[:2],
                guard=lambda item, work: self._one(context, hand, item, work),
            )
            together.run(items, lambda: self._going_on(hand))
        with context.reading() as session:
            counts = count_items(session, context.ward_id, context.lease.job_id)
        return JobResult(result={"done": counts[JobStatus.DONE], "failed": counts[JobStatus.FAILED]})

    def _steps(
        self, context: JobContext, hand: Hand, kind: BatchKind, items: Sequence[JobItemRow], signing: SigningGateway
    ) -> Iterator[tuple[int, Step]]:
        """Give the documents in order, each made ready: then what is left of it may go on beside others."""
        for item in items:
            self._going_on(hand)
            found: list[tuple[Actor, BaseVersion, int]] = []
            self._one(context, hand, item, lambda: found.append(self._ready(context, hand, kind, item, signing)))  # noqa: B023 - called at once
            for actor, base, size in found:
                work = partial(self._sign, context, hand, kind, item, actor, base, signing)
                yield size, partial(self._one, context, hand, item, work)

    def _going_on(self, hand: Hand) -> None:
        if hand.worker.stop.is_set():
            raise WorkerStopping
        if self._ports.clock.now() > hand.until:
            raise BatchPaused(_OVER)

    def _one(self, context: JobContext, hand: Hand, item: JobItemRow, work: Callable[[], None]) -> None:
        """Do one document. What is wrong with it is written beside it, and the others go on."""
        try:
            work()
        except (LeaseLost, JobCancelled, WorkerStopping):
            raise
        except OperationalError as error:
            # The database has no room left either: a failed step could not be written down, so everything waits.
            if any(words in str(error.orig) for words in FULL):
                raise BatchPaused(StorageFull.message) from error
            raise
        except DomainError as error:
            if isinstance(error, SigningRefused):
                self._note(context, hand, item, error)
            if is_key_trouble(error):
                raise BatchPaused(error.text()) from error
            with context.transaction() as session:
                text = error.text()[:500]
                end_item(session, context.lease, item.number, clock=self._ports.clock, error=text)

    def _note(self, context: JobContext, hand: Hand, item: JobItemRow, error: SigningRefused) -> None:
        """Record what was refused; trouble with the key once, though several documents met it at the same time."""
        if is_key_trouble(error):
            with hand.lock:
                if hand.troubled:
                    return
                hand.troubled = True
        with unit_of_work(self._sessions, context.ward_id) as session:
            note_signing_failure(session, item.subject_id, error.code, actor=hand.actor, clock=self._ports.clock)

    def _sign(
        self,
        context: JobContext,
        hand: Hand,
        kind: BatchKind,
        item: JobItemRow,
        actor: Actor,
        base: BaseVersion,
        signing: SigningGateway,
    ) -> None:
        """Sign, then store signature and step at once: killed anywhere, both are there or neither."""
        if item.subject_id is None:
            return
        ports = {"clock": self._ports.clock, "files": self._ports.files, "signing": signing}
        command = SignDocument(document_id=item.subject_id, base=base, opened=hand.key)
        with context.own_session() as session:
            try:
                result = {"signature_sha256": apply_key(session, kind, command, actor=actor, **ports)}  # type: ignore[arg-type]
            except PlannedUnstamped as found:  # the others go on; a job of its own asks for this one's timestamp
                session.rollback()
                clock, files = self._ports.clock, self._ports.files
                keep_waiting(session, item.subject_id, found, actor=actor, clock=clock, files=files)
                result = {"waiting": "timestamp"}
            end_item(session, context.lease, item.number, clock=self._ports.clock, result=result)
            context.keep(session)
            session.commit()

    def _ready(
        self, context: JobContext, hand: Hand, kind: BatchKind, item: JobItemRow, signing: SigningGateway
    ) -> tuple[Actor, BaseVersion, int]:
        """Look whether the person may still sign; give a document that is to be sealed its number first.

        The job's row is locked last, as where a signature is stored: two documents never wait for each other.
        """
        ports = {"clock": self._ports.clock, "files": self._ports.files, "signing": signing}
        base = base_of(item.payload)
        with context.own_session() as session:
            actor = live_actor(session, hand.actor, now=self._ports.clock.now())
            if actor is None:
                raise BatchPaused(_NO_RIGHT)
            if kind is BatchKind.SEAL and item.subject_id is not None:
                numbered = number_if_needed(session, item.subject_id, base, actor=actor, **ports)  # type: ignore[arg-type]
                if numbered is not None:
                    note_base(session, context.lease, item.number, numbered)
                base = numbered or base
            size = batch_bytes(session, context.ward_id, item.subject_id) if item.subject_id is not None else 0
            context.keep(session)
            session.commit()
        return actor, base, size
