"""Staff see the heads' phones, hand out codes, take phones back, and take in backup files."""

import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.fakes import FixedClock
from tests.web.api.conftest import Phone, body_of, enrol, phone  # noqa: F401 - fixtures
from tests.web.api.test_visits import count
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus
from webapp.core.visit_content import content_sha256
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.audit import AuditEvent
from webapp.models.devices import Device, DeviceCode
from webapp.models.surveys import SurveyRound, VisitRevision
from webapp.web.shared.visit_body import VisitBody

Login = Callable[[Role], FlaskClient]


def words(page: TestResponse) -> str:
    """The page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


def test_the_list_shows_every_head_with_and_without_a_phone(login: Login, phone: Phone, world: World) -> None:  # noqa: F811
    page = login(Role.STATISTICIAN).get("/devices")
    text = words(page)
    assert "Người group_head Tổ dân phố 1 Điện thoại của Ánh Đã gửi hết" in text
    assert "quá 3 ngày" not in text


def test_silence_in_an_open_round_is_an_alarm_on_the_list_and_on_the_home_page(
    login: Login,
    phone: Phone,  # noqa: F811
    clock: FixedClock,
    session: Session,
) -> None:
    clock.move(minutes=1)
    phone.unsent = "2; oldest=2026-11-20T01:02:03Z"
    phone.get("/me")
    clock.move(days=3)
    client = login(Role.STATISTICIAN)
    assert "quá 3 ngày" not in words(client.get("/devices")) + words(client.get("/"))
    clock.move(days=1)
    client = login(Role.STATISTICIAN)
    assert "Im lặng 4 ngày, còn 2 phiếu chưa gửi" in words(client.get("/devices"))
    assert "1 điện thoại của tổ trưởng không liên lạc quá 3 ngày" in words(client.get("/"))
    session.execute(update(SurveyRound).values(status=RoundStatus.CLOSED))
    session.commit()
    assert "quá 3 ngày" not in words(client.get("/devices")) + words(client.get("/"))


def test_staff_make_a_card_whose_code_works_once(login: Login, app: Flask, world: World, session: Session) -> None:
    page = login(Role.ADMIN).post("/devices/codes", data={"account_id": str(world.accounts[Role.GROUP_HEAD])})
    assert page.status_code == 200
    code = re.findall(r'<p class="code lead">([^<]*)</p>', page.text)[0]
    assert re.fullmatch(r"\w{4} \w{4} \w{4}", code)
    assert "data:image/svg+xml" in page.text
    assert code.replace(" ", "") not in str(vars(session.scalars(select(DeviceCode)).one()))
    session.rollback()
    answers = [app.test_client().post("/api/v1/devices", json={"code": code}).status_code for _ in range(2)]
    assert answers == [201, 410]


def test_codes_are_made_for_heads_of_this_ward_only(
    login: Login, world: World, sessions: sessionmaker[Session], cipher: AesGcmCipher, clock: FixedClock
) -> None:
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    client = login(Role.STATISTICIAN)
    for account_id in (other.accounts[Role.GROUP_HEAD], world.accounts[Role.LEADER], new_id()):
        assert client.post("/devices/codes", data={"account_id": str(account_id)}).status_code == 404
    assert client.post("/devices/codes", data={"account_id": "x"}).status_code == 400


def test_a_head_makes_a_code_for_the_phone_in_the_hand(login: Login, app: Flask, world: World) -> None:
    client = login(Role.GROUP_HEAD)
    assert "Dùng trên điện thoại này" in client.get("/account").text
    answer = client.post("/surveys/phone/code")
    address, _, code = answer.headers["Location"].partition("#")
    assert (answer.status_code, address) == (303, "/surveys/phone/enrol")
    assert app.test_client().post("/api/v1/devices", json={"code": code}).status_code == 201
    assert "Dùng trên điện thoại này" not in login(Role.LEADER).get("/account").text


def test_a_phone_is_withdrawn_after_a_question(login: Login, phone: Phone, session: Session) -> None:  # noqa: F811
    client = login(Role.STATISTICIAN)
    address = f"/devices/{phone.device_id}/withdraw"
    assert "Thu hồi “Điện thoại của Ánh” của Người group_head?" in words(client.get(address))
    assert session.scalars(select(Device.withdrawn_at)).one() is None
    session.rollback()
    page = client.post(address, follow_redirects=True)
    assert "Đã thu hồi điện thoại của Người group_head." in page.text
    assert "Máy đã thu hồi" in page.text
    assert phone.get("/me").status_code == 401
    assert session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence.desc())).first() == "device:withdraw"


def test_phones_of_another_ward_are_not_found(
    login: Login,
    phone: Phone,  # noqa: F811
    sessions: sessionmaker[Session],
    cipher: AesGcmCipher,
    clock: FixedClock,
    app: Flask,
) -> None:
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    client = app.test_client()
    token = other.open_session(sessions, Role.STATISTICIAN, clock.now(), dt.timedelta(hours=1))
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    address = f"/devices/{phone.device_id}/withdraw"
    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    assert "Điện thoại của Ánh" not in client.get("/devices").text
    assert phone.get("/me").status_code == 200


def record(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record as the phone keeps it."""
    text = json.dumps(body, ensure_ascii=False)
    content = VisitBody.model_validate_json(text).command().content
    return {
        "visit_id": body["visit_id"],
        "state": "queued",
        "body": body,
        "text": text,
        "sha256": content_sha256(content),
        **changes,
    }


