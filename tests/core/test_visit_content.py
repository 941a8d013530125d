"""The bytes behind a receipt."""

import dataclasses
import datetime as dt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.survey_answers import DAY, adult, family
from webapp.core.surveys import AdultLine, AgeBand, Answers, Barrier, MinorBand, MinorLine, Sex, VisitOutcome
from webapp.core.visit_content import (
    Receipt,
    VisitContent,
    answers_from,
    answers_json,
    answers_of_stranger,
    canonical,
    content_sha256,
    receipt_code,
)

CONTENT = VisitContent(
    visit_id=UUID(int=1),
    round_id=UUID(int=2),
    household_id=UUID(int=3),
    outcome=VisitOutcome.INTERVIEWED,
    visited_on=DAY,
    answers=family(),
)
TRI = st.sampled_from([True, False, None])
ADULTS = st.builds(
    AdultLine,
    sex=st.sampled_from([*Sex, None]),
    age_band=st.sampled_from([*AgeBand, None]),
    smartphone=TRI,
    digital_id=TRI,
    vneid_level=st.sampled_from([0, 1, 2, None]),
    digital_signature=TRI,
    e_signature=TRI,
    barrier=st.sampled_from([*Barrier, None]),
)
COUNT = st.none() | st.integers(0, 9)
ANSWERS = st.builds(
    Answers,
    adults=st.lists(ADULTS, max_size=4).map(tuple),
    minors=st.lists(
        st.builds(
            MinorLine, band=st.sampled_from(MinorBand), count=st.integers(1, 9), digital_id=COUNT, vneid_l2=COUNT
        ),
        max_size=4,
        unique_by=lambda line: line.band,
    ).map(tuple),
    fibre_covered=TRI,
    fibre_connected=TRI,
    iot_connections=COUNT,
    payment_accounts=COUNT,
    note=st.text(max_size=20),
)


@given(ANSWERS)
def test_stored_parts_give_the_answers_back(answers: Answers) -> None:
    assert answers_from(answers_json(answers), answers, answers.adults) == answers


@given(ANSWERS)
def test_answers_from_outside_are_read_as_they_were_written(answers: Answers) -> None:
    assert answers_of_stranger(answers.to_json()) == answers


@pytest.mark.parametrize(
    "data",
    [
        {"iot_connections": True},
        {"iot_connections": "4"},
        {"iot_connections": 4.0},
        {"fibre_connected": 1},
        {"adults": [{"smartphone": "yes"}]},
        {"adults": [{"name": "Ấn"}]},
        {"adults": [{"sex": "x"}]},
        {"minors": [{"band": "14", "count": "1"}]},
        {"minors": [{"band": "99", "count": 1}]},
        {"totals": {"residents": 1}},
        {"totals": {"residents": 1, "adults": None}},
        {"unknown": 1},
        {"note": ["a"]},
    ],
)
def test_answers_of_a_wrong_type_are_refused(data: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        answers_of_stranger(data)


def test_the_hash_changes_with_every_part_of_the_content() -> None:
    other = [
        dataclasses.replace(CONTENT, visit_id=UUID(int=9)),
        dataclasses.replace(CONTENT, household_id=UUID(int=9)),
        dataclasses.replace(CONTENT, round_id=UUID(int=9)),
        dataclasses.replace(CONTENT, outcome=VisitOutcome.ABSENT),
        dataclasses.replace(CONTENT, answers=family(adults=(adult(), adult()))),
        dataclasses.replace(CONTENT, answers=None),
    ]
    assert len({content_sha256(content) for content in [CONTENT, *other]}) == 7


def test_not_known_and_no_do_not_hash_alike() -> None:
    no, unknown = (family(adults=(adult(smartphone=value),)) for value in (False, None))
    assert canonical(dataclasses.replace(CONTENT, answers=no)) != canonical(
        dataclasses.replace(CONTENT, answers=unknown)
    )


def test_the_hash_stays_the_same_for_ever() -> None:
    empty = dataclasses.replace(CONTENT, outcome=VisitOutcome.ABSENT, answers=None)
    assert canonical(empty) == (
        b'{"answers":null,"household":"00000000000000000000000000000003","outcome":"absent",'
        b'"round":"00000000000000000000000000000002","visit":"00000000000000000000000000000001","visited_on":"2026-11-22"}'
    )


def test_a_receipt_reads_as_two_groups_of_unambiguous_letters() -> None:
    code = receipt_code(content_sha256(CONTENT))
    assert len(code) == 7
    assert not set(code) & set("01OILUV")
    receipt = Receipt(visit_id=UUID(int=1), revision=1, sha256="ab" * 32, submitted_at=dt.datetime.now(dt.UTC))
    assert receipt.code == receipt_code("ab" * 32)
