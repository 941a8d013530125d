"""Signatures on their way: prepared here, signed somewhere else, or signed and waiting for their timestamp."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from webapp.core.errors import N_, SigningRefused


class PreparedState(StrEnum):
    """Where a prepared signing stands."""

    PREPARED = "prepared"  # the key has not been used
    SIGNED = "signed"  # the raw signature is kept; what lacks is the timestamp
    DONE = "done"
    EXPIRED = "expired"
    FAILED = "failed"


# A prepared signing is used within this time or never (as the one-time addresses of other products).
PREPARED_FOR: Final = dt.timedelta(minutes=15)
# How long to wait before the timestamp is asked for again: 1, 2, 4 … minutes, an hour at most; never given up.
STAMP_AGAIN: Final = dt.timedelta(minutes=1)
STAMP_AGAIN_MOST: Final = dt.timedelta(hours=1)
# After so many failures the administrators are told.
STAMP_ALARM: Final = 3


DOCUMENT: Final = 0
"""The number of the document itself among the files that are signed together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedSigning:
    """All that a signature needs to be completed.

    Its value (signing.protocol, plain JSON), the prepared file, and the raw signature once the key has given it.
    `attached`: what is signed together with it, the separate attachments by number.
    """

    value: Mapping[str, Any]
    pdf: bytes = field(repr=False)
    raw: bytes = field(default=b"", repr=False)
    attached: Mapping[int, "UnfinishedSigning"] = field(default_factory=dict, repr=False)

    @property
    def files(self) -> dict[int, "UnfinishedSigning"]:
        """What is signed together, by number: the document itself under 0, then its attachments."""
        return {DOCUMENT: self, **self.attached}


class StampPending(SigningRefused):
    """The key has signed and no time-stamping service answered: keep `unfinished`, the PIN is not needed again."""

    def __init__(self, unfinished: UnfinishedSigning, *, english: str = "") -> None:
        super().__init__(
            "timestamp_pending",
            N_("Đã ký. Dịch vụ dấu thời gian chưa trả lời; chương trình sẽ tự xin lại, không cần nhập mã PIN nữa."),
            english=english,
        )
        self.unfinished = unfinished


class KeyElsewhere(SigningRefused):
    """Not an error by itself: everything is prepared, and `unfinished` lacks what a key on another computer signs."""

    def __init__(self, unfinished: UnfinishedSigning) -> None:
        super().__init__(
            "key_elsewhere",
            N_("Khóa này nằm trên máy của bạn. Hãy ký ở trang ký, khi phần mềm ký trên máy đang chạy."),
            english="This key is on your own computer; sign on the signing page while the agent is running.",
        )
        self.unfinished = unfinished


def stamp_again_after(attempts: int) -> dt.timedelta:
    """Give how long to wait after so many failures."""
    doublings: int = 2 ** min(max(0, attempts - 1), 10)
    return min(STAMP_AGAIN * doublings, STAMP_AGAIN_MOST)
