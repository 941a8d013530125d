"""What each address of the API is for, takes and answers: read by the OpenAPI document and by the page of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from pydantic import BaseModel

from webapp.web.api import shapes
from webapp.web.shared.visit_body import VisitBody, VisitBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way in which an operation ends well. `shape` None: without a body."""

    status: int
    words: LazyString
    shape: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One address and method. `problems` are codes of problem documents, see PROBLEMS."""

    endpoint: str
    name: LazyString
    words: LazyString
    body: type[BaseModel] | None = None
    answers: tuple[Answer, ...]
    problems: tuple[str, ...] = ()
    by_device: bool = True
    may_know: bool = False
    """Whether the answer carries an ETag, so that it can be asked for with If-None-Match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """A problem's code: its status, and what a program does about it."""

    status: int
    words: LazyString


_DOOR: Final = ("token-unknown", "device-withdrawn", "account-disabled", "password-change-needed", "not-allowed")
_ANY: Final = ("too-fast", "server-error", "busy", "storage-full")
_BODY: Final = ("malformed", "too-large", "wrong-type")

_REFUSED: Final = (
    "not-found",
    "other-content",
    "stale-base",
    "wrong-state",
    "invalid-answers",
    "soft-checks",
    "round-closed",
    "round-locked",
    "group-closed",
    "group-locked",
)

OPERATIONS: Final = (
    Operation(
        endpoint="api.ping",
        name=_l("Có tới được phường không?"),
        words=_l("Điện thoại chỉ tin là có mạng khi đọc được đúng câu trả lời này."),
        answers=(Answer(status=200, words=_l("Máy chủ của phường trả lời."), shape=shapes.Ping),),
        by_device=False,
    ),
    Operation(
        endpoint="api.enrol",
        name=_l("Nối một điện thoại"),
        words=_l("Đổi mã dùng một lần lấy khóa của máy. Khóa chỉ được nói ra một lần, ở câu trả lời này."),
        body=shapes.Enrolment,
        answers=(Answer(status=201, words=_l("Đã nối."), shape=shapes.EnrolledDevice),),
        problems=(*_BODY, "code-unknown", "code-used", "code-expired", "not-allowed", *_ANY),
        by_device=False,
    ),
    Operation(
        endpoint="api.leave",
        name=_l("Máy tự rời đi"),
        words=_l("Khóa của máy này không dùng được nữa."),
        answers=(Answer(status=204, words=_l("Đã rời.")),),
        problems=(*_DOOR, *_ANY),
    ),
    Operation(
        endpoint="api.me",
        name=_l("Máy này của ai?"),
        words=_l("Tên tài khoản, phường và các tổ mà điện thoại được ghi phiếu."),
        answers=(Answer(status=200, words=_l("Thông tin của máy."), shape=shapes.Me),),
        problems=(*_DOOR, *_ANY),
    ),
    Operation(
        endpoint="api.reference",
        name=_l("Danh sách mang theo khi mất mạng"),
        words=_l("Đợt khảo sát, các hộ của tổ mình, câu trả lời lần trước và phiếu của đợt này. Không có tổ khác."),
        answers=(
            Answer(status=200, words=_l("Danh sách mới."), shape=shapes.Reference),
            Answer(status=304, words=_l("Điện thoại đã có bản này (If-None-Match).")),
        ),
        problems=(*_DOOR, *_ANY),
        may_know=True,
    ),
    Operation(
        endpoint="api.submit",
        name=_l("Gửi một phiếu"),
        words=_l(
            "Gửi lại cùng nội dung thì nhận lại cùng biên nhận, phiếu chỉ được lưu một lần. Sửa phiếu thì gửi kèm "
            "base_revision và lý do."
        ),
        body=VisitBody,
        answers=(
            Answer(status=201, words=_l("Đã lưu phiếu mới hoặc bản sửa."), shape=shapes.VisitReceipt),
            Answer(status=200, words=_l("Phường đã có phiếu này; biên nhận như lần đầu."), shape=shapes.VisitReceipt),
        ),
        problems=(*_BODY, *_DOOR, *_REFUSED, *_ANY),
    ),
    Operation(
        endpoint="api.submit_bundle",
        name=_l("Gửi nhiều phiếu một lần"),
        words=_l(
            "Tối đa 20 phiếu, cả gói không quá 256 KB. Mỗi phiếu được nhận hoặc bị từ chối riêng; status và nội dung "
            "như khi gửi một mình: receipt khi đã nhận, problem khi chưa."
        ),
        body=VisitBundle,
        answers=(Answer(status=200, words=_l("Từng phiếu, theo thứ tự đã gửi."), shape=shapes.BundleAnswers),),
        problems=(*_BODY, *_DOOR, *_ANY),
    ),
)

