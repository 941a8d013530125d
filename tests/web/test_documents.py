"""The pages of documents: who sees and does what, what is refused and how it is said."""

import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, PIN, PNG, FakeSigning
from tests.fakes import FixedClock
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.core.errors import StorageFull
from webapp.factory import create_app
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document
from webapp.models.signing import Keystore, SignatureLedger
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


def upload_form(desk: Desk, content: bytes = PDF, name: str = "ke hoach.pdf", **changes: str) -> dict[str, object]:
    facts = desk.facts()
    return {
        "type_code": "KH",
        "abstract": "Triển khai chuyển đổi số",
        "signer_id": str(facts.signer_id),
        "capacity": "TM.",
        "signer_title": "",
        "recipients": "Các tổ dân phố",
        "department_id": str(facts.department_id),
        **changes,
        "content": (io.BytesIO(content), name),
    }


def act(client: FlaskClient, desk: Desk, document_id: UUID, name: str, **more: str) -> TestResponse:
    base = desk.base(document_id)
    data = {"version": str(base.version), "sha256": base.sha256, **more}
    return client.post(f"/documents/{document_id}/{name}", data=data)


def test_an_officer_uploads_and_everybody_does_their_part(
    desk: Desk, login: Login, session: Session, app: Flask
) -> None:
    officer, leader, clerk = login(Role.OFFICER), login(Role.LEADER), login(Role.CLERK)
    answer = officer.post("/documents/new", data=upload_form(desk), content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    document_id = UUID(answer.location.rsplit("/", 1)[-1])
    assert act(officer, desk, document_id, "submit").status_code == 303
    assert "Xem và ký" in leader.get(f"/documents/{document_id}").text
    assert act(leader, desk, document_id, "sign", pin=PIN).status_code == 303
    assert act(clerk, desk, document_id, "number").status_code == 303
    assert act(clerk, desk, document_id, "seal", pin=PIN).status_code == 303
    assert act(clerk, desk, document_id, "publish").status_code == 303
    page = officer.get(f"/documents/{document_id}").text
    assert "01/KH-UBND" in page
    code = session.scalars(select(Document.short_code)).one()
    assert app.test_client().get(f"/v/{code}").status_code == 200
    assert session.scalars(select(Document.signer_title)).one() == "Chủ tịch"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"PK\x03\x04 word", "ke hoach.pdf", "không phải là PDF"),
        (b"PK\x03\x04 word", "ke hoach.docx", "Tệp Word bị hỏng"),
        (b"x", "ke hoach.xlsx", "Chỉ nhận tệp PDF hoặc Word"),
        (b"", "trong.pdf", "không phải là PDF"),
        (b"%PDF-1.7\n/Encrypt", "khoa.pdf", "mật khẩu"),
    ],
)
def test_a_wrong_file_is_said_beside_the_field_and_what_was_typed_stays(
    desk: Desk, login: Login, session: Session, content: bytes, name: str, words: str
) -> None:
    answer = login(Role.OFFICER).post(
        "/documents/new",
        data=upload_form(desk, content, name, abstract="Chữ đã gõ"),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert "Chữ đã gõ" in answer.text
    assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_a_full_disk_answers_507_and_changes_nothing(
    desk: Desk, wiring: Wiring, sessions: sessionmaker[Session], world: World, session: Session, tmp_path: Path
) -> None:
    document_id = desk.until("awaiting_signature")

    class FullStore(FolderStore):
        def put(self, content: bytes) -> str:
            raise StorageFull

    app = create_app(wiring=replace(wiring, files=FullStore(tmp_path / "files")), sessions=sessions)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    token = world.open_session(sessions, Role.LEADER, wiring.clock.now(), dt.timedelta(hours=1))
    with client.session_transaction() as cookie:
        cookie.update(_user_id=token, _fresh=True)
    assert act(client, desk, document_id, "sign", pin=PIN).status_code == 507
    assert desk.status(document_id) == "awaiting_signature"
    assert session.scalar(select(func.count()).select_from(SignatureLedger)) == 0


def test_a_wrong_pin_is_said_beside_the_field_and_stays_in_the_audit_log(
    desk: Desk, login: Login, session: Session
) -> None:
    document_id = desk.until("awaiting_signature")
    answer = act(login(Role.LEADER), desk, document_id, "sign", pin="55443322")
    assert answer.status_code == 422
    assert "Mã PIN không đúng." in answer.text
    assert "55443322" not in answer.text
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "document:signing_failed")).one()
    assert event.detail == {"code": "wrong_pin"}
    assert desk.status(document_id) == "awaiting_signature"


