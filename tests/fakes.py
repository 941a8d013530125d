"""Small real classes that stand in for ports; mypy checks them against core.ports."""

import datetime as dt
from zoneinfo import ZoneInfo


class FixedClock:
    """A clock that moves only when told."""

    def __init__(self, moment: dt.datetime | None = None) -> None:
        self.moment = moment or dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.moment

    def today(self) -> dt.date:
        return self.moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()

    def move(self, **delta: float) -> None:
        self.moment += dt.timedelta(**delta)
