"""One group of a round closed, opened again or locked ahead of the others."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family, visit_of
from tests.world import World
from webapp.core.access import Actor, Role
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, RoundShut, WrongState
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus, VisitStatus
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.households import Household
from webapp.models.surveys import RoundGroup, Visit
from webapp.services.facts_rebuild import compare_facts, rebuild_facts
from webapp.services.review import approve_visits, return_visit
from webapp.services.round_groups import MoveGroup, move_group
from webapp.services.rounds import move_round
from webapp.services.submit_visit import SubmitVisit, submit_visit

CLOSED, LOCKED, OPEN = RoundStatus.CLOSED, RoundStatus.LOCKED, RoundStatus.OPEN
Work = Callable[[], AbstractContextManager[Session]]
Move = Callable[..., None]


@pytest.fixture
def work(sessions: sessionmaker[Session], world: World) -> Work:
    return lambda: unit_of_work(sessions, world.ward_id)


@pytest.fixture
def staff(world: World) -> Actor:
    return world.actor(Role.STATISTICIAN)


@pytest.fixture
def move(work: Work, world: World, staff: Actor, clock: FixedClock) -> Move:
    """Move group 1 (or another) of the round, step by step."""

    def run(*steps: RoundStatus, group: int = 0, reason: str = "") -> None:
        for wanted in steps:
            command = MoveGroup(round_id=world.round_id, group_id=world.group_ids[group], wanted=wanted, reason=reason)
            with work() as own:
                move_group(own, command, actor=staff, clock=clock)

    return run


@pytest.fixture
def visits(work: Work, world: World, staff: Actor, clock: FixedClock) -> list[SubmitVisit]:
    """A visit in each group, and facts that know the households."""
    with work() as own:
        rebuild_facts(own, world.ward_id)
    made = [visit_of(world, world.households[group_id][0]) for group_id in world.group_ids]
    for command in made:
        with work() as own:
            submit_visit(own, command, actor=staff, clock=clock)
    return made


def _status(session: Session, visit_id: UUID) -> VisitStatus:
    return session.scalars(select(Visit.status).where(Visit.id == visit_id)).one()


def test_locking_a_group_locks_its_visits_and_no_others(
    move: Move, work: Work, visits: list[SubmitVisit], session: Session, world: World
) -> None:
    move(CLOSED, LOCKED)
    with work() as own:
        assert compare_facts(own, world.ward_id) == ([], 0)
    assert [_status(session, visit.visit_id) for visit in visits] == [VisitStatus.LOCKED, VisitStatus.SUBMITTED]
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert (event.tag, event.subject_id) == ("round:group_change", world.round_id)
    assert event.detail == {"group": str(world.group_ids[0]), "before": "closed", "to": "locked", "visits": 1}


@pytest.mark.parametrize(("steps", "code"), [((CLOSED,), "group-closed"), ((CLOSED, LOCKED), "group-locked")])
def test_a_group_that_is_shut_takes_no_visit_while_the_others_go_on(
    move: Move, work: Work, world: World, staff: Actor, clock: FixedClock, steps: tuple[RoundStatus, ...], code: str
) -> None:
    move(*steps)
    mine, others = (visit_of(world, world.households[group_id][0]) for group_id in world.group_ids)
    with pytest.raises(RoundShut) as refused, work() as own:
        submit_visit(own, mine, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    assert (refused.value.code, refused.value.subject) == (code, mine.visit_id)
    with work() as own:
        assert submit_visit(own, others, actor=staff, clock=clock).revision == 1


def test_a_locked_group_refuses_correction_approval_and_return(
    move: Move, visits: list[SubmitVisit], work: Work, staff: Actor, clock: FixedClock
) -> None:
    move(CLOSED, LOCKED)
    visit = visits[0]
    corrected = dataclasses.replace(visit, answers=family(iot_connections=7), base_revision=1, reason="Ghi nhầm")
    for act in (
        lambda own: submit_visit(own, corrected, actor=staff, clock=clock),
        lambda own: approve_visits(own, [visit.visit_id], actor=staff, clock=clock),
        lambda own: return_visit(own, visit.visit_id, reason="Hỏi lại", actor=staff, clock=clock),
    ):
        with pytest.raises(RoundShut) as refused, work() as own:
            act(own)
        assert (refused.value.code, refused.value.subject) == ("group-locked", visit.visit_id)


def test_a_repeat_after_the_lock_still_gets_its_receipt(
    move: Move, visits: list[SubmitVisit], work: Work, staff: Actor, clock: FixedClock
) -> None:
    move(CLOSED, LOCKED)
    with work() as own:
        assert submit_visit(own, visits[0], actor=staff, clock=clock).revision == 1


def test_a_correction_asks_the_group_that_counts_the_visit_not_where_the_household_is_now(
    move: Move, visits: list[SubmitVisit], work: Work, world: World, staff: Actor, clock: FixedClock
) -> None:
    move(CLOSED, LOCKED)
    _move_household(work, visits[0].household_id, world.group_ids[1])
    corrected = dataclasses.replace(visits[0], answers=family(iot_connections=7), base_revision=1, reason="Ghi nhầm")
    with pytest.raises(RoundShut), work() as own:
        submit_visit(own, corrected, actor=staff, clock=clock)


def test_a_second_visit_elsewhere_does_not_take_a_household_out_of_a_locked_groups_figures(
    move: Move, visits: list[SubmitVisit], work: Work, world: World, staff: Actor, clock: FixedClock
) -> None:
    move(CLOSED, LOCKED)
    _move_household(work, visits[0].household_id, world.group_ids[1])
    with pytest.raises(RoundShut) as refused, work() as own:
        submit_visit(own, visit_of(world, visits[0].household_id), actor=staff, clock=clock)
    assert refused.value.code == "group-locked"


def _move_household(work: Work, household_id: UUID, group_id: UUID) -> None:
    with work() as own:
        own.execute(update(Household).where(Household.id == household_id).values(group_id=group_id, number=99))


def test_a_closed_group_is_opened_again_with_a_reason(
    move: Move, work: Work, world: World, staff: Actor, session: Session, clock: FixedClock
) -> None:
    move(CLOSED)
    with pytest.raises(InvalidInput) as refused:
        move(OPEN)
    assert [problem.field for problem in refused.value.problems] == ["reason"]
    move(OPEN, reason=" Còn 5 hộ đi vắng ")
    row = session.scalars(select(RoundGroup)).one()
    assert (row.status, row.reason, row.changed_by) == (OPEN, "Còn 5 hộ đi vắng", staff.account_id)
    session.rollback()
    with work() as own:
        assert submit_visit(own, visit_of(world), actor=staff, clock=clock).revision == 1


@pytest.mark.parametrize("steps", [(LOCKED,), (CLOSED, LOCKED, OPEN), (CLOSED, CLOSED)])
def test_a_group_does_not_jump_and_a_lock_is_for_good(move: Move, steps: tuple[RoundStatus, ...]) -> None:
    with pytest.raises(WrongState):
        move(*steps, reason="Thử")


def test_a_group_is_not_opened_in_a_closed_round_but_may_be_locked_first(
    move: Move, work: Work, world: World, staff: Actor, clock: FixedClock
) -> None:
    with work() as own:
        move_round(own, world.round_id, CLOSED, actor=staff, clock=clock)
    with pytest.raises(WrongState):
        move(OPEN, reason="Còn hộ")
    move(LOCKED)
    with work() as own:
        move_round(own, world.round_id, OPEN, actor=staff, clock=clock)
    with pytest.raises(RoundShut), work() as own:
        submit_visit(own, visit_of(world), actor=staff, clock=clock)


def test_groups_are_moved_by_the_statistician_within_the_ward(
    move: Move, work: Work, world: World, staff: Actor, clock: FixedClock
) -> None:
    command = MoveGroup(round_id=world.round_id, group_id=world.group_ids[0], wanted=CLOSED)
    with pytest.raises(NotAllowed), work() as own:
        move_group(own, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    for changes in ({"round_id": new_id()}, {"group_id": new_id()}):
        with pytest.raises(NotFound), work() as own:
            move_group(own, dataclasses.replace(command, **changes), actor=staff, clock=clock)
