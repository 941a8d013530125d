"""Worker processes for batches, kept between batches: each costs half a second to start and 60 MB to keep."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, Final, Self, TypeVar

from signing.batch_worker import Orders
from signing.beside import Answers, NotAsked, Reply, Services
from signing.errors import BatchWorkerLost, SigningError
from signing.model import SignedFacts, Stamp
from signing.protocol import PreparedSignature, UnfinishedSignature
from signing.sign.desk import BatchItem, Made

T = TypeVar("T")

_COMMAND: Final = (sys.executable, "-m", "signing.batch_worker")
_KEPT: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""What a worker sees of the environment: no PIN handed over in a variable."""


class Worker:
    """A ``Desk`` in another process. Several threads may ask it; it does one thing after the other."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._in_hand: set[int] = set()
        """Documents that the process of now has prepared."""
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._orders: Orders | None = None

    def take(self, orders: Orders) -> None:
        """Begin a batch."""
        self._orders = orders
        self._in_hand = set()
        if self._connection is None:
            self._start()
        else:
            self._ask("orders", orders)

    def prepare_each(self, jobs: Sequence[tuple[int, BatchItem]]) -> list[PreparedSignature | SigningError]:
        """As ``Desk.prepare_each``."""
        numbers = {number for number, _item in jobs}
        prepared: list[PreparedSignature | SigningError] = self._ask("prepare_each", _sharing(jobs), begins=numbers)
        return prepared

    def complete_each(self, jobs: Sequence[tuple[int, Made, bool]]) -> list[SignedFacts | SigningError]:
        """As ``Desk.complete_each``."""
        completed: list[SignedFacts | SigningError] = self._ask(
            "complete_each", jobs, of={number for number, _made, _whole in jobs}
        )
        return completed

    def embedded(self, number: int, made: Made) -> bytes:
        """As ``Desk.embedded``."""
        signed: bytes = self._ask("embedded", number, made, of={number})
        return signed

    def finish(self, number: int, raised: bytes, *, whole: bool) -> SignedFacts:
        """As ``Desk.finish``."""
        facts: SignedFacts = self._ask("finish", number, raised, of={number}, whole=whole)
        return facts

    def unfinished(self, number: int, raw: bytes) -> UnfinishedSignature:
        """As ``Desk.unfinished``."""
        unfinished: UnfinishedSignature = self._ask("unfinished", number, raw, of={number})
        return unfinished

    def drop(self, number: int) -> None:
        """As ``Desk.drop``."""
        self._ask("drop", number)

    def work(
        self,
        function: Callable[..., T],
        arguments: tuple[object, ...],
        services: Services | None = None,
        *,
        passing: tuple[type[Exception], ...] = (),
    ) -> T:
        """Do ``function(*arguments, services)`` over there; the services, if any, stay here and are asked from there.

        ``passing``: errors besides SigningError that come back as they are; any other becomes DocumentUnreadable.
        Raises BatchWorkerLost; then nothing is known of what was done.
        """
        answers = Answers(services)
        with self._turn:
            try:
                if self._connection is None:
                    self._start()
                order = (function, arguments, services.facts() if services else None, passing)
                reply, answer = self._exchange("work", order, {})
                while reply is Reply.ASKS:
                    reply, answer = self._answered(answers, *answer)
            except (EOFError, OSError) as error:
                self.close()
                raise BatchWorkerLost from error
            except BaseException:
                self._abandon()
                raise
        if reply is Reply.FAILED:
            raise answer
        done: T = answer
        return done

    def _answered(self, answers: Answers, question: Any, arguments: Any) -> tuple[Reply, Any]:  # noqa: ANN401
        """Answer a question, and give the next message. What the other process cannot be told is raised here."""
        try:
            told = (Reply.DONE, answers.answer(question, arguments))
        except SigningError as error:
            told = (Reply.FAILED, error)
        except NotAsked as error:
            raise BatchWorkerLost from error
        return self._sent(told)

    def _abandon(self) -> None:
        """Stop the process in the middle of its work."""
        if self._process is not None:
            self._process.kill()
        self.close()

    @property
    def process(self) -> int | None:
        """Its process id, for who watches it; None before it is started."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """Hang up and wait for the process to go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        """Start the process and hand it its orders."""
        self._in_hand = set()
        ours, theirs = socket.socketpair()
        with theirs:
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
            command = [*_COMMAND, str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603  -- our own module
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL
            )
        self._connection = Connection(ours.detach())
        if self._orders is not None:
            self._exchange("orders", (self._orders,), {})

    def _ask(
        self,
        method: str,
        *arguments: object,
        begins: Set[int] = frozenset(),
        of: Set[int] = frozenset(),
        **options: object,
    ) -> Any:  # noqa: ANN401  -- typed by callers
        """Send and wait. A worker that died is replaced; what it had in hand is lost, nothing of it was written."""
        with self._turn:
            if not of <= self._in_hand:
                raise BatchWorkerLost
            try:
                reply, answer = self._exchange(method, arguments, options)
            except (EOFError, OSError) as error:
                self.close()
                with suppress(EOFError, OSError):
                    self._start()
                raise BatchWorkerLost from error
            self._in_hand |= begins
        if reply is Reply.FAILED:
            raise answer
        return answer

    def _exchange(self, method: str, arguments: tuple[object, ...], options: dict[str, object]) -> tuple[Reply, Any]:
        return self._sent((method, arguments, options))

    def _sent(self, message: tuple[object, ...]) -> tuple[Reply, Any]:
        """Send a message and wait for the next one."""
        connection = self._connection
        if connection is None:
            raise EOFError
        connection.send(message)
        reply, answer = connection.recv()
        return reply, answer


class WorkerPool:
    """As many workers as cores, unless told otherwise; started when first needed."""

    def __init__(self, count: int | None = None) -> None:
        self.workers: Sequence[Worker] = [Worker() for _one in range(count or len(os.sched_getaffinity(0)))]

    def processes(self) -> list[int]:
        """Process ids of the workers that run."""
        return [worker.process for worker in self.workers if worker.process is not None]

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let the workers go."""
        self.close()

    def close(self) -> None:
        """Let the workers go."""
        for worker in self.workers:
            worker.close()


def _sharing(jobs: Sequence[tuple[int, BatchItem]]) -> list[tuple[int, BatchItem]]:
    """Let equal stamps be one object: it then travels, and is hashed over there, once a message and not once a page."""
    seen: dict[Stamp | None, Stamp | None] = {}
    shared = []
    for number, item in jobs:
        stamp = seen.setdefault(item.request.stamp, item.request.stamp)
        if stamp is not item.request.stamp:
            item = replace(item, request=replace(item.request, stamp=stamp))  # noqa: PLW2901
        shared.append((number, item))
    return shared
