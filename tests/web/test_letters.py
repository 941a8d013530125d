"""The pages for composing: from the navigation to the draft, what is refused, what stays typed."""

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from seeds.reference import load_reference
from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.web.bare_pages import tree_of as parse
from tests.world import World
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.models.documents import Document
from webapp.models.workflow import DocumentRelation
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    with sessions.begin() as session:
        load_reference(session)
    return desk


def typed(desk: Desk, **changes: str) -> dict[str, str]:
    return {
        "abstract": "Kéo cáp quang đến các tổ",
        "addressees": "Sở Khoa học và Công nghệ",
        "bases": "Căn cứ Luật A",
        "paragraphs": "Đoạn một\nĐoạn hai",
        "recipients": "Như trên",
        "signer_id": str(desk.world.accounts[Role.LEADER]),
        "capacity": "TM.",
        "department_id": str(desk.world.department_id),
        **changes,
    }


def test_from_the_navigation_to_a_draft_and_back_into_the_text(desk: Desk, login: Login) -> None:
    officer = login(Role.OFFICER)
    assert 'href="/documents/letters"' in officer.get("/documents/").text
    choice = officer.get("/documents/letters").text
    for code in ("ke_hoach", "bao_cao", "thong_bao", "quyet_dinh", "to_trinh", "cong_van"):
        assert f"/documents/letters/{code}" in choice
    empty = officer.get("/documents/letters/ke_hoach").text
    assert "I. MỤC ĐÍCH, YÊU CẦU" in empty
    parse(empty)
    answer = officer.post("/documents/letters/ke_hoach", data=typed(desk))
    assert answer.status_code == 303, answer.text
    page = officer.get(answer.location).text
    parse(page)
    assert "Sửa nội dung" in page
    assert "Tải bản Word" in page
    again = officer.get(f"{answer.location}/letter").text
    assert "Đoạn một\nĐoạn hai" in again
    assert officer.post(f"{answer.location}/letter", data=typed(desk, abstract="Việc khác")).status_code == 303
    assert "Việc khác" in officer.get(answer.location).text


def test_what_is_missing_stands_beside_its_box_and_what_was_typed_stays(
    desk: Desk, login: Login, session: Session
) -> None:
    officer = login(Role.OFFICER)
    data = typed(desk, addressees=" ", paragraphs="Chữ <b>đã</b> gõ")
    answer = officer.post("/documents/letters/cong_van", data=data)
    assert answer.status_code == 422
    assert "Hãy ghi nơi nhận ở phần “Kính gửi”" in answer.text
    assert "Chữ &lt;b&gt;đã&lt;/b&gt; gõ" in answer.text
    assert "Kính gửi <span" not in answer.text, "a letter must be addressed"
    empty = officer.post("/documents/letters/quyet_dinh", data={})
    assert empty.status_code == 422
    for words in ("Hãy ghi trích yếu", "Hãy chọn người ký", "Hãy ghi căn cứ", "Hãy ghi nội dung văn bản"):
        assert words in empty.text
    parse(empty.text)
    assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_only_who_drafts_may_compose_and_only_the_six_types(desk: Desk, login: Login) -> None:
    auditor = login(Role.AUDITOR)
    assert auditor.get("/documents/letters").status_code == 403
    assert "/documents/letters" not in auditor.get("/documents/").text
    assert login(Role.OFFICER).get("/documents/letters/hop_dong").status_code == 404


def test_the_word_file_comes_with_its_type_and_name(desk: Desk, login: Login) -> None:
    officer = login(Role.OFFICER)
    made = officer.post("/documents/letters/to_trinh", data=typed(desk)).location
    answer = officer.get(f"{made}/letter.docx")
    assert answer.status_code == 200
    assert answer.mimetype.endswith("wordprocessingml.document")
    assert "to-trinh-keo-cap-quang-den-cac-to.docx" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"PK")


