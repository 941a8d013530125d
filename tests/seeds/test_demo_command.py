"""`phs demo`: never touches a real ward, always prints log-ins that work, and finishes what was cut off."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from seeds.__main__ import main as seeds
from seeds.demo.logins import LOADING, mark, ward_state
from tests.world import World
from webapp.cli import demo as command
from webapp.cli.edge import Program
from webapp.models.accounts import Account
from webapp.models.households import Household
from webapp.models.places import Ward
from webapp.services.passwords import verify_password
from webapp.settings import Settings
from webapp.web.shared.wiring import Wiring

Phs = Callable[..., Result]
# What the database does is tried on both; the rest once.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SMALL = ("--households", "20", "--groups", "2", "--no-documents")


@pytest.fixture
def phs(monkeypatch: pytest.MonkeyPatch, wiring: Wiring, settings: Settings, sessions: sessionmaker[Session]) -> Phs:
    monkeypatch.setattr(command, "load_program", lambda: Program(settings, sessions, wiring))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(command.demo, arguments)

    return run


def log_ins(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return {row["username"]: row["password"] for row in rows}


def fits(sessions: sessionmaker[Session], username: str, password: str) -> bool:
    with sessions() as session:
        stored = session.scalars(select(Account.password_hash).where(Account.username == username)).one()
    return verify_password(stored, password)


@on_sqlite
def test_it_prints_log_ins_that_fit_and_says_nothing_secret_on_the_error_stream(
    phs: Phs, sessions: sessionmaker[Session]
) -> None:
    result = phs(*SMALL, "--json")
    printed = log_ins(result)
    assert fits(sessions, "thongke", printed["thongke"])
    assert not any(password in result.stderr for password in printed.values())


@on_sqlite
def test_the_table_names_role_user_and_password(phs: Phs) -> None:
    result = phs(*SMALL)
    assert "Tên đăng nhập" in result.stdout
    assert "totruong01" in result.stdout


@on_sqlite
def test_if_empty_gives_an_existing_demo_new_passwords_and_leaves_its_data(
    phs: Phs, sessions: sessionmaker[Session]
) -> None:
    before = log_ins(phs(*SMALL, "--json"))
    after = log_ins(phs("--if-empty", "--json"))
    assert set(before) == set(after)
    assert fits(sessions, "chutich", after["chutich"])
    assert not fits(sessions, "chutich", before["chutich"])
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Household)) == 20


def test_a_second_demo_is_refused_without_force(phs: Phs, sessions: sessionmaker[Session]) -> None:
    phs(*SMALL)
    assert phs(*SMALL).exit_code == 1
    assert phs("--households", "30", "--groups", "2", "--no-documents", "--force").exit_code == 0
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Household)) == 30


@pytest.mark.parametrize("options", [(), ("--force",)])
def test_a_real_ward_is_never_touched(
    phs: Phs, world: World, sessions: sessionmaker[Session], options: tuple[str, ...]
) -> None:
    assert phs(*SMALL, *options).exit_code == 1
    with sessions() as session:
        assert session.scalars(select(Ward.id)).all() == [world.ward_id]


@on_sqlite
def test_if_empty_passes_by_a_real_ward(phs: Phs, world: World, sessions: sessionmaker[Session]) -> None:
    result = phs(*SMALL, "--if-empty")
    assert result.exit_code == 0
    assert result.stdout == ""
    with sessions() as session:
        assert session.scalars(select(Ward.id)).all() == [world.ward_id]


def test_a_demo_that_was_cut_off_is_made_again(phs: Phs, world: World, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        mark(session, world.ward_id, LOADING)
    assert "thongke" in log_ins(phs(*SMALL, "--if-empty", "--json"))
    with sessions() as session:
        assert ward_state(session) == "ready"
        assert session.scalars(select(Ward.code)).all() == ["99030"]


@on_sqlite
@pytest.mark.usefixtures("world")
def test_the_module_refuses_a_database_with_a_ward(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PHS_DATABASE_URL", settings.url)
    assert seeds(["demo"]) == 1
    assert "holds a ward" in capsys.readouterr().out


def test_the_module_loads_reference_rows(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PHS_DATABASE_URL", settings.url)
    assert seeds(["reference"]) == 0
    assert "rows" in capsys.readouterr().out
