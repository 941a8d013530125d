"""Work that outlives a request: its kinds, its states, and how patient the program is with it."""

import datetime as dt
from enum import StrEnum
from typing import Final

from webapp.core.errors import N_, DomainError


class JobKind(StrEnum):
    """What a job does; each has one handler (webapp/jobs)."""

    EXPORT = "export"
    QUALITY = "quality"
    RETENTION = "retention"
    SIGNING = "signing"
    TIMESTAMP = "timestamp"
    LEDGER = "ledger"
    WORD = "word"
    WEBHOOKS = "webhooks"
    LETTERS = "letters"
    MAIL_CODE = "mail_code"
    PRESERVE = "preserve"


class JobStatus(StrEnum):
    """Where a job or one of its items stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED: Final = frozenset({JobStatus.WAITING, JobStatus.RUNNING})
# A job that was begun so often and never came to an end brings the program down: it is not begun again.
ATTEMPTS_MAX: Final = 3
RETRY_AFTER: Final = dt.timedelta(seconds=30)
INTERRUPTED: Final = N_("Việc này bị ngắt giữa chừng nhiều lần nên đã dừng. Hãy báo quản trị.")
BROKEN: Final = N_("Chương trình gặp lỗi khi làm việc này. Hãy báo quản trị.")


class LeaseLost(DomainError):
    """Somebody else took the job over: nothing of this attempt may be stored any more."""

    message = N_("Việc này đã được chuyển cho tiến trình khác.")


class JobCancelled(DomainError):
    """The person asked to stop."""

    message = N_("Đã dừng theo yêu cầu.")


class WorkerStopping(DomainError):
    """The work is to stop for now: the job goes back to the queue and counts no attempt."""

    message = N_("Máy chủ đang dừng; việc này sẽ được làm tiếp sau.")


def retry_after(attempts: int) -> dt.timedelta:
    """Give how long to wait after a failed attempt: 30 s, 1 min, then twice as long each time."""
    doublings: int = 2 ** max(0, attempts - 1)
    return RETRY_AFTER * doublings
