"""Residents' requests: numbers, deadlines, one extension, and deletion that nothing brings back."""

import dataclasses
import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.services.test_submit_visit import visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import KNOWN_HOUSEHOLDS, PeriodKind
from webapp.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.personal_data import FieldCode, RequestKind, RequestStatus
from webapp.core.surveys import HouseholdStatus
from webapp.gateways.cipher import ERASED, AesGcmCipher
from webapp.models.adoption import AdoptionFact
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.households import Household, HouseholdToken
from webapp.models.personal_data import SubjectRequest
from webapp.models.surveys import VisitRevision
from webapp.queries.personal_data import field_rows, get_request, list_requests, open_requests
from webapp.services.erase_household import destroy_keys, erase_household
from webapp.services.subject_requests import (
    DecideRequest,
    RecordRequest,
    answer_request,
    confirm_basis,
    decide_request,
    extend_request,
    record_request,
)
from webapp.services.submit_visit import submit_visit


class Desk:
    """The clerk's desk: each act in a transaction of its own."""

    def __init__(self, sessions: sessionmaker[Session], world: World, clock: FixedClock, cipher: AesGcmCipher) -> None:
        self.sessions, self.world, self.clock, self.cipher = sessions, world, clock, cipher
        self.ask = RecordRequest(
            kind=RequestKind.DELETE,
            received_on=clock.today(),
            requester="Bà Lê Thị Sáu",
            contact="0900 000 000",
            content="Xin xóa tên tôi",
            group_id=world.group_ids[0],
            household_number=1,
        )

    def record(self, role: Role = Role.CLERK, **changes: object) -> UUID:
        command = dataclasses.replace(self.ask, **changes)  # type: ignore[arg-type]
        with unit_of_work(self.sessions, self.world.ward_id) as session:
            return record_request(session, command, actor=self.world.actor(role), cipher=self.cipher, clock=self.clock)

    def act(self, what, *arguments: object, role: Role = Role.STATISTICIAN) -> None:
        with unit_of_work(self.sessions, self.world.ward_id) as session:
            what(session, *arguments, actor=self.world.actor(role), clock=self.clock)

    def destroy(self) -> int:
        with unit_of_work(self.sessions, self.world.ward_id) as session:
            return destroy_keys(session, actor=self.world.actor(Role.STATISTICIAN), cipher=self.cipher)

    def row(self, request_id: UUID) -> SubjectRequest:
        with self.sessions() as session:
            return session.get_one(SubjectRequest, (self.world.ward_id, request_id))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, cipher: AesGcmCipher) -> Desk:
    return Desk(sessions, world, clock, cipher)


def test_a_request_takes_the_next_number_of_its_year_and_its_deadlines(desk: Desk, session: Session) -> None:
    first, second = desk.record(), desk.record(kind=RequestKind.VIEW)
    rows = [desk.row(first), desk.row(second)]
    assert [row.number for row in rows] == [1, 2]
    day = desk.clock.today()
    assert [row.due_on - day for row in rows] == [dt.timedelta(20), dt.timedelta(10)]
    stored = session.execute(text("SELECT requester, contact, content FROM subject_request")).all()
    assert all("Sáu".encode() not in bytes(cell) for row in stored for cell in row)
    found = get_request(session, desk.world.ward_id, first, cipher=desk.cipher)
    assert (found.requester, found.content) == ("Bà Lê Thị Sáu", "Xin xóa tên tôi")
    assert found.household.endswith("số 1")


