"""Whether a group keeps up with its round: the share of days gone by against the share of households done."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The days of a round as they stand today (the ward's day). Both ends count."""

    starts_on: dt.date
    ends_on: dt.date
    today: dt.date

    @property
    def days(self) -> int:
        """Give how many days the round has."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def gone(self) -> int:
        """Give how many of them are over; today is not over yet."""
        return min(self.days, max(0, (self.today - self.starts_on).days))

    def expected(self, known: int) -> int:
        """Give how many of `known` households would be done by now at an even pace, rounded down."""
        return known * self.gone // self.days

    def behind(self, known: int, done: int) -> int:
        """Give how many households a group lags behind an even pace; 0 when it keeps up."""
        return max(0, self.expected(known) - done)
