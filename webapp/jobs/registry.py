"""Which handler does which kind of job."""

from webapp.core.jobs import JobKind
from webapp.jobs.context import Handler


class Registry:
    """Handlers by kind; a worker takes only jobs that its registry knows."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def register(self, kind: JobKind, handler: Handler) -> None:
        """Name the handler of a kind."""
        self._handlers[kind.value] = handler

    @property
    def kinds(self) -> list[str]:
        """The kinds that can be done here."""
        return list(self._handlers)

    def handler(self, kind: str) -> Handler:
        """Give the handler of a kind."""
        return self._handlers[kind]
