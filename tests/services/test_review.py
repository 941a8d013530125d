"""Many visits looked over at once, and at the same time as heads correct them."""

import dataclasses
import threading
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
from webapp.core.errors import Conflict, DomainError, InvalidInput, NotFound, WrongState
from webapp.core.ids import new_id
from webapp.core.surveys import VisitStatus
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.database import unit_of_work
from webapp.models.surveys import Visit
from webapp.queries.review import REVIEW_PAGE, list_for_review, unquestioned_visits
from webapp.services.facts_rebuild import compare_facts, rebuild_facts
from webapp.services.households import RegisterHousehold, register_household
from webapp.services.review import ReturnVisits, approve_unquestioned, approve_visits, return_visits
from webapp.services.submit_visit import SubmitVisit, submit_visit

Work = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def work(sessions: sessionmaker[Session], world: World) -> Work:
    return lambda: unit_of_work(sessions, world.ward_id)


@pytest.fixture
def staff(world: World) -> Actor:
    return world.actor(Role.STATISTICIAN)


@pytest.fixture
def visits(work: Work, world: World, clock: FixedClock) -> list[SubmitVisit]:
    """A visit to each of group 1's households; the last one had something confirmed."""
    made = [visit_of(world, household) for household in world.households[world.group_ids[0]]]
    made[-1] = dataclasses.replace(made[-1], confirmed=[{"code": "no_adults"}])
    with work() as own:
        rebuild_facts(own, world.ward_id)
    for command in made:
        with work() as own:
            submit_visit(own, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    return made


def _stored(session: Session) -> dict[UUID, VisitStatus]:
    with session.begin():
        return {row.id: row.status for row in session.execute(select(Visit.id, Visit.status))}


def _returns(session: Session, visit_ids: list[UUID]) -> set[tuple[str, str]]:
    with session.begin():
        found = session.execute(select(Visit.return_reason, Visit.return_field).where(Visit.id.in_(visit_ids)))
        return {(row.return_reason, row.return_field) for row in found}


def _facts_are_right(work: Work, world: World) -> bool:
    with work() as own:
        return compare_facts(own, world.ward_id) == ([], 0)


def test_many_visits_go_back_with_one_reason_and_field(
    work: Work, world: World, staff: Actor, clock: FixedClock, visits: list[SubmitVisit], session: Session
) -> None:
    chosen = [visit.visit_id for visit in visits[:2]]
    with work() as own:
        command = ReturnVisits(visit_ids=chosen, reason=" Hỏi lại ", field="smartphone")
        assert return_visits(own, command, actor=staff, clock=clock) == 2
    assert _returns(session, chosen) == {("Hỏi lại", "smartphone")}
    assert set(_stored(session).values()) == {VisitStatus.NEEDS_CORRECTION, VisitStatus.SUBMITTED}
    assert _facts_are_right(work, world)
    corrected = dataclasses.replace(visits[0], base_revision=1, reason="Đã hỏi lại")
    with work() as own:
        submit_visit(own, corrected, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    assert _returns(session, chosen[:1]) == {("", "")}
    assert _facts_are_right(work, world)


def test_an_older_visit_speaks_again_when_the_newer_ones_go_back(
    work: Work, world: World, staff: Actor, clock: FixedClock, visits: list[SubmitVisit]
) -> None:
    clock.move(hours=1)
    again = visit_of(world, visits[0].household_id, answers=family(iot_connections=9))
    with work() as own:
        submit_visit(own, again, actor=staff, clock=clock)
    with work() as own:
        return_visits(own, ReturnVisits(visit_ids=[again.visit_id], reason="Trùng"), actor=staff, clock=clock)
    assert _facts_are_right(work, world)
    with work() as own:
        both = ReturnVisits(visit_ids=[visits[0].visit_id, visits[1].visit_id], reason="Hỏi lại")
        return_visits(own, both, actor=staff, clock=clock)
    assert _facts_are_right(work, world)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, InvalidInput),
        ({"reason": "x" * 501}, InvalidInput),
        ({"field": "head_name"}, InvalidInput),
        ({"visit_ids": []}, InvalidInput),
        ({"visit_ids": [new_id()]}, NotFound),
    ],
)
def test_nothing_goes_back_when_one_thing_is_wrong(
    work: Work,
    staff: Actor,
    clock: FixedClock,
    visits: list[SubmitVisit],
    session: Session,
    changes: dict[str, object],
    error: type[DomainError],
) -> None:
    command = ReturnVisits(visit_ids=[visits[0].visit_id], reason="Hỏi lại")
    with pytest.raises(error), work() as own:
        return_visits(own, dataclasses.replace(command, **changes), actor=staff, clock=clock)
    assert set(_stored(session).values()) == {VisitStatus.SUBMITTED}