def test_a_refused_certificate_is_said_on_top(desk: Desk, wiring: Wiring, login: Login) -> None:
    document_id = desk.until("awaiting_signature")
    room = wiring.signing
    assert isinstance(room, FakeSigning)
    room.refuse = "certificate_expired"
    answer = act(login(Role.LEADER), desk, document_id, "sign", pin=PIN)
    assert answer.status_code == 422
    assert "đã hết hạn" in answer.text
    assert answer.text.index("error-summary") < answer.text.index('name="pin"')


def test_signing_asks_who_sits_there_first(desk: Desk, login: Login, clock: FixedClock) -> None:
    document_id = desk.until("awaiting_signature")
    leader = login(Role.LEADER)
    clock.move(minutes=11)
    for answer in (leader.get(f"/documents/{document_id}/sign"), act(leader, desk, document_id, "sign", pin=PIN)):
        assert answer.status_code == 303
        assert "/account/confirm" in answer.location
    assert desk.status(document_id) == "awaiting_signature"


def test_a_base_that_changed_answers_409(desk: Desk, login: Login) -> None:
    document_id = desk.until("awaiting_signature")
    answer = login(Role.LEADER).post(
        f"/documents/{document_id}/sign", data={"version": "1", "sha256": "0" * 64, "pin": PIN}
    )
    assert answer.status_code == 409
    assert "bản mới" in answer.text


def test_numbering_without_the_shown_version_is_a_bad_request(desk: Desk, login: Login) -> None:
    document_id = desk.until("signed")
    clerk = login(Role.CLERK)
    assert clerk.post(f"/documents/{document_id}/number").status_code == 400
    assert clerk.post(f"/documents/{document_id}/number", data={"version": "x", "sha256": "y"}).status_code == 400
    assert desk.status(document_id) == "signed"


def test_an_act_out_of_turn_answers_409(desk: Desk, login: Login) -> None:
    document_id = desk.until("draft")
    clerk = login(Role.CLERK)
    assert act(clerk, desk, document_id, "number").status_code == 409
    assert act(clerk, desk, document_id, "publish").status_code == 409
    assert act(clerk, desk, document_id, "seal", pin=PIN).status_code == 303, "back to the page: nothing to seal"
    assert desk.status(document_id) == "draft"


def test_rejecting_asks_for_a_reason_and_shows_it_to_the_author(desk: Desk, login: Login) -> None:
    document_id = desk.until("awaiting_signature")
    leader = login(Role.LEADER)
    assert leader.post(f"/documents/{document_id}/reject", data={"reason": ""}).status_code == 422
    assert leader.post(f"/documents/{document_id}/reject", data={"reason": "Sai căn cứ"}).status_code == 303
    officer = login(Role.OFFICER)
    assert "Sai căn cứ" in officer.get(f"/documents/{document_id}").text
    form = upload_form(desk, abstract="Đã sửa căn cứ")
    answer = officer.post(f"/documents/{document_id}/edit", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert act(officer, desk, document_id, "submit").status_code == 303


def test_the_edit_page_shows_what_was_given(desk: Desk, login: Login) -> None:
    page = login(Role.OFFICER).get(f"/documents/{desk.until('draft')}/edit").text
    assert "Triển khai chuyển đổi số năm 2026" in page
    assert re.search(r'<option selected value="TM\."', page)


def test_another_wards_document_is_not_found_by_any_route(
    desk: Desk, sessions: sessionmaker[Session], cipher: AesGcmCipher, clock: FixedClock, app: Flask
) -> None:
    base = desk.base(document_id := desk.until("sealed"))
    shown = {"version": str(base.version), "sha256": base.sha256, "pin": PIN, "reason": "x"}
    other = make_world(sessions, cipher, clock, code="99002", prefix="other-")
    for role in (Role.OFFICER, Role.LEADER, Role.CLERK):
        client = app.test_client()
        token = other.open_session(sessions, role, clock.now(), dt.timedelta(hours=1))
        with client.session_transaction() as cookie:
            cookie.update(_user_id=token, _fresh=True)
        for path in ("", "/edit", "/sign", "/seal", "/reject", "/versions/1/file", "/versions/1/pages/1.png"):
            assert client.get(f"/documents/{document_id}{path}").status_code in {403, 404}
        for path in ("submit", "withdraw", "sign", "seal", "reject", "number", "publish"):
            assert client.post(f"/documents/{document_id}/{path}", data=shown).status_code in {403, 404}
        assert "Triển khai" not in client.get("/documents/?tab=tat-ca").text
    assert desk.status(document_id) == "sealed"


def test_files_are_downloads_and_pages_are_pictures(desk: Desk, login: Login) -> None:
    document_id = desk.until("draft")
    auditor = login(Role.AUDITOR)
    file = auditor.get(f"/documents/{document_id}/versions/1/file")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.data == PDF
    assert auditor.get(f"/documents/{document_id}/versions/1/pages/1.png").data == PNG
    assert auditor.get(f"/documents/{document_id}/versions/1/pages/3.png").status_code == 404
    assert auditor.get(f"/documents/{document_id}/versions/9/file").status_code == 404


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CLERK, Role.LEADER, Role.STATISTICIAN, Role.AUDITOR])
def test_the_list_and_every_state_of_a_document_are_shown_to_every_reader(desk: Desk, login: Login, role: Role) -> None:
    client = login(role)
    assert client.get("/documents/").status_code == 200
    for state in ("draft", "awaiting_signature", "signed", "numbered", "sealed", "published"):
        assert client.get(f"/documents/{desk.until(state)}").status_code == 200
    for tab in ("cho-toi", "du-thao", "cho-ky", "cho-so", "cho-dau", "da-phat-hanh", "tat-ca", "??"):
        assert client.get("/documents/", query_string={"tab": tab}).status_code == 200


