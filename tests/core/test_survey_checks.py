"""What cannot be true is refused; what is unlikely is asked."""

import dataclasses
import datetime as dt

import pytest

from tests.survey_answers import adult, family
from webapp.core.survey_checks import ADULTS_MAX, RoundDays, answer_problems, hard_problems
from webapp.core.survey_questions import QUESTIONS, soft_questions
from webapp.core.surveys import Answers, FibreSpeed, MinorBand, MinorLine, Totals, VisitOutcome

DAYS = RoundDays(dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.date(2026, 11, 22))
TOTALS = Totals(residents=5, adults=3, residents_14plus=4, smartphone_adults=3, digital_id_residents=5, vneid_l2=4)


def fields(answers: Answers) -> list[str]:
    return [problem.field for problem in answer_problems(answers)]


def codes(answers: Answers, previous: Answers | None = None) -> list[str]:
    return [question.code for question in soft_questions(answers, previous)]


def test_an_ordinary_family_has_no_problem_and_no_question() -> None:
    assert fields(family()) == []
    assert codes(family(), family()) == []


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2026, 11, 23), "chưa đến"),
        (dt.date(2026, 10, 31), "từ 01/11/2026 đến 30/11/2026"),
    ],
)
def test_a_day_outside_the_round_or_to_come_is_refused(day: dt.date, said: str) -> None:
    (problem,) = hard_problems(VisitOutcome.ABSENT, day, None, DAYS)
    assert problem.field == "visited_on"
    assert said in problem.text()


def test_answers_belong_to_interviews_and_interviews_have_answers() -> None:
    assert [p.field for p in hard_problems(VisitOutcome.REFUSED, DAYS.today, family(), DAYS)] == ["outcome"]
    assert [p.field for p in hard_problems(VisitOutcome.INTERVIEWED, DAYS.today, None, DAYS)] == ["outcome"]
    assert hard_problems(VisitOutcome.VACANT, DAYS.today, None, DAYS) == []


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (family(adults=(), minors=()), "adult_count"),
        (family(adults=tuple(adult() for _ in range(ADULTS_MAX + 1))), "adults"),
        (family(adults=(adult(digital_id=False),)), "adults.0.vneid_level"),
        (family(adults=(adult(vneid_level=3),)), "adults.0.vneid_level"),
        (family(minors=(MinorLine(band=MinorBand.M0_5, count=1, digital_id=2),)), "minors.0-5.digital_id"),
        (family(minors=(MinorLine(band=MinorBand.M6_13, count=2, vneid_l2=1),)), "minors.6-13.vneid_l2"),
        (family(minors=(MinorLine(band=MinorBand.M14, count=2, digital_id=0, vneid_l2=1),)), "minors.14.vneid_l2"),
        (family(minors=(MinorLine(band=MinorBand.M14, count=2, smartphone=1),)), "minors.14.smartphone"),
        (family(minors=(MinorLine(band=MinorBand.M15_17, count=-1),)), "minors.15-17.count"),
        (family(minors=(MinorLine(band=MinorBand.M14, count=1), MinorLine(band=MinorBand.M14, count=1))), "minors"),
        (family(fibre_connected=False), "fibre_speed"),
        (family(fibre_covered=False), "fibre_covered"),
        (family(iot_connections=10_000), "iot_connections"),
        (family(payment_accounts=4), "payment_accounts"),
        (family(note="a" * 501), "note"),
    ],
)
def test_what_cannot_be_true_names_its_field(answers: Answers, field: str) -> None:
    assert fields(answers) == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"residents": 0, "adults": 0, "residents_14plus": 0, "digital_id_residents": 0, "smartphone_adults": 0,
          "vneid_l2": 0}, "totals.residents"),
        ({"adults": 6, "residents_14plus": None}, "totals.adults"),
        ({"residents_14plus": 2, "vneid_l2": 2}, "totals.residents_14plus"),
        ({"smartphone_adults": 4}, "totals.smartphone_adults"),
        ({"digital_id_residents": 6}, "totals.digital_id_residents"),
        ({"vneid_l2": 5}, "totals.vneid_l2"),
        ({"digital_id_residents": 3}, "totals.vneid_l2"),
        ({"esignature_adults": 1, "digital_signature_adults": 2}, "totals.digital_signature_adults"),
    ],
)  # fmt: skip
def test_totals_that_contradict_each_other_are_refused(change: dict[str, int], field: str) -> None:
    assert fields(Answers(totals=TOTALS)) == []
    assert fields(Answers(totals=dataclasses.replace(TOTALS, **change))) == [field]


def test_lines_and_totals_are_never_both_given() -> None:
    assert fields(family(totals=TOTALS)) == ["totals"]


def test_every_problem_says_what_to_do_in_whole_sentences() -> None:
    for problem in answer_problems(family(adults=(), minors=(), fibre_connected=False, note="a" * 501)):
        assert problem.text()[0].isupper()
        assert problem.text().endswith(".")


@pytest.mark.parametrize(
    ("answers", "previous", "code"),
    [
        (family(minors=(MinorLine(band=MinorBand.M0_5, count=12),)), None, "many_residents"),
        (family(adults=()), None, "no_adults"),
        (family(iot_connections=101), None, "many_devices"),
        (family(adults=(adult(digital_signature=True),) * 2), None, "everyone_everything"),
        (family(adults=(adult(smartphone=None, digital_id=None, vneid_level=None, digital_signature=None,
                              e_signature=None),)), None, "nothing_known"),
        (family(adults=(adult(),) * 5), family(), "adults_changed"),
        (family(adults=(adult(), adult(smartphone=False))), family(adults=(adult(), adult())), "smartphone_gone"),
        (family(adults=(adult(), adult(e_signature=False))), family(adults=(adult(), adult())), "signature_gone"),
        (family(fibre_connected=False, fibre_speed=None), family(), "fibre_gone"),
    ],
)  # fmt: skip
def test_the_unlikely_is_asked(answers: Answers, previous: Answers | None, code: str) -> None:
    assert codes(answers, previous) == [code]


def test_a_smartphone_that_left_with_its_owner_is_not_asked() -> None:
    assert codes(family(adults=(adult(),)), family(adults=(adult(), adult()))) == []


def test_not_known_is_not_taken_for_lost() -> None:
    assert codes(family(adults=(adult(), adult(smartphone=None))), family(adults=(adult(), adult()))) == []


def test_totals_are_compared_with_lines_where_they_count_the_same() -> None:
    before = Answers(totals=Totals(residents=2, adults=2, smartphone_adults=2))
    assert codes(family(adults=(adult(), adult(smartphone=False)), minors=()), before) == ["smartphone_gone"]


def test_another_visit_in_the_round_is_asked_also_when_nobody_was_met() -> None:
    (asked,) = soft_questions(None, None, visited_on=dt.date(2026, 11, 3))
    assert asked.to_json() == {"code": "visited_already", "params": {"day": "03/11/2026"}}


def test_every_question_can_be_said_again_from_what_is_stored() -> None:
    asked = soft_questions(family(adults=(adult(),) * 14, iot_connections=500, fibre_connected=False), family())
    assert len(asked) >= 3
    for question in asked:
        assert QUESTIONS[question.code] % question.params


def test_a_speed_needs_a_connection() -> None:
    assert fields(family(fibre_connected=None, fibre_speed=FibreSpeed.FROM_1G)) == ["fibre_speed"]
