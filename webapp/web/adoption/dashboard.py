"""The leaders' page: every indicator against the plan in one look."""

from collections import Counter

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.adoption import IndicatorSource
from webapp.core.progress import ProgressStatus
from webapp.queries.adoption import Figure, Overview, overview
from webapp.web.adoption.blueprint import bp
from webapp.web.adoption.day import AskedDay, asked_day, territory_note
from webapp.web.adoption.tables import FIGURE_HEADER, download, figure_row
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.figures import KINDS, FigureView, present
from webapp.web.shared.identity import current_actor
from webapp.web.shared.labels import label

_HOUSEHOLD = IndicatorSource.HOUSEHOLD
# The order in which the line on top counts them: what needs somebody first.
ATTENTION = (
    ProgressStatus.OVERDUE,
    ProgressStatus.DECLINING,
    ProgressStatus.SLOW,
    ProgressStatus.NOT_MET,
    ProgressStatus.SPEED_UP,
    ProgressStatus.LOW_COVERAGE,
    ProgressStatus.UNKNOWN,
    ProgressStatus.ON_TRACK,
    ProgressStatus.MET,
)


@bp.get("/")
@requires(Permission.ADOPTION_VIEW)
def dashboard() -> ResponseReturnValue:
    """Show the plan's indicators, then those that are only watched."""
    asked = asked_day()
    found = _overview(asked)
    return render_template(
        "adoption/dashboard.html",
        asked=asked,
        overview=found,
        people=[_view(f, asked) for f in found.figures if f.target and f.indicator.source is _HOUSEHOLD],
        things=[_view(f, asked) for f in found.figures if f.target and f.indicator.source is not _HOUSEHOLD],
        watched=[_view(f, asked) for f in found.figures if f.target is None],
        counts=_counts(found),
        territory=territory_note(found.territory, asked.day),
        can_manage=current_actor().can(Permission.INDICATOR_MANAGE),
    )


@bp.get("/dashboard.csv")
@requires(Permission.ADOPTION_VIEW)
def dashboard_csv() -> Response:
    """Give the same figures as a table."""
    asked = asked_day()
    day = asked.day.isoformat()
    return download(f"chi-tieu-{day}", FIGURE_HEADER, [figure_row(f, day) for f in _overview(asked).figures])


def _overview(asked: AskedDay) -> Overview:
    return overview(db.session, current_actor().ward_id, day=asked.day, today=asked.today)


def _view(figure: Figure, asked: AskedDay) -> FigureView:
    return present(figure, url_for(".indicator", code=figure.indicator.code, day=asked.query))


def _counts(found: Overview) -> list[tuple[str, str, int]]:
    counted = Counter(figure.status for figure in found.figures if figure.target)
    return [(KINDS[status], label(status), counted[status]) for status in ATTENTION if counted[status]]