def test_a_draft_that_was_uploaded_has_no_text_to_correct(desk: Desk, login: Login) -> None:
    document_id: UUID = desk.upload()
    officer = login(Role.OFFICER)
    assert officer.get(f"/documents/{document_id}/letter").status_code == 404
    assert officer.get(f"/documents/{document_id}/letter.docx").status_code == 404
    assert "Sửa nội dung" not in officer.get(f"/documents/{document_id}").text


def published(desk: Desk, type_code: str = "ke_hoach") -> UUID:
    desk.enrol_all()
    return desk.until("published", type_code=type_code)


@pytest.mark.parametrize(
    ("kind", "words"), [("amends", "Sửa đổi, bổ sung"), ("replaces", "thay thế"), ("recalls", "Thu hồi")]
)
def test_from_a_document_to_a_letter_about_it(
    desk: Desk, login: Login, session: Session, kind: str, words: str
) -> None:
    old = published(desk)
    officer = login(Role.OFFICER)
    upload = f"/documents/new?kind={kind}&target={old}"
    assert upload in unescape(officer.get(f"/documents/{old}").text)
    choice = f"/documents/letters?kind={kind}&target={old}"
    assert choice in unescape(officer.get(upload).text)
    address = f"/documents/letters/ke_hoach?kind={kind}&target={old}"
    offered = officer.get(choice)
    if kind == "recalls":
        page = unescape(offered.text)
        assert address in page
        assert f"/documents/letters/cong_van?kind={kind}&target={old}" in page
    else:
        assert offered.location == address
    begun = officer.get(address).text
    parse(begun)
    assert words in begun
    assert "Kế hoạch số 01/KH-UBND ngày 22 tháng 11 năm 2026 của" in begun
    unfinished = officer.post(address, data=typed(desk, paragraphs="1. Sửa đổi […]"))
    assert (unfinished.status_code, "Còn chỗ “[…]” chưa ghi" in unfinished.text) == (422, True)
    answer = officer.post(address, data=typed(desk))
    assert answer.status_code == 303, answer.text
    made = UUID(answer.location.rsplit("/", 1)[-1])
    row = session.scalars(select(DocumentRelation)).one()
    assert (row.document_id, row.target_id, row.kind.value) == (made, old, kind)
    page = officer.get(answer.location).text
    assert "Văn bản liên quan" in page
    assert "01/KH-UBND" in page


def test_what_cannot_be_changed_that_way_is_refused_and_nothing_typed_is_lost(
    desk: Desk, login: Login, session: Session
) -> None:
    old, officer = published(desk), login(Role.OFFICER)
    assert officer.get(f"/documents/letters/cong_van?kind=amends&target={old}").status_code == 404
    assert officer.get(f"/documents/letters/ke_hoach?kind=x&target={old}").status_code == 404
    assert officer.get(f"/documents/letters?kind=amends&target={new_id()}").status_code == 404
    draft = desk.until("draft", type_code="ke_hoach")
    early = officer.get(f"/documents/letters/ke_hoach?kind=amends&target={draft}")
    assert (early.status_code, "văn bản đã phát hành" in early.text) == (409, True)
    end = officer.post(f"/documents/letters/ke_hoach?kind=replaces&target={old}", data=typed(desk))
    for step in (desk.submit, desk.sign, desk.number, desk.seal, desk.publish):
        step(UUID(end.location.rsplit("/", 1)[-1]))
    late = officer.post(
        f"/documents/letters/ke_hoach?kind=recalls&target={old}", data=typed(desk, paragraphs="Đã gõ nhiều")
    )
    assert late.status_code == 422
    assert "không còn hiệu lực để sửa" in late.text
    assert "Đã gõ nhiều" in late.text
    assert len(session.scalars(select(DocumentRelation)).all()) == 1


def test_a_type_without_a_template_offers_only_the_upload(desk: Desk, login: Login) -> None:
    desk.enrol_all()
    old = desk.until("published", type_code="KH")
    page = login(Role.OFFICER).get(f"/documents/new?kind=amends&target={old}").text
    assert "/documents/letters?" not in page
    assert "Văn bản này sẽ sửa đổi văn bản 01/KH-UBND" in page
