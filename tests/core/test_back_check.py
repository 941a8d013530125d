"""Drawing a sample, and comparing second with first answers."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.survey_answers import adult, family
from webapp.core.back_check import (
    BackCheckQuestion,
    KeyAnswers,
    agreements,
    allocate,
    answer_problems,
    cohen_kappa,
    discrepancies,
    draw,
)
from webapp.core.surveys import Answers, Totals

counts = st.none() | st.integers(0, 30)
answers = st.builds(
    KeyAnswers,
    visited=st.none() | st.booleans(),
    residents=counts,
    adults=counts,
    smartphone_adults=counts,
    signature_adults=counts,
    fibre_connected=st.none() | st.booleans(),
    iot_connections=counts,
)
sizes = st.dictionaries(st.uuids(), st.integers(0, 60), min_size=1, max_size=8)


@given(st.lists(answers, max_size=20))
def test_identical_answers_agree_wholly(given_answers: list[KeyAnswers]) -> None:
    for found in agreements([(each, each) for each in given_answers]):
        assert found.agreed == found.compared
        assert found.share in {None, 1.0}
        assert found.kappa in {None, 1.0}
    assert all(discrepancies(each, each) == [] for each in given_answers)


@given(answers)
def test_answers_survive_being_stored(given_answers: KeyAnswers) -> None:
    assert KeyAnswers.from_json(given_answers.to_json()) == given_answers


@given(st.lists(st.tuples(answers, answers), max_size=20))
def test_agreement_counts_and_discrepancies_are_the_same_thing(pairs: list[tuple[KeyAnswers, KeyAnswers]]) -> None:
    differing = Counter(d.question for first, second in pairs for d in discrepancies(first, second))
    for found in agreements(pairs):
        assert found.compared - found.agreed == differing[found.question]
        assert found.kappa is None or -1 <= found.kappa <= 1


def test_kappa_is_the_textbook_one() -> None:
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([(True, True)] * 5) is None
    assert cohen_kappa([]) is None


@given(sizes, st.integers(1, 200))
def test_a_number_is_shared_in_proportion_with_one_of_each_group(population: dict[UUID, int], wanted: int) -> None:
    found = allocate(population, wanted, percent=False)
    filled = {group: size for group, size in population.items() if size}
    assert found.keys() == filled.keys()
    assert all(1 <= part <= filled[group] for group, part in found.items())
    if filled:
        assert sum(found.values()) == min(max(wanted, len(filled)), sum(filled.values()))


@given(sizes, st.integers(1, 100))
def test_a_percentage_is_taken_of_each_group(population: dict[UUID, int], percent: int) -> None:
    for group, part in allocate(population, percent, percent=True).items():
        assert population[group] * percent / 100 <= part < population[group] * percent / 100 + 1


@given(
    st.lists(st.tuples(st.uuids(), st.integers(0, 2)), unique_by=lambda pair: pair[0], min_size=1), st.integers(0, 99)
)
def test_the_same_seed_draws_the_same_visits_whatever_their_order(pairs: list[tuple[UUID, int]], seed: int) -> None:
    visits = [(visit, UUID(int=group)) for visit, group in pairs]
    chosen = draw(visits, seed, 30, percent=True)
    assert chosen == draw(reversed(visits), seed, 30, percent=True)
    assert len(set(chosen)) == len(chosen)


def test_another_seed_draws_other_visits() -> None:
    visits = [(UUID(int=n), UUID(int=0)) for n in range(200)]
    assert set(draw(visits, 1, 10, percent=True)) != set(draw(visits, 2, 10, percent=True))


def test_first_answers_are_counted_and_unknown_ones_are_left_out() -> None:
    found = KeyAnswers.of(family())
    assert (found.adults, found.residents, found.smartphone_adults, found.signature_adults) == (2, 4, None, 1)
    assert KeyAnswers.of(family(adults=(adult(), adult()))).smartphone_adults == 2
    totals = KeyAnswers.of(Answers(totals=Totals(residents=5, adults=3, smartphone_adults=2)))
    assert (totals.residents, totals.smartphone_adults, totals.signature_adults) == (5, 2, None)


def test_what_cannot_be_true_is_named() -> None:
    assert [p.field for p in answer_problems(KeyAnswers(residents=2, adults=3, smartphone_adults=4))] == [
        "adults",
        "smartphone_adults",
    ]
    assert answer_problems(KeyAnswers(adults=3)) == []
    assert set(BackCheckQuestion) == set(KeyAnswers.__dataclass_fields__)
