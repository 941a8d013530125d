"""The columns a household workbook may have, and how people really head them.

The synonyms come from survey forms of wards and their Excel summaries; what a column means is domain.md §3 and §4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from webapp.core.errors import N_
from webapp.core.text import fold

# How the cells of a column are read.
ColumnKind = Literal["text", "count", "yes_no", "date", "group", "outcome", "speed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that an import knows. `headings` are folded, most usual first."""

    key: str
    label: str
    kind: ColumnKind
    headings: tuple[str, ...]
    required: bool = False
    hint: str = ""
    maximum: int = 0


def _column(
    key: str, label: str, kind: ColumnKind, headings: str, *, required: bool = False, hint: str = "", maximum: int = 0
) -> Column:
    folded = tuple(fold(heading) for heading in headings.split("|"))
    return Column(key=key, label=label, kind=kind, headings=folded, required=required, hint=hint, maximum=maximum)


COLUMNS: Final[tuple[Column, ...]] = (
    _column(
        "group",
        N_("Tổ dân phố"),
        "group",
        "tổ dân phố | tổ | TDP | tổ dân phố số | khu phố | tên tổ | thuộc tổ | tổ số | địa bàn | thôn tổ dân "
        "phố | thôn",
    ),
    _column(
        "number",
        N_("Số thứ tự hộ"),
        "count",
        "STT | số hộ | TT | số thứ tự | số thứ tự hộ | mã hộ | hộ số | stt hộ | số TT | số phiếu",
        maximum=99_999,
        hint=N_("Số của hộ trong danh sách tổ. Chọn “Bỏ qua cột này” nếu chỉ là số dòng của bảng."),
    ),
    _column(
        "head_name",
        N_("Họ tên chủ hộ"),
        "text",
        "họ và tên chủ hộ | họ tên chủ hộ | chủ hộ | họ và tên | họ tên | tên chủ hộ | hộ gia đình | đại diện "
        "hộ | họ tên đại diện hộ gia đình",
        required=True,
    ),
    _column(
        "address",
        N_("Địa chỉ"),
        "text",
        "địa chỉ | nơi ở | số nhà | địa chỉ thường trú | chỗ ở | nơi cư trú | số nhà đường | địa chỉ nhà | "
        "nơi ở hiện nay",
    ),
    _column(
        "residents",
        N_("Số người trong hộ"),
        "count",
        "số nhân khẩu | nhân khẩu | số khẩu | số người | tổng số người | số người trong hộ | tổng nhân khẩu | "
        "số thành viên | khẩu | NK",
        required=True,
        maximum=99,
    ),
    _column(
        "adults",
        N_("Số người lớn (từ 18 tuổi)"),
        "count",
        "số người lớn | người lớn | người từ 18 tuổi trở lên | số người trên 18 tuổi | người trưởng thành | "
        "từ 18 tuổi | số người trưởng thành | 18 tuổi trở lên | trên 18 tuổi | người đủ 18 tuổi",
        required=True,
        maximum=60,
    ),
    _column(
        "residents_14plus",
        N_("Số người từ 14 tuổi"),
        "count",
        "người từ 14 tuổi trở lên | số người từ đủ 14 tuổi | từ 14 tuổi | trên 14 tuổi | 14 tuổi trở lên",
        maximum=99,
    ),
    _column(
        "residents_15plus",
        N_("Số người từ 15 tuổi"),
        "count",
        "người từ 15 tuổi trở lên | số người từ đủ 15 tuổi | từ 15 tuổi | 15 tuổi trở lên",
        maximum=99,
    ),
    _column(
        "smartphone_adults",
        N_("Người lớn có điện thoại thông minh"),
        "count",
        "điện thoại thông minh có | số điện thoại thông minh | điện thoại thông minh | người có điện thoại "
        "thông minh | smartphone | số người dùng điện thoại thông minh | số điện thoại TM | ĐTTM | ĐT thông "
        "minh | có smartphone | người lớn có điện thoại thông minh | số người lớn có điện thoại thông minh | "
        "điện thoại TM",
        maximum=60,
    ),
    _column(
        "without_smartphone",
        N_("Người lớn không có điện thoại thông minh"),
        "count",
        "điện thoại thông minh không | không có điện thoại thông minh | chưa có điện thoại thông minh | điện "
        "thoại thông minh chưa",
        maximum=60,
    ),
    _column(
        "digital_id_residents",
        N_("Người có căn cước hoặc số định danh"),
        "count",
        "số định danh cá nhân | định danh số | có căn cước | căn cước công dân | CCCD | thẻ căn cước | căn "
        "cước | số người có căn cước | danh tính số | số người có CCCD | số người có danh tính số | mã định "
        "danh | số người có số định danh",
        maximum=99,
    ),
    _column(
        "vneid_l2",
        N_("Người có VNeID mức 2"),
        "count",
        "VNeID mức 2 | định danh mức 2 | định danh điện tử mức 2 | VNeID mức độ 2 | định danh điện tử mức độ "
        "2 | tài khoản định danh điện tử mức 2 | tài khoản VNeID mức 2 | VNeID | số người có VNeID mức 2 | "
        "kích hoạt VNeID mức 2 | ĐDĐT mức 2",
        maximum=99,
    ),
    _column(
        "esignature_adults",
        N_("Người lớn có chữ ký số hoặc chữ ký điện tử"),
        "count",
        "chữ ký số hoặc chữ ký điện tử | chữ ký điện tử | chữ ký số chữ ký điện tử | CKĐT | chữ ký số CKĐT | "
        "có chữ ký số hoặc điện tử | số người có chữ ký số hoặc chữ ký điện tử | người có chữ ký điện tử | "
        "chữ ký điện tử cá nhân | chữ ký số điện tử",
        maximum=60,
        hint=N_("Mỗi người đếm một lần dù có cả hai loại. Mã OTP và đăng nhập VNeID không phải là chữ ký điện tử."),
    ),
    _column(
        "digital_signature_adults",
        N_("Người lớn có chữ ký số (chứng thư số)"),
        "count",
        "chữ ký số | chứng thư số | CKS | có chữ ký số | người có chữ ký số | số người có chữ ký số | chữ ký "
        "số cá nhân",
        maximum=60,
    ),
    _column(
        "fibre_covered",
        N_("Cáp quang đã đến nhà (phủ)"),
        "yes_no",
        "cáp quang phủ | đã phủ cáp quang | phủ cáp quang | có cáp quang đi qua | hạ tầng cáp quang | phủ cáp quang có",
    ),
    _column(
        "fibre_covered_no",
        N_("Cáp quang đã đến nhà – cột “Không”"),
        "yes_no",
        "phủ cáp quang không | cáp quang phủ không",
    ),
    _column(
        "fibre_connected",
        N_("Cáp quang đang dùng"),
        "yes_no",
        "cáp quang | internet cáp quang | kết nối cáp quang | lắp cáp quang | internet | wifi | có internet "
        "cáp quang | đăng ký cáp quang | cáp quang có | internet cáp quang có | sử dụng internet cáp quang | "
        "dùng cáp quang | kết nối internet cáp quang",
    ),
    _column(
        "fibre_connected_no",
        N_("Cáp quang đang dùng – cột “Không”"),
        "yes_no",
        "cáp quang không | internet cáp quang không | kết nối cáp quang không | chưa kết nối cáp quang | "
        "không có cáp quang",
    ),
    _column(
        "fibre_speed",
        N_("Tốc độ cáp quang"),
        "speed",
        "tốc độ | tốc độ cáp quang | tốc độ internet | băng thông | tốc độ mbps | tốc độ mạng | gói cước tốc độ "
        "| tốc độ mb s | cáp quang tốc độ | internet cáp quang tốc độ | internet tốc độ | kết nối cáp quang tốc độ",
    ),
    _column(
        "iot_connections",
        N_("Số kết nối IoT"),
        "count",
        "kết nối IoT | IoT | thiết bị IoT | số thiết bị IoT | số kết nối IoT | thiết bị thông minh | thiết bị "
        "kết nối internet | camera thiết bị IoT",
        maximum=9_999,
    ),
    _column(
        "payment_accounts",
        N_("Người có tài khoản thanh toán điện tử"),
        "count",
        "tài khoản thanh toán | tài khoản ngân hàng | thanh toán điện tử | tài khoản thanh toán điện tử | "
        "thanh toán không dùng tiền mặt | ví điện tử | số người có tài khoản thanh toán điện tử | tài khoản "
        "ngân hàng ví điện tử",
        maximum=99,
    ),
    _column(
        "visited_on",
        N_("Ngày khảo sát"),
        "date",
        "ngày khảo sát | ngày | ngày điều tra | ngày thu thập | ngày thăm | ngày phỏng vấn | thời gian khảo "
        "sát | ngày lập phiếu",
    ),
    _column(
        "outcome",
        N_("Kết quả gặp hộ"),
        "outcome",
        "kết quả | kết quả khảo sát | tình trạng | kết quả gặp | tình trạng hộ | trạng thái | kết quả gặp hộ",
    ),
    _column(
        "note",
        N_("Ghi chú"),
        "text",
        "ghi chú | ý kiến | chú thích | lưu ý",
    ),
)
BY_KEY: Final[Mapping[str, Column]] = MappingProxyType({column.key: column for column in COLUMNS})
REQUIRED: Final = tuple(column.key for column in COLUMNS if column.required)
# Sums of these are held against the file's own total row.
SUMMED: Final = tuple(column.key for column in COLUMNS if column.kind == "count" and column.key != "number")
# Never shown in messages or reports of errors.
PERSONAL: Final = frozenset({"head_name", "address", "note"})
