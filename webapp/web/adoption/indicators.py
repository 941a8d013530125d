"""The page of one indicator: how it is defined, how it moved, and which groups lag by how many persons."""

import datetime as dt
from dataclasses import dataclass, replace

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.adoption import IndicatorSource, IndicatorUnit, Measure
from webapp.core.errors import NotFound
from webapp.core.progress import ProgressStatus
from webapp.queries.adoption import Figure, Overview, overview
from webapp.queries.facts import changes_of, measures_by_round
from webapp.queries.group_adoption import BY_GROUP, GroupFigures, figures_by_group
from webapp.queries.indicators import IndicatorRow
from webapp.web.adoption.blueprint import bp
from webapp.web.adoption.day import AskedDay, asked_day, territory_note
from webapp.web.adoption.tables import COUNT_HEADER, FIGURE_HEADER, count_cells, download, figure_row
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.figures import (
    FigureView,
    bar_of,
    counts,
    indicator_name,
    present,
    rate_text,
    target_value_text,
    unit_name,
)
from webapp.web.shared.filters import number_vi
from webapp.web.shared.identity import current_actor

CHART_POINTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the chart and one row of its table."""

    label: str
    value: float | None
    text: str
    counts: str
    measure: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One group in the table of an indicator, with what its link and its badge say."""

    view: FigureView
    gap: int | None
    judged: bool


@bp.get("/indicators/<code>")
@requires(Permission.ADOPTION_VIEW)
def indicator(code: str) -> ResponseReturnValue:
    """Show one indicator on a day."""
    asked = asked_day()
    found = _overview(asked)
    figure = _figure(found, code)
    row = figure.indicator
    return render_template(
        "adoption/indicator.html",
        asked=asked,
        indicator=row,
        name=indicator_name(row),
        figure=present(figure),
        pace=_pace(figure, asked.day),
        points=_points(row, found),
        targets=[(t, target_value_text(row, t), t.met_by(figure.rate)) for t in row.targets],
        lines=[_line(group, asked) for group in _by_gap(row, asked)],
        territory=territory_note(found.territory, asked.day),
        drawable=row.unit is IndicatorUnit.PERCENT,
        can_manage=current_actor().can(Permission.INDICATOR_MANAGE),
    )


@bp.get("/indicators/<code>/groups.csv")
@requires(Permission.ADOPTION_VIEW)
def indicator_groups_csv(code: str) -> Response:
    """Give the table of groups."""
    asked = asked_day()
    row, day = _figure(_overview(asked), code).indicator, asked.day.isoformat()
    rows = [(g.group.code, g.group.name, *figure_row(g.figures[0], day)) for g in _by_gap(row, asked)]
    return download(f"{code}-theo-to-{day}", ("ma_to", "to_dan_pho", *FIGURE_HEADER), rows)


@bp.get("/indicators/<code>/rounds.csv")
@requires(Permission.ADOPTION_VIEW)
def indicator_rounds_csv(code: str) -> Response:
    """Give the course over rounds (or months)."""
    found = _overview(asked_day())
    points = _points(_figure(found, code).indicator, found)
    return download(
        f"{code}-theo-dot", ("thoi_diem", *COUNT_HEADER), [(p.label, *count_cells(p.measure)) for p in points]
    )


def _overview(asked: AskedDay) -> Overview:
    return overview(db.session, current_actor().ward_id, day=asked.day, today=asked.today)


def _figure(found: Overview, code: str) -> Figure:
    for figure in found.figures:
        if figure.indicator.code == code:
            return figure
    raise NotFound


def _by_gap(row: IndicatorRow, asked: AskedDay) -> list[GroupFigures]:
    """Give the groups, most persons missing first: a small group can be last in percent and not matter."""
    if row.source not in BY_GROUP:
        return []
    ward_id = current_actor().ward_id
    lines = figures_by_group(db.session, ward_id, [row], day=asked.day, today=asked.today)
    return sorted(lines, key=lambda line: -(line.figures[0].gap if line.figures[0].gap is not None else -1))


def _line(line: GroupFigures, asked: AskedDay) -> GroupLine:
    figure = line.figures[0]
    view = present(figure, url_for(".group", group_id=line.group.id, day=asked.query))
    unjudged = {ProgressStatus.LOW_COVERAGE, ProgressStatus.UNKNOWN}
    return GroupLine(view=replace(view, name=line.group.name), gap=figure.gap, judged=figure.status not in unjudged)


def _points(row: IndicatorRow, found: Overview) -> list[Point]:
    """Give the rounds for household figures, the months for registers; only up to the day."""
    ward_id = current_actor().ward_id
    if row.source is IndicatorSource.LEDGER:
        return []
    if row.source is IndicatorSource.HOUSEHOLD:
        by_round = measures_by_round(db.session, ward_id, row.code)
        rounds = [r for r in found.rounds if r.starts_on <= found.day]
        return [_point(row, f"{r.ends_on.month}/{r.ends_on.year}", by_round.get(str(r.id), Measure())) for r in rounds]
    points, total = [], Measure()
    for month, change in changes_of(db.session, ward_id, row.code):
        total += change
        if month <= found.day.isoformat()[:7]:
            points.append(_point(row, f"{month[5:]}/{month[:4]}", total))
    return points[-CHART_POINTS:]


def _point(row: IndicatorRow, name: str, measure: Measure) -> Point:
    return Point(
        label=name,
        value=bar_of(row, measure.rate),
        text=rate_text(row, measure),
        counts=counts(measure),
        measure=measure,
    )


def _pace(figure: Figure, day: dt.date) -> str:
    """Say what is needed a month to reach the due target by the end of its year."""
    if figure.target is None or not figure.gap or figure.target.year < day.year:
        return ""
    months = (figure.target.year - day.year) * 12 + 13 - day.month
    needed = -(-figure.gap // months)
    return str(
        _(
            "Để kịp hết năm %(year)s, mỗi tháng cần thêm khoảng %(count)s %(unit)s.",
            year=figure.target.year,
            count=number_vi(needed),
            unit=unit_name(figure.indicator),
        )
    )
