"""The phone and the ward hash the same content to the same value, whatever the answers are."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tests.browser.phone_world import FaultyServer, Phone, new_phone
from webapp.core.surveys import (
    AdultLine,
    AgeBand,
    Answers,
    Barrier,
    FibreSpeed,
    MinorBand,
    MinorLine,
    Sex,
    Totals,
    VisitOutcome,
)
from webapp.core.visit_content import VisitContent, canonical, content_sha256

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ADULT = AdultLine(sex=Sex.FEMALE, age_band=AgeBand.A60, smartphone=False, vneid_level=0, barrier=Barrier.NO_SKILL)
FOUND = {
    "nobody": None,
    "nothing-known": Answers(adults=(AdultLine(),)),
    "zero-is-not-unknown": Answers(adults=(ADULT,), iot_connections=0, payment_accounts=None, fibre_connected=False),
    "lines": Answers(
        adults=(ADULT, AdultLine(digital_signature=True, e_signature=None)),
        minors=(MinorLine(band=MinorBand.M0_5, count=0), MinorLine(band=MinorBand.M15_17, count=2, vneid_l2=1)),
        fibre_speed=FibreSpeed.FROM_1G,
        residents_15plus=3,
    ),
    "totals": Answers(totals=Totals(residents=5, adults=3, smartphone_adults=0)),
    "text": Answers(note='Nhà "ông Đỗ"\\ cạnh chợ\n\tngõ 3 </script> \u2028 🏠 \x7f Ấ'),
}


@pytest.fixture(scope="module")
def steady(chromium: Browser, faulty: FaultyServer) -> Iterator[Phone]:
    phone = new_phone(chromium, faulty).open()
    yield phone
    phone.context.close()


@pytest.mark.parametrize("name", FOUND)
def test_phone_and_ward_hash_the_same(steady: Phone, name: str) -> None:
    answers = FOUND[name]
    content = VisitContent(
        visit_id=UUID("0198e0a4-5f3c-7abc-8def-0123456789ab"),
        round_id=UUID(int=2),
        household_id=UUID(int=3),
        outcome=VisitOutcome.INTERVIEWED if answers else VisitOutcome.ABSENT,
        visited_on=dt.date(2026, 11, 22),
        answers=answers,
    )
    body = {
        "visit_id": str(content.visit_id),
        "round_id": str(content.round_id),
        "household_id": content.household_id.hex,
        "outcome": content.outcome.value,
        "visited_on": "2026-11-22",
        "answers": answers.to_json() if answers else None,
        "reason": "not content",
        "extra": {},
    }
    assert (
        steady.run("(body) => engine.hash.canonicalJson(engine.hash.contentOf(body))", body)
        == canonical(content).decode()
    )
    assert steady.run("(body) => engine.hash.contentSha256(body)", body) == content_sha256(content)


def test_the_phone_leaves_out_what_is_unknown_and_joins_marks_to_letters(steady: Phone) -> None:
    typed = {
        "adults": [{"sex": "male", "smartphone": None, "vneid_level": 0}],
        "minors": [],
        "totals": None,
        "iot_connections": 0,
        "fibre_connected": False,
        "note": "Cha\u0300o",
    }
    assert steady.run("(answers) => engine.hash.cleanAnswers(answers)", typed) == {
        "adults": [{"sex": "male", "vneid_level": 0}],
        "iot_connections": 0,
        "fibre_connected": False,
        "note": "Chào",
    }


def test_identifiers_are_version_7_and_in_order_of_time(steady: Phone) -> None:
    made = [UUID(text) for text in steady.run("Array.from({length: 200}, (_, n) => engine.ids.newId(Date.now() + n))")]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {made[0].variant}
    assert made == sorted(made)
    assert len(set(made)) == 200