def test_what_is_missing_or_cannot_be_is_said_beside_its_field(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as told:
        desk.record(requester=" ", contact="", content="", received_on=desk.clock.today() + dt.timedelta(1))
    assert {problem.field for problem in told.value.problems} == {"requester", "contact", "content", "received_on"}
    with pytest.raises(InvalidInput) as told:
        desk.record(household_number=999)
    assert [problem.field for problem in told.value.problems] == ["household_number"]
    with pytest.raises(NotAllowed):
        desk.record(role=Role.GROUP_HEAD)


def test_answer_then_one_extension_then_the_decision(desk: Desk) -> None:
    request_id = desk.record(kind=RequestKind.CORRECT)
    desk.act(answer_request, request_id)
    desk.act(extend_request, request_id, "Chờ xác minh")
    assert desk.row(request_id).due_on == desk.clock.today() + dt.timedelta(20)
    with pytest.raises(WrongState):
        desk.act(extend_request, request_id, "Lần nữa")
    desk.act(decide_request, DecideRequest(request_id=request_id, status=RequestStatus.DONE, decision="Đã sửa"))
    row = desk.row(request_id)
    assert (row.status, row.decision) == (RequestStatus.DONE, "Đã sửa")
    with pytest.raises(WrongState):
        desk.act(answer_request, request_id)


def test_a_late_request_counts_as_late_and_stands_first(desk: Desk, session: Session) -> None:
    late = desk.record(kind=RequestKind.VIEW)
    fresh = desk.record()
    session.execute(update(SubjectRequest).where(SubjectRequest.id == late).values(answer_on=dt.date(2026, 1, 5)))
    session.commit()
    today = desk.clock.today()
    assert open_requests(session, desk.world.ward_id, today) == (2, 1)
    lines, more = list_requests(session, desk.world.ward_id)
    assert [line.request_id for line in lines] == [late, fresh]
    assert [line.is_late(today) for line in lines] == [True, False]
    assert not more


def test_a_deletion_leaves_no_name_no_words_no_notes_and_no_key(desk: Desk, session: Session) -> None:
    world, cipher = desk.world, desk.cipher
    household_id = world.households[world.group_ids[0]][0]
    content = visit_of(world)
    assert content.answers is not None
    noted = dataclasses.replace(content, answers=dataclasses.replace(content.answers, note="Con bà Sáu ở xa"))
    desk.act(submit_visit, noted, role=Role.GROUP_HEAD)
    before = bytes(session.scalars(select(Household.head_name).where(Household.id == household_id)).one())
    known = _known(session, world)
    session.rollback()  # SQLite has one writer
    request_id = desk.record()
    done = DecideRequest(request_id=request_id, status=RequestStatus.DONE, decision="Đã xóa")
    with pytest.raises(WrongState):  # nothing was deleted yet
        desk.act(decide_request, done)
    with pytest.raises(NotAllowed):
        desk.act(erase_household, request_id, role=Role.CLERK)
    session.rollback()

    desk.act(erase_household, request_id)
    assert cipher.decrypt(world.ward_id, before) != ERASED  # until the erasure is committed, the key lives
    assert desk.destroy() == 1
    assert desk.destroy() == 0
    with pytest.raises(Conflict):  # an old backup of the row gives nothing any more
        cipher.decrypt(world.ward_id, before)
    session.rollback()
    row = session.get_one(Household, (world.ward_id, household_id), populate_existing=True)
    assert (row.head_name, row.address, row.status) == (b"", b"", HouseholdStatus.VACATED)
    assert not session.scalars(select(HouseholdToken).where(HouseholdToken.household_id == household_id)).all()
    revision = session.scalars(select(VisitRevision)).one()
    assert "note" not in revision.answers
    assert _known(session, world) == known - 1
    session.rollback()
    desk.act(decide_request, done)
    tags = session.scalars(select(AuditEvent.tag)).all()
    assert "household:erase" in tags
    session.rollback()
    with pytest.raises(WrongState):
        desk.act(erase_household, request_id)


def test_only_an_open_request_of_deletion_with_a_household_deletes(desk: Desk) -> None:
    for changes in ({"kind": RequestKind.VIEW}, {"group_id": None, "household_number": None}):
        with pytest.raises(WrongState):
            desk.act(erase_household, desk.record(**changes))
    with pytest.raises(NotFound):
        desk.act(erase_household, UUID(int=5))


def test_the_confirmed_basis_stands_in_place_of_the_suggested_one(desk: Desk, session: Session) -> None:
    desk.act(confirm_basis, FieldCode.ADDRESS, "Điều 5 Luật Cư trú", role=Role.CLERK)
    desk.act(confirm_basis, FieldCode.ADDRESS, "Điều 6 Luật Cư trú", role=Role.CLERK)
    rows = {row.code: row for row in field_rows(session, desk.world.ward_id)}
    assert rows[FieldCode.ADDRESS].basis == "Điều 6 Luật Cư trú"
    assert rows[FieldCode.ADDRESS].confirmed_at is not None
    assert rows[FieldCode.HEAD_NAME].confirmed_at is None
    with pytest.raises(InvalidInput):
        desk.act(confirm_basis, FieldCode.ADDRESS, " ")


def _known(session: Session, world: World) -> int:
    session.rollback()
    found = session.scalars(
        select(AdoptionFact.numerator).where(
            AdoptionFact.indicator_code == KNOWN_HOUSEHOLDS,
            AdoptionFact.period_kind == PeriodKind.ALL,
            AdoptionFact.group_id == world.group_ids[0],
        )
    ).one_or_none()
    return found or 0
