import datetime as dt
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import ADMIN_TOTP_SECRET, World, make_world
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.audit import AuditEvent
from webapp.queries.accounts import find_credentials, find_session
from webapp.services import login
from webapp.services.audit_check import check_audit
from webapp.services.login import Desk, LoginPolicy, LoginResult, LoginStep
from webapp.services.passwords import hash_password, verify_password
from webapp.services.sessions import Device

PASSWORD = "thuyền giấy qua cầu"


@pytest.fixture
def desk(clock: FixedClock) -> Desk:
    return Desk(
        device=Device(address="192.0.2.7", user_agent="Test"),
        clock=clock,
        policy=LoginPolicy(attempts=3, lock_minutes=15, session_hours=12, idle_days=45),
    )


def set_password(sessions: sessionmaker[Session], world: World, role: Role) -> None:
    with sessions.begin() as session:
        session.get_one(Account, world.accounts[role]).password_hash = hash_password(PASSWORD)


def attempt(sessions: sessionmaker[Session], desk: Desk, username: str, password: str) -> LoginResult:
    with sessions() as session:
        credentials = find_credentials(session, username)
    assert credentials is not None
    matched = verify_password(credentials.password_hash, password)
    with sessions.begin() as session:
        return login.begin(session, credentials, password=password, matched=matched, desk=desk)


def code(sessions: sessionmaker[Session], desk: Desk, cipher: AesGcmCipher, token: str, typed: str) -> LoginResult:
    with sessions.begin() as session:
        return login.check_code(session, token, typed, desk=desk, cipher=cipher)


def tags(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence)))


def test_the_right_password_opens_a_session_and_leaves_a_trace(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock
) -> None:
    set_password(sessions, world, Role.CLERK)
    result = attempt(sessions, desk, "clerk", PASSWORD)
    assert result.step is LoginStep.DONE
    with sessions() as session:
        row = find_session(session, result.token, now=clock.now(), idle_minutes=60)
        stored = session.scalars(select(LoginSession)).one()
    assert row is not None
    assert row.roles == {Role.CLERK}
    assert result.token not in stored.token_sha256
    assert tags(sessions) == ["login:success"]


def test_wrong_passwords_lock_the_account_for_a_while(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock
) -> None:
    set_password(sessions, world, Role.CLERK)
    for _ in range(3):
        assert attempt(sessions, desk, "clerk", "sai").step is LoginStep.REFUSED
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.REFUSED
    assert tags(sessions) == ["login:failure"] * 3 + ["login:locked", "login:failure"]
    clock.move(minutes=16)
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.DONE


def test_a_name_that_nobody_has_is_noted_as_a_keyed_token_and_never_as_typed(
    sessions: sessionmaker[Session], world: World, desk: Desk, cipher: AesGcmCipher
) -> None:
    for typed in ("Mat khau cua toi!", " mat khau cua toi!", "ai do"):
        with sessions.begin() as session:
            login.note_unknown(session, typed, desk=desk, cipher=cipher)
    with sessions() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
        assert check_audit(session, world.ward_id).intact
    assert {(event.tag, event.detail["reason"], event.address) for event in events} == {
        (AuditTag.LOGIN_FAILED, "unknown", "192.0.2.7")
    }
    tokens = [event.detail["name_token"] for event in events]
    assert tokens[0] == tokens[1] != tokens[2]
    assert not any("khau" in str(event.detail) for event in events)


def test_a_right_password_forgets_the_wrong_ones(sessions: sessionmaker[Session], world: World, desk: Desk) -> None:
    set_password(sessions, world, Role.CLERK)
    for password in ("sai", "sai", PASSWORD, "sai", "sai"):
        attempt(sessions, desk, "clerk", password)
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.DONE


def test_a_password_changed_in_between_is_not_taken(sessions: sessionmaker[Session], world: World, desk: Desk) -> None:
    set_password(sessions, world, Role.CLERK)
    with sessions() as session:
        credentials = find_credentials(session, "clerk")
    assert credentials is not None
    set_password(sessions, world, Role.CLERK)
    with sessions.begin() as session:
        result = login.begin(session, credentials, password=PASSWORD, matched=True, desk=desk)
    assert result.step is LoginStep.REFUSED


def test_a_hash_of_weaker_parameters_is_replaced(sessions: sessionmaker[Session], world: World, desk: Desk) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with sessions.begin() as session:
        session.get_one(Account, world.accounts[Role.CLERK]).password_hash = weak
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.DONE
    with sessions() as session:
        stored = session.get_one(Account, world.accounts[Role.CLERK]).password_hash
    assert stored != weak
    assert verify_password(stored, PASSWORD)


def test_an_idle_account_is_refused_with_a_reason_until_it_is_opened_again(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock
) -> None:
    set_password(sessions, world, Role.CLERK)
    clock.move(days=46)
    assert attempt(sessions, desk, "clerk", "sai").step is LoginStep.REFUSED
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.IDLE
    from webapp.services.accounts import enable_account

    with sessions.begin() as session:
        enable_account(session, world.accounts[Role.CLERK], actor=world.actor(Role.ADMIN), clock=clock)
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.DONE