def test_the_list_finds_without_diacritics_and_by_number(desk: Desk, login: Login) -> None:
    desk.until("numbered", abstract="Phòng chống đuối nước")
    desk.until("draft", abstract="Tiêm phòng dại")
    client = login(Role.OFFICER)
    found = client.get("/documents/?tab=tat-ca&q=duoi nuoc").text
    assert "Phòng chống đuối nước" in found
    assert "Tiêm phòng dại" not in found
    assert "Phòng chống đuối nước" in client.get("/documents/?tab=tat-ca&q=01/KH").text
    assert "Không tìm thấy" in client.get("/documents/?tab=tat-ca&q=khongco").text


def test_a_key_is_enrolled_with_its_pin_and_shown(desk: Desk, login: Login, session: Session) -> None:
    client = login(Role.OFFICER)
    data = {"content": (io.BytesIO("p12 Người officer".encode()), "khoa.p12"), "pin": PIN}
    answer = client.post("/documents/keys/mine", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    page = client.get("/documents/keys/mine").text
    assert "Người officer" in page
    assert "khác tên tài khoản" not in page
    assert client.get("/documents/keys/mine/picture.png").data.startswith(b"\x89PNG")
    assert client.post("/documents/keys/mine/retire").status_code == 303
    active = (
        select(func.count())
        .select_from(Keystore)
        .where(Keystore.account_id == desk.world.accounts[Role.OFFICER], Keystore.retired_at.is_(None))
    )
    assert session.scalar(active) == 0


def test_a_key_with_a_wrong_pin_or_another_name_is_said(desk: Desk, login: Login, session: Session) -> None:
    client = login(Role.STATISTICIAN)
    for pin, status in (("1111", 422), (PIN, 303)):
        data = {"content": (io.BytesIO(b"p12 somebody else"), "khoa.p12"), "pin": pin}
        answer = client.post("/documents/keys/mine", data=data, content_type="multipart/form-data")
        assert answer.status_code == status
        assert "1111" not in answer.text
    assert "khác tên tài khoản" in client.get("/documents/keys/mine").text


def test_a_certificate_that_ends_within_thirty_days_is_warned_of(desk: Desk, login: Login, clock: FixedClock) -> None:
    document_id = desk.until("awaiting_signature")
    leader = login(Role.LEADER)
    assert "sắp hết hạn" not in leader.get("/documents/keys/mine").text
    clock.move(days=675)
    fresh = login(Role.LEADER)
    assert "sắp hết hạn" in fresh.get("/documents/keys/mine").text
    assert "sắp hết hạn" in fresh.get(f"/documents/{document_id}/sign").text
    clock.move(days=40)
    assert "đã hết hạn" in login(Role.LEADER).get(f"/documents/{document_id}/sign").text


def test_another_picture_of_the_seal_is_taken_and_nonsense_is_not(desk: Desk, login: Login) -> None:
    clerk = login(Role.CLERK)
    good = {"new-picture": (io.BytesIO(PNG + b"x"), "dau.png")}
    assert clerk.post("/documents/keys/agency/picture", data=good).status_code == 303
    assert clerk.get("/documents/keys/agency/picture.png").data == PNG + b"x"
    bad = {"new-picture": (io.BytesIO(b"GIF89a"), "dau.png")}
    assert clerk.post("/documents/keys/agency/picture", data=bad).status_code == 422
