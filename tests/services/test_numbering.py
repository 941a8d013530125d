"""Numbers: no gap, no duplicate, a new series each year, the symbol of Decree 30."""

import datetime as dt
import threading
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import DomainError, StorageFull
from webapp.gateways.files import FolderStore
from webapp.models.documents import Document, NumberSeries, OutgoingRegister


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def test_sixteen_documents_numbered_at_once_take_sixteen_numbers_without_a_gap(desk: Desk, session: Session) -> None:
    waiting = [desk.until("signed") for _ in range(16)]
    start = threading.Barrier(16)
    failures: list[BaseException] = []

    def number(document_id: object) -> None:
        start.wait()
        try:
            desk.number(document_id)  # type: ignore[arg-type]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=number, args=(document_id,)) for document_id in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(session.scalars(select(OutgoingRegister.number))) == list(range(1, 17))
    assert sorted(n for n in session.scalars(select(Document.number)) if n) == list(range(1, 17))


def test_two_clerks_on_one_document_give_it_one_number(desk: Desk, session: Session) -> None:
    document_id = desk.until("signed")
    start = threading.Barrier(4)
    results: list[object] = []

    def number() -> None:
        start.wait()
        try:
            results.append(desk.number(document_id))
        except DomainError as error:
            results.append(type(error))

    threads = [threading.Thread(target=number) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("01/KH-UBND") == 1
    assert len(results) == 4
    assert session.scalars(select(NumberSeries.last_number)).one() == 1


def test_a_number_whose_transaction_fails_is_given_to_the_next(desk: Desk) -> None:
    failing, next_one = desk.until("signed"), desk.until("signed")

    class FullStore(FolderStore):
        def put(self, content: bytes) -> str:
            raise StorageFull

    assert isinstance(desk.files, FolderStore)
    full = Desk(desk.sessions, desk.world, desk.clock, FullStore(desk.files.root), desk.signing)
    with pytest.raises(StorageFull):
        full.number(failing)
    assert desk.number(next_one) == "01/KH-UBND"
    assert desk.number(failing) == "02/KH-UBND"


def test_the_series_starts_again_at_new_year_in_the_wards_zone(desk: Desk, clock: FixedClock) -> None:
    before, at, after = (desk.until("signed") for _ in range(3))
    clock.moment = dt.datetime(2026, 12, 31, 16, 59, 59, tzinfo=dt.UTC)
    assert desk.number(before) == "01/KH-UBND"
    clock.move(seconds=1)
    assert desk.number(at) == "01/KH-UBND"
    clock.move(days=40)
    assert desk.number(after) == "02/KH-UBND"


def test_new_year_that_passes_while_waiting_for_the_series_counts(desk: Desk, session: Session) -> None:
    document_id = desk.until("signed")

    class Midnight(FixedClock):
        """Tells the old year once, then the new one."""

        asked = 0

        def today(self) -> dt.date:
            self.asked += 1
            return dt.date(2026, 12, 31) if self.asked == 1 else dt.date(2027, 1, 1)

    late = Desk(desk.sessions, desk.world, Midnight(), desk.files, desk.signing)
    assert late.number(document_id) == "01/KH-UBND"
    row = session.scalars(select(OutgoingRegister)).one()
    assert (row.year, row.issued_on) == (2027, dt.date(2027, 1, 1))


def test_all_types_share_one_series_and_letters_name_the_unit(desk: Desk) -> None:
    plan, letter, report = (
        desk.until("signed"),
        desk.until("signed", type_code="CV"),
        desk.until("signed", type_code="BC"),
    )
    assert desk.number(plan) == "01/KH-UBND"
    assert desk.number(letter) == "02/UBND-VPTK"
    assert desk.number(report) == "03/BC-UBND"


def test_the_tenth_number_has_no_leading_zero(desk: Desk) -> None:
    numbers = [desk.number(desk.until("signed"), role=Role.CLERK) for _ in range(10)]
    assert numbers[8:] == ["09/KH-UBND", "10/KH-UBND"]
