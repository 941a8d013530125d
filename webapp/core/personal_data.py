"""Personal data under Law 91/2025/QH15 and Decree 356/2025/NĐ-CP: what is kept and why, and what residents may ask for.

The bases below are what the ward starts from; whether each holds is a legal question, so a person of the ward confirms
or changes the text (domain.md §6).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from webapp.core.errors import N_, WrongState

_STATE_DUTY: Final = N_("Điểm c khoản 1 Điều 19 Luật 91/2025/QH15: phục vụ hoạt động của cơ quan nhà nước theo luật.")


class FieldCode(StrEnum):
    """A kind of personal data that the program keeps."""

    HEAD_NAME = "head_name"
    ADDRESS = "address"
    ANSWERS = "answers"
    NOTE = "note"
    ACCOUNT = "account"
    TRACES = "traces"
    DEVICE = "device"
    SIGNATURE = "signature"
    REQUEST = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalField:
    """What is kept, what for, on which basis, for how long and who sees it. All texts are catalogue ids."""

    name: str
    purpose: str
    basis: str
    kept: str
    seen_by: str


FIELDS: Final[Mapping[FieldCode, PersonalField]] = MappingProxyType(
    {
        FieldCode.HEAD_NAME: PersonalField(
            name=N_("Họ tên chủ hộ"),
            purpose=N_("Tìm đúng hộ khi khảo sát hạ tầng số."),
            basis=_STATE_DUTY,
            kept=N_("Đến khi hộ rời phường hoặc yêu cầu xóa được chấp nhận; lưu mã hóa, mỗi hộ một khóa."),
            seen_by=N_("Tổ trưởng của tổ, người làm thống kê, lãnh đạo, người kiểm tra."),
        ),
        FieldCode.ADDRESS: PersonalField(
            name=N_("Địa chỉ hộ"),
            purpose=N_("Tìm đúng hộ khi khảo sát hạ tầng số."),
            basis=_STATE_DUTY,
            kept=N_("Như họ tên chủ hộ."),
            seen_by=N_("Tổ trưởng của tổ, người làm thống kê, lãnh đạo, người kiểm tra."),
        ),
        FieldCode.ANSWERS: PersonalField(
            name=N_("Câu trả lời của hộ: giới tính, nhóm tuổi, thiết bị, định danh, chữ ký, kết nối"),
            purpose=N_("Tính các chỉ tiêu của kế hoạch hạ tầng số (mục III)."),
            basis=_STATE_DUTY,
            kept=N_("Giữ làm số liệu thống kê; không gắn với tên người trong hộ."),
            seen_by=N_("Tổ trưởng của tổ, người làm thống kê, lãnh đạo, người kiểm tra."),
        ),
        FieldCode.NOTE: PersonalField(
            name=N_("Ghi chú của phiếu"),
            purpose=N_("Giải thích một câu trả lời khác thường."),
            basis=_STATE_DUTY,
            kept=N_("Xóa cùng họ tên khi yêu cầu xóa được chấp nhận."),
            seen_by=N_("Tổ trưởng của tổ, người làm thống kê, lãnh đạo, người kiểm tra."),
        ),
        FieldCode.ACCOUNT: PersonalField(
            name=N_("Tài khoản: họ tên, chức vụ, tên đăng nhập"),
            purpose=N_("Biết ai đã nhập, duyệt và ký."),
            basis=N_("Quy chuẩn QCVN 12:2026/BCA; quan hệ công vụ, nhiệm vụ được giao."),
            kept=N_("Giữ cùng hồ sơ công việc của người đó."),
            seen_by=N_("Quản trị, người kiểm tra; người cùng xử lý một văn bản."),
        ),
        FieldCode.TRACES: PersonalField(
            name=N_("Nhật ký: thời điểm, địa chỉ mạng của người dùng"),
            purpose=N_("Phát hiện truy cập trái phép."),
            basis=N_("Quy chuẩn QCVN 12:2026/BCA: lưu nhật ký ít nhất 12 tháng."),
            kept=N_("Ít nhất 12 tháng."),
            seen_by=N_("Quản trị, người kiểm tra."),
        ),
        FieldCode.DEVICE: PersonalField(
            name=N_("Máy của tổ trưởng: tên máy, lần liên lạc cuối"),
            purpose=N_("Biết phiếu nào chưa về phường; thu hồi máy bị mất."),
            basis=_STATE_DUTY,
            kept=N_("Đến khi thu hồi máy và hết đợt khảo sát."),
            seen_by=N_("Người làm thống kê, quản trị."),
        ),
        FieldCode.SIGNATURE: PersonalField(
            name=N_("Chứng thư chữ ký số và hình chữ ký của người ký"),
            purpose=N_("Ký số và kiểm tra văn bản của phường."),
            basis=N_("Luật Giao dịch điện tử 20/2023/QH15; Nghị định 30/2020/NĐ-CP."),
            kept=N_("Theo thời hạn lưu của văn bản đã ký."),
            seen_by=N_("Người nhận văn bản; ai cầm văn bản cũng kiểm tra được."),
        ),
        FieldCode.REQUEST: PersonalField(
            name=N_("Yêu cầu của người dân: họ tên, cách liên hệ, nội dung"),
            purpose=N_("Trả lời yêu cầu về dữ liệu cá nhân đúng hạn."),
            basis=N_("Luật 91/2025/QH15, Nghị định 356/2025/NĐ-CP: trả lời và lưu kết quả xử lý."),
            kept=N_("Lưu mã hóa cùng sổ yêu cầu."),
            seen_by=N_("Người làm thống kê, văn thư, lãnh đạo, người kiểm tra."),
        ),
    }
)


class RequestKind(StrEnum):
    """What a resident asks for."""

    VIEW = "view"
    CORRECT = "correct"
    SUPPLY = "supply"
    WITHDRAW = "withdraw"
    RESTRICT = "restrict"
    OBJECT = "object"
    DELETE = "delete"
    PROTECT = "protect"


class RequestStatus(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    ANSWERED = "answered"
    DONE = "done"
    REFUSED = "refused"


REQUEST_MOVES: Final[Mapping[RequestStatus, frozenset[RequestStatus]]] = MappingProxyType(
    {
        RequestStatus.RECEIVED: frozenset({RequestStatus.ANSWERED, RequestStatus.DONE, RequestStatus.REFUSED}),
        RequestStatus.ANSWERED: frozenset({RequestStatus.DONE, RequestStatus.REFUSED}),
        RequestStatus.DONE: frozenset(),
        RequestStatus.REFUSED: frozenset(),
    }
)

ANSWER_WORKING_DAYS: Final = 2
"""Days of work until the first answer."""

# Days to carry a request out, and the most by which that may be prolonged once (Decree 356/2025).
DAYS: Final[Mapping[RequestKind, int]] = MappingProxyType(
    {
        RequestKind.VIEW: 10,
        RequestKind.CORRECT: 10,
        RequestKind.SUPPLY: 10,
        RequestKind.WITHDRAW: 15,
        RequestKind.RESTRICT: 15,
        RequestKind.OBJECT: 15,
        RequestKind.DELETE: 20,
        RequestKind.PROTECT: 15,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The last days for the first answer and for the whole request."""

    answer_on: dt.date
    due_on: dt.date


def deadlines(kind: RequestKind, received_on: dt.date, *, extended: bool = False) -> Deadlines:
    """Count from the day after receipt. Public holidays are not known here: the true answer day is never earlier."""
    days = DAYS[kind] * (2 if extended else 1)
    return Deadlines(
        answer_on=_working_days_after(received_on, ANSWER_WORKING_DAYS), due_on=received_on + dt.timedelta(days)
    )


def check_request_move(current: RequestStatus, wanted: RequestStatus) -> None:
    """Refuse what the table does not allow: a request that was decided stays as it was decided."""
    if wanted not in REQUEST_MOVES[current]:
        raise WrongState(N_("Yêu cầu này đã được giải quyết trước đó."))


def _working_days_after(day: dt.date, count: int) -> dt.date:
    while count:
        day += dt.timedelta(1)
        count -= day.weekday() < 5
    return day
