import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import InvalidInput, NotAllowed, WrongState
from webapp.core.groups import GroupLine
from webapp.core.surveys import HouseholdStatus
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.queries.places import group_choices, list_groups
from webapp.services.groups import ChangeGroup, create_groups, set_group_active
from webapp.services.groups import change_group as change


def test_new_groups_stand_behind_the_old_ones(session: Session, world: World, clock: FixedClock) -> None:
    lines = [GroupLine(code="09", name="Tổ 9", population=120), GroupLine(code="03", name="Tổ 3")]
    create_groups(session, lines, actor=world.actor(Role.STATISTICIAN), clock=clock)
    rows = list_groups(session, world.ward_id)
    assert [(row.code, row.population) for row in rows] == [("01", None), ("02", None), ("09", 120), ("03", None)]
    assert rows[0].heads == ("Người group_head",)


def test_a_taken_code_or_name_stores_nothing(session: Session, world: World, clock: FixedClock) -> None:
    lines = [GroupLine(code="03", name="Tổ 3"), GroupLine(code="04", name="tổ dân phố 1")]
    with pytest.raises(InvalidInput, match="tổ dân phố 1"):
        create_groups(session, lines, actor=world.actor(Role.ADMIN), clock=clock)
    assert len(session.scalars(select(ResidentialGroup)).all()) == 2


def test_a_group_is_renamed_but_not_to_its_neighbours_name(session: Session, world: World, clock: FixedClock) -> None:
    actor, first = world.actor(Role.ADMIN), world.group_ids[0]
    change(
        session,
        ChangeGroup(group_id=first, code="1A", name="Tổ Liên Hiệp", sort_key=9, population=800),
        actor=actor,
        clock=clock,
    )
    assert [row.name for row in list_groups(session, world.ward_id)] == ["Tổ dân phố 2", "Tổ Liên Hiệp"]
    with pytest.raises(InvalidInput) as refused:
        change(
            session,
            ChangeGroup(group_id=first, code="02", name="TỔ DÂN PHỐ 2", sort_key=1, population=None),
            actor=actor,
            clock=clock,
        )
    assert [problem.field for problem in refused.value.problems] == ["code", "name"]


def test_a_group_with_households_stays(session: Session, world: World, clock: FixedClock) -> None:
    actor, first = world.actor(Role.ADMIN), world.group_ids[0]
    with pytest.raises(WrongState, match="còn hộ"):
        set_group_active(session, first, active=False, actor=actor, clock=clock)
    session.execute(update(Household).where(Household.group_id == first).values(status=HouseholdStatus.VACATED))
    set_group_active(session, first, active=False, actor=actor, clock=clock)
    assert [choice.id for choice in group_choices(session, world.ward_id)] == [world.group_ids[1]]
    set_group_active(session, first, active=True, actor=actor, clock=clock)
    assert len(group_choices(session, world.ward_id)) == 2


def test_a_head_makes_no_groups(session: Session, world: World, clock: FixedClock) -> None:
    with pytest.raises(NotAllowed):
        create_groups(session, [], actor=world.actor(Role.GROUP_HEAD), clock=clock)
