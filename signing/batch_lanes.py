"""Lanes of a batch: where documents are worked on, a thread each in this process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, TypeVar

from signing.errors import SigningError
from signing.model import SignedFacts
from signing.protocol import PreparedSignature, UnfinishedSignature
from signing.sign.desk import BatchItem, Made

Job: TypeAlias = tuple[int, BatchItem]
"""A document with its number in the batch."""
T = TypeVar("T")
R = TypeVar("R")

AHEAD: Final = 4
"""Results a lane that nobody has taken yet: a slow reader holds the lanes up, not the memory."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A document that only lacks its signature."""

    job: Job
    prepared: PreparedSignature


class Lane(Protocol):
    """A ``Desk``, here or in a worker process."""

    def prepare_each(self, jobs: Sequence[Job]) -> list[PreparedSignature | SigningError]: ...
    def complete_each(self, jobs: Sequence[tuple[int, Made, bool]]) -> list[SignedFacts | SigningError]: ...
    def embedded(self, number: int, made: Made) -> bytes: ...
    def finish(self, number: int, data: bytes, *, whole: bool) -> SignedFacts: ...
    def unfinished(self, number: int, raw: bytes) -> UnfinishedSignature: ...
    def drop(self, number: int) -> None: ...


def queue_of(jobs: Sequence[T]) -> queue.SimpleQueue[T]:
    """Return a queue that holds the jobs."""
    filled: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        filled.put(job)
    return filled


def spread(queues: Sequence[tuple[Lane, queue.SimpleQueue[T]]], work: Callable[[Lane, T], R]) -> Iterator[R]:
    """Yield what ``work`` makes of each job, a thread a lane. Leaving early lets the jobs in hand end, and no more."""
    results: queue.SimpleQueue[R | BaseException | None] = queue.SimpleQueue()
    room = threading.Semaphore(AHEAD * len(queues))
    stop = threading.Event()

    def run(lane: Lane, jobs: queue.SimpleQueue[T]) -> None:
        try:
            while room.acquire() and not stop.is_set():
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
            room.release()
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is None:
                left -= 1
            else:
                yield outcome
    finally:
        stop.set()
        room.release(len(threads))
        for thread in threads:
            thread.join()