def backup(records: list[Any], /, **changes: Any) -> bytes:
    canonical = json.dumps(records, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data = {
        "format": "phuong-so-backup",
        "version": 1,
        "made_at": "2026-11-22T02:00:00Z",
        "device_id": str(new_id()),
        "account_id": str(new_id()),
        "records": records,
        "checksum": hashlib.sha256(canonical.encode()).hexdigest(),
    }
    return json.dumps(data | changes, ensure_ascii=False).encode()


def bring(client: FlaskClient, content: bytes) -> TestResponse:
    return client.post("/surveys/phone/backup", data={"file": (io.BytesIO(content), "phieu.json")})


def test_a_backup_is_taken_in_record_by_record_and_again_without_harm(
    login: Login,
    phone: Phone,  # noqa: F811
    world: World,
    session: Session,
) -> None:
    sent, waiting = body_of(world), body_of(world)
    receipt = phone.post("/visits", sent).json
    assert receipt is not None
    draft = {"visit_id": str(new_id()), "state": "draft", "text": None, "body": {"visit_id": str(new_id())}}
    wrong = body_of(world, visited_on="2025-01-01")
    records = [record(sent), record(waiting), draft, record(wrong), {"text": "{"}, 7]
    client = login(Role.STATISTICIAN)
    page = bring(client, backup(records))
    assert page.status_code == 200
    text = words(page)
    assert "Đã nhận 1 Phường đã có từ trước 1 Đang làm dở 1 Không nhận được 3" in text
    assert "Ngày đến nhà phải trong đợt này" in text
    assert receipt["code"] in text
    assert "Hộ số 1, Tổ dân phố 1" in text
    assert "không còn nguyên vẹn" not in text
    assert "Đã nhận 0 Phường đã có từ trước 2" in words(bring(client, backup(records)))
    rows = session.execute(select(VisitRevision.source, VisitRevision.made_by)).all()
    assert sorted(row.source for row in rows) == ["backup", "phone"]
    assert world.accounts[Role.STATISTICIAN] in {row.made_by for row in rows}
    session.rollback()
    assert phone.post("/visits", waiting).status_code == 200  # the phone came back to life


def test_a_head_brings_the_own_groups_records_only(login: Login, world: World, session: Session) -> None:
    mine = body_of(world)
    foreign = body_of(world, household_id=str(world.households[world.group_ids[1]][0]))
    text = words(bring(login(Role.GROUP_HEAD), backup([record(foreign), record(mine)])))
    assert "Đã nhận 1" in text
    assert "không thuộc phần bạn phụ trách" in text
    assert "Tổ dân phố 2" not in text
    assert count(session) == 1


def test_a_locked_round_takes_no_backup_and_the_log_holds_the_refusal(
    login: Login, world: World, session: Session
) -> None:
    session.execute(update(SurveyRound).values(status=RoundStatus.LOCKED))
    session.commit()
    assert "Không nhận được 1" in words(bring(login(Role.STATISTICIAN), backup([record(body_of(world))])))
    last = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    assert (last.tag, last.detail["path"]) == ("visit:refused", "devices.import_backup")


def test_an_edited_record_is_refused_and_the_page_says_the_file_was_changed(
    login: Login, world: World, session: Session
) -> None:
    body = body_of(world)
    edited = record(body, text=json.dumps(body | {"outcome": "absent", "answers": None}))
    text = words(bring(login(Role.STATISTICIAN), backup([edited, record(body_of(world))], checksum="0" * 64)))
    assert "Tệp không còn nguyên vẹn" in text
    assert "đã bị sửa trong tệp" in text
    assert count(session) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"PK\x03\x04",
        b"[]",
        b"{}",
        b"[" * 50_000,
        backup([], format="other"),
        backup([], version=2),
        backup([], records={}),
        backup([{}] * 5_001),
    ],
    ids=lambda value: repr(value)[:24] + str(len(value)),
)
def test_what_is_no_backup_is_refused_in_words(login: Login, world: World, content: bytes) -> None:
    page = bring(login(Role.STATISTICIAN), content)
    assert page.status_code == 422
    assert "Có lỗi cần sửa" in page.text


def test_a_file_beyond_the_limit_is_refused(login: Login, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.web.devices.backup.FILE_MAX", 100)
    page = bring(login(Role.STATISTICIAN), backup([]))
    assert page.status_code == 422
    assert "Tệp lớn quá" in page.text


def test_an_empty_backup_says_so(login: Login, world: World) -> None:
    assert "Tệp không có phiếu nào" in bring(login(Role.STATISTICIAN), backup([])).text
