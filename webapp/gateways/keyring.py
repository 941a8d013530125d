"""The key ring: a key of its own for each household, kept apart from the database and from its backups.

Destroying a household's key makes its name and address unreadable wherever their bytes still lie, in old backups too
(Law 91/2025/QH15: deletion is irrecoverable). Backups of the ring itself must
therefore not be kept longer than a deletion may take.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Engine, LargeBinary, MetaData, StaticPool, Table, create_engine, event, insert, select
from sqlalchemy import update as sql_update
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

ID_SIZE: Final = 16
_KEY_SIZE: Final = 32
_BLOCK: Final = 256
"""Keys made at a time: one commit for many households."""
_BELIEVED_SECONDS: Final = 300.0
"""How long another process may still read what was destroyed."""
_DESTROYED: Final = bytes(_KEY_SIZE)

_RING = Table(
    "household_key",
    MetaData(),
    Column("id", LargeBinary(ID_SIZE), primary_key=True),
    Column("wrapped", LargeBinary(80), nullable=False),
    sqlite_with_rowid=False,
)

Wrap = Callable[[bytes], bytes]


class KeyRing:
    """Keys by random id, each wrapped by the installation's key. Threads and processes may share one ring."""

    def __init__(self, url: str = "sqlite://") -> None:
        """Open the ring at a database address; without one it lives in memory (tests)."""
        self._engine = _open(url)
        _RING.metadata.create_all(self._engine)
        self._lock = threading.Lock()
        self._spare: list[tuple[bytes, bytes]] = []
        self._known: dict[bytes, tuple[float, bytes]] = {}

    def new(self, wrap: Wrap) -> tuple[bytes, bytes]:
        """Give id and key of a household nobody knows yet. The key is stored before it is used."""
        with self._lock:
            if not self._spare:
                made = [(os.urandom(ID_SIZE), os.urandom(_KEY_SIZE)) for _ in range(_BLOCK)]
                with self._engine.begin() as connection:
                    connection.execute(insert(_RING), [{"id": name, "wrapped": wrap(key)} for name, key in made])
                self._spare = made
            name, key = self._spare.pop()
            self._remember(name, key)
            return name, key

    def find(self, name: bytes, unwrap: Wrap) -> bytes | None:
        """Give a key, or None when it was destroyed or never was in this ring."""
        known = self._known.get(name)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        with self._engine.connect() as connection:
            wrapped = connection.execute(select(_RING.c.wrapped).where(_RING.c.id == name)).scalar_one_or_none()
        if wrapped is None or bytes(wrapped) == _DESTROYED:
            return None
        key = unwrap(bytes(wrapped))
        with self._lock:
            self._remember(name, key)
        return key

    def destroy(self, name: bytes) -> None:
        """Overwrite a key for good."""
        with self._engine.begin() as connection:
            connection.execute(sql_update(_RING).where(_RING.c.id == name).values(wrapped=_DESTROYED))
        self._wipe_journal()
        with self._lock:
            self._known.pop(name, None)

    def _wipe_journal(self) -> None:
        """Overwrite SQLite's journal, which holds pages as they were, while nobody else can be writing one."""
        path = Path(f"{self._engine.url.database}-journal")
        if self._engine.dialect.name != "sqlite" or not path.exists():
            return
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            with path.open("r+b") as journal:
                journal.write(bytes(path.stat().st_size))
                journal.flush()
                os.fsync(journal.fileno())
            connection.rollback()

    def _remember(self, name: bytes, key: bytes) -> None:
        if len(self._known) > 250_000:
            self._known.clear()
        self._known[name] = (time.monotonic() + _BELIEVED_SECONDS, key)


def open_ring(url: str, folder: Path) -> KeyRing:
    """Open the ring of an installation: at `url`, or in its own file (mode 0600) in `folder`."""
    if url:
        return KeyRing(url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "households.keys"
    path.touch(mode=0o600)
    return KeyRing(f"sqlite:///{path.absolute()}")


def _open(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=2, pool_pre_ping=True)
    options: dict[str, Any] = {"poolclass": StaticPool} if parsed.database in {None, ":memory:"} else {}
    engine = create_engine(parsed, connect_args={"check_same_thread": False, "timeout": 30}, **options)
    event.listen(engine, "connect", _keep_no_traces)
    return engine


def _keep_no_traces(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    # A journal that is written over again and again instead of deleted: old pages do not stay on the disk.
    for pragma in ("journal_mode=PERSIST", "secure_delete=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
