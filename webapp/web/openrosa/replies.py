"""Answers as OpenRosa words them. 200 is never an answer to a submission: Collect takes it for a captive portal."""

from typing import Final
from xml.sax.saxutils import escape

import structlog
from flask import Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from webapp.core import errors as domain
from webapp.core.odk_instance import Malformed
from webapp.services.odk_submissions import NoSuchHousehold
from webapp.web.extensions import db
from webapp.web.openrosa.blueprint import bp
from webapp.web.openrosa.door import REALM, NotLoggedIn, sender
from webapp.web.shared.refusals import note_refusal

ACCEPTED: Final = 10 * 1024 * 1024
RETRY_AFTER: Final = 30
_STATUS: Final[dict[type[domain.DomainError], int]] = {
    NotLoggedIn: 401,
    domain.DeviceRefused: 401,
    Malformed: 400,
    NoSuchHousehold: 403,
    domain.NotFound: 404,
    domain.NotAllowed: 403,
    domain.WrongState: 403,
    domain.Conflict: 409,
    domain.InvalidInput: 400,
    domain.StorageFull: 507,
}
# What Collect shows to the person, always in Vietnamese as everything that a phone is told.
_WORDS: Final = {
    400: "Phiếu gửi lên không đọc được.",
    404: "Không tìm thấy nội dung này.",
    413: "Phiếu và tệp kèm theo lớn quá 10 MB.",
    429: "Đăng nhập sai nhiều lần. Đợi một lúc rồi thử lại.",
    503: "Máy chủ đang bận. Phiếu vẫn còn trên máy; hãy gửi lại sau.",
}

log = structlog.get_logger()


def xml(body: str, status: int = 200) -> Response:
    """Answer with XML and the protocol's version."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return with_headers(Response(text, status, content_type="text/xml; charset=utf-8"))


def with_headers(response: Response) -> Response:
    """Add what every answer of the protocol carries (Date is the server's)."""
    response.headers["X-OpenRosa-Version"] = "1.0"
    response.headers["X-OpenRosa-Accept-Content-Length"] = str(ACCEPTED)
    return response


def reply(status: int, message: str) -> Response:
    """Answer with a status and words for the person who sends."""
    return xml(
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="">{escape(message)}</message></OpenRosaResponse>',
        status,
    )


@bp.errorhandler(domain.DomainError)
def _domain_error(error: domain.DomainError) -> Response:
    db.session.rollback()
    if isinstance(error, domain.RoundShut):
        note_refusal(error, sender())
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    response = reply(status, error.text())
    if status == 401:
        response.headers["WWW-Authenticate"] = REALM
    return response


@bp.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = reply(status, _WORDS.get(status, domain.DomainError.message))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


@bp.errorhandler(OperationalError)
def _busy(error: OperationalError) -> Response:
    db.session.rollback()
    log.error("database refused", reason=type(error.orig).__name__, path=request.path)
    response = reply(503, _WORDS[503])
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
