"""Logging in and out through the pages."""

import datetime as dt
import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.fakes import FixedClock
from tests.world import ADMIN_TOTP_SECRET, World
from webapp.core.access import Role
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.audit import AuditEvent
from webapp.services.passwords import hash_password

PASSWORD = "thuyền giấy qua cầu"
HASH = hash_password(PASSWORD)


def give_password(sessions: sessionmaker[Session], world: World, role: Role, *, first: bool = False) -> None:
    with sessions.begin() as session:
        account = session.get_one(Account, world.accounts[role])
        account.password_hash, account.must_change_password = HASH, first


def log_in(client: FlaskClient, username: str, password: str = PASSWORD, page: str = "/login") -> TestResponse:
    return client.post(page, data={"username": username, "password": password})


def bare(answer: TestResponse) -> str:
    """A page without its tokens, which differ each time."""
    return re.sub(r'name="csrf_token"[^>]*', "", answer.text)


def test_a_person_logs_in_and_goes_where_they_wanted(
    client: FlaskClient, sessions: sessionmaker[Session], world: World
) -> None:
    give_password(sessions, world, Role.CLERK)
    asked = client.get("/account?x=1")
    assert asked.headers["Location"] == "/login?next=/account?x%3D1"
    answer = log_in(client, "Clerk ", page=asked.headers["Location"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=1")
    page = client.get("/account")
    assert page.status_code == 200
    assert "Người clerk" in page.text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_nobody_is_sent_outside_after_log_in(
    client: FlaskClient, sessions: sessionmaker[Session], world: World, target: str
) -> None:
    give_password(sessions, world, Role.CLERK)
    answer = client.post("/login", query_string={"next": target}, data={"username": "clerk", "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_wrong_name_and_wrong_password_look_the_same_and_are_kept(
    client: FlaskClient, sessions: sessionmaker[Session], session: Session, world: World
) -> None:
    give_password(sessions, world, Role.CLERK)
    wrong, unknown = log_in(client, "clerk", "sai"), log_in(client, "ai-do", "sai")
    assert wrong.status_code == unknown.status_code == 422
    assert bare(wrong).replace("clerk", "") == bare(unknown).replace("ai-do", "")
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in wrong.text
    known, nobody = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert (known.tag, known.subject_id, known.address) == ("login:failure", world.accounts[Role.CLERK], "127.0.0.1")
    # Somebody may have typed a password there: what was typed is not kept, only a keyed token of it.
    assert (nobody.tag, nobody.subject_id) == ("login:failure", None)
    assert "ai-do" not in str(nobody.detail)


def test_a_password_is_nowhere_in_the_answer(client: FlaskClient, world: World) -> None:
    assert "kem đậu xanh" not in log_in(client, "clerk", "kem đậu xanh").text


def test_the_cookie_of_before_is_worth_nothing_after_log_in(
    app: Flask, sessions: sessionmaker[Session], world: World, login: Callable[[Role], FlaskClient], clock: FixedClock
) -> None:
    give_password(sessions, world, Role.CLERK)
    attacker = world.open_session(sessions, Role.OFFICER, clock.now(), dt.timedelta(hours=1))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["pending_login"] = attacker
        cookie["planted"] = "1"
        cookie["language"] = "en"
    log_in(client, "clerk")
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != attacker
        assert "planted" not in cookie
        assert "pending_login" not in cookie
        assert cookie["language"] == "en"


def test_an_ended_idle_or_expired_log_in_leads_to_the_log_in_page(
    app: Flask, sessions: sessionmaker[Session], world: World, login: Callable[[Role], FlaskClient], clock: FixedClock
) -> None:
    client = login(Role.CLERK)
    clock.move(minutes=59)
    assert client.get("/account").status_code == 200
    clock.move(minutes=59)
    assert client.get("/account").status_code == 200, "each page keeps the log-in awake"
    clock.move(minutes=61)
    assert client.get("/account").headers["Location"].startswith("/login")
    other = login(Role.CLERK)
    for _ in range(10):
        clock.move(minutes=50)
        other.get("/account")
    assert other.get("/account").headers["Location"].startswith("/login"), "eight hours are the end in any case"
    third = login(Role.CLERK)
    with sessions.begin() as session:
        for row in session.scalars(select(LoginSession)):
            row.revoked_at = clock.now()
    assert third.get("/account").status_code == 303


def test_a_log_in_is_touched_at_most_every_five_minutes(
    session: Session, world: World, login: Callable[[Role], FlaskClient], clock: FixedClock
) -> None:
    client = login(Role.CLERK)
    begun = clock.now()
    clock.move(minutes=4)
    client.get("/account")
    assert session.scalars(select(LoginSession.last_seen_at)).one() == begun
    session.rollback()
    clock.move(minutes=2)
    client.get("/account")
    assert session.scalars(select(LoginSession.last_seen_at)).one() == clock.now()


def test_logging_out_ends_the_log_in_on_the_server(
    app: Flask, session: Session, world: World, login: Callable[[Role], FlaskClient]
) -> None:
    client = login(Role.CLERK)
    with client.session_transaction() as cookie:
        stolen = cookie["_user_id"]
    assert client.post("/logout").status_code == 303
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = stolen
    assert thief.get("/account").headers["Location"].startswith("/login")
    assert session.scalars(select(AuditEvent.tag)).all() == ["login:logout"]


def test_the_first_password_must_be_changed_before_anything_else(
    client: FlaskClient, sessions: sessionmaker[Session], world: World
) -> None:
    give_password(sessions, world, Role.CLERK, first=True)
    log_in(client, "clerk")
    for page in ("/", "/account", "/account/second-factor"):
        assert client.get(page).headers["Location"] == "/account/password"
    bad = client.post("/account/password", data={"password": PASSWORD, "new": "12345678", "again": "12345678"})
    assert bad.status_code == 422
    assert "quá dễ đoán" in bad.text
    fields = {"password": PASSWORD, "new": "trâu áo tím bảy", "again": "trâu áo tím bảy"}
    assert client.post("/account/password", data=fields | {"again": "khác"}).status_code == 422
    assert client.post("/account/password", data=fields | {"password": "sai"}).status_code == 422
    assert client.post("/account/password", data=fields).status_code == 303
    assert client.get("/account").status_code == 200, "this log-in stays"
    assert log_in(client.application.test_client(), "clerk").status_code == 422
    assert log_in(client.application.test_client(), "clerk", "trâu áo tím bảy").status_code == 303


def test_guessing_the_password_inside_ends_the_log_in(
    sessions: sessionmaker[Session], world: World, login: Callable[[Role], FlaskClient]
) -> None:
    give_password(sessions, world, Role.CLERK)
    client = login(Role.CLERK)
    for _ in range(4):
        assert client.post("/account/confirm", data={"password": "sai"}).status_code == 422
    assert client.post("/account/confirm", data={"password": "sai"}).headers["Location"] == "/login"
    assert client.get("/account").headers["Location"].startswith("/login")
    assert log_in(client, "clerk").status_code == 422, "and the account is locked for a while"


def test_the_second_factor_is_switched_on_used_and_switched_off(
    app: Flask, sessions: sessionmaker[Session], world: World, login: Callable[[Role], FlaskClient], clock: FixedClock
) -> None:
    give_password(sessions, world, Role.CLERK)
    client = login(Role.CLERK)
    assert client.post("/account/second-factor/start").status_code == 303
    page = client.get("/account/second-factor").text
    assert "data:image/svg+xml" in page
    secret = page.split('<p class="code wrap-anywhere">')[1].split("</p>")[0].replace(" ", "")
    assert client.post("/account/second-factor", data={"code": "000000"}).status_code == 422
    shown = client.post("/account/second-factor", data={"code": pyotp.TOTP(secret).at(clock.now())})
    codes = [part.split("</p>")[0] for part in shown.text.split('<p class="code lead">')[1:]]
    assert len(codes) == 10
    assert codes[0] not in client.get("/account").text

    stranger = app.test_client()
    assert log_in(stranger, "clerk").headers["Location"] == "/login/code"
    assert stranger.get("/account").headers["Location"].startswith("/login")
    used = pyotp.TOTP(secret).at(clock.now())
    assert stranger.post("/login/code", data={"code": used}).status_code == 422, "the code that switched it on"
    assert stranger.post("/login/code", data={"code": codes[0]}).status_code == 303
    assert stranger.get("/account").status_code == 200
    again = app.test_client()
    log_in(again, "clerk")
    assert again.post("/login/code", data={"code": codes[0]}).status_code == 422
    clock.move(seconds=30)
    assert again.post("/login/code", data={"code": pyotp.TOTP(secret).at(clock.now())}).status_code == 303
    assert again.post("/account/second-factor/off").status_code == 303
    assert log_in(app.test_client(), "clerk").headers["Location"] == "/"


def test_what_weighs_asks_for_the_password_again_after_a_while(
    sessions: sessionmaker[Session],
    session: Session,
    world: World,
    login: Callable[[Role], FlaskClient],
    clock: FixedClock,
) -> None:
    give_password(sessions, world, Role.CLERK)
    client = login(Role.CLERK)
    clock.move(minutes=11)
    asked = client.post("/account/second-factor/start").headers["Location"]
    assert asked == "/account/confirm?next=/account/second-factor"
    assert client.post(asked, data={"password": PASSWORD}).headers["Location"] == "/account/second-factor"
    assert client.post("/account/second-factor/start").headers["Location"] == "/account/second-factor"
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "login:step_up")).one()
    assert event.detail == {"method": "password"}


def test_a_code_of_the_second_factor_also_confirms_and_only_once(
    world: World, login: Callable[[Role], FlaskClient], clock: FixedClock
) -> None:
    client = login(Role.ADMIN)
    now_code = pyotp.TOTP(ADMIN_TOTP_SECRET).at(clock.now())
    assert client.post("/account/confirm", data={"password": now_code}).status_code == 303
    assert client.post("/account/confirm", data={"password": now_code}).status_code == 422


def test_devices_are_listed_and_one_is_ended(
    app: Flask, sessions: sessionmaker[Session], session: Session, world: World, login: Callable[[Role], FlaskClient]
) -> None:
    first, second = login(Role.CLERK), login(Role.CLERK)
    stranger = login(Role.OFFICER)
    ids = session.scalars(select(LoginSession.id).where(LoginSession.account_id == world.accounts[Role.CLERK])).all()
    session.rollback()
    assert first.get("/account").text.count("Đăng xuất máy này") == 2
    assert stranger.post(f"/account/sessions/{ids[0]}/end").status_code == 404
    assert second.post(f"/account/sessions/{ids[0]}/end").status_code == 303
    assert first.get("/account").headers["Location"].startswith("/login")
    assert second.get("/account").status_code == 200


def test_a_person_of_several_wards_chooses_one(
    client: FlaskClient, sessions: sessionmaker[Session], world: World, cipher, clock: FixedClock
) -> None:
    from tests.world import make_world

    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    give_password(sessions, world, Role.CLERK)
    with sessions.begin() as session:
        session.add(
            RoleGrant(
                ward_id=other.ward_id, account_id=world.accounts[Role.CLERK], role=Role.CLERK, granted_at=clock.now()
            )
        )
    assert log_in(client, "clerk", page="/login?next=/account").headers["Location"] == "/login/ward?next=/account"
    assert client.get("/login/ward").text.count('type="radio"') == 2
    answer = client.post("/login/ward?next=/account", data={"ward": str(other.ward_id)})
    assert answer.headers["Location"] == "/account"


def test_too_many_tries_from_one_address_are_slowed_down(
    settings, wiring, sessions: sessionmaker[Session], world: World
) -> None:
    from dataclasses import replace

    from webapp.factory import create_app

    limited = replace(wiring, settings=settings.model_copy(update={"rate_limits": True}))
    app = create_app(wiring=limited, sessions=sessions)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    statuses = [client.post("/login", data={"username": "", "password": ""}).status_code for _ in range(21)]
    assert statuses[:20] == [422] * 20
    assert statuses[20] == 429
    assert "Thử lại sau ít phút" in client.post("/login").text


def test_without_its_token_a_form_is_refused(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert log_in(app.test_client(), "clerk").status_code == 400