def test_a_visit_corrected_since_it_was_looked_at_is_not_approved_unseen(
    work: Work, staff: Actor, clock: FixedClock, visits: list[SubmitVisit], session: Session
) -> None:
    visit = visits[0]
    corrected = dataclasses.replace(visit, answers=family(iot_connections=7), base_revision=1, reason="Ghi nhầm")
    with work() as own:
        submit_visit(own, corrected, actor=staff, clock=clock)
    with pytest.raises(WrongState), work() as own:
        approve_visits(own, [visit.visit_id], seen={visit.visit_id: 1}, actor=staff, clock=clock)
    with work() as own:
        assert approve_visits(own, [visit.visit_id], seen={visit.visit_id: 2}, actor=staff, clock=clock) == 1
    assert _stored(session)[visit.visit_id] is VisitStatus.APPROVED


def test_all_of_a_group_are_approved_but_those_with_open_questions(
    work: Work, world: World, staff: Actor, clock: FixedClock, visits: list[SubmitVisit], session: Session
) -> None:
    with work() as own:
        assert approve_unquestioned(own, world.round_id, world.group_ids[0], actor=staff, clock=clock) == 2
    assert [_stored(session)[visit.visit_id] for visit in visits] == [
        VisitStatus.APPROVED,
        VisitStatus.APPROVED,
        VisitStatus.SUBMITTED,
    ]
    with pytest.raises(InvalidInput), work() as own:
        approve_unquestioned(own, world.round_id, world.group_ids[0], actor=staff, clock=clock)


def test_the_list_goes_on_beyond_its_first_page(
    work: Work, world: World, staff: Actor, clock: FixedClock, cipher: AesGcmCipher, session: Session
) -> None:
    group = world.group_ids[1]
    with work() as own:
        for n in range(REVIEW_PAGE + 2):
            command = RegisterHousehold(group_id=group, head_name=f"Hộ {n}", address="1 Lê Lợi")
            household = register_household(own, command, actor=staff, cipher=cipher, clock=clock)
            submit_visit(own, visit_of(world, household), actor=staff, clock=clock)
    first, second = (
        list_for_review(session, world.ward_id, world.round_id, group, page=page, cipher=cipher) for page in (1, 2)
    )
    assert (len(first.rows), first.more, len(second.rows), second.more) == (REVIEW_PAGE, True, 2, False)
    assert len({row.visit_id for row in (*first.rows, *second.rows)}) == REVIEW_PAGE + 2
    assert len(unquestioned_visits(session, world.ward_id, world.round_id, group)) == REVIEW_PAGE + 2


def test_sixteen_approvals_returns_and_corrections_at_once_leave_the_facts_right(
    work: Work, world: World, staff: Actor, clock: FixedClock, visits: list[SubmitVisit], session: Session
) -> None:
    ids = [visit.visit_id for visit in visits]
    unexpected: list[BaseException] = []
    start = threading.Barrier(16)

    def act(number: int) -> None:
        visit = visits[number % 3]
        start.wait()
        try:
            with work() as own:
                if number < 4:
                    approve_visits(own, ids, actor=staff, clock=clock)
                elif number < 8:
                    return_visits(own, ReturnVisits(visit_ids=ids[:2], reason="Hỏi lại"), actor=staff, clock=clock)
                elif number < 12:
                    answers = family(iot_connections=number)
                    again = dataclasses.replace(visit, answers=answers, base_revision=1, reason="Ghi nhầm")
                    submit_visit(own, again, actor=world.actor(Role.GROUP_HEAD), clock=clock)
                else:
                    new = visit_of(world, visit.household_id, answers=family(iot_connections=number))
                    submit_visit(own, new, actor=world.actor(Role.GROUP_HEAD), clock=clock)
        except (WrongState, Conflict):
            pass  # somebody was faster
        except BaseException as error:
            unexpected.append(error)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unexpected == []
    assert len(_stored(session)) == 7
    assert _facts_are_right(work, world)


def test_an_approved_visit_may_still_go_back_and_a_returned_one_not_twice(
    work: Work, staff: Actor, clock: FixedClock, visits: list[SubmitVisit], session: Session
) -> None:
    session.execute(update(Visit).where(Visit.id == visits[0].visit_id).values(status=VisitStatus.APPROVED))
    session.commit()
    command = ReturnVisits(visit_ids=[visits[0].visit_id], reason="Hỏi lại")
    with work() as own:
        assert return_visits(own, command, actor=staff, clock=clock) == 1
    with pytest.raises(WrongState), work() as own:
        return_visits(own, command, actor=staff, clock=clock)
