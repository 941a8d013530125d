"""The outgoing register, to read, to print and to take away."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.queries.registers import Register, RegisterLine, outgoing_register, register_years
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.registers.files import RegisterTable, register_file
from webapp.web.shared.access import requires
from webapp.web.shared.filters import date_vi
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import clock

WIDTHS = (1.4, 1.3, 4.0, 2, 2.2, 1.6, 0.8, 1.3, 1, 1.6)


@bp.get("/outgoing")
@requires(Permission.REGISTER_VIEW)
def outgoing() -> ResponseReturnValue:
    """Show a year of the register (Decree 30, Appendix IV)."""
    register = _chosen()
    years = register_years(db.session, current_actor().ward_id)
    return render_template(
        "registers/outgoing.html",
        register=register,
        years=sorted({*years, register.year, clock().today().year}, reverse=True),
        columns=_columns(),
    )


@bp.get("/outgoing.<kind>")
@requires(Permission.REGISTER_VIEW)
def outgoing_file(kind: str) -> Response:
    """Give a year of the register as csv, xlsx or pdf."""
    register = _chosen()
    return register_file(
        RegisterTable(
            name=f"so-van-ban-di-{register.year}",
            title=_("Sổ đăng ký văn bản đi năm %(year)s", year=register.year),
            lead=_("%(count)s văn bản", count=len(register.lines)),
            columns=_columns(),
            widths=WIDTHS,
            rows=[_row(line) for line in register.lines],
        ),
        kind,
    )


def _row(line: RegisterLine) -> tuple[object, ...]:
    return (
        line.notation,
        date_vi(line.issued_on),
        line.abstract,
        line.signer,
        line.recipients,
        line.file_keeper,
        line.copies,
        date_vi(line.transferred_on) if line.transferred_on else "",
        line.receipt,
        line.note,
    )


def _chosen() -> Register:
    year = request.args.get("year", clock().today().year, type=int)
    return outgoing_register(db.session, current_actor().ward_id, year if 1900 < year < 2200 else clock().today().year)


def _columns() -> list[str]:
    return [
        _("Số, ký hiệu văn bản"),
        _("Ngày tháng văn bản"),
        _("Tên loại và trích yếu nội dung văn bản"),
        _("Người ký"),
        _("Nơi nhận văn bản"),
        _("Đơn vị, người nhận bản lưu"),
        _("Số lượng bản"),
        _("Ngày chuyển"),
        _("Ký nhận"),
        _("Ghi chú"),
    ]
