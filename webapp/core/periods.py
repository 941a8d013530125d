"""Periods of whole days in the ward's zone."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

WARD_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
MOST_MONTHS: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in the ward's zone, both ends included."""

    first: dt.date
    last: dt.date

    @property
    def start(self) -> dt.datetime:
        """The first moment."""
        return dt.datetime.combine(self.first, dt.time(), WARD_ZONE)

    @property
    def end(self) -> dt.datetime:
        """The first moment after it."""
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), WARD_ZONE)

    def months(self) -> list[dt.date]:
        """Give the first day of every month that the period touches, at most three years of them, newest kept."""
        days = []
        day = self.first.replace(day=1)
        while day <= self.last:
            days.append(day)
            day = (day + dt.timedelta(days=32)).replace(day=1)
        return days[-MOST_MONTHS:]
