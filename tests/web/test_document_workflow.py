"""The pages of the workflow: people of a chain, initials, delegations, chains, attachments, copies, relations."""

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, PIN, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.copies import COPY_TYPES, ScanFacts, ScannedPage
from webapp.models.documents import Document, DocumentType, OutgoingRegister
from webapp.models.signing import SignatureLedger
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    with sessions.begin() as session:
        for number, (form, code) in enumerate(COPY_TYPES.items(), 50):
            session.add(
                DocumentType(
                    code=code, sort_key=number, abbreviation=form.value, name_vi=code, name_en=code, source="NĐ 30/2020"
                )
            )
    return desk


def code_of(desk: Desk, document_id: UUID) -> str:
    with desk.reading() as session:
        return session.scalars(select(Document.short_code).where(Document.id == document_id)).one()


def change_chain(client: FlaskClient, version: int = 0, **fields: str) -> None:
    data = {"version": str(version), "extra_signers": "0", "note": "Quy chế mới", **fields}
    answer = client.post("/documents/chains/KH", data=data)
    assert answer.status_code == 303, answer.text


def base_of(desk: Desk, document_id: UUID) -> dict[str, str]:
    base = desk.base(document_id)
    return {"version": str(base.version), "sha256": base.sha256}


def test_the_clerk_changes_a_chain_and_the_document_page_shows_the_way(desk: Desk, login: Login) -> None:
    clerk, officer, leader = login(Role.CLERK), login(Role.OFFICER), login(Role.LEADER)
    assert "người có thẩm quyền ký" in clerk.get("/documents/chains").text
    refused = clerk.post("/documents/chains/KH", data={"version": "0", "extra_signers": "9", "note": ""})
    assert refused.status_code == 422
    change_chain(clerk, author_initials="y", extra_signers="1")
    assert "Quy chế mới" in clerk.get("/documents/chains/KH").text
    document_id = desk.until("draft")
    page = officer.get(f"/documents/{document_id}").text
    assert "Ký nháy" in page
    assert "Trình tự ký" in page
    data = {
        "others-0-account_id": str(desk.world.accounts[Role.LEADER]),
        "others-0-capacity": "",
        "others-0-title": "",
    }
    again = officer.post(f"/documents/{document_id}/people", data=data)
    assert again.status_code == 422
    assert "đã có trong trình tự ký" in again.text
    assert officer.get(f"/documents/{document_id}/people").status_code == 200
    desk.submit(document_id)
    assert "Xem và ký nháy" in officer.get(f"/documents/{document_id}").text
    assert "chờ bạn ký" in officer.get("/").text
    assert "Xem và ký" not in leader.get(f"/documents/{document_id}").text
    assert officer.get(f"/documents/{document_id}/initial").status_code == 200
    answer = officer.post(f"/documents/{document_id}/initial", data={**base_of(desk, document_id), "how": "approve"})
    assert answer.status_code == 303
    assert "duyệt trong hệ thống" in officer.get(f"/documents/{document_id}").text
    assert "Xem và ký" in leader.get(f"/documents/{document_id}").text


def test_initials_with_a_key_ask_for_the_pin(desk: Desk, login: Login) -> None:
    change_chain(login(Role.CLERK), author_initials="y", initials_with_key="y")
    document_id = desk.until("awaiting_signature")
    officer = login(Role.OFFICER)
    wrong = officer.post(
        f"/documents/{document_id}/initial", data={**base_of(desk, document_id), "how": "key", "pin": "0"}
    )
    assert wrong.status_code == 422
    assert "PIN không đúng" in wrong.text
    right = officer.post(
        f"/documents/{document_id}/initial", data={**base_of(desk, document_id), "how": "key", "pin": PIN}
    )
    assert right.status_code == 303
    assert "Bản đã ký nháy" in officer.get(f"/documents/{document_id}").text


