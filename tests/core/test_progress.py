"""Targets, gaps and words for the pace, by hand-computed examples."""

import datetime as dt

import pytest

from webapp.core.adoption import Measure, Target, TargetOperator
from webapp.core.progress import Base, ProgressStatus, due_target, judge

OVER_50 = Target(year=2025, operator=TargetOperator.MORE_THAN, value=0.5, plan_section="III.1")
OVER_70 = Target(year=2030, operator=TargetOperator.MORE_THAN, value=0.7, plan_section="III.2")
ALL = Target(year=2025, operator=TargetOperator.AT_LEAST, value=1.0, plan_section="III.1")


def test_nobody_asked_is_unknown_and_not_zero() -> None:
    assert Measure().rate is None
    assert judge(None, ALL, day=dt.date(2025, 6, 1)) is ProgressStatus.UNKNOWN


def test_over_half_is_not_met_by_exactly_half() -> None:
    assert not OVER_50.met_by(0.5)
    assert OVER_50.gap(Measure(50, 100, 40)) == 1
    assert OVER_50.gap(Measure(49, 99, 40)) == 1, "49.5 is half of 99, so 50 are more than half"
    assert OVER_50.gap(Measure(51, 100, 40)) == 0


def test_all_is_met_by_all_and_the_gap_is_in_persons() -> None:
    assert ALL.met_by(1.0)
    assert ALL.gap(Measure(2_466, 3_700, 900)) == 1_234
    assert (
        Target(year=2030, operator=TargetOperator.AT_LEAST, value=0.99, plan_section="III.2").gap(Measure(90, 101, 1))
        == 10
    ), "99 % of 101 is 99.99, so 100 persons"


def test_a_percentage_of_the_ward_is_the_sum_of_counts_not_the_mean_of_percentages() -> None:
    small, large = Measure(9, 10, 5), Measure(100, 1000, 400)
    assert (small + large).rate == pytest.approx(109 / 1010)


def test_the_next_due_target_is_held_against_and_the_last_one_when_all_are_past() -> None:
    assert due_target([OVER_70, OVER_50], 2025) is OVER_50
    assert due_target([OVER_70, OVER_50], 2026) is OVER_70
    assert due_target([OVER_50], 2026) is OVER_50
    assert due_target([], 2026) is None


def test_a_past_year_that_was_missed_is_overdue() -> None:
    assert judge(0.9, ALL, day=dt.date(2026, 1, 1)) is ProgressStatus.OVERDUE
    assert judge(1.0, ALL, day=dt.date(2026, 1, 1)) is ProgressStatus.MET


def test_half_the_households_must_be_asked_before_a_figure_is_judged() -> None:
    day = dt.date(2025, 6, 1)
    assert judge(1.0, ALL, day=day, coverage=0.49) is ProgressStatus.LOW_COVERAGE
    assert judge(1.0, ALL, day=day, coverage=0.5) is ProgressStatus.MET


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (0.03, ProgressStatus.SLOW),  # the growth formula of the published bands would say "on track" here
        (0.09, ProgressStatus.SPEED_UP),
        (0.128, ProgressStatus.ON_TRACK),
        (0.005, ProgressStatus.DECLINING),
    ],
)
def test_the_pace_is_judged_in_points_along_a_straight_path(rate: float, expected: ProgressStatus) -> None:
    target = Target(year=2030, operator=TargetOperator.AT_LEAST, value=0.6, plan_section="III.2")
    base = Base(dt.date(2025, 12, 31), 0.01)
    assert judge(rate, target, day=dt.date(2026, 12, 31), base=base) is expected


def test_without_a_base_or_time_a_figure_is_met_or_not() -> None:
    day = dt.date(2026, 6, 1)
    assert judge(0.4, OVER_70, day=day) is ProgressStatus.NOT_MET
    assert judge(0.4, OVER_70, day=day, base=Base(dt.date(2026, 5, 20), 0.1)) is ProgressStatus.NOT_MET


def test_an_indicator_without_target_is_only_watched() -> None:
    assert judge(0.4, None, day=dt.date(2026, 6, 1)) is ProgressStatus.WATCHED
