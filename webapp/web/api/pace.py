"""How fast a phone may ask: far beyond what a full outbox needs, and still a bound for one that went mad."""

import threading
import time
from typing import Final
from uuid import UUID

from werkzeug.exceptions import TooManyRequests

from webapp.web.shared.wiring import settings

PER_MINUTE: Final = 600
"""Requests of one phone in a minute, in each process. Sixty phones that send fifty visits each need fifty."""

_lock = threading.Lock()
_window: dict[str, int] = {"minute": 0}
_asked: dict[UUID, int] = {}


def check_pace(device_id: UUID) -> None:
    """Count a request. Raises TooManyRequests beyond the bound.

    Own counting instead of flask-limiter's: it costs a microsecond where a visit is to cost little more than its
    insert. The minute is the server's own, not the ward's clock.
    """
    minute = int(time.monotonic() // 60)
    with _lock:
        if _window["minute"] != minute:
            _window["minute"] = minute
            _asked.clear()
        count = _asked[device_id] = _asked.get(device_id, 0) + 1
    if count > PER_MINUTE and settings().rate_limits:
        raise TooManyRequests(retry_after=60)
