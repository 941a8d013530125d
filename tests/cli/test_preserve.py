"""`phs preserve`: the night's work by hand, for scripts."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.cli import preserve as command
from webapp.cli.edge import Program
from webapp.web.shared.wiring import Wiring

Run = Callable[..., Result]


@pytest.fixture
def room(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring, room: FakeSigning) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, room)
    desk.enrol_all()
    return desk


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, wiring: Wiring, sessions: sessionmaker[Session], room: FakeSigning) -> Run:
    program = Program(wiring.settings, sessions, replace(wiring, signing=room))
    monkeypatch.setattr(command, "load_program", lambda: program)
    return lambda *arguments: CliRunner().invoke(command.preserve, list(arguments), catch_exceptions=False)


def test_it_says_what_was_done_and_ends_with_zero_when_all_lasts(desk: Desk, run: Run) -> None:
    desk.until("published")
    result = run("--json")
    told = json.loads(result.output)
    assert result.exit_code == 0
    assert (told["ok"], told["archived"], told["until"], told["counts"]["kept"], told["open"]) == (True, 1, 2035, 1, [])
    assert "Đã xem 1 tệp, lưu trữ 0 tệp." in run("--all").output


def test_what_is_open_gives_one_and_is_named(desk: Desk, run: Run, room: FakeSigning) -> None:
    document_id = desk.until("published")
    looked = run("--look", "--json")
    assert (looked.exit_code, json.loads(looked.output)["counts"]["due"]) == (1, 1)
    assert room.archive_room.asked == 0
    room.archive_room.refuse = "revocation_data_missing"
    told = json.loads(run("--json").output)["open"]
    assert [(one["document_id"], one["state"], one["code"]) for one in told] == [
        (str(document_id), "failing", "revocation_data_missing")
    ]
    result = run()
    assert result.exit_code == 1
    assert "01/KH-UBND: Không lấy được dấu thời gian." in result.output


def test_a_ward_that_is_not_there_is_said(desk: Desk, run: Run) -> None:
    result = run("--ward", "00000")
    assert result.exit_code == 1
    assert "không có phường mã 00000" in result.output
