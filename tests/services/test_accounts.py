import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.core.errors import DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.services.accounts import (
    CreateAccount,
    NewGrant,
    create_account,
    disable_account,
    grant_role,
    reset_password,
    revoke_role,
)
from webapp.services.own_password import ChangePassword, change_password
from webapp.services.passwords import verify_password


def new_clerk(world: World, username: str = "moi") -> CreateAccount:
    return CreateAccount(
        ward_id=world.ward_id, username=username, display_name="Lê  Mới", grants=(NewGrant(role=Role.CLERK),)
    )


def test_a_new_account_gets_a_one_time_password_that_must_be_changed(
    session: Session, world: World, clock: FixedClock
) -> None:
    new = create_account(session, new_clerk(world, " Moi "), actor=world.actor(Role.ADMIN), clock=clock)
    account = session.get_one(Account, new.account_id)
    assert (account.username, account.display_name, account.must_change_password) == ("moi", "Lê Mới", True)
    assert verify_password(account.password_hash, new.one_time_password)
    assert len(new.one_time_password) == 14


def test_only_an_administrator_makes_accounts(session: Session, world: World, clock: FixedClock) -> None:
    for role in set(Role) - {Role.ADMIN, Role.PUBLIC}:
        with pytest.raises(NotAllowed):
            create_account(session, new_clerk(world), actor=world.actor(role), clock=clock)


def test_a_taken_name_and_a_head_without_group_are_refused(session: Session, world: World, clock: FixedClock) -> None:
    admin = world.actor(Role.ADMIN)
    with pytest.raises(InvalidInput, match="đã có người dùng"):
        create_account(session, new_clerk(world, "clerk"), actor=admin, clock=clock)
    with pytest.raises(InvalidInput, match="chọn tổ dân phố"):
        grant_role(session, world.accounts[Role.CLERK], NewGrant(role=Role.GROUP_HEAD), actor=admin, clock=clock)
    with pytest.raises(InvalidInput, match="đã có vai trò"):
        grant_role(session, world.accounts[Role.CLERK], NewGrant(role=Role.CLERK), actor=admin, clock=clock)


def admin_grant(session: Session, world: World) -> RoleGrant:
    return session.scalars(
        select(RoleGrant).where(RoleGrant.ward_id == world.ward_id, RoleGrant.role == Role.ADMIN)
    ).one()


def test_the_last_administrator_stays(session: Session, world: World, clock: FixedClock) -> None:
    admin = world.actor(Role.ADMIN)
    with pytest.raises(WrongState, match="cuối cùng"):
        disable_account(session, world.accounts[Role.ADMIN], actor=admin, clock=clock)
    with pytest.raises(WrongState, match="cuối cùng"):
        revoke_role(session, admin_grant(session, world).id, actor=admin, clock=clock)
    grant_role(session, world.accounts[Role.CLERK], NewGrant(role=Role.ADMIN), actor=admin, clock=clock)
    disable_account(session, world.accounts[Role.ADMIN], actor=admin, clock=clock)


def test_two_administrators_cannot_put_each_other_out_at_once(
    sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    with sessions.begin() as session:
        grant_role(
            session,
            world.accounts[Role.CLERK],
            NewGrant(role=Role.ADMIN),
            actor=world.actor(Role.ADMIN),
            clock=clock,
        )
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def disable(victim: Role) -> None:
        gate.wait()
        try:
            with sessions.begin() as session:
                disable_account(session, world.accounts[victim], actor=world.actor(Role.ADMIN), clock=clock)
            outcomes.append("done")
        except DomainError:
            outcomes.append("refused")

    threads = [threading.Thread(target=disable, args=(role,)) for role in (Role.ADMIN, Role.CLERK)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


def test_disabling_ends_the_log_ins(
    sessions: sessionmaker[Session], session: Session, world: World, clock: FixedClock
) -> None:
    import datetime as dt

    world.open_session(sessions, Role.CLERK, clock.now(), dt.timedelta(hours=1))
    disable_account(session, world.accounts[Role.CLERK], actor=world.actor(Role.ADMIN), clock=clock)
    assert session.scalars(select(LoginSession.revoked_at)).all() == [clock.now()]


def test_accounts_of_another_ward_are_not_found(
    session: Session, sessions: sessionmaker[Session], world: World, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    for act in (disable_account, reset_password):
        with pytest.raises(NotFound):
            act(session, other.accounts[Role.CLERK], actor=world.actor(Role.ADMIN), clock=clock)
    with pytest.raises(NotFound):
        revoke_role(session, admin_grant(session, other).id, actor=world.actor(Role.ADMIN), clock=clock)


def test_a_ward_cannot_take_over_a_person_of_two_wards(
    session: Session, sessions: sessionmaker[Session], world: World, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    clerk = world.accounts[Role.CLERK]
    with sessions.begin() as arranging:
        arranging.add(RoleGrant(ward_id=other.ward_id, account_id=clerk, role=Role.ADMIN, granted_at=clock.now()))
    with pytest.raises(NotAllowed, match="phường khác"):
        reset_password(session, clerk, actor=world.actor(Role.ADMIN), clock=clock)


def test_a_new_password_ends_other_log_ins_and_must_differ(
    session: Session, sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    import datetime as dt

    actor = world.actor(Role.CLERK)
    for _ in range(2):
        world.open_session(sessions, Role.CLERK, clock.now(), dt.timedelta(hours=1))
    mine = session.scalars(select(LoginSession.id)).first()
    change_password(session, ChangePassword(new="thuyền giấy qua cầu", session_id=mine), actor=actor, clock=clock)
    live = session.scalars(select(LoginSession.id).where(LoginSession.revoked_at.is_(None))).all()
    assert live == [mine]
    assert session.get_one(Account, actor.account_id).must_change_password is False
    for bad in ("thuyền giấy qua cầu", "Thử Nghiệm", "Người clerk", "matkhau1"):
        with pytest.raises(InvalidInput):
            change_password(session, ChangePassword(new=bad), actor=actor, clock=clock)
