"""The real clock."""

import datetime as dt
from zoneinfo import ZoneInfo

WARD_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class SystemClock:
    """Time of the operating system."""

    def now(self) -> dt.datetime:
        """Give the moment, aware, UTC."""
        return dt.datetime.now(dt.UTC)

    def today(self) -> dt.date:
        """Give the day in the ward."""
        return dt.datetime.now(WARD_ZONE).date()
