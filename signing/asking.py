"""One question to an address of others, answered within a time that holds for all of it.

The time-out of a socket holds for each piece only: a service that sends a byte now and then would be waited for
without end.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Self
from urllib import error as url_error
from urllib import request as url_request


def ask(url: str, query: bytes, headers: dict[str, str], *, seconds: float, limit: int) -> bytes:
    """Return the body of the answer: a GET without ``query``, else a POST; no redirect is followed.

    Raises TimeoutError after ``seconds``, OSError for everything else that goes wrong on the way, also an answer that
    is longer than ``limit`` bytes, cut short, or not HTTP.
    """
    request = url_request.Request(url, data=query or None, headers=headers)  # noqa: S310  -- callers check the scheme
    with _Deadline(seconds) as deadline:
        opener = url_request.build_opener(_NoRedirect, _Plain(deadline), _Secure(deadline))
        try:
            with opener.open(request, timeout=seconds) as reply:
                body: bytes = reply.read(limit + 1)
                missing = reply.length
        except url_error.HTTPError as error:
            error.close()
            deadline.check()
            raise
        except (OSError, HTTPException, ValueError) as error:
            deadline.check()
            raise _plainly(error) from error
        deadline.check()
    if len(body) > limit or missing:
        raise OSError("the answer is too long, or was cut short")
    return body


class _Deadline:
    """Hangs up on whatever connection is open when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._over = False
        self._line: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._hang_up)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()

    def watch(self, line: socket.socket) -> None:
        """Take a connection that has just been made."""
        self._line = line
        if self._over:
            self._hang_up()

    def check(self) -> None:
        """Raise TimeoutError when the time is over: what looks like an answer may be the part before."""
        if self._over:
            raise TimeoutError("no whole answer in time")

    def _hang_up(self) -> None:
        self._over = True
        if self._line is not None:
            with suppress(OSError):  # it may have ended by itself
                self._line.shutdown(socket.SHUT_RDWR)


class _Plain(url_request.HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: url_request.Request) -> HTTPResponse:
        """Open with a connection that the deadline knows."""
        return self.do_open(_watched(HTTPConnection, self._deadline), req)


class _Secure(url_request.HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, req: url_request.Request) -> HTTPResponse:
        """Open with a connection that the deadline knows."""
        return self.do_open(_watched(HTTPSConnection, self._deadline), req)


def _watched(kind: type[HTTPConnection], deadline: _Deadline) -> type[HTTPConnection]:
    class Watched(kind):  # type: ignore[misc, valid-type]
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    return Watched


class _NoRedirect(url_request.HTTPRedirectHandler):
    """A service has one address; following a redirect would let it point us anywhere."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401
        return None


def _plainly(error: Exception) -> OSError:
    """Return an OSError, a TimeoutError where the time ran out on the way."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return reason
    return error if isinstance(error, OSError) else OSError(str(error))
