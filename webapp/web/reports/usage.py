"""How much digital signatures are used, from the ledger."""

import datetime as dt
from dataclasses import dataclass

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.analytics.exports import csv_bytes
from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.periods import Period
from webapp.queries.ledger import usage_summary
from webapp.web.extensions import db
from webapp.web.reports.blueprint import bp
from webapp.web.reports.tables import TABLES
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import clock


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A period with a name."""

    label: str
    href: str
    current: bool


@bp.get("/usage")
@requires(Permission.USAGE_VIEW)
def usage() -> ResponseReturnValue:
    """Show counts, both ratios, and the cuts."""
    period, ward_id = _period(), current_actor().ward_id
    summary = usage_summary(db.session, ward_id, period.first, period.last)
    return render_template(
        "reports/usage.html",
        period=period,
        shortcuts=_shortcuts(period),
        summary=summary,
        tables=[(table, table.fill(db.session, ward_id, period)) for table in TABLES] if summary.signatures else [],
    )


@bp.get("/usage.csv")
@requires(Permission.USAGE_VIEW)
def usage_csv() -> ResponseReturnValue:
    """Give one of the tables as CSV; without a choice that of people."""
    period, wanted = _period(), request.args.get("theo", "person")
    table = next((table for table in TABLES if table.key == wanted), None)
    if table is None:
        raise NotFound
    rows = table.fill(db.session, current_actor().ward_id, period)
    name = f"chu-ky-so-{table.key}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
    return Response(
        csv_bytes([str(column) for column in table.columns], rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _period() -> Period:
    """Read from the address; without it, this year until today. Ends in the wrong order are turned round."""
    today = clock().today()
    first = _day(request.args.get("tu")) or today.replace(month=1, day=1)
    last = _day(request.args.get("den")) or today
    return Period(first=min(first, last), last=max(first, last))


def _day(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None


def _shortcuts(period: Period) -> list[Shortcut]:
    today = clock().today()
    quarter = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    last_year = today.year - 1
    choices = (
        (_("Tháng này"), today.replace(day=1), today),
        (_("Quý này"), quarter, today),
        (_("Năm nay"), today.replace(month=1, day=1), today),
        (_("Năm trước"), dt.date(last_year, 1, 1), dt.date(last_year, 12, 31)),
    )
    return [
        Shortcut(
            text,
            url_for(".usage", tu=first.isoformat(), den=last.isoformat()),
            (first, last) == (period.first, period.last),
        )
        for text, first, last in choices
    ]
