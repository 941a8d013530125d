"""The morning's letter: where it goes, when it is tried again, what it says. Counts only, never a resident's name."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from webapp.core.errors import N_, Problem
from webapp.core.waiting import IN_LETTER, WORDS, Waiting

EMAIL_MOST: Final = 254
MORNING: Final = (dt.time(7, 0), dt.time(12, 0))
WORKING_DAYS: Final = range(5)
"""Monday to Friday."""
WAITS: Final = tuple(dt.timedelta(minutes=minutes) for minutes in (5, 15, 60, 120))
TRIES_MOST: Final = len(WAITS) + 1
CODE_LASTS: Final = dt.timedelta(minutes=30)
CODE_AGAIN: Final = dt.timedelta(minutes=1)
CODE_TRIES_MOST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An e-mail. `key` names it: tried twice it is still one letter for a mail program."""

    to: str = field(repr=False)
    key: str
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    """Sends e-mail through the ward's server."""

    def send(self, letter: Letter) -> None:
        """Send. Raises MailFailed."""


class MailTrouble(StrEnum):
    """Why a letter did not go out."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    LOGIN = "login"
    SERVER = "server"
    ADDRESS = "address"


class MailFailed(Exception):
    """The mail server did not take the letter. Says what kind of failure, and nothing of the letter."""

    def __init__(self, trouble: MailTrouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble

    @property
    def everybody(self) -> bool:
        """Whether the server itself fails, so that the next letter would meet the same."""
        return self.trouble is not MailTrouble.ADDRESS


def is_morning(here: dt.datetime) -> bool:
    """Tell whether letters go out at this moment of the ward's clock."""
    return here.weekday() in WORKING_DAYS and MORNING[0] <= here.time() < MORNING[1]


def next_try(tries: int) -> dt.timedelta | None:
    """Give how long to wait after so many tries in vain; None: give up for the day."""
    return None if tries >= TRIES_MOST else WAITS[tries - 1]


def new_code() -> str:
    """Make the six digits that show that somebody reads an address."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_letter(to: str, code: str, *, key: str) -> Letter:
    """Write the letter with the code."""
    text = (
        f"Mã xác nhận địa chỉ nhận thư nhắc việc: {code}\n\n"
        "Nhập mã này ở trang Nhắc việc qua e-mail trong vòng 30 phút.\n"
        "Nếu bạn không yêu cầu, hãy bỏ qua thư này.\n"
    )
    return Letter(to=to, key=key, subject="Mã xác nhận địa chỉ e-mail", text=text)


def morning_letter(to: str, name: str, waiting: Sequence[Waiting], *, page: str, key: str) -> Letter | None:
    """Write the morning's letter; None when nothing waits that is worth a letter."""
    lines = [f"- {one.count} {WORDS[one.kind]}" for one in waiting if one.kind in IN_LETTER]
    if not lines:
        return None
    text = "\n".join(
        [
            f"Chào {name},",
            "",
            "Hôm nay đang chờ bạn:",
            *lines,
            "",
            f"Xem từng việc: {page}",
            "",
            "Thư này do máy gửi, không cần trả lời. Muốn thôi nhận: mở Tài khoản của tôi, Nhắc việc qua e-mail.",
            "",
        ]
    )
    return Letter(to=to, key=key, subject="Việc đang chờ bạn hôm nay", text=text)


def check_email(text: str) -> list[Problem]:
    """Give what is wrong with the form of an e-mail address."""
    local, at, domain = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' <>(),;:"\\[]')
    whole = all(part for part in domain.split(".")) and "." in domain
    if not (at and local and whole and plain) or len(text) > EMAIL_MOST or "@" in local:
        return [Problem("email", N_("Địa chỉ e-mail chưa đúng. Ví dụ: ten@phuong.gov.vn"))]
    return []
