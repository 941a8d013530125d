"""The level of a type of document: who chooses it, and that every signature is ordered at it."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import StepKind
from webapp.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.signature_levels import SignatureLevel, level_of_step
from webapp.gateways.files import FolderStore
from webapp.models.audit import AuditEvent
from webapp.queries.signature_levels import level_in_force, list_levels
from webapp.services.signature_levels import ChooseLevel, choose_levels

T, LT, LTA = SignatureLevel.B_T, SignatureLevel.B_LT, SignatureLevel.B_LTA


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def choose(
    desk: Desk, level: SignatureLevel, *, shown: SignatureLevel = T, code: str = "KH", role: Role = Role.ADMIN
) -> None:
    order = ChooseLevel(type_code=code, shown=shown, level=level)
    with desk.sessions.begin() as session:
        choose_levels(session, [order], actor=desk.actor(role), clock=desk.clock)


def ordered(desk: Desk) -> list[SignatureLevel]:
    assert isinstance(desk.signing, FakeSigning)
    return desk.signing.levels


def test_a_type_nobody_chose_for_is_signed_at_b_t(desk: Desk) -> None:
    desk.until("sealed")
    assert ordered(desk) == [T, T]


def test_the_archive_stamp_is_asked_for_once_with_the_seal(desk: Desk) -> None:
    choose(desk, LTA)
    desk.until("sealed")
    desk.until("sealed", type_code="BC")
    assert ordered(desk) == [LT, LTA, T, T]


def test_initials_and_people_get_all_but_the_archive_stamp() -> None:
    for level in SignatureLevel:
        expected = LT if level is LTA else level
        assert level_of_step(StepKind.INITIALS, level) is level_of_step(StepKind.PERSON, level) is expected
        assert level_of_step(StepKind.AGENCY, level) is level


def test_a_choice_counts_in_its_ward_and_is_written_down(desk: Desk, session: Session) -> None:
    choose(desk, LT)
    assert level_in_force(session, desk.world.ward_id, "KH") is LT
    assert level_in_force(session, new_id(), "KH") is T
    row = next(row for row in list_levels(session, desk.world.ward_id) if row.type_code == "KH")
    assert (row.level, row.changed_at) == (LT, desk.clock.now())
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == AuditTag.LEVEL_CHANGE)).one()
    assert event.detail == {"type": "KH", "before": "b-t", "level": "b-lt"}


def test_what_cannot_be_chosen_is_refused(desk: Desk, session: Session) -> None:
    choose(desk, LT)
    with pytest.raises(Conflict):
        choose(desk, LTA, shown=T)
    with pytest.raises(InvalidInput):
        choose(desk, LT, shown=LT)
    with pytest.raises(NotFound):
        choose(desk, LT, code="KHONG")
    for role in (Role.OFFICER, Role.LEADER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            choose(desk, LTA, shown=LT, role=role)
    assert level_in_force(session, desk.world.ward_id, "KH") is LT
