"""Substitutes for some days, and households given to one of a group's heads."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.world import World
from webapp.core.access import Actor, Role
from webapp.core.errors import InvalidInput, NotAllowed, NotFound
from webapp.core.ids import new_id
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.households import HouseholdAssignment
from webapp.queries.accounts import SessionRow, find_session
from webapp.queries.group_heads import group_heads, head_shares, possible_substitutes
from webapp.queries.households import ListTab, OwnShare, assigned_households, list_households, own_count
from webapp.services.assignments import AssignHouseholds, assign_households
from webapp.services.review import return_visit
from webapp.services.submit_visit import submit_visit
from webapp.services.substitutes import AddSubstitute, add_substitute, end_substitute

Work = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def work(sessions: sessionmaker[Session], world: World) -> Work:
    return lambda: unit_of_work(sessions, world.ward_id)


@pytest.fixture
def staff(world: World) -> Actor:
    return world.actor(Role.STATISTICIAN)


@pytest.fixture
def order(world: World, clock: FixedClock) -> Callable[..., AddSubstitute]:
    """The officer stands in for group 1 from `first` to `last`, counted in days from today."""

    def make(first: int = 0, last: int = 2, role: Role = Role.OFFICER) -> AddSubstitute:
        days = [clock.today() + dt.timedelta(days=n) for n in (first, last)]
        account = world.accounts[role]
        return AddSubstitute(group_id=world.group_ids[0], account_id=account, starts_on=days[0], ends_on=days[1])

    return make


def _who(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> SessionRow:
    token = world.open_session(sessions, Role.OFFICER, clock.now(), dt.timedelta(hours=8))
    with sessions() as session:
        found = find_session(session, token, now=clock.now(), idle_minutes=60)
    assert found is not None
    return found


def test_a_substitute_has_the_groups_scope_from_the_first_day_to_the_end_of_the_last(
    work: Work,
    world: World,
    staff: Actor,
    clock: FixedClock,
    sessions: sessionmaker[Session],
    order: Callable[..., AddSubstitute],
) -> None:
    with work() as own:
        add_substitute(own, order(1, 2), actor=staff, clock=clock)
    scopes = []
    for _day in range(4):
        scopes.append(_who(sessions, world, clock).group_ids)
        clock.move(hours=24)
    assert scopes == [frozenset(), {world.group_ids[0]}, {world.group_ids[0]}, frozenset()]


def test_a_substitute_submits_a_visit_of_the_group(
    work: Work,
    world: World,
    staff: Actor,
    clock: FixedClock,
    sessions: sessionmaker[Session],
    order: Callable[..., AddSubstitute],
) -> None:
    officer = world.actor(Role.OFFICER)
    with pytest.raises(NotAllowed), work() as own:
        submit_visit(own, visit_of(world), actor=officer, clock=clock)
    with work() as own:
        add_substitute(own, order(), actor=staff, clock=clock)
    row = _who(sessions, world, clock)
    standing_in = Actor(
        account_id=row.account_id, ward_id=world.ward_id, roles=row.roles, group_ids=row.group_ids, address=""
    )
    with work() as own:
        assert submit_visit(own, visit_of(world), actor=standing_in, clock=clock).revision == 1
    foreign = visit_of(world, world.households[world.group_ids[1]][0])
    with pytest.raises(NotFound), work() as own:
        submit_visit(own, foreign, actor=standing_in, clock=clock)


@pytest.mark.parametrize(
    ("first", "last", "role", "field"),
    [
        (2, 1, Role.OFFICER, "ends_on"),
        (-3, -1, Role.OFFICER, "ends_on"),
        (0, 400, Role.OFFICER, "ends_on"),
        (0, 2, Role.GROUP_HEAD, "account_id"),
        (0, 2, Role.AUDITOR, "account_id"),
    ],
)
def test_a_substitute_needs_days_to_come_and_somebody_who_may(
    work: Work,
    staff: Actor,
    clock: FixedClock,
    order: Callable[..., AddSubstitute],
    first: int,
    last: int,
    role: Role,
    field: str,
) -> None:
    with pytest.raises(InvalidInput) as refused, work() as own:
        add_substitute(own, order(first, last, role), actor=staff, clock=clock)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_spans_of_one_person_do_not_overlap_and_one_after_the_other_is_fine(
    work: Work, staff: Actor, clock: FixedClock, order: Callable[..., AddSubstitute]
) -> None:
    with work() as own:
        add_substitute(own, order(0, 2), actor=staff, clock=clock)
    with pytest.raises(InvalidInput), work() as own:
        add_substitute(own, order(2, 4), actor=staff, clock=clock)
    with work() as own:
        add_substitute(own, order(3, 4), actor=staff, clock=clock)


def test_a_substitute_is_ended_early_and_heads_are_not_ended_here(
    work: Work,
    world: World,
    staff: Actor,
    clock: FixedClock,
    sessions: sessionmaker[Session],
    session: Session,
    order: Callable[..., AddSubstitute],
) -> None:
    with work() as own:
        made = add_substitute(own, order(), actor=staff, clock=clock)
    heads = group_heads(session, world.ward_id, world.group_ids[0], now=clock.now())
    assert [(head.name, head.is_substitute, head.now) for head in heads] == [
        ("Người group_head", False, True),
        ("Người officer", True, True),
    ]
    assert heads[1].last_day == order().ends_on
    session.rollback()
    for grant_id in (heads[0].grant_id, new_id()):
        with pytest.raises(NotFound), work() as own:
            end_substitute(own, grant_id, actor=staff, clock=clock)
    with work() as own:
        end_substitute(own, made, actor=staff, clock=clock)
    assert _who(sessions, world, clock).group_ids == frozenset()
    tags = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence)).all()
    assert tags == ["role:grant", "role:revoke"]


def test_who_may_stand_in_works_in_the_ward_and_not_only_looks_on(session: Session, world: World) -> None:
    names = {person.name for person in possible_substitutes(session, world.ward_id)}
    assert names == {"Người group_head", "Người officer", "Người clerk", "Người statistician"}


def _assign(work: Work, world: World, staff: Actor, clock: FixedClock, to: UUID | None, **chosen: object) -> int:
    with work() as own:
        command = AssignHouseholds(group_id=world.group_ids[0], account_id=to, **chosen)  # type: ignore[arg-type]
        return assign_households(own, command, actor=staff, clock=clock)


def test_households_are_given_by_number_and_by_tick_and_taken_back(
    work: Work, world: World, staff: Actor, clock: FixedClock, session: Session, cipher: AesGcmCipher
) -> None:
    head, households = world.accounts[Role.GROUP_HEAD], world.households[world.group_ids[0]]
    ticked = frozenset({households[2]})
    assert _assign(work, world, staff, clock, head, numbers=frozenset({1}), household_ids=ticked) == 2
    listed = assigned_households(session, world.ward_id, world.group_ids[0], cipher=cipher)
    assert [(item.household.number, item.account_id) for item in listed] == [(1, head), (2, None), (3, head)]
    assert own_count(session, world.ward_id, world.group_ids[0], head) == 2
    session.rollback()
    assert _assign(work, world, staff, clock, None, numbers=frozenset(range(1, 50))) == 3
    assert session.scalars(select(HouseholdAssignment.household_id)).all() == []


@pytest.mark.parametrize("what", ["nothing", "unknown numbers", "foreign household", "not a head"])
def test_an_assignment_that_cannot_be_is_refused_whole(
    work: Work, world: World, staff: Actor, clock: FixedClock, session: Session, what: str
) -> None:
    head = world.accounts[Role.GROUP_HEAD]
    foreign = frozenset({world.households[world.group_ids[1]][0]})
    chosen: dict[str, object] = {
        "nothing": {},
        "unknown numbers": {"numbers": frozenset({77})},
        "foreign household": {"numbers": frozenset({1}), "household_ids": foreign},
        "not a head": {"numbers": frozenset({1})},
    }[what]
    with pytest.raises(InvalidInput):
        _assign(work, world, staff, clock, world.accounts[Role.CLERK] if what == "not a head" else head, **chosen)
    assert session.scalars(select(HouseholdAssignment.household_id)).all() == []


def test_only_staff_who_manage_rounds_assign(work: Work, world: World, clock: FixedClock) -> None:
    head = world.actor(Role.GROUP_HEAD)
    with pytest.raises(NotAllowed):
        _assign(work, world, head, clock, head.account_id, numbers=frozenset({1}))


def test_a_head_sees_the_own_households_first_or_alone(
    work: Work, world: World, staff: Actor, clock: FixedClock, session: Session, cipher: AesGcmCipher
) -> None:
    head = world.accounts[Role.GROUP_HEAD]
    _assign(work, world, staff, clock, head, numbers=frozenset({3}))

    def numbers(own: OwnShare) -> list[tuple[int, bool]]:
        found = list_households(
            session,
            world.ward_id,
            world.group_ids[0],
            round_id=world.round_id,
            tab=ListTab.LEFT,
            page=1,
            own=own,
            cipher=cipher,
        )
        return [(item.household.number, item.mine) for item in found.items]

    assert numbers(OwnShare(head)) == [(3, True), (1, False), (2, False)]
    assert numbers(OwnShare(head, only=True)) == [(3, True)]


def test_the_work_of_a_group_is_counted_by_whom_it_was_given_to(
    work: Work, world: World, staff: Actor, clock: FixedClock, session: Session
) -> None:
    head, households = world.accounts[Role.GROUP_HEAD], world.households[world.group_ids[0]]
    _assign(work, world, staff, clock, head, numbers=frozenset({1, 2}))
    made = [visit_of(world, household) for household in households]
    for command in made:
        with work() as own:
            submit_visit(own, command, actor=staff, clock=clock)
    with work() as own:
        return_visit(own, made[1].visit_id, reason="Hỏi lại", actor=staff, clock=clock)
    shares = {
        share.account_id: share for share in head_shares(session, world.ward_id, world.group_ids[0], world.round_id)
    }
    assert (shares[head].households, shares[head].done, shares[head].to_correct) == (2, 1, 1)
    assert (shares[None].households, shares[None].done) == (1, 1)
