"""How figures, dates and words are written on the page: Vietnamese forms first."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_decimal, format_percent

WARD_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def date_vi(value: dt.date | dt.datetime | None) -> str:
    """Write a day as 22/11/2026; "–" when there is none."""
    if value is None:
        return "–"
    if isinstance(value, dt.datetime):
        value = value.astimezone(WARD_ZONE)
    return f"{value:%d/%m/%Y}"


def datetime_vi(value: dt.datetime | None) -> str:
    """Write a moment in the ward's zone as 14:32, 22/11/2026."""
    return "–" if value is None else f"{value.astimezone(WARD_ZONE):%H:%M, %d/%m/%Y}"


def percent_vi(value: float | None, digits: int = 1) -> str:
    """Write a ratio as 45,7 % (reader's locale); "–" when nobody was asked."""
    return (
        "–"
        if value is None
        else format_percent(value, "#,##0." + "#" * digits + "\u00a0%" if digits else "#,##0\u00a0%")
    )


def number_vi(value: float | None) -> str:
    """Write a number as 12.345; "–" when unknown."""
    return "–" if value is None else format_decimal(value)


def register(app: Flask) -> None:
    """Hang the filters on Jinja."""
    app.jinja_env.filters.update(date_vi=date_vi, datetime_vi=datetime_vi, percent_vi=percent_vi, number_vi=number_vi)
