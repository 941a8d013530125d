"""Many documents, one key, one PIN: sign them side by side and hand out each result as soon as it is there.

Everything that takes time and needs no key (reading, writing, proving, validating) may run in worker processes; the key
and the timestamp service stay in this process, the key behind a lock. Each document goes through the same phases and
checks as alone, and each succeeds or fails by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Final, TypeVar

from signing.batch_lanes import Job, Lane, Ready, queue_of, spread
from signing.batch_pool import WorkerPool
from signing.batch_worker import Orders
from signing.errors import SigningError, TimestampFailed, TimestampPending
from signing.fields import GrowingFile
from signing.levels import NEEDS_TIMESTAMP
from signing.model import SignedFacts
from signing.protocol import ManySigner, RawSigner
from signing.sign.completing import ABOVE_B_T, ask_timestamp, check_raw, raise_level
from signing.sign.desk import BatchItem, Desk, Made
from signing.sign.document import with_mechanism
from signing.sign.preparing import Identity
from signing.sign.surroundings import ALONE, Surroundings

T = TypeVar("T")
R = TypeVar("R")

GROUP: Final = 16
"""Most documents that go to a worker and back together: each way costs a change of process."""

LEAST: Final = 3
"""What goes together even at the end, where a lane that is left alone costs less than one way for each document."""

GROUP_BYTES: Final = 32_000_000
"""Most bytes of documents that go together, unless one has more: they stay in the worker's memory until signed."""

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


def sign_batch(
    items: Sequence[BatchItem], signer: RawSigner, surroundings: Surroundings = ALONE, *, pool: WorkerPool | None = None
) -> Iterator[BatchResult]:
    """Sign the documents and yield each result when it is there, in no particular order.

    A caller that stops iterating stops the batch: what is in hand is finished, nothing new is begun. Without ``pool``
    all runs in this process. Results are ``SignedPdf`` with the bytes, or ``SignedFacts`` where a target was given.
    """
    lanes = _lanes(Identity(certificate=signer.certificate, chain=signer.chain), surroundings, pool)
    batch = _Batch(signer, surroundings)
    yield from batch.run(lanes, list(enumerate(items)))


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
        """Sign a few at a time as lanes come free, or all at once where the key can."""
        if isinstance(self._signer, ManySigner):
            for start in range(0, len(jobs), AT_ONCE):
                yield from self._run_many(self._signer, lanes, jobs[start : start + AT_ONCE])
            return
        hands = (
            [*lanes, *lanes] if len(lanes) > 1 else lanes
        )  # a worker prepares while the key signs what it had before
        shared = queue_of(_groups(jobs, len(hands)))
        for results in spread([(lane, shared) for lane in hands], self._group):
            yield from results

    def _run_many(self, signer: ManySigner, lanes: Sequence[Lane], jobs: Sequence[Job]) -> Iterator[BatchResult]:
        shared = queue_of(_groups(jobs, len(lanes)))
        ready: list[tuple[Lane, Ready]] = []
        for lane, good, failed in spread([(lane, shared) for lane in lanes], self._prepared):
            ready += [(lane, one) for one in good]
            yield from failed
        if not ready:
            return
        try:
            raws = signer.sign_many([one.prepared.attributes for _lane, one in ready], ready[0][1].prepared.mechanism)
        except SigningError as error:
            yield from (self._failed(lane, one.job, error) for lane, one in ready)
            return
        signed = list(zip(ready, raws, strict=True))
        queues = [(lane, queue_of([[(one, raw)] for (owner, one), raw in signed if owner is lane])) for lane in lanes]
        for results in spread(queues, self._complete_group):
            yield from results

    def _prepared(self, lane: Lane, jobs: Sequence[Job]) -> tuple[Lane, list[Ready], list[BatchResult]]:
        """Prepare a few documents; return the lane with those that are ready and those that are not."""
        able: list[Job] = []
        failed: list[BatchResult] = []
        for number, item in jobs:
            try:
                request = with_mechanism(item.request, self._signer, self._surroundings)
                able.append((number, replace(item, request=request)))
            except SigningError as error:
                failed.append(BatchResult(item=item, error=error))
        ready: list[Ready] = []
        for job, outcome in zip(able, _each(lane.prepare_each, able), strict=True):
            if isinstance(outcome, SigningError):
                failed.append(BatchResult(item=job[1], error=outcome))
            else:
                ready.append(Ready(job, outcome))
        return lane, ready, failed

    def _group(self, lane: Lane, jobs: Sequence[Job]) -> list[BatchResult]:
        """All phases of a few documents."""
        _lane, ready, results = self._prepared(lane, jobs)
        signed: list[tuple[Ready, bytes]] = []
        failed: list[tuple[Ready, SigningError]] = []
        with self._key:  # once a group: handing it to and fro costs more than waiting
            for one in ready:
                try:
                    signed.append((one, self._signer.sign(one.prepared.attributes, one.prepared.mechanism)))
                except SigningError as error:
                    failed.append((one, error))
        results += [self._failed(lane, one.job, error) for one, error in failed]
        return results + self._complete_group(lane, signed)

    def _complete_group(self, lane: Lane, signed: Sequence[tuple[Ready, bytes]]) -> list[BatchResult]:
        plain = [(one, raw) for one, raw in signed if one.prepared.level not in NEEDS_TIMESTAMP]
        stamped = [(one, raw) for one, raw in signed if one.prepared.level in NEEDS_TIMESTAMP]
        jobs = [(one.job[0], Made(raw=raw), self._whole(one.job[0])) for one, raw in plain]
        results = [
            BatchResult(item=one.job[1], error=outcome)
            if isinstance(outcome, SigningError)
            else BatchResult(item=one.job[1], signed=outcome)
            for (one, _raw), outcome in zip(plain, _each(lane.complete_each, jobs), strict=True)
        ]
        return results + [self._complete_stamped(lane, one, raw) for one, raw in stamped]

    def _complete_stamped(self, lane: Lane, one: Ready, raw: bytes) -> BatchResult:
        """Get the timestamp, and what the level asks for besides."""
        number, item = one.job
        level = one.prepared.level
        whole = self._whole(number)
        try:
            check_raw(one.prepared, raw, self._surroundings)  # before a service is troubled
            made = Made(raw=raw, token=ask_timestamp(level, raw, self._surroundings))
            if level not in ABOVE_B_T:
                (outcome,) = lane.complete_each([(number, made, whole)])
                if isinstance(outcome, SigningError):
                    raise outcome
                return BatchResult(item=item, signed=outcome)
            file = GrowingFile(lane.embedded(number, made))
            raise_level(file, item.request.field, level, self._surroundings)
            return BatchResult(item=item, signed=lane.finish(number, file.whole(), whole=whole))
        except TimestampFailed:
            return BatchResult(item=item, error=TimestampPending(lane.unfinished(number, raw)))
        except SigningError as error:
            return self._failed(lane, one.job, error)

    def _whole(self, number: int) -> bool:
        return self._surroundings.revalidate or number % VALIDATE_EVERY == 0

    def _failed(self, lane: Lane, job: Job, error: SigningError) -> BatchResult:
        lane.drop(job[0])
        return BatchResult(item=job[1], error=error)


