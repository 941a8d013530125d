"""Keeping up with a round."""

import datetime as dt

import pytest

from webapp.core.pace import Pace

FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 10)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (dt.date(2026, 10, 30), 0),
        (FIRST, 0),
        (dt.date(2026, 11, 2), 6),
        (dt.date(2026, 11, 6), 31),
        (LAST, 55),
        (dt.date(2026, 11, 11), 62),
        (dt.date(2027, 1, 1), 62),
    ],
)
def test_an_even_pace_counts_the_days_that_are_over(today: dt.date, expected: int) -> None:
    assert Pace(FIRST, LAST, today).expected(62) == expected


def test_a_group_is_behind_by_whole_households_and_never_ahead_by_less_than_none() -> None:
    pace = Pace(FIRST, LAST, dt.date(2026, 11, 6))
    assert [pace.behind(62, done) for done in (0, 30, 31, 62)] == [31, 1, 0, 0]
    assert pace.behind(0, 0) == 0


def test_a_round_of_one_day_is_over_the_day_after() -> None:
    assert Pace(FIRST, FIRST, FIRST).behind(10, 0) == 0
    assert Pace(FIRST, FIRST, LAST).behind(10, 4) == 6
