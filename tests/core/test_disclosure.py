"""Nobody can work out a hidden cell of the published table."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.core.adoption import Measure
from webapp.core.disclosure import is_small, publish


def possible_values(cells: dict[int, Measure], hidden: list[int], have: int, target: int) -> set[int]:
    """Attack: every count for `target` that fits the total, the shown cells and the sizes of all groups."""
    reachable = {0}
    for key in hidden:
        if key != target:
            reachable = {sum_ + n for sum_ in reachable for n in range(cells[key].denominator + 1) if sum_ + n <= have}
    return {have - rest for rest in reachable if 0 <= have - rest <= cells[target].denominator}


measures = st.builds(lambda d, n: Measure(min(n, d), d, d), st.integers(0, 40), st.integers(0, 40))


@given(st.dictionaries(st.integers(0, 9), measures, max_size=7), st.integers(1, 10))
def test_an_attacker_who_knows_every_group_size_cannot_solve_for_a_hidden_cell(
    cells: dict[int, Measure], threshold: int
) -> None:
    shown = publish(cells, threshold=threshold)
    for key, measure in shown.cells.items():
        assert measure is None or not is_small(cells[key], threshold)
    if shown.total is None:
        assert set(shown.cells.values()) <= {None}
        return
    hidden = [key for key, measure in shown.cells.items() if measure is None and cells[key].denominator]
    if len(hidden) == len([1 for m in cells.values() if m.denominator]):
        return  # nothing but the total is out
    have = shown.total.numerator - sum(m.numerator for m in shown.cells.values() if m)
    for key in hidden:
        assert len(possible_values(cells, hidden, have, key)) > threshold, (key, cells)


def test_a_single_small_group_takes_a_second_one_with_it() -> None:
    cells = {"1": Measure(2, 30, 30), "2": Measure(20, 40, 40), "3": Measure(30, 60, 60)}
    shown = publish(cells, threshold=5)
    assert shown.cells == {"1": None, "2": None, "3": Measure(30, 60, 60)}
    assert shown.total == Measure(52, 130, 130)


def test_almost_everybody_is_as_telling_as_almost_nobody() -> None:
    assert is_small(Measure(58, 60, 60), 5)
    assert is_small(Measure(60, 60, 60), 5)
    assert not is_small(Measure(30, 60, 60), 5)


def test_a_group_where_nobody_was_asked_stays_empty_and_hides_nothing() -> None:
    cells = {"1": Measure(), "2": Measure(20, 40, 40)}
    assert publish(cells, threshold=5).cells == cells


def test_a_small_total_is_hidden_with_everything() -> None:
    shown = publish({"1": Measure(1, 50, 50), "2": Measure(2, 50, 50)}, threshold=5)
    assert shown.total is None
    assert set(shown.cells.values()) == {None}


def test_threshold_zero_hides_nothing() -> None:
    cells = {"1": Measure(0, 3, 3), "2": Measure(1, 1, 1)}
    assert publish(cells, threshold=0).cells == cells