def test_a_delegation_is_recorded_read_and_ended(desk: Desk, login: Login, clock: FixedClock) -> None:
    clerk, auditor = login(Role.CLERK), login(Role.AUDITOR)
    accounts, today = desk.world.accounts, clock.today()
    data: dict[str, object] = {
        "delegate_id": str(accounts[Role.OFFICER]),
        "capacity": "TL.",
        "principal_id": str(accounts[Role.LEADER]),
        "principal_title": "Chủ tịch",
        "starts_on": today.isoformat(),
        "ends_on": (today + dt.timedelta(days=30)).isoformat(),
        "basis": "",
    }
    missing = clerk.post("/documents/delegations/new", data=data)
    assert missing.status_code == 422
    assert "số và ngày của văn bản giao ký" in missing.text
    paper = (io.BytesIO(PDF), "giay uy quyen.pdf")
    answer = clerk.post("/documents/delegations/new", data={**data, "paper": paper}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    page = auditor.get("/documents/delegations").text
    assert "Đang có hiệu lực" in page
    assert "Cho thôi" not in page
    path = page.split('href="/documents/delegations/')[1].split('"')[0]
    assert auditor.get(f"/documents/delegations/{path}").data == PDF
    ended = clerk.post(f"/documents/delegations/{path.split('/')[0]}/end")
    assert ended.status_code == 303
    assert "Đã cho thôi" in clerk.get("/documents/delegations").text
    document_id = desk.until("draft", signer_id=accounts[Role.OFFICER], capacity="TL.")
    refused = login(Role.OFFICER).post(f"/documents/{document_id}/submit", data=base_of(desk, document_id))
    assert refused.status_code == 422
    assert "cho thôi" in refused.text


def test_attachments_are_sealed_with_the_document_and_public_with_it(
    desk: Desk, login: Login, app: Flask, session: Session
) -> None:
    officer = login(Role.OFFICER)
    document_id = desk.until("draft")

    def attach(title: str, content: bytes) -> int:
        data = {"title": title, "content": (io.BytesIO(content), "phu luc.pdf")}
        address = f"/documents/{document_id}/attachments/new"
        return officer.post(address, data=data, content_type="multipart/form-data").status_code

    assert attach("Phụ lục I", PDF + b"one\n") == 303
    assert attach("Phụ lục II", PDF + b"two\n") == 303
    assert attach(" ", PDF) == 422
    assert attach("Phụ lục III", b"PK word") == 422
    assert officer.post(f"/documents/{document_id}/attachments/2/remove").status_code == 303
    assert attach("Phụ lục III", PDF + b"three\n") == 303
    for step in (desk.submit, desk.sign, desk.number):
        step(document_id)
    assert officer.post(f"/documents/{document_id}/attachments/1/remove").status_code == 409
    code = code_of(desk, document_id)
    desk.seal(document_id)
    page = officer.get(f"/documents/{document_id}").text
    assert page.count("Đã ký số cơ quan") == 2
    sealed = officer.get(f"/documents/{document_id}/attachments/1/file").data
    assert sealed.decode().endswith("corner Số: 01/KH-UBND; Thời gian ký: {time}\n")
    anybody = app.test_client()
    assert anybody.get(f"/v/{code}/phu-luc/1").status_code == 404
    desk.publish(document_id)
    assert anybody.get(f"/v/{code}/phu-luc/1").data == sealed
    assert anybody.get(f"/v/{code}/phu-luc/3").status_code == 404
    assert "Phụ lục III" in anybody.get(f"/v/{code}").text
    fields = session.scalars(select(SignatureLedger.field).order_by(SignatureLedger.sequence)).all()
    assert fields == ["NguoiKy", "CoQuanPL1", "CoQuanPL2", "CoQuan"]


def test_an_attachment_that_cannot_be_sealed_leaves_everything_unsealed(desk: Desk, login: Login) -> None:
    officer, clerk = login(Role.OFFICER), login(Role.CLERK)
    document_id = desk.until("draft")
    data = {"title": "Phụ lục", "content": (io.BytesIO(PDF + b"broken\n"), "a.pdf")}
    officer.post(f"/documents/{document_id}/attachments/new", data=data, content_type="multipart/form-data")
    for step in (desk.submit, desk.sign, desk.number):
        step(document_id)
    answer = clerk.post(f"/documents/{document_id}/seal", data={**base_of(desk, document_id), "pin": PIN})
    assert answer.status_code == 422
    assert "Tệp đính kèm 1 không ký được" in answer.text
    assert desk.status(document_id) == "numbered"


def copy_form(**changes: object) -> dict[str, object]:
    return {
        "form": "SY",
        "content": (io.BytesIO(PDF + b"scan\n"), "quet.pdf"),
        "abstract": "Quyết định về việc giao đất",
        "source_notation": "12/QĐ-UBND",
        "source_issuer": "UBND tỉnh Thử Nghiệm",
        "source_on": "2026-10-05",
        **changes,
    }


def test_a_copy_needs_no_person_and_takes_the_next_number(desk: Desk, login: Login, session: Session) -> None:
    clerk = login(Role.CLERK)
    desk.number(desk.until("signed"))
    answer = clerk.post("/documents/copies/new", data=copy_form(), content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    document_id = UUID(answer.location.rsplit("/", 1)[-1])
    page = clerk.get(f"/documents/{document_id}").text
    assert "Sao từ văn bản" in page
    assert "Trình ký" not in page
    assert desk.number(document_id) == "02/SY-UBND"
    desk.seal(document_id)
    desk.publish(document_id)
    file = clerk.get(f"/documents/{document_id}/versions/2/file").data.decode()
    assert file.endswith("corner SAO Y; Ủy ban nhân dân phường Thử Nghiệm; Thời gian ký: {time}\n")
    assert "prepared" not in file
    notes = session.scalars(select(OutgoingRegister.note).order_by(OutgoingRegister.number)).all()
    assert notes[1] == "Văn bản điện tử; sao từ 12/QĐ-UBND của UBND tỉnh Thử Nghiệm"
    assert "12/QĐ-UBND" in clerk.get(f"/v/{code_of(desk, document_id)}").text


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (ScanFacts(version=(1, 3), pages=[ScannedPage(dpi=300, cover=1, colour=True)]), "phiên bản 1.3"),
        (ScanFacts(version=(1, 7), pages=[ScannedPage(dpi=150, cover=1, colour=True)]), "chỉ quét 150 dpi"),
        (ScanFacts(version=(1, 7), pages=[ScannedPage(dpi=300, cover=1, colour=False)]), "đen trắng"),
        (ScanFacts(version=(1, 7), pages=[ScannedPage(dpi=300, cover=0.5, colour=True)]), "1:1"),
        (ScanFacts(version=(1, 7), pages=[ScannedPage(dpi=0, cover=0, colour=False)]), "không phải là ảnh quét"),
    ],
)
def test_a_scan_that_breaks_the_decree_is_refused_and_what_was_typed_stays(
    desk: Desk, login: Login, scan: ScanFacts, words: str
) -> None:
    assert isinstance(desk.signing, FakeSigning)
    desk.signing.scan = scan
    answer = login(Role.CLERK).post("/documents/copies/new", data=copy_form(), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in answer.text
    assert "UBND tỉnh Thử Nghiệm" in answer.text


def test_a_replaced_document_says_so_to_the_public_and_stays_downloadable(desk: Desk, login: Login, app: Flask) -> None:
    old = desk.until("published")
    officer = login(Role.OFFICER)
    assert "Thay thế" in officer.get(f"/documents/{old}").text
    address = f"/documents/new?kind=replaces&target={old}"
    assert "01/KH-UBND" in officer.get(address).text
    facts = {"signer_id": str(desk.world.accounts[Role.LEADER]), "capacity": "TM.", "abstract": "Kế hoạch mới"}

    def upload(type_code: str) -> object:
        data = {**facts, "type_code": type_code, "content": (io.BytesIO(PDF + b"new\n"), "moi.pdf")}
        return officer.post(address, data=data, content_type="multipart/form-data")

    other_form = upload("BC")
    assert other_form.status_code == 422  # type: ignore[attr-defined]
    assert "cùng loại" in other_form.text  # type: ignore[attr-defined]
    new = UUID(upload("KH").location.rsplit("/", 1)[-1])  # type: ignore[attr-defined]
    rival = UUID(upload("KH").location.rsplit("/", 1)[-1])  # type: ignore[attr-defined]
    for step in (desk.submit, desk.sign, desk.number, desk.seal):
        step(new)
        step(rival)
    code, anybody = code_of(desk, old), app.test_client()
    assert "đã được thay thế" not in anybody.get(f"/v/{code}").text
    desk.publish(new)
    page = anybody.get(f"/v/{code}").text
    assert "Văn bản này đã được thay thế" in page
    assert f"/v/{code_of(desk, new)}" in page
    assert anybody.get(f"/v/{code}/tai-ve").status_code == 200
    assert "không còn hiệu lực" in officer.get(f"/documents/{old}").text
    late = login(Role.CLERK).post(f"/documents/{rival}/publish", data=base_of(desk, rival))
    assert late.status_code == 409
    assert officer.get("/documents/new?kind=x&target=y").status_code == 404
