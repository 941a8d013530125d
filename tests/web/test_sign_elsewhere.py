"""The pages around a key on one's own computer: enrolling it, preparing, bringing back what it signed."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, RAW, FakeSigning
from tests.fakes import FixedClock
from tests.web.test_document_workflow import change_chain
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.models.audit import AuditEvent
from webapp.models.signing import Keystore, SignatureLedger
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
AGENT = "http://127.0.0.1:17273"


@pytest.fixture
def room(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def wiring(wiring: Wiring, room: FakeSigning) -> Wiring:
    return replace(wiring, signing=room)


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol(Role.OFFICER, KeystoreOwner.PERSON, b"p12 officer")
    return desk


def enrol(client: FlaskClient, whose: str, certificates: object, mechanisms: str = "rsa-pss") -> TestResponse:
    data = {"certificates": json.dumps(certificates), "mechanisms": mechanisms, "holder": "Token Chủ tịch (01)"}
    return client.post(f"/documents/keys/{whose}/token", data=data)


def certificate(text: str) -> list[str]:
    return [base64.b64encode(text.encode()).decode()]


def prepare(client: FlaskClient, desk: Desk, document_id: UUID, step: str = "sign") -> TestResponse:
    base = desk.base(document_id)
    data = {"version": str(base.version), "sha256": base.sha256}
    return client.post(f"/documents/{document_id}/elsewhere/{step}", data=data)


def bring(client: FlaskClient, told: dict[str, str], raw: bytes = RAW) -> TestResponse:
    return client.post(told["complete"], data={"raw": base64.b64encode(raw).decode()})


def test_a_key_on_ones_own_computer_is_enrolled_and_signs(
    desk: Desk, login: Login, session: Session, app: Flask
) -> None:
    leader, clerk = login(Role.LEADER), login(Role.CLERK)
    assert "Đăng ký khóa trên máy" in leader.get("/documents/keys/mine").text
    page = leader.get("/documents/keys/mine/token")
    assert f"connect-src 'self' {AGENT};" in page.headers["Content-Security-Policy"]
    assert enrol(leader, "mine", certificate("leader on a token")).status_code == 303
    assert enrol(clerk, "agency", certificate("agency on a token")).status_code == 303
    with desk.reading() as reading:
        kept = reading.scalars(select(Keystore.location).where(Keystore.kind == KeystoreKind.AGENT)).all()
    assert [where["mechanisms"] for where in kept] == ["rsa-pss", "rsa-pss"]
    document_id = desk.until("awaiting_signature")
    shown = leader.get(f"/documents/{document_id}/sign").text
    assert "data-agent-sign" in shown
    assert 'type="password"' not in shown
    told = prepare(leader, desk, document_id).json
    stranger = app.test_client()
    assert stranger.get("/documents/elsewhere/file/" + told["url"].rsplit("/", 1)[1]).data.startswith(b"%PDF")
    assert bring(leader, told).json == {"state": "done"}
    assert desk.status(document_id) == "signed"
    desk.number(document_id)
    assert bring(clerk, prepare(clerk, desk, document_id, "seal").json).json == {"state": "done"}
    assert desk.status(document_id) == "sealed"
    events = session.scalars(select(AuditEvent.tag)).all()
    assert {"signing:prepare", "document:sign", "document:seal", "keystore:enrol"} <= set(events)


def test_a_document_with_attachments_is_sealed_as_a_whole(desk: Desk, login: Login, app: Flask) -> None:
    clerk = login(Role.CLERK)
    desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
    assert enrol(clerk, "agency", certificate("agency on a token")).status_code == 303
    document_id = desk.with_attachments("numbered", PDF + b"danh sach\n")
    page = clerk.get(f"/documents/{document_id}/seal").text
    assert "Tệp đính kèm cùng được đóng dấu" in page
    assert "Phụ lục 1" in page
    told = prepare(clerk, desk, document_id, "seal").json
    (part,) = told["attachments"]
    assert (part["number"], part["title"]) == (1, "Tệp đính kèm 1: Phụ lục 1")
    path = urlsplit(part["url"]).path
    assert b"danh sach" in app.test_client().get(path).data
    assert app.test_client().get(path[:-1] + "2").status_code == 404
    alone = bring(clerk, told)
    assert (alone.status_code, "Thiếu chữ ký" in alone.json["message"]) == (422, True)
    raw = base64.b64encode(RAW).decode()
    wrong = clerk.post(told["complete"], data={"raw": raw, "raw-1": base64.b64encode(b"x").decode()})
    assert (wrong.status_code, "Tệp đính kèm 1" in wrong.json["message"]) == (422, True)
    assert desk.status(document_id) == "numbered"
    assert clerk.post(told["complete"], data={"raw": raw, "raw-1": raw}).json == {"state": "done"}
    assert desk.status(document_id) == "sealed"
    assert app.test_client().get(path).status_code == 410


@pytest.fixture
def signer(desk: Desk, login: Login) -> FlaskClient:
    leader = login(Role.LEADER)
    assert enrol(leader, "mine", certificate("leader on a token")).status_code == 303
    return leader


def test_what_does_not_fit_is_said_in_words_and_written_down(desk: Desk, signer: FlaskClient, session: Session) -> None:
    document_id = desk.until("awaiting_signature")
    told = prepare(signer, desk, document_id).json
    answer = bring(signer, told, b"nonsense")
    assert (answer.status_code, answer.json["code"]) == (422, "raw_signature_invalid")
    assert "không khớp" in answer.json["message"]
    bad = signer.post(told["complete"], data={"raw": "***"})
    assert bad.status_code == 422
    assert bring(signer, told).json == {"state": "done"}
    again = bring(signer, told)
    assert (again.status_code, again.json["code"]) == (410, "signing-over")
    codes = [event.detail.get("code") for event in session.scalars(select(AuditEvent)).all()]
    assert "raw_signature_invalid" in codes


def test_a_late_signature_is_refused(desk: Desk, signer: FlaskClient, clock: FixedClock, app: Flask) -> None:
    told = prepare(signer, desk, desk.until("awaiting_signature")).json
    clock.move(minutes=16)
    path = "/documents/elsewhere/file/" + told["url"].rsplit("/", 1)[1]
    assert app.test_client().get(path).status_code == 410
    assert app.test_client().get(path[:-3] + "abc").status_code == 404
    assert bring(signer, told).status_code in {303, 401, 410}


def test_a_missing_stamp_is_told_as_waiting(desk: Desk, signer: FlaskClient, room: FakeSigning) -> None:
    document_id = desk.until("awaiting_signature")
    told = prepare(signer, desk, document_id).json
    room.refuse = "timestamp_failed"
    answer = bring(signer, told)
    assert (answer.status_code, answer.json["state"]) == (200, "pending")
    assert "không cần nhập mã PIN nữa" in answer.json["message"]
    assert desk.status(document_id) == "awaiting_signature"


def test_only_whose_turn_it_is_prepares(desk: Desk, signer: FlaskClient, login: Login) -> None:
    document_id = desk.until("awaiting_signature")
    assert prepare(login(Role.CLERK), desk, document_id).status_code == 403
    assert prepare(login(Role.CLERK), desk, document_id, "seal").status_code in {409, 422}
    told = prepare(signer, desk, document_id).json
    assert bring(login(Role.CLERK), told).status_code == 404
    stale = {"version": "1", "sha256": "0" * 64}
    answer = signer.post(f"/documents/{document_id}/elsewhere/sign", data=stale)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert signer.post(f"/documents/{document_id}/elsewhere/sign", data={}).status_code == 400


def test_initials_are_put_with_a_key_on_ones_own_computer(desk: Desk, login: Login, session: Session) -> None:
    change_chain(login(Role.CLERK), author_initials="y", initials_with_key="y")
    officer = login(Role.OFFICER)
    assert enrol(officer, "mine", certificate("officer on a token")).status_code == 303
    document_id = desk.until("draft")
    desk.submit(document_id)
    shown = officer.get(f"/documents/{document_id}/initial").text
    assert "data-agent-sign" in shown
    assert 'type="password"' not in shown
    assert bring(officer, prepare(officer, desk, document_id, "initial").json).json == {"state": "done"}
    row = session.scalars(select(SignatureLedger)).one()
    assert (row.field[:6], row.keystore_kind) == ("KyNhay", KeystoreKind.AGENT)
    assert desk.status(document_id) == "awaiting_signature"


def test_preparing_asks_for_the_password_again(desk: Desk, signer: FlaskClient, clock: FixedClock) -> None:
    document_id = desk.until("awaiting_signature")
    clock.move(minutes=11)
    answer = prepare(signer, desk, document_id)
    assert (answer.status_code, answer.json["code"]) == (401, "step-up-needed")


@pytest.mark.parametrize("certificates", ["x", [], ["***"], [1], {"a": 1}, ["QQ=="] * 11])
def test_what_is_no_certificate_is_not_enrolled(login: Login, desk: Desk, certificates: object) -> None:
    leader = login(Role.LEADER)
    answer = enrol(leader, "mine", certificates)
    assert answer.status_code == 422


def test_many_documents_are_offered_on_one_page(desk: Desk, signer: FlaskClient) -> None:
    ids = [desk.until("awaiting_signature") for _ in range(3)]
    page = signer.get("/documents/batch/sign/review", query_string={"d": [str(each) for each in ids]}).text
    assert "data-agent-sign" in page
    assert page.count('name="item"') == 3
    assert 'type="password"' not in page