PROBLEMS: Final[Mapping[str, ProblemKind]] = MappingProxyType(
    {
        "malformed": ProblemKind(status=400, words=_l("Nội dung không đúng mẫu: chương trình gửi phải sửa.")),
        "token-unknown": ProblemKind(status=401, words=_l("Không có khóa, hoặc khóa lạ: nối lại điện thoại.")),
        "device-withdrawn": ProblemKind(status=401, words=_l("Phường đã thu hồi máy: giữ phiếu, lưu ra tệp.")),
        "account-disabled": ProblemKind(status=401, words=_l("Tài khoản đã ngừng dùng: giữ phiếu, báo phường.")),
        "password-change-needed": ProblemKind(
            status=401, words=_l("Mật khẩu vừa được cấp lại: đặt mật khẩu riêng trên trang web rồi gửi lại.")
        ),
        "not-allowed": ProblemKind(status=403, words=_l("Tài khoản không còn phụ trách tổ nào.")),
        "not-found": ProblemKind(status=404, words=_l("Không có đợt hoặc hộ này, hoặc không thuộc tổ của máy.")),
        "code-used": ProblemKind(status=410, words=_l("Mã đã được dùng trên một máy khác: xin mã mới.")),
        "code-expired": ProblemKind(status=410, words=_l("Mã đã quá 24 giờ: xin mã mới.")),
        "other-content": ProblemKind(
            status=409,
            words=_l("Cùng số phiếu, khác nội dung; current_revision và current_sha256 là bản đang lưu."),
        ),
        "stale-base": ProblemKind(status=409, words=_l("Có người sửa phiếu trước: xem bản mới nhất rồi sửa lại.")),
        "wrong-state": ProblemKind(status=409, words=_l("Phiếu đã duyệt hoặc đã chốt nên không sửa được.")),
        "too-large": ProblemKind(status=413, words=_l("Nội dung lớn hơn 256 KB.")),
        "wrong-type": ProblemKind(status=415, words=_l("Chỉ nhận application/json.")),
        "code-unknown": ProblemKind(status=422, words=_l("Mã không đúng: xem lại mã trên giấy.")),
        "invalid-answers": ProblemKind(status=422, words=_l("Câu trả lời chưa đúng; errors nói từng chỗ cần sửa.")),
        "soft-checks": ProblemKind(
            status=422, words=_l("Có điều khác thường (chỉ khi source là api): xác nhận từng câu trong confirmed.")
        ),
        "round-closed": ProblemKind(status=423, words=_l("Đợt khảo sát không mở: giữ phiếu, có thể gửi lại sau.")),
        "round-locked": ProblemKind(status=423, words=_l("Đợt khảo sát đã chốt.")),
        "group-closed": ProblemKind(status=423, words=_l("Tổ đã đóng trong đợt này: giữ phiếu, có thể gửi lại sau.")),
        "group-locked": ProblemKind(status=423, words=_l("Số liệu của tổ trong đợt đã chốt.")),
        "too-fast": ProblemKind(status=429, words=_l("Gửi nhanh quá: đợi theo Retry-After.")),
        "server-error": ProblemKind(status=500, words=_l("Máy chủ gặp lỗi: gửi lại sau.")),
        "busy": ProblemKind(status=503, words=_l("Máy chủ đang bận: đợi theo Retry-After rồi gửi lại.")),
        "storage-full": ProblemKind(status=507, words=_l("Máy chủ hết chỗ lưu: giữ phiếu, báo phường.")),
    }
)
