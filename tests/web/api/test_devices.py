"""A phone comes in with a one-time code, and the ward can show it out again."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.web.api.conftest import Phone, body_of, code_for
from tests.web.api.test_visits import count, told
from tests.world import World
from webapp.core.access import Permission, Role
from webapp.models.accounts import Account, RoleGrant
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.devices import Device, DeviceCode
from webapp.services.accounts import disable_account, reset_password
from webapp.services.devices import withdraw_device


def test_the_probe_says_exactly_who_answers(client: FlaskClient) -> None:
    answer = client.get("/api/v1/ping")
    assert answer.json == {"service": "phuong-so", "api": 1, "now": "2026-11-22T02:00:00Z"}
    assert (answer.content_type, answer.headers["Cache-Control"]) == ("application/json", "no-store")


def test_a_code_lets_one_phone_in(
    client: FlaskClient, sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    code = code_for(sessions, world, clock)
    typed = f" {code[:4].lower()} {code[4:8]}-{code[8:]} "
    answer = client.post("/api/v1/devices", json={"code": typed, "name": "  Samsung của Ánh "})
    assert answer.status_code == 201, answer.text
    enrolled = answer.json
    assert enrolled is not None
    assert enrolled["account_id"] == str(world.accounts[Role.GROUP_HEAD])
    assert (enrolled["account_name"], enrolled["ward_name"]) == ("Người group_head", "phường Thử Nghiệm")
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {enrolled['token']}"})
    assert me.json == {
        "device_id": enrolled["device_id"],
        "account_id": enrolled["account_id"],
        "account_name": "Người group_head",
        "ward_name": "phường Thử Nghiệm",
        "groups": [{"id": str(world.group_ids[0]), "name": "Tổ dân phố 1"}],
        "now": "2026-11-22T02:00:00Z",
    }
    device = session.scalars(select(Device)).one()
    assert device.name == "Samsung của Ánh"
    assert enrolled["token"] not in str(vars(device))
    assert list(session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence))) == [
        "device:code",
        "device:enrol",
    ]
    session.rollback()
    told(client.post("/api/v1/devices", json={"code": code, "name": ""}), 410, "code-used")


def test_wrong_old_and_replaced_codes_let_nobody_in(
    client: FlaskClient, sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    first = code_for(sessions, world, clock)
    second = code_for(sessions, world, clock)
    for code in ("K7F2QMWX9A3B", "x", first, "Ánh"):
        told(client.post("/api/v1/devices", json={"code": code}), 422, "code-unknown")
    clock.move(hours=24)
    told(client.post("/api/v1/devices", json={"code": second}), 410, "code-expired")
    told(client.post("/api/v1/devices", json={"code": second, "colour": 1}), 400, "malformed")
    told(client.post("/api/v1/devices", data=b"{}"), 415, "wrong-type")
    assert count(session, Device) == 0


def test_the_code_of_somebody_who_lost_the_role_lets_nobody_in(
    client: FlaskClient, sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    code = code_for(sessions, world, clock)
    _end_role(sessions, world, clock)
    told(client.post("/api/v1/devices", json={"code": code}), 403, "not-allowed")


def _end_role(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> None:
    with sessions.begin() as session:
        head = world.accounts[Role.GROUP_HEAD]
        session.execute(update(RoleGrant).where(RoleGrant.account_id == head).values(revoked_at=clock.now()))


def test_a_withdrawn_phone_is_told_so_and_its_records_wait(
    phone: Phone,
    enrol: Callable[[], Phone],
    world: World,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    session: Session,
) -> None:
    bodies = [body_of(world) for _ in range(3)]
    assert phone.post("/visits", bodies[0]).status_code == 201
    with unit_of_work(sessions, world.ward_id) as own:
        withdraw_device(own, phone.device_id, actor=world.actor(Role.ADMIN), clock=clock)
    for body in bodies:
        told(phone.post("/visits", body), 401, "device-withdrawn")
    for path in ("/me", "/reference"):
        told(phone.get(path), 401, "device-withdrawn")
    assert count(session) == 1
    again = enrol()
    assert [again.post("/visits", body).status_code for body in bodies] == [200, 201, 201]


def test_a_phone_can_leave_by_itself(phone: Phone, session: Session) -> None:
    answer = phone.client.delete("/api/v1/devices/me", headers=phone.headers)
    assert (answer.status_code, answer.data) == (204, b"")
    told(phone.get("/me"), 401, "device-withdrawn")
    last = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence.desc())).first()
    assert last == "device:withdraw"


def test_a_disabled_account_and_a_reset_password_stop_its_phones(
    phone: Phone, enrol: Callable[[], Phone], world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    head, admin = world.accounts[Role.GROUP_HEAD], world.actor(Role.ADMIN)
    clock.move(minutes=1)
    with unit_of_work(sessions, world.ward_id) as session:
        reset_password(session, head, actor=admin, clock=clock)
    told(phone.get("/me"), 401, "password-change-needed")
    clock.move(minutes=1)
    assert enrol().get("/me").status_code == 200  # a code given after the reset is the ward's word
    with unit_of_work(sessions, world.ward_id) as session:
        session.execute(update(Account).where(Account.id == head).values(must_change_password=False))
    assert phone.get("/me").status_code == 200
    with unit_of_work(sessions, world.ward_id) as session:
        disable_account(session, head, actor=admin, clock=clock)
    told(phone.get("/me"), 401, "account-disabled")


def test_a_head_who_never_logged_in_by_password_can_use_the_phone(
    phone: Phone, world: World, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        head = world.accounts[Role.GROUP_HEAD]
        session.execute(update(Account).where(Account.id == head).values(must_change_password=True))
    assert phone.get("/me").status_code == 200


def test_an_account_left_alone_for_long_is_stopped_and_a_phone_in_use_keeps_it_alive(
    phone: Phone, clock: FixedClock
) -> None:
    for _ in range(3):
        clock.move(days=40)
        assert phone.get("/me").status_code == 200
    clock.move(days=46)
    told(phone.get("/me"), 401, "account-disabled")


def test_a_lost_role_closes_the_data_and_not_the_door(
    phone: Phone, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    _end_role(sessions, world, clock)
    told(phone.get("/me"), 403, "not-allowed")
    told(phone.get("/reference"), 403, "not-allowed")
    told(phone.post("/visits", body_of(world)), 403, "not-allowed")


def test_a_phone_is_a_heads_phone_whatever_else_its_owner_is(
    phone: Phone, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    with sessions.begin() as session:
        session.add(
            RoleGrant(
                ward_id=world.ward_id,
                account_id=world.accounts[Role.GROUP_HEAD],
                role=Role.STATISTICIAN,
                granted_at=clock.now(),
            )
        )
    foreign = str(world.households[world.group_ids[1]][0])
    told(phone.post("/visits", body_of(world, household_id=foreign)), 404, "not-found")


def test_an_account_that_moved_to_another_group_keeps_its_receipts_and_sends_for_the_new_group(
    phone: Phone, world: World, sessions: sessionmaker[Session]
) -> None:
    sent, waiting = body_of(world), body_of(world)
    first = phone.post("/visits", sent)
    with sessions.begin() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.account_id == world.accounts[Role.GROUP_HEAD])
            .values(group_id=world.group_ids[1])
        )
    again = phone.post("/visits", sent)
    assert (again.status_code, again.data) == (200, first.data)
    told(phone.post("/visits", waiting), 404, "not-found")
    mine = str(world.households[world.group_ids[1]][0])
    assert phone.post("/visits", body_of(world, household_id=mine)).status_code == 201


@pytest.mark.parametrize(
    ("said", "unsent", "oldest"),
    [
        ("3; oldest=2026-11-20T01:02:03.000Z", 3, dt.datetime(2026, 11, 20, 1, 2, 3, tzinfo=dt.UTC)),
        ("2;oldest=", 2, None),
        ("1", 1, None),
        ("0; oldest=2026-11-20T01:02:03Z", 0, None),
        ("4; oldest=yesterday", 4, None),
        ("4; oldest=2026-11-20T01:02:03", 4, None),
        ("-1", 0, None),
        ("many", 0, None),
        ("9999999", 0, None),
        ("", 0, None),
    ],
)
def test_the_ward_learns_what_waits_on_the_phone(
    phone: Phone, session: Session, clock: FixedClock, said: str, unsent: int, oldest: dt.datetime | None
) -> None:
    clock.move(minutes=1)
    phone.unsent = said
    assert phone.get("/me").status_code == 200
    device = session.scalars(select(Device)).one()
    assert (device.unsent, device.oldest_unsent_at) == (unsent, oldest)
    assert device.last_contact_at == clock.now()


def test_contact_is_noted_once_a_minute_and_when_the_outbox_is_empty(
    phone: Phone, session: Session, clock: FixedClock
) -> None:
    def noted() -> tuple[dt.datetime, int]:
        row = session.execute(select(Device.last_contact_at, Device.unsent)).one()
        session.rollback()
        return row.last_contact_at, row.unsent

    clock.move(minutes=1)
    first = clock.now()
    phone.unsent = "5; oldest=2026-11-20T01:02:03Z"
    phone.get("/me")
    clock.move(seconds=30)
    phone.unsent = "4; oldest=2026-11-20T01:02:03Z"
    phone.get("/me")
    assert noted() == (first, 5)
    phone.unsent = "0; oldest="
    phone.get("/me")
    assert noted() == (clock.now(), 0)


def test_two_phones_with_one_code_at_once_let_one_in(
    app: Flask, sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    code = code_for(sessions, world, clock)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(lambda _n: app.test_client().post("/api/v1/devices", json={"code": code}).status_code, range(8))
        )
    assert sorted(statuses) == [201, *[410] * 7]
    assert (count(session, Device), count(session, DeviceCode)) == (1, 1)


def test_every_route_of_the_api_refuses_strangers_and_cookies(
    app: Flask, world: World, login: Callable[[Role], FlaskClient]
) -> None:
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and hasattr(app.view_functions[rule.endpoint], "device_permission")
    ]
    assert len(rules) >= 4
    for client in (app.test_client(), login(Role.GROUP_HEAD), login(Role.ADMIN)):
        for rule in rules:
            assert isinstance(app.view_functions[rule.endpoint].device_permission, Permission)
            for method in {"GET", "POST", "DELETE"} & (rule.methods or set()):
                told(client.open(rule.rule, method=method, json={}), 401, "token-unknown")


def test_addresses_and_methods_that_do_not_exist_are_problems_too(client: FlaskClient) -> None:
    told(client.get("/api/v1/nothing"), 404, "not-found")
    answer = client.put("/api/v1/visits", json={})
    told(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_logs_hold_no_token_no_code_and_no_name(
    app: Flask,
    world: World,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    code = code_for(sessions, world, clock)
    enrolled = app.test_client().post("/api/v1/devices", json={"code": code, "name": "Máy của Ánh"}).json
    assert enrolled is not None
    phone = Phone(app.test_client(), enrolled["token"], enrolled["device_id"])
    phone.get("/reference")
    phone.post("/visits", body_of(world))
    phone.post("/visits", {"visit_id": enrolled["token"]})
    logged = capsys.readouterr().out
    assert '"endpoint": "api.submit"' in logged
    for secret in (enrolled["token"], code, "Ánh", "Lê Lợi", "Gọi trước"):
        assert secret not in logged
