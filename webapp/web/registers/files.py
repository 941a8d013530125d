"""A register as a file: CSV, Excel, or PDF for the printer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response
from flask_babel import gettext as _

from webapp.analytics.exports import csv_bytes
from webapp.analytics.tables import table_workbook
from webapp.core.errors import NotFound
from webapp.queries.registers import agency_name
from webapp.web.extensions import db
from webapp.web.shared.filters import datetime_vi
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import clock, press

TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTable:
    """A register ready to be written. `widths` are the columns' shares of the page; `name` begins the file's name."""

    name: str
    title: str
    lead: str
    columns: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[object]]


def register_file(table: RegisterTable, kind: str) -> Response:
    """Give the register as a file. Raises NotFound for another kind."""
    if kind not in TYPES:
        raise NotFound
    content = _content(table, kind)
    name = f"{table.name}.{kind}"
    shown = "inline" if kind == "pdf" else "attachment"
    return Response(content, mimetype=TYPES[kind], headers={"Content-Disposition": f"{shown}; filename={name}"})


def _content(table: RegisterTable, kind: str) -> bytes:
    if kind == "csv":
        return csv_bytes(table.columns, table.rows)
    if kind == "xlsx":
        return table_workbook(table.title, table.columns, table.rows)
    now = clock().now()
    values = {
        "agency": agency_name(db.session, current_actor().ward_id),
        "title": table.title,
        "lead": table.lead,
        "columns": list(table.columns),
        "widths": list(table.widths),
        "rows": [["" if value is None else str(value) for value in row] for row in table.rows],
        "footer": _("In từ hệ thống lúc %(time)s", time=datetime_vi(now)),
        "page": _("Trang"),
    }
    return press().press("register", values, moment=now)
