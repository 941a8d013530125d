"""`phs ledger`: a checkpoint travels to another machine and is checked there, without a database."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.cli import ledger_store
from webapp.cli.edge import Program
from webapp.cli.ledger import ledger
from webapp.models.signing import SignatureLedger
from webapp.web.shared.wiring import Wiring

Run = Callable[..., Result]


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, wiring: Wiring, sessions: sessionmaker[Session]) -> Run:
    program = Program(wiring.settings, sessions, wiring)
    monkeypatch.setattr(ledger_store, "load_program", lambda: program)
    return lambda *arguments: CliRunner().invoke(ledger, [str(one) for one in arguments], catch_exceptions=False)


def test_an_exported_checkpoint_is_whole_and_continues_an_older_one(desk: Desk, run: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    desk.until("published")
    assert run("export", "--brief", "-o", old).exit_code == 0
    desk.until("published")
    assert run("export", "-o", new).exit_code == 0
    result = run("verify", new, "--against", old)
    assert result.exit_code == 0, result.output
    assert "4 dòng" in result.output
    told = json.loads(run("verify", new, "--against", old, "--json").output)
    assert (told["ok"], told["last_sequence"], told["flaws"]) == (True, 4, [])


def test_a_ledger_cut_short_and_its_rewritten_file_are_found(
    desk: Desk, run: Run, tmp_path: Path, session: Session
) -> None:
    desk.until("published")
    session.execute(delete(SignatureLedger).where(SignatureLedger.sequence == 2))
    session.commit()
    run("export", "-o", tmp_path / "cut.json")
    result = run("verify", tmp_path / "cut.json", "--json")
    assert result.exit_code == 1
    assert [flaw["code"] for flaw in json.loads(result.output)["flaws"]] == ["end_missing"]


def test_files_are_compared_with_the_rows(desk: Desk, run: Run, tmp_path: Path, wiring: Wiring) -> None:
    document_id = desk.until("published")
    run("export", "-o", tmp_path / "c.json")
    folder = tmp_path / "copied"
    folder.mkdir()
    name = desk.base(document_id).sha256
    shutil.copy(tmp_path / "files" / name[:2] / name, folder / "van-ban.pdf")
    told = json.loads(run("verify", tmp_path / "c.json", "--files", folder, "--json").output)
    codes = {flaw["code"] for flaw in told["flaws"]}
    assert told["files_read"] == 1
    assert "revision_missing" not in codes  # both revisions begin the one file
    (folder / "van-ban.pdf").unlink()
    result = run("verify", tmp_path / "c.json", "--files", folder)
    assert result.exit_code == 1
    assert result.output.count("Không tệp nào") == 2
    run("export", "--brief", "-o", tmp_path / "b.json")
    assert "hãy xuất mốc đầy đủ" in run("verify", tmp_path / "b.json", "--files", folder).output


def test_what_is_no_checkpoint_ends_with_two(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    result = run("verify", tmp_path / "x.json")
    assert result.exit_code == 2
    assert "không phải tệp mốc" in result.stderr


def test_checking_needs_no_database_and_no_application(desk: Desk, run: Run, tmp_path: Path) -> None:
    desk.until("published")
    run("export", "-o", tmp_path / "c.json")
    script = (
        "import sys; from webapp.cli.ledger import ledger\n"
        "try: ledger(['verify', sys.argv[1]])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'sqlalchemy', 'flask', 'pyhanko'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "c.json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert "Khớp" in done.stdout


def test_reconciling_from_the_command_line_says_what_it_found(desk: Desk, run: Run, wiring: Wiring) -> None:
    desk.until("published")
    result = run("reconcile")
    assert result.exit_code == 0, result.output
    assert "2 dòng sổ: khớp" in result.output
