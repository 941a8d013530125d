"""Errors as programs read them: RFC 9457 problem documents, always in Vietnamese, for everything under /api/v1/."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import Response, request

from webapp.core import errors as domain
from webapp.core.errors import Problem

PLACE: Final = "/api/v1/"

# What is said when nobody knows better: machine name and words, by status.
WORDS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("malformed", "Nội dung gửi lên không đúng mẫu."),
    401: ("token-unknown", "Điện thoại này chưa được nối với phường. Hãy quét mã QR do phường cấp."),
    403: ("not-allowed", "Tài khoản của bạn không có quyền làm việc này."),
    404: ("not-found", "Không tìm thấy nội dung này."),
    405: ("method-not-allowed", "Địa chỉ này không nhận cách gọi này."),
    408: ("too-slow", "Máy gửi chậm quá nên máy chủ đã ngắt. Hãy gửi lại."),
    409: ("conflict", "Có người khác vừa thay đổi nội dung này."),
    413: ("too-large", "Nội dung gửi lên lớn quá."),
    415: ("wrong-type", "Chỉ nhận nội dung kiểu application/json."),
    422: ("invalid-answers", "Có lỗi cần sửa."),
    429: ("too-fast", "Máy này gửi nhanh quá. Hãy đợi một phút rồi gửi lại."),
    500: ("server-error", "Máy chủ gặp lỗi. Nội dung chưa được lưu; hãy gửi lại sau."),
    503: ("busy", "Máy chủ đang bận. Hãy gửi lại sau ít giây."),
    507: ("storage-full", "Máy chủ đã hết chỗ lưu. Nội dung chưa được lưu; hãy báo phường."),
}
WAIT_SECONDS: Final[Mapping[int, int]] = {429: 60, 503: 5}


def wants_problem() -> bool:
    """Tell whether a program asks: it gets a problem document, people get a page."""
    return request.path.startswith(PLACE)


def problem(
    status: int, code: str = "", detail: str = "", *, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """Make the document. `more` are members of their own, such as `errors` or `current_revision`."""
    known = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    code = code or known[0]
    document: dict[str, Any] = {
        "type": f"/api/docs#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or known[1],
        "code": code,
        **more,
    }
    answer = Response(json.dumps(document, ensure_ascii=False), status, content_type="application/problem+json")
    if status in WAIT_SECONDS:
        answer.headers["Retry-After"] = str(WAIT_SECONDS[status])
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers.update(headers or {})
    return answer


def problem_of(error: domain.DomainError, status: int) -> Response:
    """Make the document of what the domain refused."""
    if isinstance(error, domain.RoundShut):
        return problem(423, error.code, error.text())
    if isinstance(error, domain.InvalidInput):
        return problem(status, error.code, error.text(), errors=field_errors(error.problems))
    if isinstance(error, domain.VisitClash):
        return problem(status, error.code, error.text(), current_revision=error.revision, current_sha256=error.sha256)
    return problem(status, error.code, error.text())


def field_errors(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Give what is wrong, field by field (paths as in core.survey_checks)."""
    return [{"field": found.field, "message": found.text()} for found in problems]