def _groups(jobs: Sequence[Job], lanes: int) -> list[Sequence[Job]]:
    """Return a few at a time where the processor is the limit, one at a time where a timestamp service is.

    Fewer and fewer near the end, so that no lane is left with a handful while the others have nothing to do.
    """
    slow = any(item.request.level in NEEDS_TIMESTAMP for _number, item in jobs)
    groups: list[Sequence[Job]] = []
    start = 0
    while start < len(jobs):
        left = len(jobs) - start
        share = min(GROUP, max(LEAST, left // lanes))
        size = 1 if slow else _fitting(jobs[start : start + share])
        groups.append(jobs[start : start + size])
        start += size
    return groups


def _fitting(jobs: Sequence[Job]) -> int:
    """Return how many of the first may go together for their size, at least one."""
    taken = accumulate(_size(item.pdf) for _number, item in jobs)
    return max(1, sum(size <= GROUP_BYTES for size in taken))


def _size(pdf: bytes | Path) -> int:
    if isinstance(pdf, bytes):
        return len(pdf)
    try:
        return pdf.stat().st_size
    except OSError:  # reading it will tell
        return 0


def _each(work: Callable[[Sequence[T]], list[R | SigningError]], jobs: Sequence[T]) -> Sequence[R | SigningError]:
    """Let a lane do some work; a lane that breaks down fails each of them."""
    if not jobs:
        return ()
    try:
        return work(jobs)
    except SigningError as error:
        return [error for _job in jobs]
