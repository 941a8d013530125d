"""What a returned visit may be about: the questions of the form, in its order, by the names that phones know too."""

from typing import Final

from webapp.core.errors import N_

# Name → words. The empty name is the visit as a whole.
RETURN_FIELDS: Final[dict[str, str]] = {
    "": N_("Cả phiếu"),
    "outcome": N_("Kết quả lần đến nhà"),
    "visited_on": N_("Ngày đến nhà"),
    "adults": N_("Số người lớn và từng người lớn"),
    "minors": N_("Trẻ em"),
    "totals": N_("Số tổng của cả nhà"),
    "smartphone": N_("Điện thoại thông minh"),
    "digital_id": N_("Số định danh cá nhân"),
    "vneid_level": N_("Tài khoản VNeID"),
    "signature": N_("Chữ ký số, chữ ký điện tử"),
    "fibre": N_("Cáp quang"),
    "iot_connections": N_("Thiết bị kết nối Internet"),
    "payment_accounts": N_("Tài khoản thanh toán"),
    "note": N_("Ghi chú"),
}
ON_FIRST_PAGE: Final = frozenset({"outcome", "visited_on"})
"""What the first page of the form asks; the rest stands on the second."""
