import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import NotAllowed
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.models.audit import AuditEvent, ChainHead
from webapp.services.audit import record
from webapp.services.audit_check import check_audit, check_audit_for


@pytest.fixture
def events(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> World:
    for number in range(5):
        with sessions.begin() as session:
            actor = world.actor(Role.CLERK)
            record(session, AuditTag.EXPORT, actor=actor, clock=clock, subject=new_id(), number=number, list=["đ", 1.5])
        clock.move(seconds=1.5)
    return world


def test_an_untouched_chain_is_intact(session: Session, events: World) -> None:
    report = check_audit(session, events.ward_id)
    assert (report.rows, report.intact) == (5, True)


@pytest.mark.parametrize(
    "column",
    [
        {"tag": "login:success"},
        {"address": "10.0.0.1"},
        {"actor_id": new_id()},
        {"subject_id": None},
        {"detail": {"number": 7}},
        {"row_hash": bytes(32)},
    ],
)
def test_an_edited_row_shows(session: Session, events: World, column: dict[str, object]) -> None:
    session.execute(update(AuditEvent).where(AuditEvent.sequence == 3).values(**column))
    assert check_audit(session, events.ward_id).first_bad == 3


def test_a_moved_moment_shows(session: Session, events: World, clock: FixedClock) -> None:
    session.execute(update(AuditEvent).where(AuditEvent.sequence == 2).values(at=clock.now()))
    assert check_audit(session, events.ward_id).first_bad == 2


def test_a_removed_row_and_a_cut_end_show(session: Session, events: World) -> None:
    session.execute(delete(AuditEvent).where(AuditEvent.sequence == 5))
    assert check_audit(session, events.ward_id).first_bad == 5
    session.execute(delete(AuditEvent).where(AuditEvent.sequence == 2))
    assert check_audit(session, events.ward_id).first_bad == 2


def test_swapped_rows_show(session: Session, events: World) -> None:
    for old, new in ((1, 100), (2, 1), (100, 2)):
        session.execute(text("UPDATE audit_event SET sequence = :new WHERE sequence = :old"), {"old": old, "new": new})
    assert check_audit(session, events.ward_id).first_bad == 1


def test_a_rewritten_head_shows(session: Session, events: World) -> None:
    session.execute(update(ChainHead).values(head_hash=bytes(32)))
    assert check_audit(session, events.ward_id).first_bad == 6


def test_only_readers_of_the_log_check_it(session: Session, events: World) -> None:
    assert check_audit_for(session, events.actor(Role.AUDITOR)).intact
    with pytest.raises(NotAllowed):
        check_audit_for(session, events.actor(Role.CLERK))
