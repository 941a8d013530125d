"""What stands on a paper form: words, questions and boxes as plain values, for the page and for the press alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import segno
from flask_babel import gettext as _

from webapp.core.paper_columns import PAPER_COLUMNS, PaperColumn
from webapp.core.surveys import AgeBand, Barrier, FibreSpeed, MinorBand, VisitOutcome
from webapp.web.shared.labels import label

ADULT_ROWS: Final = 8
# Questions of the house, which both forms ask.
HOUSE: Final = ("fibre_connected", "fibre_covered", "fibre_speed", "iot_connections", "payment_accounts")
# Which bands of minors are asked for number, VNeID level 2 and a smartphone.
_MINORS: Final = {
    MinorBand.M0_5: (True, True, False, False),
    MinorBand.M6_13: (True, True, False, False),
    MinorBand.M14: (True, True, True, False),
    MinorBand.M15_17: (True, True, True, True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One form; empty texts leave room to write. `code` names the household without naming anybody: group-number."""

    group: str = ""
    number: str = ""
    code: str = ""

    def qr_svg(self) -> str:
        """Draw the code as SVG; empty without one."""
        return str(_qr(self.code).svg_inline(border=0, omitsize=True)) if self.code else ""

    def qr_uri(self) -> str:
        """Draw the code as an address that an <img> takes."""
        return str(_qr(self.code).svg_data_uri(border=0)) if self.code else ""


def _qr(code: str) -> segno.QRCode:
    # A fixed mask: choosing the best of eight for each of 200 codes takes a second.
    return segno.make_qr(code, error="m", mask=2, boost_error=False)


def sheet_of(group_code: str, group_name: str, number: int) -> Sheet:
    """Make the form of one household."""
    return Sheet(group=group_name, number=str(number), code=f"{group_code}-{number}")


def form_values(kind: str, sheets: Sequence[Sheet], *, ward: str, round_name: str) -> dict[str, Any]:
    """Give everything that the form says. `kind`: "lines" (a row an adult) or "totals"."""
    return {
        "kind": kind,
        "ward": ward,
        "title": _("Phiếu khảo sát hộ gia đình – số tổng") if kind == "totals" else _("Phiếu khảo sát hộ gia đình"),
        "round": round_name,
        "footer": _("Phường Số"),
        "how_unknown": _("Không rõ thì đánh dấu “Không biết” (?), không ghi 0."),
        "words": _words(),
        "outcomes": [label(outcome) for outcome in VisitOutcome],
        "totals": [_question(number, column) for number, column in enumerate(PAPER_COLUMNS, 1)],
        "house": [_question(n, column) for n, column in enumerate(_house(), 1)],
        "adult_columns": _adult_columns(),
        "adult_rows": ADULT_ROWS,
        "minor_columns": [_("Số trẻ"), _("Có số định danh"), _("VNeID mức 2"), _("Có điện thoại thông minh")],
        "minor_rows": [{"label": label(band), "asked": list(asked)} for band, asked in _MINORS.items()],
        "sheets": [{"group": s.group, "number": s.number, "code": s.code, "qr": s.qr_svg()} for s in sheets],
    }


def _words() -> dict[str, str]:
    barriers = "; ".join(f"{number} – {label(barrier)}" for number, barrier in enumerate(Barrier, 1))
    return {
        "group": _("Tổ"),
        "number": _("Số hộ"),
        "day": _("Ngày"),
        "outcome": _("Kết quả"),
        "unknown": _("Không biết"),
        "adults": _("Người lớn (từ 18 tuổi), mỗi người một dòng; quá 8 người thì dùng thêm một phiếu"),
        "barriers": _("? là không biết. Lý do chính nếu còn thiếu: %(barriers)s.", barriers=barriers),
        "minors": _("Trẻ em dưới 18 tuổi (ghi số; không có thì ghi 0)"),
        "house": _("Mạng và thiết bị trong nhà"),
        "privacy": _("Không ghi tên người trong nhà, số căn cước, mật khẩu hay mã OTP lên phiếu."),
    }


def _house() -> list[PaperColumn]:
    return [column for key in HOUSE for column in PAPER_COLUMNS if column.key == key]


def _question(number: int, column: PaperColumn) -> dict[str, Any]:
    speeds = [*(label(speed) for speed in FibreSpeed), _("Không biết")]
    choices = {"yes_no": [_("Có"), _("Không"), _("Không biết")], "speed": speeds}.get(column.kind, [])
    return {"no": number, "label": _(column.label), "boxes": column.boxes, "choices": choices}


def _adult_columns() -> list[dict[str, Any]]:
    yes_no = [_("Có"), _("Không"), "?"]
    return [
        {"label": _("Giới tính"), "choices": [_("Nam"), _("Nữ")]},
        {"label": _("Tuổi"), "choices": [*(band.value for band in list(AgeBand)[:-1]), _("Từ 60")]},
        {"label": _("Điện thoại thông minh"), "choices": yes_no},
        {"label": _("Số định danh"), "choices": yes_no},
        {"label": _("VNeID"), "choices": [_("Chưa"), _("Mức 1"), _("Mức 2"), "?"]},
        {"label": _("Chữ ký số"), "choices": yes_no},
        {"label": _("Chữ ký điện tử"), "choices": yes_no},
        {"label": _("Lý do"), "choices": []},
    ]
