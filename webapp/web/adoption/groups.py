"""Groups side by side, and one group across all indicators."""

from uuid import UUID

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.analytics.group_tables import GroupCount, group_workbook
from webapp.core.access import Permission
from webapp.queries.adoption import Overview, overview
from webapp.queries.group_adoption import BY_GROUP, GroupFigures, GroupRow, figures_by_group, find_group
from webapp.queries.indicators import IndicatorRow, registry
from webapp.web.adoption.blueprint import bp
from webapp.web.adoption.day import AskedDay, asked_day
from webapp.web.adoption.tables import FIGURE_HEADER, download, figure_row
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.figures import present
from webapp.web.shared.identity import current_actor

# What the list of groups shows beside each name; the group's own page has the rest.
HEADLINES = {
    "smartphone_adults": _l("Điện thoại thông minh"),
    "digital_id_residents": _l("Định danh số"),
    "esignature_adults": _l("Chữ ký số, điện tử"),
    "fibre_connected_households": _l("Cáp quang"),
}


@bp.get("/groups")
@requires(Permission.ADOPTION_VIEW)
def groups() -> ResponseReturnValue:
    """Show the main figures of every group."""
    asked = asked_day()
    indicators = [row for row in registry(db.session, current_actor().ward_id) if row.code in HEADLINES]
    lines = [
        (line, url_for(".group", group_id=line.group.id, day=asked.query), [present(f) for f in line.figures])
        for line in _lines(indicators, asked)
    ]
    return render_template(
        "adoption/groups.html", asked=asked, names=[HEADLINES[row.code] for row in indicators], lines=lines
    )


@bp.get("/groups/<uuid:group_id>")
@requires(Permission.ADOPTION_VIEW)
def group(group_id: UUID) -> ResponseReturnValue:
    """Show one group across the indicators that know groups."""
    asked = asked_day()
    row, found = _group(group_id, asked)
    views = [
        present(figure, url_for(".indicator", code=figure.indicator.code, day=asked.query))
        for figure in found.figures
        if figure.indicator.source in BY_GROUP
    ]
    return render_template("adoption/group.html", asked=asked, group=row, known=found.known_households, views=views)


@bp.get("/groups.csv")
@requires(Permission.ADOPTION_VIEW)
def groups_csv() -> Response:
    """Give every figure of every group."""
    asked = asked_day()
    day = asked.day.isoformat()
    lines = _lines(registry(db.session, current_actor().ward_id), asked)
    rows = [(line.group.code, line.group.name, *figure_row(f, day)) for line in lines for f in line.figures]
    return download(f"theo-to-{day}", ("ma_to", "to_dan_pho", *FIGURE_HEADER), rows)


@bp.get("/groups.xlsx")
@requires(Permission.ADOPTION_VIEW)
def groups_xlsx() -> Response:
    """Give groups × indicators as a workbook for meetings."""
    asked = asked_day()
    rows = [
        GroupCount(
            group=line.group.name,
            indicator=figure.indicator.name_vi,
            numerator=figure.measure.numerator,
            denominator=figure.measure.denominator,
            asked=figure.measure.asked,
            known=line.known_households,
        )
        for line in _lines(registry(db.session, current_actor().ward_id), asked)
        for figure in line.figures
    ]
    return Response(
        group_workbook(rows),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="theo-to-{asked.day.isoformat()}.xlsx"'},
    )


@bp.get("/groups/<uuid:group_id>/figures.csv")
@requires(Permission.ADOPTION_VIEW)
def group_csv(group_id: UUID) -> Response:
    """Give the figures of one group."""
    asked = asked_day()
    day = asked.day.isoformat()
    row, found = _group(group_id, asked)
    figures = [f for f in found.figures if f.indicator.source in BY_GROUP]
    return download(f"to-{row.code}-{day}", FIGURE_HEADER, [figure_row(f, day) for f in figures])


def _lines(indicators: list[IndicatorRow], asked: AskedDay) -> list[GroupFigures]:
    return figures_by_group(db.session, current_actor().ward_id, indicators, day=asked.day, today=asked.today)


def _group(group_id: UUID, asked: AskedDay) -> tuple[GroupRow, Overview]:
    ward_id = current_actor().ward_id
    row = find_group(db.session, ward_id, group_id)
    return row, overview(db.session, ward_id, day=asked.day, today=asked.today, group_id=group_id)
