"""The incoming register: to read, to search, to print and to take away (Decree 30, Appendix IV)."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.access import Permission
from webapp.core.documents import format_number
from webapp.core.incoming import PAPER_VERDICT
from webapp.queries.incoming import (
    IncomingLine,
    IncomingView,
    find_lines,
    incoming_register,
    incoming_years,
    unregistered,
)
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.registers.files import RegisterTable, register_file
from webapp.web.shared.access import requires
from webapp.web.shared.filters import date_vi
from webapp.web.shared.identity import current_actor
from webapp.web.shared.verdicts import WORDS
from webapp.web.shared.wiring import clock

VIEWS = {
    IncomingView.ALL: _l("Tất cả"),
    IncomingView.OPEN: _l("Đang giải quyết"),
    IncomingView.LATE: _l("Quá hạn"),
    IncomingView.MINE: _l("Giao cho tôi"),
}
WIDTHS = (1.3, 0.7, 2.1, 1.5, 1.3, 4.0, 1.8, 1.3, 1.3, 1.3, 1.5)
PAGE = 100


@bp.get("/incoming")
@requires(Permission.REGISTER_VIEW)
def incoming() -> ResponseReturnValue:
    """Show a year of the register, or what matches a search."""
    actor, today, year = current_actor(), clock().today(), _year()
    wanted = request.args.get("xem", "")
    view = IncomingView(wanted) if wanted in set(IncomingView) else IncomingView.ALL
    words = request.args.get("q", "")[:100]
    lines = find_lines(db.session, actor, year, view=view, words=words, today=today)
    page = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "registers/incoming.html",
        year=year,
        years=sorted({*incoming_years(db.session, actor.ward_id), year, today.year}, reverse=True),
        view=view,
        views=[(one.value, text) for one, text in VIEWS.items()],
        words=words,
        lines=lines[(page - 1) * PAGE : page * PAGE],
        total=len(lines),
        today=today,
        prev_href=_page_href(page - 1) if page > 1 else None,
        next_href=_page_href(page + 1) if page * PAGE < len(lines) else None,
        columns=_columns(),
        words_of={**WORDS, PAPER_VERDICT: _("Văn bản giấy")},
        waiting=unregistered(db.session, actor.ward_id) if actor.can(Permission.INCOMING_REGISTER) else [],
        may_receive=actor.can(Permission.INCOMING_REGISTER),
    )


@bp.get("/incoming.<kind>")
@requires(Permission.REGISTER_VIEW)
def incoming_file(kind: str) -> Response:
    """Give a year of the register as csv, xlsx or pdf, in the order of its numbers."""
    register = incoming_register(db.session, current_actor().ward_id, _year())
    gaps = ", ".join(map(format_number, register.gaps))
    return register_file(
        RegisterTable(
            name=f"so-van-ban-den-{register.year}",
            title=_("Sổ đăng ký văn bản đến năm %(year)s", year=register.year),
            lead=_("Thiếu số: %(numbers)s", numbers=gaps)
            if gaps
            else _("%(count)s văn bản, liền số", count=len(register.lines)),
            columns=_columns(),
            widths=WIDTHS,
            rows=[_row(line) for line in register.lines],
        ),
        kind,
    )


def _row(line: IncomingLine) -> tuple[object, ...]:
    return (
        date_vi(line.arrived_on),
        format_number(line.number or 0),
        line.sender,
        line.notation,
        date_vi(line.document_on) if line.document_on else "",
        line.title,
        line.handler,
        date_vi(line.forwarded_on) if line.forwarded_on else "",
        date_vi(line.acknowledged_at) if line.acknowledged_at else "",
        date_vi(line.deadline_on) if line.deadline_on else "",
        line.note,
    )


def _columns() -> list[str]:
    return [
        _("Ngày đến"),
        _("Số đến"),
        _("Tác giả"),
        _("Số, ký hiệu văn bản"),
        _("Ngày tháng văn bản"),
        _("Tên loại và trích yếu nội dung văn bản"),
        _("Đơn vị hoặc người nhận"),
        _("Ngày chuyển"),
        _("Ký nhận"),
        _("Hạn giải quyết"),
        _("Ghi chú"),
    ]


def _year() -> int:
    year = request.args.get("year", clock().today().year, type=int)
    return year if 1900 < year < 2200 else clock().today().year


def _page_href(page: int) -> str:
    kept = {name: request.args.get(name) or None for name in ("year", "xem", "q")}
    return url_for(".incoming", **kept, page=page)  # type: ignore[arg-type]  # values of the address, not options
