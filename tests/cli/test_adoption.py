"""`phs adoption` in scripts."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures, signers
from tests.fakes import FixedClock
from tests.world import World
from webapp.cli import adoption as command
from webapp.cli.edge import Program
from webapp.models.adoption import AdoptionFact
from webapp.web.shared.wiring import Wiring

Run = Callable[..., Result]


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Figures:
    figures = Figures(sessions, world).load()
    figures.visit(0, 0, signers(1, 3), clock.today())
    return figures


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, wiring: Wiring, sessions: sessionmaker[Session], figures: Figures) -> Run:
    program = Program(wiring.settings, sessions, wiring)
    monkeypatch.setattr(command, "load_program", lambda: program)
    return lambda *arguments: CliRunner().invoke(command.adoption, arguments, catch_exceptions=False)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.output)
    return found


def test_json_has_every_indicator_with_its_target(run: Run) -> None:
    found = {line["code"]: line for line in lines(run("--json"))}
    line = found["esignature_adults"]
    assert (line["numerator"], line["denominator"], line["asked"], line["known_households"]) == (1, 3, 1, 6)
    assert line["rate"] == pytest.approx(1 / 3)
    assert line["coverage"] == pytest.approx(1 / 6)
    assert line["adult_age"] == 18
    assert line["target"] == {"year": 2030, "operator": "more_than", "value": 0.7, "met": False, "gap": 2}
    assert line["as_of"] == "2026-11-22"
    assert found["vneid_l2"]["rate"] is None
    assert found["vneid_l2"]["target"] is None


def test_a_day_before_the_visit_knows_nothing(run: Run) -> None:
    found = {line["code"]: line for line in lines(run("--json", "--as-of", "2026-11-21"))}
    assert found["esignature_adults"]["rate"] is None


def test_by_group_and_one_group_agree(run: Run) -> None:
    by_group = [line for line in lines(run("--json", "--by-group")) if line["code"] == "esignature_adults"]
    assert [(line["group"]["code"], line["denominator"]) for line in by_group] == [("01", 3), ("02", 0)]
    one = {line["code"]: line for line in lines(run("--json", "--group", "01"))}
    assert one["esignature_adults"]["numerator"] == by_group[0]["numerator"]
    assert run("--group", "99").exit_code == 1
    assert run("--ward", "00000").exit_code == 1


def test_the_table_writes_numbers_as_people_read_them(run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert "33,3 %" in result.output
    assert "1/3" in result.output


def test_check_finds_a_damaged_fact_and_rebuild_mends_it(run: Run, sessions: sessionmaker[Session]) -> None:
    assert run("--check").exit_code == 0
    with sessions.begin() as session:
        session.execute(update(AdoptionFact).values(numerator=77))
    damaged = run("--check")
    assert damaged.exit_code == 1
    assert run("--rebuild", "--check").exit_code == 0
    assert run("--check").exit_code == 0
