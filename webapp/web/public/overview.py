"""The public page and its twins for spreadsheets and programs: one query, one rule, three ways to write it down."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.analytics.exports import csv_bytes
from webapp.core.adoption import Measure
from webapp.core.errors import NotFound
from webapp.queries.places import WardRow, list_wards
from webapp.queries.public_adoption import PublicFigure, PublicOverview, public_overview
from webapp.web.extensions import db
from webapp.web.public.blueprint import bp
from webapp.web.shared.access import public
from webapp.web.shared.figures import FigureView, indicator_name, present
from webapp.web.shared.filters import percent_vi
from webapp.web.shared.wiring import clock, settings

SHORT_NAMES = {
    "smartphone_adults": _l("Điện thoại thông minh"),
    "digital_id_residents": _l("Định danh số"),
    "esignature_adults": _l("Chữ ký số, điện tử"),
    "fibre_connected_households": _l("Cáp quang"),
}


@bp.get("/cong-khai")
@public
def overview() -> ResponseReturnValue:
    """Show the published percentages of a ward."""
    wards = list_wards(db.session)
    ward = chosen_ward(wards)
    if ward is None:
        return render_template("public/wards.html", wards=wards)
    found = _overview(ward)
    return render_template(
        "public/overview.html",
        found=found,
        several=len(wards) > 1,
        views=[(indicator_name(figure.shown.indicator), _view(figure)) for figure in found.figures],
        names=[SHORT_NAMES[code] for code in _codes(found)],
        lines=[(line.group.name, [_cell(line.cells[code]) for code in _codes(found)]) for line in found.groups],
    )


@bp.get("/cong-khai.json")
@public
def overview_json() -> ResponseReturnValue:
    """Give the same figures to programs."""
    found = _overview(_only_ward())
    return {
        "ward": {"code": found.ward.code, "name": found.ward.name, "valid_from": found.valid_from.isoformat()},
        "as_of": found.day.isoformat(),
        "round": found.round_name or None,
        "hidden_below": found.threshold,
        "indicators": [_figure_json(figure) for figure in found.figures],
        "groups": [
            {
                "code": line.group.code,
                "name": line.group.name,
                "indicators": {code: _counts_json(cell) for code, cell in line.cells.items()},
            }
            for line in found.groups
        ],
    }


@bp.get("/cong-khai.csv")
@public
def overview_csv() -> Response:
    """Give the same figures as a table: the ward first, then each group. Hidden cells are empty."""
    found = _overview(_only_ward())
    names = {figure.code: figure.shown.indicator.name_vi for figure in found.figures}
    ward = [("", found.ward.name, f.code, names[f.code], *_counts(f.measure)) for f in found.figures]
    groups = [
        (line.group.code, line.group.name, code, names[code], *_counts(cell or Measure()))
        for line in found.groups
        for code, cell in line.cells.items()
    ]
    header = ("ma_to", "noi", "ma_chi_tieu", "chi_tieu", "tu_so", "mau_so", "ty_le")
    return Response(
        csv_bytes(header, [*ward, *groups]),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="cong-khai-{found.ward.code}-{found.day}.csv"'},
    )


def chosen_ward(wards: list[WardRow]) -> WardRow | None:
    """Give the ward asked for, or the only one; None when several could be meant. Raises NotFound."""
    code = request.args.get("phuong")
    if code is None:
        return wards[0] if len(wards) == 1 else None
    for ward in wards:
        if ward.code == code:
            return ward
    raise NotFound


def _only_ward() -> WardRow:
    ward = chosen_ward(list_wards(db.session))
    if ward is None:
        raise NotFound
    return ward


def _overview(ward: WardRow) -> PublicOverview:
    return public_overview(db.session, ward, today=clock().today(), threshold=settings().small_cell)


def _codes(found: PublicOverview) -> list[str]:
    return list(found.groups[0].cells) if found.groups else []


def _view(figure: PublicFigure) -> FigureView | None:
    return None if figure.hidden else present(figure.shown)


def _cell(measure: Measure | None) -> str | None:
    """Give a percentage; None for a hidden cell."""
    return None if measure is None else percent_vi(measure.rate)


def _counts(measure: Measure) -> tuple[object, ...]:
    if not measure.denominator:
        return None, None, None
    return measure.numerator, measure.denominator, round(measure.numerator / measure.denominator, 6)


def _counts_json(measure: Measure | None) -> dict[str, Any] | None:
    if measure is None:
        return None
    return {"numerator": measure.numerator, "denominator": measure.denominator, "rate": measure.rate}


def _figure_json(figure: PublicFigure) -> dict[str, Any]:
    indicator, target = figure.shown.indicator, figure.shown.target
    return {
        "code": indicator.code,
        "name_vi": indicator.name_vi,
        "name_en": indicator.name_en,
        "unit": indicator.unit.value,
        "adult_age": indicator.adult_age,
        "plan_section": indicator.plan_section,
        "hidden": figure.hidden,
        "counts": None if figure.hidden else _counts_json(figure.measure),
        "target": {"year": target.year, "operator": target.operator.value, "value": target.value} if target else None,
    }
