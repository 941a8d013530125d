"""The phone checks a visit without the ward: its rules must be the ward's rules, word for word."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir

from tests.phone import vectors
from webapp.core.survey_questions import QUESTIONS
from webapp.core.surveys import Answers

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "webapp" / "assets" / "js" / "phone"
KEPT = json.loads(vectors.FILE.read_text(encoding="utf-8"))
STORABLE = [n for n, visit in enumerate(KEPT["visits"]) if visit["answers"] is not None and not visit["hard"]]


@cache
def _phone() -> dict[str, Any]:
    runner = Path(__file__).with_name("run_vectors.mjs")
    done = subprocess.run(["node", str(runner), str(vectors.FILE)], capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_the_vectors_are_what_the_rules_say_now() -> None:
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.as_text(), "run `python -m tests.phone.vectors`"


def test_the_vectors_meet_every_question_and_most_refusals() -> None:
    asked = {question["code"] for visit in KEPT["visits"] for question in visit["soft"]}
    assert asked == set(QUESTIONS)
    assert len({re.sub(r"\d+", "n", problem["text"]) for visit in KEPT["visits"] for problem in visit["hard"]}) >= 18


@pytest.mark.parametrize("number", range(len(KEPT["visits"])), ids=[visit["name"] for visit in KEPT["visits"]])
def test_the_phone_says_the_same_as_the_ward(number: int) -> None:
    ward, phone = KEPT["visits"][number], _phone()["visits"][number]
    assert phone["hard"] == ward["hard"]
    assert phone["soft"] == ward["soft"]


@pytest.mark.parametrize("number", STORABLE, ids=[KEPT["visits"][number]["name"] for number in STORABLE])
def test_a_correction_opens_with_what_is_stored_and_loses_nothing(number: int) -> None:
    """Stored answers, put into the form and read again, are the same bytes."""
    stored = Answers.from_json(KEPT["visits"][number]["answers"]).to_json()
    assert _phone()["visits"][number]["through"] == stored


def test_search_folds_names_as_the_ward_does() -> None:
    assert _phone()["folded"] == KEPT["folded"]


def test_every_text_of_the_scripts_is_known_to_the_page() -> None:
    """The build lists what babel finds, so that another language's words reach the phone."""
    found = {
        message[2] if isinstance(message[2], str) else message[2][0]
        for message in extract_from_dir(
            str(SCRIPTS),
            [("**.js", "javascript")],
            {"**.js": {"parse_template_string": True}},
            keywords={"_": None, "N_": None},
        )
    }
    listed = json.loads((ROOT / "webapp" / "static" / "dist" / "phone-words.json").read_text(encoding="utf-8"))
    assert found == set(listed)
