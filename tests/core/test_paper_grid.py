"""Rows of the grid: what cells say, what they refuse, and the way back."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.paper_grid import BLANK, CELLS, NEEDS_NUMBER, cell_of, is_blank, read_row, write_row
from webapp.core.survey_checks import answer_problems
from webapp.core.surveys import AdultLine, Answers, FibreSpeed, Totals, VisitOutcome

DAY = dt.date(2026, 11, 22)
FULL = {
    "residents": "5",
    "adults": "3",
    "residents_14plus": "4",
    "smartphone_adults": "2",
    "digital_id_residents": "5",
    "vneid_l2": "3",
    "esignature_adults": "1",
    "digital_signature_adults": "0",
    "fibre_connected": "c",
    "fibre_speed": "1",
    "iot_connections": "2",
}


def problems(**changes: str) -> dict[str, str]:
    found = read_row({**FULL, **changes}, usual_day=DAY)
    return {problem.field: problem.message for problem in found.problems}


def test_a_full_row_is_read() -> None:
    row = read_row(FULL, usual_day=DAY)
    assert row.problems == ()
    assert (row.outcome, row.visited_on) == (VisitOutcome.INTERVIEWED, DAY)
    assert row.answers is not None
    assert row.answers.totals is not None
    assert row.answers.totals.digital_signature_adults == 0
    assert (row.answers.fibre_covered, row.answers.fibre_speed) == (True, FibreSpeed.BELOW_1G)
    assert row.answers.payment_accounts is None


@pytest.mark.parametrize("unknown", ["k", "K", "?", " ? "])
def test_unknown_is_not_zero_and_not_blank(unknown: str) -> None:
    row = read_row({**FULL, "vneid_l2": unknown}, usual_day=DAY)
    assert row.answers is not None
    assert row.answers.totals is not None
    assert row.answers.totals.vneid_l2 is None
    zero = read_row({**FULL, "vneid_l2": "0"}, usual_day=DAY).answers
    assert zero is not None
    assert zero != row.answers


def test_k_is_unknown_and_never_no_in_cells_of_yes_and_no() -> None:
    row = read_row({**FULL, "fibre_connected": "k", "fibre_covered": "k", "fibre_speed": ""}, usual_day=DAY)
    assert row.problems == ()
    assert row.answers is not None
    assert row.answers.fibre_connected is None
    no = read_row({**FULL, "fibre_connected": "0", "fibre_covered": "không", "fibre_speed": ""}, usual_day=DAY).answers
    assert no is not None
    assert (no.fibre_connected, no.fibre_covered) == (False, False)


def test_a_blank_cell_was_forgotten_unless_it_follows_or_is_optional() -> None:
    assert problems(vneid_l2="") == {"vneid_l2": BLANK}
    assert problems(fibre_speed="") == {"fibre_speed": BLANK}
    assert problems(fibre_connected="0", fibre_speed="", fibre_covered="") == {"fibre_covered": BLANK}
    assert problems(payment_accounts="", residents_15plus="") == {}
    assert problems(residents="k") == {"residents": NEEDS_NUMBER}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("adults", "ba"),
        ("adults", "-1"),
        ("adults", "1,5"),
        ("residents", "120"),
        ("fibre_connected", "2"),
        ("fibre_speed", "nhanh"),
        ("outcome", "9"),
        ("visited_on", "31/2"),
        ("visited_on", "hôm qua"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_cell(cell: str, text: str) -> None:
    assert cell in problems(**{cell: text})


def test_nobody_met_means_no_answers() -> None:
    met = dict.fromkeys(FULL, "")
    assert read_row({**met, "outcome": "2"}, usual_day=DAY).outcome is VisitOutcome.ABSENT
    assert read_row({**met, "outcome": "từ chối"}, usual_day=DAY).outcome is VisitOutcome.REFUSED
    assert list(problems(outcome="2")) == ["outcome"]


def test_days_may_leave_the_year_out() -> None:
    assert read_row({**FULL, "visited_on": "5/11"}, usual_day=DAY).visited_on == dt.date(2026, 11, 5)
    assert read_row({**FULL, "visited_on": "05/11/2025"}, usual_day=DAY).visited_on == dt.date(2025, 11, 5)


def test_a_row_with_only_a_day_is_blank() -> None:
    assert is_blank({"visited_on": "5/11", "adults": " "})
    assert not is_blank({"adults": "0"})


def test_a_visit_by_lines_has_no_row() -> None:
    with pytest.raises(ValueError, match="totals"):
        write_row(VisitOutcome.INTERVIEWED, DAY, Answers(adults=(AdultLine(),)))


maybe = st.one_of(st.none(), st.integers(0, 60))
totals = st.builds(
    Totals,
    residents=st.integers(0, 99),
    adults=st.integers(0, 60),
    **{key: maybe for key in Totals.__dataclass_fields__ if key not in {"residents", "adults"}},
)
answers = st.builds(
    Answers,
    totals=totals,
    fibre_covered=st.sampled_from([None, True, False]),
    fibre_connected=st.sampled_from([None, True, False]),
    fibre_speed=st.sampled_from([None, *FibreSpeed]),
    iot_connections=st.one_of(st.none(), st.integers(0, 9999)),
    payment_accounts=maybe,
    residents_15plus=maybe,
)


@given(said=answers)
def test_what_is_written_reads_the_same(said: Answers) -> None:
    row = read_row(write_row(VisitOutcome.INTERVIEWED, DAY, said), usual_day=DAY)
    assert (row.problems, row.visited_on) == ((), DAY)
    assert row.answers == said


@given(said=answers)
def test_every_hard_problem_has_its_cell(said: Answers) -> None:
    assert all(cell_of(problem.field) in CELLS for problem in answer_problems(said))
