"""A substitute's grant gives rights only within its span."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.models.accounts import RoleGrant
from webapp.queries.accounts import find_session
from webapp.queries.home import groups_without_head


@pytest.mark.parametrize(
    ("starts", "ends", "covered"),
    [(-2, 2, True), (0, 1, True), (1, 3, False), (-3, 0, False), (None, 2, True), (-1, None, True)],
)
def test_a_group_is_in_scope_from_the_first_moment_of_the_span_to_its_last(
    session: Session,
    sessions: sessionmaker[Session],
    world: World,
    clock: FixedClock,
    starts: int | None,
    ends: int | None,
    covered: bool,
) -> None:
    def at(days: int | None) -> dt.datetime | None:
        return None if days is None else clock.now() + dt.timedelta(days=days)

    session.add(
        RoleGrant(
            ward_id=world.ward_id,
            account_id=world.accounts[Role.GROUP_HEAD],
            role=Role.GROUP_HEAD,
            group_id=world.group_ids[1],
            granted_at=clock.now(),
            starts_at=at(starts),
            ends_at=at(ends),
        )
    )
    session.commit()
    token = world.open_session(sessions, Role.GROUP_HEAD, clock.now(), dt.timedelta(hours=1))
    found = find_session(session, token, now=clock.now(), idle_minutes=60)
    assert found is not None
    assert (world.group_ids[1] in found.group_ids) is covered
    assert world.group_ids[0] in found.group_ids
    without = groups_without_head(session, world.ward_id)
    assert without == (0 if ends is None else 1)  # a substitute is not the group's head
