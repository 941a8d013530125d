"""Documents of one batch side by side: a few threads, each with one document at a time in its hands."""

import threading
from collections.abc import Callable, Iterable
from typing import Final

ROOM: Final = 64 * 1024 * 1024
"""Bytes of files that may be in hand together; a larger document is worked on alone, for it stays in memory."""

Step = Callable[[], None]
"""The part of the work on a document that may go on beside others."""


class Room:
    """Lets threads in while what they bring has room; one that brings more than all the room waits to be alone."""

    def __init__(self, size: int = ROOM) -> None:
        self._size = size
        self._taken = 0
        self._change = threading.Condition()

    def enter(self, size: int) -> None:
        """Wait for room and take it."""
        with self._change:
            self._change.wait_for(lambda: not self._taken or self._taken + size <= self._size)
            self._taken += size

    def leave(self, size: int) -> None:
        """Give it back."""
        with self._change:
            self._taken -= size
            self._change.notify_all()


def side_by_side(steps: Iterable[tuple[int, Step]], lanes: int) -> None:
    """Do the steps, each (bytes, work), on so many threads; they are begun in order, one after the other.

    What one raises stops the others after what they have in hand, and is raised here. `steps` itself is only ever
    asked by one thread at a time: what must happen in order belongs there.
    """
    if lanes == 1:
        for _size, step in steps:
            step()
        return
    shared = _Shared(steps)
    threads = [threading.Thread(target=shared.run, name="phs-signing-lane", daemon=True) for _lane in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if shared.trouble is not None:
        raise shared.trouble


class _Shared:
    """What the lanes share."""

    def __init__(self, steps: Iterable[tuple[int, Step]]) -> None:
        self.trouble: BaseException | None = None
        self._steps = iter(steps)
        self._turn = threading.Lock()
        self._room = Room()

    def run(self) -> None:
        """Be one lane."""
        try:
            while (taken := self._next()) is not None:
                size, step = taken
                try:
                    step()
                finally:
                    self._room.leave(size)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for the lanes
            with self._turn:
                self.trouble = self.trouble or error

    def _next(self) -> tuple[int, Step] | None:
        """Give the next step, once there is room for it; None when there is none, or one lane met trouble."""
        with self._turn:
            if self.trouble is not None:
                return None
            taken = next(self._steps, None)
            if taken is not None:
                self._room.enter(taken[0])
        return taken
