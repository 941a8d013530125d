"""Rounds move along their table; review returns and approves visits."""

import datetime as dt
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import VISITED_HOUSEHOLDS, PeriodKind
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus, VisitStatus
from webapp.models.adoption import AdoptionFact
from webapp.models.database import unit_of_work
from webapp.models.surveys import SurveyRound, Visit
from webapp.services.review import approve_visits, return_visit
from webapp.services.rounds import PlanRound, move_round, plan_round
from webapp.services.submit_visit import submit_visit

DAY = dt.date(2026, 12, 1)


@pytest.fixture
def visits(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> list[UUID]:
    """Two submitted visits of group 1."""
    made = []
    with unit_of_work(sessions, world.ward_id) as session:
        for household_id in world.households[world.group_ids[0]][:2]:
            command = visit_of(world, household_id)
            submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
            made.append(command.visit_id)
    return made


@pytest.fixture
def work(sessions: sessionmaker[Session], world: World) -> Callable[[], Iterator[Session]]:
    return lambda: unit_of_work(sessions, world.ward_id)  # type: ignore[return-value]


def _visited(session: Session) -> int:
    found = session.scalar(
        select(AdoptionFact.numerator).where(
            AdoptionFact.indicator_code == VISITED_HOUSEHOLDS, AdoptionFact.period_kind == PeriodKind.ROUND
        )
    )
    return found or 0


def _statuses(session: Session) -> set[VisitStatus]:
    return set(session.scalars(select(Visit.status)))


def test_a_round_is_planned_and_opened(work, world: World, session: Session, clock: FixedClock) -> None:
    actor = world.actor(Role.STATISTICIAN)
    with work() as own:
        made = plan_round(own, PlanRound(name=" Đợt 2 ", starts_on=DAY, ends_on=DAY), actor=actor, clock=clock)
    with work() as own:
        move_round(own, made, RoundStatus.OPEN, actor=actor, clock=clock)
    found = session.scalars(select(SurveyRound).where(SurveyRound.id == made)).one()
    assert (found.name, found.status) == ("Đợt 2", RoundStatus.OPEN)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (PlanRound(name="", starts_on=DAY, ends_on=DAY), "name"),
        (PlanRound(name="Đợt 1", starts_on=DAY, ends_on=DAY), "name"),
        (PlanRound(name="Đợt 2", starts_on=DAY, ends_on=DAY - dt.timedelta(days=1)), "ends_on"),
        (PlanRound(name="Đợt 2", starts_on=DAY, ends_on=DAY + dt.timedelta(days=401)), "ends_on"),
    ],
)
def test_a_round_needs_a_free_name_and_days_in_order(
    work, world: World, clock: FixedClock, command: PlanRound, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused, work() as own:
        plan_round(own, command, actor=world.actor(Role.STATISTICIAN), clock=clock)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_locking_locks_the_counted_visits_and_keeps_the_figures(
    work, world: World, session: Session, clock: FixedClock, visits: list[UUID]
) -> None:
    actor = world.actor(Role.STATISTICIAN)
    with work() as own:
        return_visit(own, visits[0], reason="Hỏi lại", actor=actor, clock=clock)
    for wanted in (RoundStatus.CLOSED, RoundStatus.LOCKED):
        with work() as own:
            move_round(own, world.round_id, wanted, actor=actor, clock=clock)
    assert _statuses(session) == {VisitStatus.NEEDS_CORRECTION, VisitStatus.LOCKED}
    assert _visited(session) == 1


@pytest.mark.parametrize("wanted", [RoundStatus.PLANNED, RoundStatus.LOCKED, RoundStatus.OPEN])
def test_a_round_does_not_jump(work, world: World, clock: FixedClock, wanted: RoundStatus) -> None:
    with pytest.raises(WrongState), work() as own:
        move_round(own, world.round_id, wanted, actor=world.actor(Role.STATISTICIAN), clock=clock)


def test_rounds_are_the_statisticians(work, world: World, clock: FixedClock) -> None:
    with pytest.raises(NotAllowed), work() as own:
        move_round(own, world.round_id, RoundStatus.CLOSED, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    with pytest.raises(NotFound), work() as own:
        move_round(own, new_id(), RoundStatus.CLOSED, actor=world.actor(Role.STATISTICIAN), clock=clock)


def test_a_returned_visit_stops_counting_and_keeps_the_reason(
    work, world: World, session: Session, clock: FixedClock, visits: list[UUID]
) -> None:
    with work() as own:
        return_visit(own, visits[0], reason=" Hỏi lại số người ", actor=world.actor(Role.STATISTICIAN), clock=clock)
    returned = session.scalars(select(Visit).where(Visit.id == visits[0])).one()
    assert (returned.status, returned.return_reason) == (VisitStatus.NEEDS_CORRECTION, "Hỏi lại số người")
    assert _visited(session) == 1


def test_a_return_needs_a_reason(work, world: World, clock: FixedClock, visits: list[UUID]) -> None:
    with pytest.raises(InvalidInput), work() as own:
        return_visit(own, visits[0], reason=" ", actor=world.actor(Role.STATISTICIAN), clock=clock)


def test_many_visits_are_approved_together_and_still_count(
    work, world: World, session: Session, clock: FixedClock, visits: list[UUID]
) -> None:
    with work() as own:
        assert approve_visits(own, visits, actor=world.actor(Role.STATISTICIAN), clock=clock) == 2
    assert _statuses(session) == {VisitStatus.APPROVED}
    assert _visited(session) == 2


def test_none_is_approved_when_one_cannot_be(
    work, world: World, session: Session, clock: FixedClock, visits: list[UUID]
) -> None:
    actor = world.actor(Role.STATISTICIAN)
    with work() as own:
        return_visit(own, visits[0], reason="Hỏi lại", actor=actor, clock=clock)
    with pytest.raises(WrongState), work() as own:
        approve_visits(own, visits, actor=actor, clock=clock)
    with pytest.raises(NotFound), work() as own:
        approve_visits(own, [visits[1], new_id()], actor=actor, clock=clock)
    assert _statuses(session) == {VisitStatus.NEEDS_CORRECTION, VisitStatus.SUBMITTED}


def test_heads_do_not_review(work, world: World, clock: FixedClock, visits: list[UUID]) -> None:
    for act in (
        lambda own: approve_visits(own, visits, actor=world.actor(Role.GROUP_HEAD), clock=clock),
        lambda own: return_visit(own, visits[0], reason="a", actor=world.actor(Role.GROUP_HEAD), clock=clock),
    ):
        with pytest.raises(NotAllowed), work() as own:
            act(own)
