"""What last round's answers make unlikely."""

import dataclasses

import pytest

from tests.survey_answers import adult
from webapp.core.cross_round import changes_since, rules_json
from webapp.core.survey_questions import QUESTIONS
from webapp.core.surveys import Answers, Totals

PAIR = Answers(adults=(adult(), adult()), fibre_connected=True, fibre_covered=True)


def _asked(now: Answers, before: Answers) -> dict[str, dict[str, int]]:
    return dict(changes_since(now, before))


@pytest.mark.parametrize(
    ("lost", "code"),
    [("smartphone", "smartphone_gone"), ("digital_id", "digital_id_gone"), ("e_signature", "signature_gone")],
)
def test_something_that_vanished_is_asked_and_unknown_is_no_loss(lost: str, code: str) -> None:
    gone = dataclasses.replace(PAIR, adults=(adult(), adult(**{lost: False})))
    assert _asked(gone, PAIR) == {code: {"before": 2, "now": 1}}
    unknown = dataclasses.replace(PAIR, adults=(adult(), adult(**{lost: None})))
    assert _asked(unknown, PAIR) == {}


def test_three_adults_fewer_are_asked_and_what_left_with_them_is_not() -> None:
    five = dataclasses.replace(PAIR, adults=(adult(),) * 5)
    assert _asked(PAIR, five) == {"adults_changed": {"before": 5, "now": 2}}
    assert _asked(five, PAIR) == {"adults_changed": {"before": 2, "now": 5}}
    assert _asked(PAIR, dataclasses.replace(PAIR, adults=(adult(),) * 4)) == {}


def test_fibre_that_vanished_is_asked() -> None:
    assert _asked(dataclasses.replace(PAIR, fibre_connected=False), PAIR) == {"fibre_gone": {}}
    assert _asked(dataclasses.replace(PAIR, fibre_connected=None), PAIR) == {}


def test_totals_are_compared_where_they_count_the_same() -> None:
    totals = Totals(residents=4, adults=2, smartphone_adults=1, digital_id_residents=0, esignature_adults=0)
    assert _asked(Answers(totals=totals), PAIR) == {
        "smartphone_gone": {"before": 2, "now": 1},
        "signature_gone": {"before": 2, "now": 0},
    }


def test_the_rules_are_plain_data_and_each_has_its_words() -> None:
    rules = rules_json()
    codes = {rule["code"] for rule in (*rules["losses"], *rules["house_losses"])}
    assert codes | {"adults_changed"} <= set(QUESTIONS)
    assert rules["adults_changed_by"] == 3
