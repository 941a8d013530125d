"""What can go wrong with a token, said so that the person holding it knows what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from signing.errors import KeystoreError, WrongPin


class TokenModuleMissing(KeystoreError):
    """The PKCS#11 library of the token is not installed, or not one of this machine's kind."""

    code = "token_module_missing"
    vi = "Chưa cài trình điều khiển (PKCS#11) của token trên máy này, hoặc đường dẫn không đúng."
    en = "The token's PKCS#11 library is not installed on this machine, or its path is wrong."


class TokenAbsent(KeystoreError):
    """No token is plugged in, or not the one asked for."""

    code = "token_absent"
    vi = "Không thấy token nào. Hãy cắm token vào máy rồi thử lại."
    en = "No token was found. Plug it in and try again."


class TokenPulled(KeystoreError):
    """The token went away after the PIN was given; what was signed before stays signed."""

    code = "token_pulled"
    vi = "Token đã bị rút ra hoặc mất kết nối. Hãy cắm lại rồi nhập PIN để ký tiếp."
    en = "The token was pulled out or lost its connection. Plug it in again and give the PIN to go on."


class TokenLocked(KeystoreError):
    """Too many wrong PINs: only the issuer can open it again."""

    code = "token_locked"
    vi = "Token đã bị khóa vì nhập sai PIN nhiều lần. Hãy liên hệ nơi cấp chứng thư số để mở khóa."
    en = "The token is locked after too many wrong PINs. Ask the issuer of the certificate to unlock it."


class TokenNotReady(KeystoreError):
    """The token has no PIN yet, or one that must be changed before the first use."""

    code = "token_not_ready"
    vi = "Token chưa đặt PIN hoặc bắt phải đổi PIN trước. Hãy đổi PIN bằng phần mềm của nhà cung cấp."
    en = "The token has no PIN yet or demands a new one. Change it with the vendor's program first."


class TokenBusy(KeystoreError):
    """Another program, or another signing here, holds the token."""

    code = "token_busy"
    vi = "Token đang được dùng ở chỗ khác. Hãy đóng chương trình kia hoặc chờ ký xong rồi thử lại."
    en = "The token is in use elsewhere. Close the other program or wait until it has finished."


class TokenFailed(KeystoreError):
    """Anything else the library reports."""

    code = "token_failed"
    vi = "Token báo lỗi. Hãy rút ra, cắm lại rồi thử lại."
    en = "The token reports an error. Unplug it, plug it in again and try again."


class TokenPinWrong(WrongPin):
    """A wrong PIN, with what the token tells of the tries that are left."""

    def __init__(self, *, low: bool = False, last: bool = False) -> None:
        if last:
            super().__init__(
                "Mã PIN không đúng. Chỉ còn MỘT lần thử: sai nữa token sẽ bị khóa.",
                "The PIN is wrong. ONE try is left: another wrong PIN locks the token.",
            )
        elif low:
            super().__init__(
                "Mã PIN không đúng. Token báo số lần thử đang giảm; sai nhiều lần sẽ bị khóa.",
                "The PIN is wrong. The token says that few tries are left; it locks after that.",
            )
        else:
            super().__init__()


class SeveralTokens(KeystoreError):
    """More than one token fits, so the choice would be a guess."""

    code = "several_tokens"

    def __init__(self, names: Sequence[str]) -> None:
        told = "; ".join(names)
        super().__init__(f"Có nhiều token đang cắm: {told}. Hãy chọn một.", f"Several tokens are plugged in: {told}.")


class NoSigningCertificate(KeystoreError):
    """The token holds no certificate that may sign, or not the one asked for."""

    code = "no_signing_certificate"

    def __init__(self, lines: Sequence[str] = ()) -> None:
        told = "; ".join(lines) or "token không có chứng thư nào"
        super().__init__(
            f"Không có chứng thư ký được trên token: {told}.", "The token holds no certificate that may sign here."
        )


class SeveralCertificates(KeystoreError):
    """Several certificates may sign; each is described so that a person can tell them apart."""

    code = "several_certificates"

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        told = "; ".join(lines)
        super().__init__(
            f"Token có nhiều chứng thư ký được, hãy chọn một: {told}.",
            "The token holds several certificates that may sign; name one by its fingerprint.",
        )


_GONE: Final = frozenset(
    {
        "DeviceRemoved",
        "TokenNotPresent",
        "SlotIDInvalid",
        "SessionHandleInvalid",
        "SessionClosed",
        "KeyHandleInvalid",
        "ObjectHandleInvalid",
        "UserNotLoggedIn",
        "DeviceError",
    }
)
_UNABLE: Final = frozenset({"MechanismInvalid", "MechanismParamInvalid", "FunctionNotSupported"})
"""Slots list what their library knows; some tokens in them know less, RSA-PSS above all."""
_BUSY: Final = frozenset({"UserAlreadyLoggedIn", "AnotherUserAlreadyLoggedIn", "SessionCount", "SessionExists"})
_UNREADY: Final = frozenset({"PinExpired", "UserPinNotInitialized"})


def is_unable(error: Exception) -> bool:
    """Tell whether a token could not do what its slot lists."""
    return type(error).__name__ in _UNABLE


def explained(error: Exception, *, at_login: bool = False) -> KeystoreError:
    """Turn the library's error into one that tells the holder what to do."""
    name = type(error).__name__
    if name == "PinLocked":
        return TokenLocked()
    if name in _UNREADY:
        return TokenNotReady()
    if name in _BUSY:
        return TokenBusy()
    if name in _GONE:
        return TokenAbsent() if at_login else TokenPulled()
    return TokenFailed()
