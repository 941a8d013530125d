"""Fixtures of all floors. Every test that touches a database runs on SQLite and on PostgreSQL."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule

from tests.fakes import FixedClock
from tests.postgres import Cluster
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.factory import create_app
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.gateways.press import TypstPress
from webapp.gateways.signing import SigningRoom
from webapp.gateways.word import WordPrograms
from webapp.models import Base, schema
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings
from webapp.web.shared.wiring import Wiring

_BUILDERS: dict[tuple[Any, ...], Callable[..., Any]] = {}
_COMPILE = Rule._compile_builder


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """Compile a route once a process: each test has an application of its own, and all have the same 250 routes."""
    key = (rule.rule, tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
    if key not in _BUILDERS:
        _BUILDERS[key] = _COMPILE(rule, append_unknown)
    return _BUILDERS[key]


Rule._compile_builder = _compile_once  # type: ignore[method-assign]

PG_VARIABLE = "PHS_TEST_PG_URL"
CLUSTERS: list[Cluster] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all workers, unless one is named in the environment."""
    if not hasattr(config, "workerinput") and PG_VARIABLE not in os.environ and not config.option.collectonly:
        CLUSTERS.append(Cluster())
        os.environ[PG_VARIABLE] = CLUSTERS[0].url


def pytest_unconfigure() -> None:
    """Stop it again."""
    for cluster in CLUSTERS:
        cluster.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()  # the last connection to close writes the WAL back into the file
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """A migrated database of this worker's own."""
    base = make_url(os.environ[PG_VARIABLE])
    name = f"phs_{worker_id}_{os.getpid()}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = base.set(database=name).render_as_string(hide_password=False)
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database: a copy of the SQLite template, then the worker's PostgreSQL database."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url: str = request.getfixturevalue("postgres_url")
    yield url
    engine = make_engine(url)
    with engine.begin() as connection:
        # Not TRUNCATE: it makes new files for every table and index, which takes longer than most tests. A replica's
        # session fires no trigger, so neither foreign keys nor the guards of append-only tables are asked.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("; ".join(f"DELETE FROM {table.name}" for table in Base.metadata.sorted_tables)))
    engine.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session for arranging and looking; commit to show a page what was arranged."""
    with sessions() as session:
        yield session


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path / "instance",
        database_url=database_url,
        rate_limits=False,
        log_level="ERROR",
        secret_key="test",
    )


@pytest.fixture
def cipher() -> AesGcmCipher:
    return AesGcmCipher(bytes(range(32)))


@pytest.fixture
def wiring(
    settings: Settings, clock: FixedClock, cipher: AesGcmCipher, sessions: sessionmaker[Session], tmp_path: Path
) -> Wiring:
    return Wiring(
        settings=settings,
        clock=clock,
        files=FolderStore(tmp_path / "files"),
        cipher=cipher,
        signing=SigningRoom(settings, sessions, clock),
        press=TypstPress(),
        word=WordPrograms(settings),
    )


@pytest.fixture
def app(wiring: Wiring, sessions: sessionmaker[Session]) -> Flask:
    app = create_app(wiring=wiring, sessions=sessions)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(sessions: sessionmaker[Session], cipher: AesGcmCipher, clock: FixedClock) -> World:
    """A small ward: two groups, an open round, households, and one account a role."""
    return make_world(sessions, cipher, clock)


@pytest.fixture
def login(
    app: Flask, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> Callable[[Role], FlaskClient]:
    """Give a client that is logged in as the ward's account of a role (password confirmed a moment ago)."""

    def log_in(role: Role) -> FlaskClient:
        client = app.test_client()
        token = world.open_session(sessions, role, clock.now(), dt.timedelta(hours=8))
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return log_in


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what fault tests counted; from here it is seen however many processes ran them."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, told in getattr(report, "user_properties", ()):
                if name == "counted" and report.when == "call":
                    terminalreporter.write_line(str(told))
