"""Visits right and wrong, with what the rules say about them: the phone's scripts must say the same.

`python -m tests.phone.vectors` writes vectors.json anew after a rule changed.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webapp.core.survey_checks import RoundDays, hard_problems
from webapp.core.survey_questions import soft_questions
from webapp.core.surveys import Answers, VisitOutcome
from webapp.core.text import fold

FILE = Path(__file__).with_name("vectors.json")
TODAY = dt.date(2026, 11, 22)
DAYS = RoundDays(dt.date(2026, 11, 1), dt.date(2026, 11, 30), TODAY)
ADULT = {
    "sex": "female",
    "age_band": "30-44",
    "smartphone": True,
    "digital_id": True,
    "vneid_level": 2,
    "digital_signature": False,
    "e_signature": True,
}
ALL = {**ADULT, "digital_signature": True}
HOUSE = {"adults": [ADULT], "fibre_covered": True, "fibre_connected": True, "fibre_speed": "below_1g"}
TOTALS = {"residents": 4, "adults": 2}
NAMES = ("Trần Đình Ấn", "ĐỖ THỊ ƯỚC", "12/5 ngõ Huế", "Ðặng Ɖức", "e\u0302\u0301 NFD", "  hai   chữ ", "Ksor H’Bé-La")


BANDS = ("0-5", "6-13", "14", "15-17")
COUNTS = {"digital_id": 1, "vneid_l2": 1, "smartphone": 1}
Case = tuple[str, dict[str, Any], dict[str, Any] | None]

# name, answers, answers of the round before
CASES: tuple[Case, ...] = (
    ("a plain house", HOUSE, None),
    ("nobody at all", {"fibre_connected": False}, None),
    ("an unknown adult", {"adults": [{}]}, HOUSE),
    ("61 adults", {"adults": [ADULT] * 61}, None),
    ("an account without an ID", {"adults": [{**ADULT, "digital_id": False}]}, None),
    ("level three", {"adults": [{**ADULT, "vneid_level": 3}]}, None),
    ("level one without an ID", {"adults": [{**ADULT, "digital_id": False, "vneid_level": 1}]}, None),
    ("level zero without an ID", {"adults": [{**ADULT, "digital_id": False, "vneid_level": 0}]}, None),
    *((f"minors {band} with all", {**HOUSE, "minors": [{"band": band, "count": 2, **COUNTS}]}, None) for band in BANDS),
    *(
        (f"minors {band} too many", {**HOUSE, "minors": [{"band": band, "count": 1, "digital_id": 2}]}, None)
        for band in BANDS
    ),
    (
        "minors more accounts than IDs",
        {**HOUSE, "minors": [{"band": "14", "count": 2, "digital_id": 1, "vneid_l2": 2}]},
        None,
    ),
    ("a band twice", {**HOUSE, "minors": [{"band": "14", "count": 1}, {"band": "14", "count": 1}]}, None),
    ("minors too many to be true", {**HOUSE, "minors": [{"band": "0-5", "count": 10_000}]}, None),
    ("minus one", {**HOUSE, "minors": [{"band": "0-5", "count": -1}]}, None),
    ("fibre without fibre", {**HOUSE, "fibre_covered": False}, None),
    ("speed without fibre", {**HOUSE, "fibre_connected": False}, HOUSE),
    ("fibre gone", {"adults": [ADULT], "fibre_connected": False, "fibre_covered": True}, HOUSE),
    ("too many devices", {**HOUSE, "iot_connections": 10_000}, None),
    ("many devices", {**HOUSE, "iot_connections": 101}, None),
    ("more accounts than people", {**HOUSE, "payment_accounts": 2}, None),
    ("accounts of 15 to 17", {**HOUSE, "payment_accounts": 2, "minors": [{"band": "15-17", "count": 1}]}, None),
    ("a long note", {**HOUSE, "note": "ghi " * 200}, None),
    ("a note with pictures", {**HOUSE, "note": "🏠" * 400}, None),
    ("thirteen people", {"adults": [ADULT] * 13}, None),
    ("everything for all", {"adults": [ALL, ALL]}, None),
    ("everything for one", {"adults": [ALL]}, None),
    ("nothing known", {"adults": [{}, {"sex": "male"}]}, None),
    ("only children", {"minors": [{"band": "6-13", "count": 2}]}, None),
    ("three adults gone", HOUSE, {"adults": [ADULT] * 4}),
    ("three adults more", {"adults": [ADULT] * 4}, HOUSE),
    ("a smartphone gone", {"adults": [{**ADULT, "smartphone": False}]}, HOUSE),
    ("a smartphone not known now", {"adults": [{**ADULT, "smartphone": None}]}, HOUSE),
    (
        "ID and signature gone",
        {"adults": [{**ADULT, "digital_id": False, "vneid_level": 0, "e_signature": False}]},
        HOUSE,
    ),
    ("gone with the person", {"adults": [ADULT]}, {"adults": [ADULT, ADULT]}),
    ("totals", {"totals": TOTALS}, None),
    ("totals and lines", {"totals": TOTALS, "adults": [ADULT]}, None),
    ("no residents", {"totals": {"residents": 0, "adults": 0}}, None),
    ("more adults than residents", {"totals": {"residents": 1, "adults": 2}}, None),
    ("fewer of 14 than adults", {"totals": {**TOTALS, "residents_14plus": 1}}, None),
    ("more level two than of 14", {"totals": {**TOTALS, "residents_14plus": 2, "vneid_l2": 3}}, None),
    ("more level two than IDs", {"totals": {**TOTALS, "digital_id_residents": 1, "vneid_l2": 2}}, None),
    ("digital more than either", {"totals": {**TOTALS, "esignature_adults": 1, "digital_signature_adults": 2}}, None),
    (
        "totals against totals",
        {"totals": {**TOTALS, "smartphone_adults": 0}},
        {"totals": {**TOTALS, "smartphone_adults": 2}},
    ),
    (
        "totals against lines",
        {"totals": {**TOTALS, "smartphone_adults": 0, "esignature_adults": 0}},
        {"adults": [ADULT, ADULT]},
    ),
    ("more of 15 than residents", {"totals": TOTALS, "residents_15plus": 5, "payment_accounts": 6}, None),
)


def _visits() -> Iterator[dict[str, Any]]:
    for name, answers, previous in CASES:
        yield _visit(name, answers=answers, previous=previous)
    for day in ("2026-10-31", "2026-11-01", "2026-11-22", "2026-11-23", "2026-12-01"):
        yield _visit(f"on {day}", outcome="absent", visited_on=day)
    yield _visit("refused with answers", outcome="refused", answers=HOUSE)
    yield _visit("met without answers")
    yield {**_visit("visited already", outcome="absent"), "another": "2026-11-10"}


def _visit(name: str, **changes: Any) -> dict[str, Any]:
    plain = {"outcome": "interviewed", "visited_on": "2026-11-20", "answers": None, "previous": None}
    return {"name": name, **plain, **changes}


def _judged(case: dict[str, Any]) -> dict[str, Any]:
    answers = None if case["answers"] is None else Answers.from_json(case["answers"])
    previous = None if case["previous"] is None else Answers.from_json(case["previous"])
    day = dt.date.fromisoformat(case["visited_on"])
    another = dt.date.fromisoformat(case["another"]) if "another" in case else None
    hard = hard_problems(VisitOutcome(case["outcome"]), day, answers, DAYS)
    soft = soft_questions(answers, previous, visited_on=another)
    return {
        **case,
        "hard": [{"field": problem.field, "text": problem.text()} for problem in hard],
        "soft": [{**question.to_json(), "text": question.message % question.params} for question in soft],
    }


def vectors() -> dict[str, Any]:
    """Give every case with what webapp.core says about it."""
    days = {"starts_on": DAYS.starts_on, "ends_on": DAYS.ends_on, "today": DAYS.today}
    return {
        "days": {name: day.isoformat() for name, day in days.items()},
        "visits": [_judged(case) for case in _visits()],
        "folded": [[name, fold(name)] for name in NAMES],
    }


def as_text() -> str:
    """Give the file's text."""
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
