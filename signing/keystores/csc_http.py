"""The wire of the CSC API: JSON over HTTPS to one configured address, and its errors in our words."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib import error as url_error
from urllib import parse as url_parse
from urllib import request as url_request

from signing.errors import KeystoreError, WrongPin
from signing.model import Json

MAX_REPLY_BYTES: Final = 1024 * 1024


class CscUnreachable(KeystoreError):
    """No answer, or none in time."""

    code = "csc_unreachable"
    vi = "Dịch vụ ký từ xa không trả lời. Văn bản chưa được ký; hãy thử lại sau ít phút."
    en = "The remote signing service does not answer. Nothing was signed; try again in a few minutes."


class CscRefused(KeystoreError):
    """The provider said no for another reason than PIN or code; `reason` is its machine word."""

    code = "csc_refused"
    vi = "Dịch vụ ký từ xa từ chối yêu cầu. Văn bản chưa được ký."
    en = "The remote signing service refused the request. Nothing was signed."

    def __init__(self, reason: str = "") -> None:
        self.reason = reason if reason.isascii() and reason.replace("_", "").isalnum() else ""
        say = f" ({self.reason[:40]})" if self.reason else ""
        super().__init__(self.vi[:-1] + say + ".", self.en[:-1] + say + ".")


class CscAccess(CscRefused):
    """The ward's own access to the provider does not hold."""

    code = "csc_access"
    vi = "Dịch vụ ký từ xa không chấp nhận tài khoản kết nối của phường. Hãy báo quản trị."
    en = "The remote signing service does not accept the ward's access. Tell the administrator."


class CscAnswerUnreadable(KeystoreError):
    """The answer is not what the API prescribes."""

    code = "csc_answer_unreadable"
    vi = "Dịch vụ ký từ xa trả lời không đúng chuẩn. Văn bản chưa được ký."
    en = "The remote signing service gave an answer outside the standard. Nothing was signed."


class WrongCode(KeystoreError):
    """The one-time code is wrong or used up."""

    code = "wrong_code"
    vi = "Mã dùng một lần không đúng hoặc đã hết hạn. Hãy lấy mã mới."
    en = "The one-time code is wrong or expired. Get a new one."


@dataclass(frozen=True, slots=True, kw_only=True)
class CscService:
    """A provider: address before `/csc/v1`, and the ward's access: a bearer token, or a client's name and secret.

    `patience` is how many seconds a person may take to confirm on a phone.
    """

    url: str
    token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    timeout: float = 30.0
    patience: float = 300.0


class CscApi:
    """Calls of one service. Raises WrongPin, WrongCode, CscRefused, CscAccess, CscUnreachable, CscAnswerUnreadable."""

    def __init__(self, service: CscService) -> None:
        if url_parse.urlsplit(service.url).scheme not in {"http", "https"}:
            raise ValueError("a signing service's address begins with https://")
        self._service = service
        self._token = service.token
        self._opener = url_request.build_opener(_NoRedirect)

    def post(self, endpoint: str, body: Json, *, slow: bool = False) -> dict[str, Any]:
        """Call an endpoint; `slow` waits for a person."""
        if not self._token and self._service.client_id:
            self._token = self._log_in()
        address = f"{self._service.url.rstrip('/')}/csc/v1/{endpoint}"
        content, kind = json.dumps(body).encode(), "application/json"
        return self._ask(address, content, kind, self._service.patience if slow else self._service.timeout)

    def _log_in(self) -> str:
        """Get a token for the ward as a client (OAuth 2.0, RFC 6749 section 4.4)."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._service.client_id,
            "client_secret": self._service.client_secret,
        }
        address = f"{self._service.url.rstrip('/')}/oauth2/token"
        content = url_parse.urlencode(form).encode()
        answer = self._ask(address, content, "application/x-www-form-urlencoded", self._service.timeout)
        if not isinstance(answer.get("access_token"), str):
            raise CscAnswerUnreadable
        return str(answer["access_token"])

    def _ask(self, address: str, content: bytes, kind: str, timeout: float) -> dict[str, Any]:
        headers = {"Content-Type": kind, "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = url_request.Request(address, data=content, headers=headers)  # noqa: S310 - scheme checked above
        try:
            with self._opener.open(request, timeout=timeout) as reply:
                body = reply.read(MAX_REPLY_BYTES + 1)
        except url_error.HTTPError as error:
            with error:
                raise _refusal(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise CscUnreachable from error
        return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body) if len(body) <= MAX_REPLY_BYTES else None
    except ValueError as error:
        raise CscAnswerUnreadable from error
    if not isinstance(answer, dict):
        raise CscAnswerUnreadable
    return answer


def _refusal(error: url_error.HTTPError) -> KeystoreError:
    """Read the error object (CSC 1.0.4, 10.1); what the provider writes for people is not passed on."""
    try:
        reason = str(_object(error.read(MAX_REPLY_BYTES + 1)).get("error", ""))
    except (CscAnswerUnreadable, OSError):
        reason = ""
    if reason == "invalid_pin":
        return WrongPin()
    if reason == "invalid_otp":
        return WrongCode()
    if error.code in {401, 403}:
        return CscAccess(reason)
    if error.code >= 500 or 300 <= error.code < 400:
        return CscUnreachable()
    return CscRefused(reason)


class _NoRedirect(url_request.HTTPRedirectHandler):
    """The PIN goes to the address that the administrator named and to no other."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None
