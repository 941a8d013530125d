"""Where a group stands in a round."""

import pytest

from webapp.core.errors import RoundShut, WrongState
from webapp.core.rounds import check_accepts, check_group_move, check_unlocked, group_moves, standing
from webapp.core.surveys import RoundStatus

PLANNED, OPEN, CLOSED, LOCKED = RoundStatus


@pytest.mark.parametrize(
    ("of_round", "of_group", "holds"),
    [
        (OPEN, None, OPEN),
        (OPEN, OPEN, OPEN),
        (OPEN, CLOSED, CLOSED),
        (OPEN, LOCKED, LOCKED),
        (CLOSED, OPEN, CLOSED),
        (CLOSED, LOCKED, LOCKED),
        (LOCKED, CLOSED, LOCKED),
        (PLANNED, None, PLANNED),
    ],
)
def test_a_group_may_run_ahead_of_its_round_and_never_behind(
    of_round: RoundStatus, of_group: RoundStatus | None, holds: RoundStatus
) -> None:
    assert standing(of_round, of_group) is holds


@pytest.mark.parametrize(
    ("of_round", "of_group", "code"),
    [
        (PLANNED, None, "round-closed"),
        (CLOSED, None, "round-closed"),
        (LOCKED, OPEN, "round-locked"),
        (OPEN, CLOSED, "group-closed"),
        (OPEN, LOCKED, "group-locked"),
        (CLOSED, LOCKED, "group-locked"),
    ],
)
def test_what_is_not_open_takes_no_visit_and_says_why_by_code(
    of_round: RoundStatus, of_group: RoundStatus | None, code: str
) -> None:
    with pytest.raises(RoundShut) as refused:
        check_accepts(of_round, of_group)
    assert refused.value.code == code


def test_an_open_round_takes_visits_of_groups_that_are_open() -> None:
    assert check_accepts(OPEN, None) is None
    assert check_accepts(OPEN, OPEN) is None


def test_a_closed_group_is_still_looked_over_and_a_locked_one_is_not() -> None:
    assert check_unlocked(CLOSED, CLOSED) is None
    for states in ((LOCKED, None), (OPEN, LOCKED)):
        with pytest.raises(RoundShut):
            check_unlocked(*states)


def test_a_group_moves_only_where_its_round_has_not_gone_past() -> None:
    assert group_moves(OPEN, None) == {CLOSED}
    assert group_moves(OPEN, CLOSED) == {OPEN, LOCKED}
    assert group_moves(CLOSED, None) == {LOCKED}
    assert group_moves(OPEN, LOCKED) == group_moves(PLANNED, None) == group_moves(LOCKED, None) == frozenset()
    with pytest.raises(WrongState):
        check_group_move(CLOSED, CLOSED, OPEN)
