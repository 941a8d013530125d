"""One calm page that leads to the tools; the menu stays as short as it was."""

from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.surveys.blueprint import bp


@dataclass(frozen=True, slots=True)
class Tool:
    """One line of the page."""

    label: str
    hint: str
    href: str
    icon: str


@bp.get("/tools")
@requires(Permission.HOUSEHOLD_VIEW)
def tools() -> ResponseReturnValue:
    """Show what this person may use, in groups."""
    return render_template("surveys/tools/overview.html", sections=[part for part in _sections() if part[1]])


def _sections() -> list[tuple[str, list[Tool]]]:
    actor = current_actor()
    entry, paper = [], []
    if actor.can(Permission.VISIT_SUBMIT):
        hint = _("Gõ phiếu giấy bằng bàn phím, mỗi hộ một dòng")
        entry.append(Tool(_("Nhập phiếu giấy"), hint, url_for(".choose_grid"), "edit"))
    if actor.can(Permission.HOUSEHOLD_IMPORT):
        hint = _("Đưa cả tệp danh sách và số liệu vào một lần")
        entry.append(Tool(_("Nhập từ Excel"), hint, url_for(".imports"), "upload"))
    hint = _("In từng hộ hoặc in trống, có ô to để ghi tay")
    paper.append(Tool(_("In phiếu giấy"), hint, url_for(".print_forms"), "print"))
    hint = _("Tên, địa chỉ, tình trạng trong đợt và ô đánh dấu")
    paper.append(Tool(_("In danh sách hộ của tổ"), hint, url_for(".print_list"), "people"))
    return [(_("Nhập phiếu"), entry), (_("Danh sách hộ"), _arranging()), (_("In ra giấy"), paper)]


def _arranging() -> list[Tool]:
    if not current_actor().can(Permission.HOUSEHOLD_ARRANGE):
        return []
    return [
        Tool(_("Thêm nhiều hộ"), _("Dán danh sách: số, họ tên, địa chỉ"), url_for(".register_list"), "plus"),
        Tool(_("Tìm hộ bị ghi hai lần"), _("Xem rồi gộp hai hộ thành một"), url_for(".duplicates"), "copy"),
        Tool(
            _("Chuyển tổ, đưa ra, đưa lại"),
            _("Chọn nhiều hộ của một tổ rồi làm một lần"),
            url_for(".arrange"),
            "people",
        ),
        Tool(_("Thao tác gần đây"), _("Hoàn tác trong 30 ngày"), url_for(".operations"), "history"),
    ]
