"""The pages of incoming documents: verdict first, register, print, hand on."""

import io
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest
from flask.testing import FlaskClient
from pypdfium2 import PdfDocument
from sqlalchemy.orm import Session, sessionmaker

from tests.fake_signing import PDF, FakeSigning
from tests.fakes import FixedClock
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.gateways.cipher import AesGcmCipher
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
PATH = "/registers/incoming"
FACTS = {
    "arrived_on": "2026-11-22",
    "sender": "Sở Tư pháp",
    "notation": "12/STP",
    "document_on": "2026-11-20",
    "type_name": "Công văn",
    "abstract": "=Rà soát văn bản",
}


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


def receive(client: FlaskClient, content: bytes = PDF, **more: str) -> str:
    data = {"medium": "electronic", "content": (io.BytesIO(content), "cong van.pdf"), **more}
    answer = client.post(f"{PATH}/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_document_is_checked_registered_handed_on_and_dealt_with(login: Login, world: World) -> None:
    clerk, leader, officer = login(Role.CLERK), login(Role.LEADER), login(Role.OFFICER)
    page = receive(clerk)
    shown = clerk.get(page).text
    assert "Chữ ký số hợp lệ" in shown
    assert "Vì sao vẫn nhận" not in shown
    assert "Văn bản đến số 01" in clerk.post(f"{page}/register", data=FACTS, follow_redirects=True).text
    assert "văn bản đến chờ giao" in clerk.get("/").text
    data = {"handler_id": str(world.accounts[Role.OFFICER]), "deadline_on": "2026-11-30", "instruction": "Trả lời"}
    assert leader.post(f"{page}/assign", data=data).status_code == 303
    assert "văn bản đến giao cho bạn" in officer.get("/").text
    assert officer.post(f"{page}/acknowledge").status_code == 303
    assert clerk.post(f"{page}/confirm").status_code == 303
    done = officer.post(f"{page}/done", data={"outcome": "Đã trả lời"}, follow_redirects=True).text
    assert "Đã trả lời" in done
    assert "văn bản đến giao cho bạn" not in officer.get("/").text


def test_a_doubtful_signature_is_a_warning_and_keeps_what_was_typed(login: Login, wiring: Wiring) -> None:
    assert isinstance(wiring.signing, FakeSigning)
    wiring.signing.code = "tampered"
    clerk = login(Role.CLERK)
    page = receive(clerk)
    assert "Chữ ký chưa được xác nhận hợp lệ" in clerk.get(page).text
    answer = clerk.post(f"{page}/register", data=FACTS)
    assert answer.status_code == 422
    assert "Hãy ghi vì sao vẫn nhận" in answer.text
    assert "Sở Tư pháp" in answer.text
    assert clerk.post(f"{page}/register", data={**FACTS, "decision": "Đã hỏi lại"}).status_code == 303
    assert "Đã hỏi lại" in login(Role.AUDITOR).get(page).text
    assert "Nội dung đã bị sửa sau khi ký" in login(Role.AUDITOR).get(page).text


def test_the_register_is_read_searched_printed_and_exported(login: Login) -> None:
    clerk = login(Role.CLERK)
    clerk.post(f"{receive(clerk)}/register", data=FACTS)
    auditor = login(Role.AUDITOR)
    assert "Sở Tư pháp" in auditor.get(f"{PATH}?q=so+tu+phap").text
    assert "Không tìm thấy" in auditor.get(f"{PATH}?q=khong").text
    lines = auditor.get(f"{PATH}.csv").data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Ngày đến,Số đến,Tác giả")
    assert "Công văn: =Rà soát" in lines[1]
    sheet = openpyxl.load_workbook(io.BytesIO(auditor.get(f"{PATH}.xlsx").data)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][1:4] == ["01", "Sở Tư pháp", "12/STP"]
    pdf = PdfDocument(auditor.get(f"{PATH}.pdf").data)
    text = pdf[0].get_textpage().get_text_bounded()
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN NĂM 2026" in text
    assert "Sở Tư pháp" in text
    width, height = pdf[0].get_size()
    assert width > height
    assert auditor.get(f"{PATH}.doc").status_code == 404


def test_the_outgoing_register_is_printed_and_exported_the_same_way(login: Login) -> None:
    clerk = login(Role.CLERK)
    assert clerk.get("/registers/outgoing.pdf").data.startswith(b"%PDF-")
    assert clerk.get("/registers/outgoing.xlsx").data.startswith(b"PK")
    assert clerk.get("/registers/outgoing.csv").status_code == 200


def test_the_file_comes_back_as_it_was_and_a_changed_one_is_refused(login: Login, wiring: Wiring) -> None:
    clerk = login(Role.CLERK)
    page = receive(clerk)
    assert clerk.get(f"{page}/file").data == PDF
    for path in wiring.files.root.rglob("*"):  # type: ignore[attr-defined]
        if path.is_file():
            path.write_bytes(b"%PDF-other")
    assert clerk.get(f"{page}/file").status_code == 409


def test_who_may_not_is_refused(login: Login) -> None:
    page = receive(login(Role.CLERK))
    for role in (Role.OFFICER, Role.LEADER, Role.AUDITOR):
        assert login(role).get(f"{PATH}/new").status_code == 403
        assert login(role).post(f"{page}/register", data=FACTS).status_code == 403
    assert login(Role.GROUP_HEAD).get(PATH).status_code == 403
    assert login(Role.AUDITOR).post(f"{page}/assign").status_code == 403
    assert login(Role.AUDITOR).post(f"{page}/done").status_code == 403


def test_a_returned_document_leaves_the_desk(login: Login) -> None:
    clerk = login(Role.CLERK)
    page = receive(clerk)
    assert clerk.post(f"{page}/return", data={"reason": ""}).status_code == 422
    assert clerk.post(f"{page}/return", data={"reason": "Nhầm nơi nhận"}).status_code == 303
    assert "Đã nhận, chờ vào sổ" not in clerk.get(PATH).text
    assert "Nhầm nơi nhận" in clerk.get(page).text


def test_another_wards_document_is_not_found(
    login: Login, sessions: sessionmaker[Session], cipher: AesGcmCipher, clock: FixedClock, world: World
) -> None:
    page = receive(login(Role.CLERK))
    other = make_world(sessions, cipher, clock, code="99002", prefix="b-")
    world.ward_id, world.accounts = other.ward_id, other.accounts
    for path in (page, f"{page}/file"):
        assert login(Role.CLERK).get(path).status_code == 404
    assert login(Role.CLERK).post(f"{page}/register", data=FACTS).status_code == 404


def test_the_page_says_what_is_wrong_with_an_upload(login: Login) -> None:
    clerk = login(Role.CLERK)
    missing = clerk.post(f"{PATH}/new", data={"medium": "electronic"})
    assert missing.status_code == 422
    assert "Hãy chọn tệp văn bản đã nhận" in missing.text
    receive(clerk)
    data = {"medium": "electronic", "content": (io.BytesIO(PDF), "a.pdf")}
    again = clerk.post(f"{PATH}/new", data=data, content_type="multipart/form-data")
    assert again.status_code == 422
    assert "Tệp này đã nhận rồi" in again.text
