"""The ledger cut by type, level and waiting time."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.documents import KeystoreOwner
from webapp.core.periods import Period
from webapp.gateways.files import FolderStore
from webapp.queries.ledger import usage_summary
from webapp.queries.signature_use import DOCUMENTS_SIGNED, SIGNING_STAFF, ledger_measures
from webapp.queries.usage_cuts import usage_by_level, usage_by_type, waiting_times

YEAR = Period(first=dt.date(2026, 1, 1), last=dt.date(2026, 12, 31))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def test_types_and_levels_count_documents_seals_and_signatures(desk: Desk, session: Session) -> None:
    desk.until("published")
    desk.until("signed")
    desk.until("signed", type_code="BC")
    by_type = usage_by_type(session, desk.world.ward_id, YEAR)
    assert [(cut.name, cut.documents, cut.seals, cut.signatures) for cut in by_type] == [
        ("Kế hoạch", 2, 1, 3),
        ("Báo cáo", 1, 0, 1),
    ]
    assert [(cut.name, cut.signatures) for cut in usage_by_level(session, desk.world.ward_id, YEAR)] == [("b-t", 4)]


def test_waiting_runs_from_the_last_submission_to_the_signature(
    desk: Desk, session: Session, clock: FixedClock
) -> None:
    for minutes in (10, 20, 30, 40, 50, 60, 70, 80, 90, 6000):
        document_id = desk.until("awaiting_signature")
        clock.move(minutes=minutes)
        desk.sign(document_id)
    whole, kind = waiting_times(session, desk.world.ward_id, YEAR)
    assert (whole.name, whole.documents, kind.name) == ("", 10, "Kế hoạch")
    assert whole.median == dt.timedelta(minutes=55)
    assert whole.most == dt.timedelta(minutes=90)


def test_an_empty_period_has_no_waiting_times(desk: Desk, session: Session) -> None:
    desk.until("signed")
    old = Period(first=dt.date(2024, 1, 1), last=dt.date(2024, 12, 31))
    assert waiting_times(session, desk.world.ward_id, old) == []
    assert usage_by_type(session, desk.world.ward_id, old) == []


def test_the_dashboards_indicators_and_the_page_count_the_same(desk: Desk, session: Session) -> None:
    for state in ("published", "sealed", "numbered", "signed"):
        desk.until(state)
    today = desk.clock.today()
    page = usage_summary(session, desk.world.ward_id, dt.date(today.year, 1, 1), today)
    measures = ledger_measures(session, desk.world.ward_id, today)
    documents, staff = measures[DOCUMENTS_SIGNED], measures[SIGNING_STAFF]
    assert (documents.numerator, documents.denominator) == (page.issued_with_both, page.issued) == (2, 3)
    assert (staff.numerator, staff.denominator) == (page.staff_who_signed, page.signing_staff) == (1, 2)
    assert len(KeystoreOwner) == 2


def test_the_figures_take_a_fixed_number_of_statements(desk: Desk, sessions: sessionmaker[Session]) -> None:
    counts = []
    for _round in range(2):
        desk.until("published")
        counts.append(_statements(desk, sessions))
    assert counts[0] == counts[1] <= 5


def _statements(desk: Desk, sessions: sessionmaker[Session]) -> int:
    seen: list[str] = []
    with sessions() as session:

        @event.listens_for(session.get_bind(), "before_cursor_execute")
        def count(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
            seen.append(text)

        usage_summary(session, desk.world.ward_id, YEAR.first, YEAR.last)
        waiting_times(session, desk.world.ward_id, YEAR)
        event.remove(session.get_bind(), "before_cursor_execute", count)
    return len(seen)
