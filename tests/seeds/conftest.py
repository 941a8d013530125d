"""A demo ward for the tests of this room: small, with documents, made once on SQLite."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from seeds.demo.loading import Loaded, load_demo
from seeds.demo.scene import DemoPorts, DemoSize
from tests.fakes import FixedClock
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings

SIZE = DemoSize(households=300, groups=6)


@contextmanager
def ports_on(folder: Path, url: str, moment: dt.datetime | None = None) -> Iterator[DemoPorts]:
    """Ports on a migrated, empty database; its connections are closed afterwards."""
    engine = make_engine(url)
    settings = Settings(data_dir=folder, database_url=url, base_url="http://localhost:8000")
    yield DemoPorts(
        settings=settings,
        sessions=make_sessions(engine),
        clock=FixedClock(moment),
        cipher=AesGcmCipher(bytes(range(32))),
        files=FolderStore(folder / "files"),
    )
    engine.dispose()


@contextmanager
def ports_on_copy(folder: Path, template: Path, moment: dt.datetime | None = None) -> Iterator[DemoPorts]:
    """The same on a copy of the migrated SQLite file."""
    folder.mkdir(exist_ok=True)
    shutil.copy(template, folder / "demo.db")
    with ports_on(folder, f"sqlite:///{folder / 'demo.db'}", moment) as ports:
        yield ports


@dataclass(frozen=True)
class DemoWard:
    """What was loaded, and the ports it was loaded through."""

    ports: DemoPorts
    loaded: Loaded

    @property
    def today(self) -> dt.date:
        return self.ports.clock.today()


@pytest.fixture(scope="session")
def demo_ward(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[DemoWard]:
    with ports_on_copy(tmp_path_factory.mktemp("demo"), sqlite_template) as ports:
        yield DemoWard(ports, load_demo(ports, SIZE))


@pytest.fixture
def demo_session(demo_ward: DemoWard) -> Iterator[Session]:
    """A session that is never committed."""
    with demo_ward.ports.sessions() as session:
        yield session
