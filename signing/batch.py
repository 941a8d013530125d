"""Many documents, one key, one PIN: sign them side by side and hand out each result as soon as it is there.

Everything that takes time and needs no key (reading, writing, proving, validating) may run in worker processes; the key
and the timestamp service stay in this process, the key behind a lock. Each document goes through the same phases and
checks as alone, and each succeeds or fails by itself.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias, TypeVar

from signing.batch_pool import WorkerPool
from signing.batch_worker import Orders
from signing.errors import SigningError, TimestampFailed, TimestampPending
from signing.levels import NEEDS_TIMESTAMP
from signing.model import SignedFacts
from signing.protocol import ManySigner, PreparedSignature, RawSigner, UnfinishedSignature
from signing.sign.completing import ABOVE_B_T, ask_timestamp, check_raw, raise_level
from signing.sign.desk import BatchItem, Desk, Made
from signing.sign.document import with_mechanism
from signing.sign.preparing import Identity
from signing.sign.surroundings import ALONE, Surroundings

Job: TypeAlias = tuple[int, BatchItem]
T = TypeVar("T")
R = TypeVar("R")

VALIDATE_EVERY: Final = 50
"""Besides the proof that each document passes, the first and every 50th go through the full validator as well."""

AT_ONCE: Final = 100
"""Most documents prepared before a key that signs many at once is asked; they stay in memory meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of one document: ``signed``, or why not. A TimestampPending can be completed without the key."""

    item: BatchItem
    signed: SignedFacts | None = None
    error: SigningError | None = None


class Lane(Protocol):
    """A ``Desk``, here or in a worker process."""

    def prepare(self, number: int, item: BatchItem) -> PreparedSignature: ...
    def complete(self, number: int, made: Made, *, whole: bool) -> SignedFacts: ...
    def embedded(self, number: int, made: Made) -> bytes: ...
    def finish(self, number: int, data: bytes, *, whole: bool) -> SignedFacts: ...
    def unfinished(self, number: int, raw: bytes) -> UnfinishedSignature: ...
    def drop(self, number: int) -> None: ...


def sign_batch(
    items: Sequence[BatchItem], signer: RawSigner, surroundings: Surroundings = ALONE, *, pool: WorkerPool | None = None
) -> Iterator[BatchResult]:
    """Sign the documents and yield each result when it is there, in no particular order.

    A caller that stops iterating stops the batch: what is in hand is finished, nothing new is begun. Without ``pool``
    all runs in this process. Results are ``SignedPdf`` with the bytes, or ``SignedFacts`` where a target was given.
    """
    lanes = _lanes(Identity(certificate=signer.certificate, chain=signer.chain), surroundings, pool)
    batch = _Batch(signer, surroundings)
    for start in range(0, len(items), AT_ONCE):
        yield from batch.run(lanes, list(enumerate(items[start : start + AT_ONCE], start)))


def _lanes(identity: Identity, surroundings: Surroundings, pool: WorkerPool | None) -> Sequence[Lane]:
    if pool is None:
        return [Desk(identity, surroundings)]
    orders = Orders.of(identity, surroundings)
    for worker in pool.workers:
        worker.take(orders)
    return pool.workers


class _Batch:
    """How one document goes through a lane; the key is used by one lane at a time."""

    def __init__(self, signer: RawSigner, surroundings: Surroundings) -> None:
        self._signer = signer
        self._surroundings = surroundings
        self._key = threading.Lock()

    def run(self, lanes: Sequence[Lane], jobs: Sequence[Job]) -> Iterator[BatchResult]:
        """Sign one by one as lanes come free, or all at once where the key can."""
        if isinstance(self._signer, ManySigner):
            yield from self._run_many(self._signer, lanes, jobs)
        else:
            shared = _queue(jobs)
            yield from spread([(lane, shared) for lane in lanes], self._one)

    def _run_many(self, signer: ManySigner, lanes: Sequence[Lane], jobs: Sequence[Job]) -> Iterator[BatchResult]:
        shared = _queue(jobs)
        ready: list[tuple[Lane, Job, PreparedSignature]] = []
        for outcome in spread([(lane, shared) for lane in lanes], self._prepared):
            if isinstance(outcome, BatchResult):
                yield outcome
            else:
                ready.append(outcome)
        if not ready:
            return
        try:
            raws = signer.sign_many([prepared.attributes for _lane, _job, prepared in ready], ready[0][2].mechanism)
        except SigningError as error:
            yield from (self._failed(lane, job, error) for lane, job, _prepared in ready)
            return
        signed = list(zip(ready, raws, strict=True))
        queues = [(lane, _queue([pair for pair in signed if pair[0][0] is lane])) for lane in lanes]
        yield from spread(queues, self._finished)

    def _prepared(self, lane: Lane, job: Job) -> BatchResult | tuple[Lane, Job, PreparedSignature]:
        try:
            return lane, job, self._prepare(lane, job)
        except SigningError as error:
            return BatchResult(item=job[1], error=error)

    def _finished(self, lane: Lane, pair: tuple[tuple[Lane, Job, PreparedSignature], bytes]) -> BatchResult:
        (_lane, job, prepared), raw = pair
        return self._complete(lane, job, prepared, raw)

    def _one(self, lane: Lane, job: Job) -> BatchResult:
        """All phases of one document."""
        try:
            prepared = self._prepare(lane, job)
            with self._key:
                raw = self._signer.sign(prepared.attributes, prepared.mechanism)
        except SigningError as error:
            return self._failed(lane, job, error)
        return self._complete(lane, job, prepared, raw)

    def _prepare(self, lane: Lane, job: Job) -> PreparedSignature:
        number, item = job
        request = with_mechanism(item.request, self._signer, self._surroundings)
        return lane.prepare(number, replace(item, request=request))

    def _complete(self, lane: Lane, job: Job, ready: PreparedSignature, raw: bytes) -> BatchResult:
        number, item = job
        level = item.request.level
        whole = self._surroundings.revalidate or number % VALIDATE_EVERY == 0
        try:
            if level in NEEDS_TIMESTAMP:
                check_raw(ready, raw, self._surroundings)  # before a service is troubled
            made = Made(raw=raw, token=ask_timestamp(level, raw, self._surroundings))
            if level not in ABOVE_B_T:
                return BatchResult(item=item, signed=lane.complete(number, made, whole=whole))
            signed = lane.embedded(number, made)
            raised = raise_level(signed, item.request.field, level, self._surroundings)
            return BatchResult(item=item, signed=lane.finish(number, raised, whole=whole))
        except TimestampFailed:
            return BatchResult(item=item, error=TimestampPending(lane.unfinished(number, raw)))
        except SigningError as error:
            return self._failed(lane, job, error)

    def _failed(self, lane: Lane, job: Job, error: SigningError) -> BatchResult:
        lane.drop(job[0])
        return BatchResult(item=job[1], error=error)


def _queue(jobs: Sequence[T]) -> queue.SimpleQueue[T]:
    filled: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        filled.put(job)
    return filled


def spread(queues: Sequence[tuple[Lane, queue.SimpleQueue[T]]], work: Callable[[Lane, T], R]) -> Iterator[R]:
    """Yield what ``work`` makes of each job, a thread a lane. Leaving early lets the jobs in hand end, and no more."""
    results: queue.SimpleQueue[R | BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()

    def run(lane: Lane, jobs: queue.SimpleQueue[T]) -> None:
        try:
            while not stop.is_set():
                results.put(work(lane, jobs.get_nowait()))
        except queue.Empty:
            results.put(None)
        except BaseException as error:  # noqa: BLE001  -- raised again where the results are read
            results.put(error)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in queues]
    for thread in threads:
        thread.start()
    try:
        left = len(threads)
        while left:
            outcome = results.get()
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is None:
                left -= 1
            else:
                yield outcome
    finally:
        stop.set()
        for thread in threads:
            thread.join()
