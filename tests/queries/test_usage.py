"""Usage counted from the ledger: people, departments, months of the ward's zone, both ratios."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import SigningCapacity
from webapp.core.periods import Period
from webapp.gateways.files import FolderStore
from webapp.queries.ledger import usage_by_department, usage_by_month, usage_by_person, usage_summary
from webapp.services.submission import reject_document

YEAR = Period(first=dt.date(2026, 1, 1), last=dt.date(2026, 12, 31))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def summary(session: Session, desk: Desk, period: Period = YEAR):
    return usage_summary(session, desk.world.ward_id, period.first, period.last)


def test_an_empty_ledger_has_no_shares_but_its_staff(desk: Desk, session: Session) -> None:
    found = summary(session, desk)
    assert (found.signatures, found.issued, found.issued_share) == (0, 0, None)
    assert (found.signing_staff, found.staff_share) == (2, 0.0)


def test_documents_issued_with_both_signatures_over_documents_issued(desk: Desk, session: Session) -> None:
    for state in ("published", "sealed", "numbered", "signed", "awaiting_signature", "draft"):
        desk.until(state)
    found = summary(session, desk)
    assert found.documents_signed == 4
    assert found.signatures == 6
    assert (found.issued_with_both, found.issued) == (2, 3)
    assert (found.staff_who_signed, found.signing_staff) == (1, 2)


def test_a_document_rejected_and_signed_later_counts_once(desk: Desk, session: Session) -> None:
    document_id = desk.until("awaiting_signature")
    with desk.sessions.begin() as writing:
        reject_document(writing, document_id, "sai", actor=desk.actor(Role.LEADER), clock=desk.clock)
    desk.submit(document_id)
    desk.sign(document_id)
    assert summary(session, desk).documents_signed == 1


def test_people_come_with_what_they_signed_and_those_who_did_not_last(desk: Desk, session: Session) -> None:
    desk.until("signed")
    desk.until("published")
    own = desk.until(
        "draft", signer_id=desk.world.accounts[Role.OFFICER], signer_title="", capacity=SigningCapacity.OWN
    )
    desk.submit(own)
    desk.sign(own, role=Role.OFFICER)
    lines = usage_by_person(session, desk.world.ward_id, YEAR)
    assert [(line.name, line.documents) for line in lines] == [("Người leader", 2), ("Người officer", 1)]
    assert lines[0].note == "Chủ tịch"
    nobody = usage_by_person(session, desk.world.ward_id, Period(first=dt.date(2026, 12, 1), last=dt.date(2026, 12, 2)))
    assert {line.documents for line in nobody} == {0}
    assert len(nobody) == 2


def test_departments_are_those_that_drafted(desk: Desk, session: Session) -> None:
    desk.until("signed")
    desk.until("signed", department_id=None)
    lines = usage_by_department(session, desk.world.ward_id, YEAR)
    assert sorted((line.name, line.documents) for line in lines) == [("", 1), ("Văn phòng – Thống kê", 1)]


def test_months_end_at_midnight_in_the_ward(desk: Desk, session: Session, clock: FixedClock) -> None:
    clock.moment = dt.datetime(2026, 9, 30, 16, 59, 59, tzinfo=dt.UTC)
    desk.until("published")
    clock.move(seconds=1)
    desk.until("signed")
    months = usage_by_month(session, desk.world.ward_id, Period(first=dt.date(2026, 8, 15), last=dt.date(2026, 10, 31)))
    assert [(row.month.month, row.documents, row.seals) for row in months] == [(8, 0, 0), (9, 1, 1), (10, 1, 0)]
    september = summary(session, desk, Period(first=dt.date(2026, 9, 1), last=dt.date(2026, 9, 30)))
    assert september.documents_signed == 1


def test_another_ward_counts_nothing(desk: Desk, session: Session) -> None:
    desk.until("published")
    found = usage_summary(session, desk.world.group_ids[0], YEAR.first, YEAR.last)
    assert (found.signatures, found.issued, found.signing_staff) == (0, 0, 0)
