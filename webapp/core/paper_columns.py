"""The questions of the paper form that asks for totals alone, in its order: the form and the grid share them.

Each question has the number that is printed on the paper, so that who types reads across without looking for words.
"""

from dataclasses import dataclass
from typing import Final, Literal

from webapp.core.errors import N_

# How a cell is read: a whole number, yes or no, or the speed of the fibre.
PaperKind = Literal["count", "yes_no", "speed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperColumn:
    """One question. `key` is the name in core.surveys.Totals or Answers; `short` heads a narrow column.

    `optional`: blank says "not asked". Elsewhere blank is a question that was forgotten, and "not known" is written.
    """

    key: str
    label: str
    short: str
    kind: PaperKind = "count"
    maximum: int = 99
    optional: bool = False
    boxes: int = 2


PAPER_COLUMNS: Final[tuple[PaperColumn, ...]] = (
    PaperColumn(key="residents", label=N_("Số người trong nhà"), short=N_("Số người")),
    PaperColumn(key="adults", label=N_("Người lớn (từ 18 tuổi)"), short=N_("Người lớn"), maximum=60),
    PaperColumn(key="residents_14plus", label=N_("Người từ 14 tuổi trở lên"), short=N_("Từ 14 tuổi")),
    PaperColumn(
        key="smartphone_adults",
        label=N_("Người lớn có điện thoại thông minh"),
        short=N_("Có điện thoại"),
        maximum=60,
    ),
    PaperColumn(key="digital_id_residents", label=N_("Người có số định danh"), short=N_("Có số định danh")),
    PaperColumn(key="vneid_l2", label=N_("Người có VNeID mức 2"), short=N_("VNeID mức 2")),
    PaperColumn(
        key="esignature_adults",
        label=N_("Người lớn có chữ ký số hoặc chữ ký điện tử"),
        short=N_("Có chữ ký"),
        maximum=60,
    ),
    PaperColumn(
        key="digital_signature_adults",
        label=N_("Trong đó: có chữ ký số"),
        short=N_("Có chữ ký số"),
        maximum=60,
    ),
    PaperColumn(
        key="fibre_connected", label=N_("Nhà đã lắp cáp quang chưa?"), short=N_("Lắp cáp quang"), kind="yes_no", boxes=0
    ),
    PaperColumn(
        key="fibre_covered",
        label=N_("Nơi này đã có cáp quang đi qua chưa?"),
        short=N_("Phủ cáp quang"),
        kind="yes_no",
        boxes=0,
    ),
    PaperColumn(
        key="fibre_speed", label=N_("Nếu đã lắp: tốc độ có thể đạt"), short=N_("Tốc độ"), kind="speed", boxes=0
    ),
    PaperColumn(
        key="iot_connections",
        label=N_("Thiết bị kết nối Internet trong nhà"),
        short=N_("Thiết bị"),
        maximum=9_999,
        boxes=3,
    ),
    PaperColumn(
        key="residents_15plus",
        label=N_("Người từ 15 tuổi trở lên"),
        short=N_("Từ 15 tuổi"),
        optional=True,
    ),
    PaperColumn(
        key="payment_accounts",
        label=N_("Người từ 15 tuổi có tài khoản thanh toán"),
        short=N_("Tài khoản"),
        optional=True,
    ),
)
