"""Heads' phones: what a code looks like, when a phone is let in, and when its silence is an alarm."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from webapp.core.accounts import is_idle
from webapp.core.errors import DeviceRefused

CODE_LIFE: Final = dt.timedelta(hours=24)
SILENT_AFTER: Final = dt.timedelta(days=3)
CONTACT_EVERY: Final = dt.timedelta(minutes=1)
NAME_MAX: Final = 80
UNSENT_MAX: Final = 100_000

# Said to phones alone, whose language is Vietnamese: not for the catalogue.
UNKNOWN: Final = "Điện thoại này chưa được nối với phường. Hãy quét mã QR do phường cấp."
_WITHDRAWN: Final = (
    "Phường đã thu hồi điện thoại này. Phiếu chưa gửi vẫn còn trên máy: hãy lưu ra tệp và đưa cho phường."
)
_DISABLED: Final = "Tài khoản đã ngừng dùng. Phiếu chưa gửi vẫn còn trên máy. Hãy báo phường mở lại tài khoản."
_RESET: Final = "Mật khẩu vừa được cấp lại. Hãy đăng nhập trên trang web và đặt mật khẩu riêng, rồi gửi lại phiếu."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What decides whether a phone is let in. Times are aware UTC."""

    enrolled_at: dt.datetime
    last_contact_at: dt.datetime
    withdrawn_at: dt.datetime | None
    account_created_at: dt.datetime
    account_last_seen_at: dt.datetime | None
    account_disabled_at: dt.datetime | None
    password_changed_at: dt.datetime | None
    must_change_password: bool


def check_usable(facts: DeviceFacts, *, now: dt.datetime, idle_days: int) -> None:
    """Refuse a phone that may not work now. Raises DeviceRefused.

    A head who never used the first password may use the phone all the same, for the QR code is the log-in; a password
    that was set anew after the phone came means that somebody doubts it, and waits for the person.
    """
    if facts.withdrawn_at is not None:
        raise DeviceRefused("device-withdrawn", _WITHDRAWN)
    used = (facts.account_created_at, facts.account_last_seen_at, facts.password_changed_at, facts.enrolled_at)
    if facts.account_disabled_at is not None or is_idle(*used, facts.last_contact_at, now=now, days=idle_days):
        raise DeviceRefused("account-disabled", _DISABLED)
    reset = facts.password_changed_at is not None and facts.password_changed_at > facts.enrolled_at
    if facts.must_change_password and reset:
        raise DeviceRefused("password-change-needed", _RESET)


def normal_code(typed: str) -> str:
    """Give the one form of a code: people type small letters, blanks and hyphens."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def spaced_code(code: str) -> str:
    """Write a code as people read it: `K7F2 QMWX 9A3B`."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def silence(last_contact_at: dt.datetime, round_began_at: dt.datetime | None, now: dt.datetime) -> dt.timedelta | None:
    """Give how long a phone has been silent in the open round, once that is an alarm; None as long as it is not.

    `round_began_at`: when the open round that began first started; None when no round is open. Before a round a phone
    has nothing to say.
    """
    if round_began_at is None:
        return None
    quiet = now - max(last_contact_at, round_began_at)
    return quiet if quiet > SILENT_AFTER else None
