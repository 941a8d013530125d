"""VGCA's tool beside a token: one-time addresses, what it posts is checked, and the page says what became of it."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.models.accounts import RoleGrant
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document
from webapp.models.signing import Keystore, SignatureLedger
from webapp.models.workflow import DocumentAttachment
from webapp.settings import Settings
from webapp.web.shared.wiring import KEY, Wiring

Login = Callable[[Role], FlaskClient]
SERVICE = "wss://127.0.0.1:8987"
LEADER, AGENCY = b"leader on a token", b"agency on a token"


@pytest.fixture
def room(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"vgca_service": SERVICE})


@pytest.fixture
def wiring(wiring: Wiring, room: FakeSigning) -> Wiring:
    return replace(wiring, signing=room)


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)


@dataclass
class Tool:
    """The tool as the ward sees it: a program without a log-in that fetches and posts."""

    app: Flask

    def fetch(self, told: dict[str, Any]) -> Any:
        return self.app.test_client().get(_path(told["message"]["FileName"]))

    def post(self, told: dict[str, Any], content: bytes) -> Any:
        data = {"uploadfile": (io.BytesIO(content), "signed.pdf")}
        return self.app.test_client().post(_path(told["message"]["FileUploadHandler"]), data=data).json

    def sign(self, told: dict[str, Any], certificate: bytes = LEADER, *, word: str = "signed") -> Any:
        return self.post(told, self.fetch(told).data + f"{word} {certificate.decode()}\n".encode())


@pytest.fixture
def tool(app: Flask) -> Tool:
    return Tool(app)


def _path(address: str) -> str:
    return "/documents/" + address.split("/documents/", 1)[1]


def enrol(client: FlaskClient, whose: str, certificate: bytes, name: str = "token.cer") -> Any:
    return client.post(f"/documents/keys/{whose}/vgca", data={"certificate": (io.BytesIO(certificate), name)})


def begin(client: FlaskClient, desk: Desk, document_id: UUID, step: str = "sign") -> Any:
    base = desk.base(document_id)
    data = {"version": str(base.version), "sha256": base.sha256}
    return client.post(f"/documents/{document_id}/vgca/{step}", data=data)


@pytest.fixture
def leader(desk: Desk, login: Login) -> FlaskClient:
    client = login(Role.LEADER)
    assert enrol(client, "mine", LEADER).status_code == 303
    return client


@pytest.fixture
def document_id(desk: Desk, leader: FlaskClient) -> UUID:
    return desk.until("awaiting_signature")


def test_a_leader_signs_and_a_clerk_seals_with_the_tool(
    desk: Desk, leader: FlaskClient, login: Login, tool: Tool, document_id: UUID, session: Session
) -> None:
    page = leader.get(f"/documents/{document_id}/sign")
    assert "Ký bằng VGCA" in page.text
    assert 'type="password"' not in page.text
    assert f"connect-src 'self' http://127.0.0.1:17273 {SERVICE};" in page.headers["Content-Security-Policy"]
    told = begin(leader, desk, document_id).json
    assert told["service"] == f"{SERVICE}/SignApproved"
    assert set(told["message"]) == {"FileUploadHandler", "SessionId", "JWTToken", "FileName", "MetaData"}
    answer = tool.sign(told)
    assert answer["Status"] is True
    assert set(answer) == {"Status", "Message", "FileName", "FileServer"}
    assert leader.get(told["state"]).json["state"] == "done"
    assert desk.status(document_id) == "signed"
    desk.number(document_id)
    clerk = login(Role.CLERK)
    assert enrol(clerk, "agency", AGENCY).status_code == 303
    assert "Đóng dấu bằng VGCA" in clerk.get(f"/documents/{document_id}/seal").text
    sealing = begin(clerk, desk, document_id, "seal").json
    assert sealing["service"] == f"{SERVICE}/SignIssued"
    assert tool.sign(sealing, AGENCY, word="sealed")["Status"] is True
    assert desk.status(document_id) == "sealed"
    rows = session.scalars(select(SignatureLedger).order_by(SignatureLedger.sequence)).all()
    assert [(row.keystore_kind, row.field) for row in rows] == [(KeystoreKind.VGCA, "Signature1")] * 2
    tags = session.scalars(select(AuditEvent.tag)).all()
    assert {"signing:prepare", "document:sign", "document:seal"} <= set(tags)


def test_an_address_is_used_once_whatever_comes(
    desk: Desk, leader: FlaskClient, tool: Tool, document_id: UUID, session: Session
) -> None:
    told = begin(leader, desk, document_id).json
    refused = tool.sign(told, b"somebody else")
    assert (refused["Status"], "chứng thư số khác" in refused["Message"]) == (False, True)
    state = leader.get(told["state"]).json
    assert (state["state"], state["message"]) == ("failed", refused["Message"])
    assert desk.status(document_id) == "awaiting_signature"
    assert tool.fetch(told).status_code == 410
    assert tool.post(told, b"%PDF-1.7")["Status"] is False
    with desk.reading() as reading:
        codes = [event.detail.get("code") for event in reading.scalars(select(AuditEvent)).all()]
    assert "received_other_signer" in codes
    again = begin(leader, desk, document_id).json
    base = tool.fetch(again).data
    assert tool.sign(again)["Status"] is True
    assert tool.post(again, base + b"signed leader on a token\n")["Status"] is False
    assert len(session.scalars(select(SignatureLedger)).all()) == 1


def test_an_address_lives_a_quarter_of_an_hour_and_is_not_guessed(
    desk: Desk, leader: FlaskClient, tool: Tool, document_id: UUID, clock: FixedClock
) -> None:
    told = begin(leader, desk, document_id).json
    base = tool.fetch(told).data
    wrong = {"message": {name: str(value)[:-4] + "abcd" for name, value in told["message"].items()}}
    assert tool.fetch(wrong).status_code == 404
    assert tool.post(wrong, base)["Status"] is False
    clock.move(minutes=16)
    assert tool.fetch(told).status_code == 410
    assert "15 phút" in tool.post(told, base + b"signed leader on a token\n")["Message"]
    assert desk.status(document_id) == "awaiting_signature"


def test_only_the_newest_address_of_a_person_counts(
    desk: Desk, leader: FlaskClient, tool: Tool, document_id: UUID
) -> None:
    first, second = (begin(leader, desk, document_id).json for _ in range(2))
    assert tool.fetch(first).status_code == 410
    assert tool.sign(second)["Status"] is True


def test_a_document_that_changed_meanwhile_or_a_right_that_ended_is_refused(
    desk: Desk, leader: FlaskClient, tool: Tool, document_id: UUID, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    told = begin(leader, desk, document_id).json
    base = tool.fetch(told).data
    with sessions.begin() as session:
        session.execute(
            RoleGrant.__table__.update()
            .where(RoleGrant.__table__.c.account_id == desk.actor(Role.LEADER).account_id)
            .values(ends_at=clock.now())
        )
    assert tool.post(told, base + b"signed leader on a token\n")["Status"] is False
    assert desk.status(document_id) == "awaiting_signature"


def test_what_is_no_file_and_another_document_are_said_in_words(
    app: Flask, desk: Desk, leader: FlaskClient, tool: Tool, document_id: UUID
) -> None:
    told = begin(leader, desk, document_id).json
    nothing = app.test_client().post(_path(told["message"]["FileUploadHandler"]), data={}).json
    assert "uploadfile" in nothing["Message"]
    assert "không phải là văn bản" in tool.post(told, b"%PDF-1.7 khac")["Message"]


def test_the_agents_tokens_do_not_open_the_handler(desk: Desk, login: Login, tool: Tool, app: Flask) -> None:
    client = login(Role.LEADER)
    certificates = json.dumps([base64.b64encode(LEADER).decode()])
    data = {"certificates": certificates, "mechanisms": "rsa-pss", "holder": "T"}
    assert client.post("/documents/keys/mine/token", data=data).status_code == 303
    document_id = desk.until("awaiting_signature")
    page = client.get(f"/documents/{document_id}/sign").text
    assert "data-agent-sign" in page
    assert "Ký bằng VGCA" in page
    told = client.post(
        f"/documents/{document_id}/elsewhere/sign",
        data={"version": desk.base(document_id).version, "sha256": desk.base(document_id).sha256},
    ).json
    token = told["url"].rsplit("/", 1)[1]
    assert app.test_client().get(f"/documents/vgca/file/{token}").status_code == 404
    assert tool.sign(begin(client, desk, document_id).json)["Status"] is True


def test_corners_are_not_left_to_the_tool(
    desk: Desk, leader: FlaskClient, login: Login, tool: Tool, document_id: UUID, sessions: sessionmaker[Session]
) -> None:
    tool.sign(begin(leader, desk, document_id).json)
    desk.number(document_id)
    clerk = login(Role.CLERK)
    enrol(clerk, "agency", AGENCY)
    with sessions.begin() as session:
        document = session.scalars(select(Document).where(Document.id == document_id)).one()
        session.add(_attachment(document))
    answer = begin(clerk, desk, document_id, "seal")
    assert (answer.status_code, answer.json["code"]) == (422, "vgca_corners")


def _attachment(document: Document) -> DocumentAttachment:
    return DocumentAttachment(
        ward_id=document.ward_id,
        document_id=document.id,
        number=1,
        title="Phụ lục",
        filename="a.pdf",
        size=9,
        sha256="0" * 64,
        added_by=document.created_by,
        added_at=document.created_at,
    )


def test_only_whose_turn_it_is_begins_and_confirms_who_they_are(
    desk: Desk, leader: FlaskClient, login: Login, document_id: UUID, clock: FixedClock
) -> None:
    assert begin(login(Role.CLERK), desk, document_id).status_code == 403
    assert leader.post(f"/documents/{document_id}/vgca/sign", data={}).status_code == 400
    stale = leader.post(f"/documents/{document_id}/vgca/sign", data={"version": "1", "sha256": "0" * 64})
    assert (stale.status_code, stale.json["code"]) == (409, "conflict")
    told = begin(leader, desk, document_id).json
    assert login(Role.OFFICER).get(told["state"]).status_code == 404
    clock.move(minutes=11)
    assert begin(leader, desk, document_id).status_code == 401


def test_a_certificate_file_is_enrolled_as_der_or_pem_and_nothing_else(desk: Desk, login: Login) -> None:
    leader = login(Role.LEADER)
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(LEADER) + b"\n-----END CERTIFICATE-----\n"
    assert enrol(leader, "mine", pem, "token.pem").status_code == 303
    with desk.reading() as reading:
        kept = reading.scalars(select(Keystore).where(Keystore.kind == KeystoreKind.VGCA)).one()
    assert (kept.owner, [base64.b64decode(each) for each in kept.certificates]) == (KeystoreOwner.PERSON, [LEADER])
    assert enrol(leader, "mine", LEADER, "token.exe").status_code == 422
    assert leader.post("/documents/keys/mine/vgca", data={}).status_code == 422
    assert "Đăng ký chứng thư" in leader.get("/documents/keys/mine").text


def test_nothing_of_it_is_there_until_the_administrator_turns_it_on(
    desk: Desk, leader: FlaskClient, document_id: UUID, app: Flask, wiring: Wiring
) -> None:
    off = replace(wiring, settings=wiring.settings.model_copy(update={"vgca_service": ""}))
    app.extensions[KEY] = off
    page = leader.get(f"/documents/{document_id}/sign")
    assert "data-vgca" not in page.text
    assert "8987" not in page.headers["Content-Security-Policy"]
    assert begin(leader, desk, document_id).status_code == 404
    assert leader.get("/documents/keys/mine/vgca").status_code == 404
