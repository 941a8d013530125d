"""The stream of visits behind an export: chunks, one moment, and nobody waits for it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.exports import ExportOrder
from webapp.core.surveys import VisitStatus
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.database import unit_of_work
from webapp.queries import export_rows
from webapp.queries.export_rows import count_visits, stream_visits
from webapp.services.submit_visit import submit_visit


@pytest.fixture
def reader(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions(bind=sessions.kw["bind"].execution_options(sqlite_deferred=True)) as session:
        yield session


def submit(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> str:
    command = visit_of(world)
    with unit_of_work(sessions, world.ward_id) as session:
        submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    return command.visit_id.hex


def test_chunks_join_without_loss_or_repeat(
    sessions: sessionmaker[Session],
    reader: Session,
    world: World,
    clock: FixedClock,
    cipher: AesGcmCipher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [submit(sessions, world, clock) for _ in range(7)]
    monkeypatch.setattr(export_rows, "CHUNK", 3)
    found = list(stream_visits(reader, world.ward_id, ExportOrder(), cipher=cipher))
    assert [visit.head["visit_id"] for visit in found] == sorted(made)
    assert [len(visit.lines) for visit in found] == [2] * 7
    assert count_visits(reader, world.ward_id, ExportOrder(status=VisitStatus.APPROVED)) == 0


def test_a_visit_is_taken_while_an_export_runs_and_is_not_in_it(
    sessions: sessionmaker[Session],
    reader: Session,
    world: World,
    clock: FixedClock,
    cipher: AesGcmCipher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {submit(sessions, world, clock) for _ in range(3)}
    monkeypatch.setattr(export_rows, "CHUNK", 1)
    stream = stream_visits(reader, world.ward_id, ExportOrder(), cipher=cipher)
    first = next(stream)
    during = submit(sessions, world, clock)  # would wait for ever if the export held the writer
    found = {first.head["visit_id"], *(visit.head["visit_id"] for visit in stream)}
    assert found == before
    reader.rollback()
    again = {visit.head["visit_id"] for visit in stream_visits(reader, world.ward_id, ExportOrder(), cipher=cipher)}
    assert again == before | {during}
