"""Processes beside this one in which the documents of a batch are signed; the key and the network stay here."""

import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from signing.batch_pool import Worker, WorkerPool
from signing.beside import Services
from webapp.core.errors import DomainError

T = TypeVar("T")

IDLE: Final = 600.0
"""Seconds after the last batch until the processes go: starting one costs a second, keeping it 70 MB."""
FEWEST: Final = 20
"""Fewer documents are done sooner here than the first process is there to take one, unless some run already."""
MOST: Final = 5
"""What reads and writes the database between two documents stays in this process, and has no use for more."""


def standard_count() -> int:
    """Give one process more than cores, for one may be waiting for this process; none where there is one core."""
    cores = len(os.sched_getaffinity(0))
    return min(cores + 1, MOST) if cores > 1 else 0


class Benches:
    """As many processes as were set, shared by the batches of this process and started when one of them needs one."""

    def __init__(self, count: int | None = None, *, idle: float = IDLE) -> None:
        self.count = standard_count() if count is None else count
        self._fewest = FEWEST if count is None else 1  # who set a number gets it
        self._idle = idle
        self._pool = WorkerPool(self.count) if self.count else None
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()  # the one that was used last is warm
        for worker in self._pool.workers if self._pool else ():
            self._free.put(worker)
        self._lock = threading.Lock()
        self._batches = 0
        self._going: threading.Timer | None = None

    def worth(self, documents: int) -> bool:
        """Tell whether a batch of so many ends sooner in these processes."""
        return self.count > 0 and (documents >= self._fewest or bool(self.processes()))

    @contextmanager
    def open(self) -> Iterator[None]:
        """Keep the processes while a batch lasts, and some minutes after it."""
        with self._lock:
            self._batches += 1
            if self._going is not None:
                self._going.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._batches -= 1
                if not self._batches:
                    self._going = threading.Timer(self._idle, self._let_go)
                    self._going.daemon = True
                    self._going.start()

    def do(self, function: Callable[..., T], *arguments: object, services: Services | None = None) -> T:
        """Do `function(*arguments, services)` in one of the processes. Raises as it does, and BatchWorkerLost."""
        worker = self._free.get()
        try:
            return worker.work(function, arguments, services, passing=(DomainError,))
        finally:
            self._free.put(worker)

    def processes(self) -> list[int]:
        """Give the process ids of those that run."""
        return self._pool.processes() if self._pool else []

    def _let_go(self) -> None:
        with self._lock:
            if not self._batches and self._pool is not None:
                self._pool.close()


def here(function: Callable[..., T], *arguments: object, services: Services | None = None) -> T:
    """Do it in this process."""
    return function(*arguments, services) if services is not None else function(*arguments)