def test_a_reset_password_ends_the_idleness_too(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock
) -> None:
    from webapp.services.accounts import reset_password

    clock.move(days=46)
    with sessions.begin() as session:
        new = reset_password(session, world.accounts[Role.CLERK], actor=world.actor(Role.ADMIN), clock=clock)
    assert attempt(sessions, desk, "clerk", new.one_time_password).step is LoginStep.DONE


def test_a_disabled_account_and_one_without_roles_stay_outside(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock
) -> None:
    for role in (Role.CLERK, Role.LEADER):
        set_password(sessions, world, role)
    with sessions.begin() as session:
        session.get_one(Account, world.accounts[Role.CLERK]).disabled_at = clock.now()
        grants = session.scalars(select(RoleGrant).where(RoleGrant.account_id == world.accounts[Role.LEADER]))
        for grant in grants:
            grant.revoked_at = clock.now()
    assert attempt(sessions, desk, "clerk", PASSWORD).step is LoginStep.DISABLED
    assert attempt(sessions, desk, "leader", PASSWORD).step is LoginStep.NO_WARD


def test_the_second_factor_is_asked_and_each_code_counts_once(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    set_password(sessions, world, Role.ADMIN)
    first = attempt(sessions, desk, "admin", PASSWORD)
    assert first.step is LoginStep.SECOND_FACTOR
    with sessions() as session:
        assert find_session(session, first.token, now=clock.now(), idle_minutes=60) is None
    now_code = pyotp.TOTP(ADMIN_TOTP_SECRET).at(clock.now())
    assert code(sessions, desk, cipher, first.token, "000000").step is LoginStep.WRONG_CODE
    assert code(sessions, desk, cipher, first.token, now_code).step is LoginStep.DONE
    # The unfinished log-in is used up, and so is the code.
    assert code(sessions, desk, cipher, first.token, now_code).step is LoginStep.REFUSED
    second = attempt(sessions, desk, "admin", PASSWORD)
    assert code(sessions, desk, cipher, second.token, now_code).step is LoginStep.WRONG_CODE
    clock.move(seconds=30)
    later = pyotp.TOTP(ADMIN_TOTP_SECRET).at(clock.now())
    assert code(sessions, desk, cipher, second.token, later).step is LoginStep.DONE


def test_wrong_codes_lock_the_account(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    set_password(sessions, world, Role.ADMIN)
    token = attempt(sessions, desk, "admin", PASSWORD).token
    for _ in range(3):
        code(sessions, desk, cipher, token, "000000")
    right = pyotp.TOTP(ADMIN_TOTP_SECRET).at(clock.now())
    assert code(sessions, desk, cipher, token, right).step is LoginStep.REFUSED


def test_an_unfinished_log_in_ends_after_ten_minutes(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    set_password(sessions, world, Role.ADMIN)
    token = attempt(sessions, desk, "admin", PASSWORD).token
    clock.move(minutes=11)
    right = pyotp.TOTP(ADMIN_TOTP_SECRET).at(clock.now())
    assert code(sessions, desk, cipher, token, right).step is LoginStep.REFUSED


def test_a_recovery_code_opens_once(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    from webapp.services import second_factor

    set_password(sessions, world, Role.ADMIN)
    with sessions.begin() as session:
        codes = second_factor.renew_codes(session, actor=world.actor(Role.ADMIN), clock=clock)
    assert len(set(codes)) == 10
    for expected in (LoginStep.DONE, LoginStep.WRONG_CODE):
        token = attempt(sessions, desk, "admin", PASSWORD).token
        assert code(sessions, desk, cipher, token, f" {codes[0].lower()} ").step is expected


def test_a_person_of_two_wards_chooses_one(
    sessions: sessionmaker[Session], world: World, desk: Desk, clock: FixedClock, cipher: AesGcmCipher
) -> None:
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    set_password(sessions, world, Role.CLERK)
    with sessions.begin() as session:
        session.add(
            RoleGrant(
                ward_id=other.ward_id,
                account_id=world.accounts[Role.CLERK],
                role=Role.AUDITOR,
                granted_at=clock.now() + dt.timedelta(seconds=1),
            )
        )
    result = attempt(sessions, desk, "clerk", PASSWORD)
    assert result.step is LoginStep.CHOOSE_WARD

    def choose(ward_id: UUID) -> LoginResult:
        with sessions.begin() as session:
            return login.choose_ward(session, result.token, ward_id, desk=desk)

    assert choose(UUID(int=5)).step is LoginStep.REFUSED
    done = choose(other.ward_id)
    assert done.step is LoginStep.DONE
    with sessions() as session:
        row = find_session(session, done.token, now=clock.now(), idle_minutes=60)
    assert row is not None
    assert (row.ward_id, row.roles) == (other.ward_id, {Role.AUDITOR})
    assert choose(world.ward_id).step is LoginStep.REFUSED


def test_the_second_factor_cannot_be_walked_around_by_choosing_a_ward(
    sessions: sessionmaker[Session], world: World, desk: Desk
) -> None:
    set_password(sessions, world, Role.ADMIN)
    token = attempt(sessions, desk, "admin", PASSWORD).token
    with sessions.begin() as session:
        assert login.choose_ward(session, token, world.ward_id, desk=desk).step is LoginStep.REFUSED
