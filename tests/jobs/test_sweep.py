"""Files that no row names are put aside at night: after two days, never one that a ward names, never a young one."""

import datetime as dt
import os
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import make_desk
from tests.fakes import FixedClock
from tests.world import World, make_world
from webapp.core.jobs import JobKind
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import SWEPT, FolderStore
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.base import Base
from webapp.models.database import unit_of_work
from webapp.models.places import Ward
from webapp.queries.file_names import NOT_FILES, file_columns, names_in_ward
from webapp.services.jobs import NewJob, enqueue


@pytest.fixture
def store(ports: Ports) -> FolderStore:
    assert isinstance(ports.files, FolderStore)
    return ports.files


def _age(store: FolderStore, name: str, moment: dt.datetime) -> None:
    path = store.root / name[:2] / name
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def _night(sessions: sessionmaker[Session], ports: Ports, world: World) -> None:
    with unit_of_work(sessions, world.ward_id) as session:
        enqueue(session, NewJob(kind=JobKind.RETENTION), ward_id=world.ward_id, created_by=None, clock=ports.clock)
    assert Worker(sessions, ports, standard_registry()).run_once()


def test_a_file_without_a_row_is_put_aside_after_two_days(
    sessions: sessionmaker[Session], ports: Ports, world: World, clock: FixedClock, store: FolderStore
) -> None:
    desk = make_desk(sessions, world, clock, store)
    document_id = desk.until("sealed")
    with unit_of_work(sessions, world.ward_id) as session:
        names = {name for name in names_in_ward(session, world.ward_id) if name and store.exists(name)}
    named, stray, young = desk.base(document_id).sha256, store.put(b"left by a kill"), store.put(b"just stored")
    for path in store.root.glob("??/*"):
        _age(store, path.name, clock.now() - dt.timedelta(days=3))
    _age(store, young, clock.now() - dt.timedelta(hours=47))
    half = store.root / stray[:2] / ".new-abc"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    _night(sessions, ports, world)
    assert (store.exists(named), store.exists(stray), store.exists(young), half.exists()) == (True, False, True, False)
    assert (store.root / SWEPT / stray).read_bytes() == b"left by a kill"
    assert len(names) > 4
    assert [name for name in names if not store.exists(name)] == []


def test_files_of_a_ward_that_was_merged_stay(
    sessions: sessionmaker[Session],
    ports: Ports,
    world: World,
    clock: FixedClock,
    store: FolderStore,
    cipher: AesGcmCipher,
) -> None:
    merged = make_world(sessions, cipher, clock, code="99002", prefix="cu-")
    desk = make_desk(sessions, merged, clock, store)
    name = desk.base(desk.upload(content=b"%PDF-1.7 of a ward that was")).sha256
    with sessions.begin() as session:
        session.execute(update(Ward).where(Ward.id == merged.ward_id).values(valid_to=clock.today()))
    stray = store.put(b"nobody's")
    for path in store.root.glob("??/*"):
        _age(store, path.name, clock.now() - dt.timedelta(days=3))
    for ward in (world, merged):  # whichever comes first does it for all
        _night(sessions, ports, ward)
    assert (store.exists(name), store.exists(stray)) == (True, False)


def test_a_file_that_is_stored_again_is_young_again(store: FolderStore, clock: FixedClock) -> None:
    name = store.put(b"wanted once more")
    _age(store, name, clock.now() - dt.timedelta(days=9))
    assert store.put(b"wanted once more") == name
    assert store.sweep((), before=dt.datetime.now(dt.UTC) - dt.timedelta(days=2)) == 0
    assert store.get(name) == b"wanted once more"


def test_what_was_put_aside_is_deleted_a_month_later(store: FolderStore) -> None:
    now = dt.datetime.now(dt.UTC)
    name = store.put(b"nobody's")
    _age(store, name, now - dt.timedelta(days=9))
    assert store.sweep((), before=now - dt.timedelta(days=2)) == 1
    aside: Path = store.root / SWEPT / name
    assert store.sweep((), before=now + dt.timedelta(days=29)) == 0
    assert aside.exists()
    store.sweep((), before=now + dt.timedelta(days=31))
    assert not aside.exists()


def test_every_column_that_names_a_file_is_asked() -> None:
    every = {f"{t.name}.{c.name}" for t in Base.metadata.sorted_tables for c in t.columns if c.name.endswith("sha256")}
    assert every >= NOT_FILES
    asked = {f"{column.table.name}.{column.name}" for column in file_columns()}
    assert asked == every - NOT_FILES
    assert {"document_version.sha256", "keystore.file_sha256", "prepared_signing.file_sha256"} <= asked
