"""The day a page of adoption is about: it stands in the address, so a link shows the same figures to everybody."""

import datetime as dt
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from webapp.queries.adoption import Territory
from webapp.web.shared.filters import date_vi
from webapp.web.shared.wiring import clock


@dataclass(frozen=True, slots=True)
class AskedDay:
    """The day asked for, today, and what was wrong with the question (empty when nothing was)."""

    day: dt.date
    today: dt.date
    problem: str = ""

    @property
    def query(self) -> str | None:
        """Give the value for links to other pages of the same day; None for today, which needs none."""
        return None if self.day == self.today else self.day.isoformat()

    @property
    def is_today(self) -> bool:
        """Tell whether the figures are today's."""
        return self.day == self.today


def asked_day() -> AskedDay:
    """Read `?day=2026-11-22`. What cannot be read, or lies in the future, becomes today with a word about it."""
    today = clock().today()
    text = request.args.get("day", "").strip()
    if not text:
        return AskedDay(today, today)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return AskedDay(today, today, _("Ngày trong địa chỉ không đúng nên trang hiện số liệu hôm nay."))
    if day > today:
        return AskedDay(today, today, _("Ngày đã chọn ở tương lai nên trang hiện số liệu hôm nay."))
    return AskedDay(day, today)


def territory_note(place: Territory, day: dt.date) -> str:
    """Say that figures are never compared across a change of territory."""
    if day < place.valid_from:
        return str(
            _(
                "Trước ngày %(day)s phường có địa giới khác, nên số liệu không so sánh được với nay.",
                day=date_vi(place.valid_from),
            )
        )
    return str(_("Số liệu theo địa giới phường từ ngày %(day)s, không so với trước đó.", day=date_vi(place.valid_from)))
