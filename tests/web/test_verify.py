"""The public pages: every verdict in words, published documents by code and by file, nothing kept."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, VERDICTS, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.documents import KeystoreOwner
from webapp.factory import create_app
from webapp.gateways.files import FolderStore
from webapp.gateways.signing import SigningRoom
from webapp.models.documents import Document, DocumentVersion
from webapp.models.signing import SignatureLedger
from webapp.web.shared.wiring import Wiring


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def room(wiring: Wiring) -> FakeSigning:
    assert isinstance(wiring.signing, FakeSigning)
    return wiring.signing


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


def check(client: FlaskClient, content: bytes, language: str = "vi", name: str = "tep.pdf") -> TestResponse:
    return client.post(
        "/kiem-tra",
        data={"content": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
        headers={"Accept-Language": language},
    )


def published(desk: Desk, session: Session) -> tuple[str, str, bytes]:
    document_id = desk.until("published")
    code = session.scalars(select(Document.short_code).where(Document.id == document_id)).one()
    base = desk.base(document_id)
    session.rollback()
    return code, base.sha256, desk.files.get(base.sha256)


WORDS = {
    "valid": "Chữ ký số hợp lệ",
    "invalid": "Chữ ký số không hợp lệ",
    "indeterminate": "Chưa kết luận được",
    "unsigned": "Tệp chưa được ký số",
    "unreadable": "Không kiểm tra được tệp này",
}


@pytest.mark.parametrize("code", list(VERDICTS))
def test_every_verdict_is_said_in_words_with_its_reasons(
    desk: Desk, room: FakeSigning, client: FlaskClient, code: str
) -> None:
    room.code = code
    room.found = [] if code in {"unsigned", "unreadable"} else ["ab" * 32]
    page = check(client, PDF)
    assert page.status_code == 200
    assert WORDS[VERDICTS[code]] in page.text
    if code != "ok":
        assert f"Lý do {code}" in page.text
        assert WORDS["valid"] not in page.text
        assert f"Reason {code}" in check(client, PDF, "en").text


def test_the_facts_of_circular_15_are_shown(desk: Desk, room: FakeSigning, client: FlaskClient) -> None:
    room.found = ["ab" * 32]
    page = check(client, PDF).text
    for label, value in (
        ("Tổ chức cấp chứng thư số", "Tổ chức chứng thực MẪU cấp phát"),
        ("Người ký", "Nguyễn Thị Ánh, Chủ tịch, UBND phường"),
        ("Đơn vị quản lý chứng thư số", "Tổ chức chứng thực MẪU"),
        ("Thời gian ký", "08:00, 22/11/2026 (có dấu thời gian chứng thực)"),
        ("Tính toàn vẹn", "Nội dung còn nguyên vẹn"),
        ("Hiệu lực chứng thư tại lúc ký", "Còn hiệu lực"),
        ("Thời hạn chứng thư số", "01/01/2026 – 31/12/2028"),
    ):
        assert label in page
        assert value in page


def test_a_time_that_only_the_signer_claims_is_called_so(desk: Desk, room: FakeSigning, client: FlaskClient) -> None:
    room.code, room.found = "status_unknown", ["ab" * 32]
    assert "theo lời người ký" in check(client, PDF).text


def test_the_page_opens_without_an_account_in_both_languages(client: FlaskClient, world: World) -> None:
    assert client.get("/kiem-tra").status_code == 200
    assert client.get("/kiem-tra", headers={"Accept-Language": "en"}).status_code == 200


def test_no_file_gets_a_calm_answer(client: FlaskClient, world: World) -> None:
    assert client.post("/kiem-tra", data={}).status_code == 422
    assert "Hãy chọn tệp" in client.post("/kiem-tra", data={}).text


def test_a_published_file_is_recognised(desk: Desk, session: Session, client: FlaskClient) -> None:
    code, _sha256, content = published(desk, session)
    page = check(client, content).text
    assert "Đúng là văn bản phường đã phát hành" in page
    assert f"/v/{code}" in page


def test_an_earlier_version_of_a_published_document_is_not_the_published_one(
    desk: Desk, session: Session, client: FlaskClient
) -> None:
    document_id = desk.until("published")
    sha256 = session.scalars(
        select(DocumentVersion.sha256).where(DocumentVersion.document_id == document_id, DocumentVersion.number == 3)
    ).one()
    session.rollback()
    page = check(client, desk.files.get(sha256)).text
    assert "Không phải bản phường đã phát hành" in page
    assert "thiếu bước sau" in page


def test_a_cut_or_lengthened_copy_is_told_from_the_published_file(
    desk: Desk, session: Session, room: FakeSigning, client: FlaskClient
) -> None:
    _code, _sha256, content = published(desk, session)
    room.found = list(session.scalars(select(SignatureLedger.signature_sha256)))
    session.rollback()
    page = check(client, content + b"%% more").text
    assert "Không phải bản phường đã phát hành" in page
    assert "cắt bớt hoặc thêm vào" in page


def test_an_unpublished_file_says_nothing_about_the_ward(desk: Desk, client: FlaskClient, session: Session) -> None:
    document_id = desk.until("sealed")
    page = check(client, desk.files.get(desk.base(document_id).sha256)).text
    assert "phát hành" not in page.split("<main")[1].split("</main")[0]


def test_nothing_of_an_upload_is_kept(desk: Desk, client: FlaskClient, tmp_path: Path, session: Session) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in {".db-wal", ".db-shm"}}
    check(client, PDF + b"a strangers secret")
    after = {path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in {".db-wal", ".db-shm"}}
    assert before == after


def test_a_code_typed_from_paper_finds_the_document(desk: Desk, session: Session, client: FlaskClient) -> None:
    code, sha256, content = published(desk, session)
    spaced = f"{code[:5].lower()} {code[5:].lower()}"
    answer = client.get("/kiem-tra", query_string={"code": spaced})
    assert answer.status_code == 303
    assert answer.location == f"/v/{code}"
    page = client.get(answer.location).text
    assert "01/KH-UBND" in page
    assert sha256 in page
    file = client.get(f"/v/{code}/tai-ve")
    assert file.data == content
    assert "01-KH-UBND.pdf" in file.headers["Content-Disposition"]


@pytest.mark.parametrize("state", ["draft", "awaiting_signature", "signed", "numbered", "sealed"])
def test_what_is_not_published_has_no_public_page(
    desk: Desk, session: Session, client: FlaskClient, state: str
) -> None:
    document_id = desk.until(state)
    code = session.scalars(select(Document.short_code).where(Document.id == document_id)).one()
    session.rollback()
    assert client.get(f"/v/{code}").status_code == 404
    assert client.get(f"/v/{code}/tai-ve").status_code == 404


@pytest.mark.parametrize("code", ["0", "ABCDEFGHJK", "x" * 300, "%00", "../../etc"])
def test_an_unknown_code_is_not_found(world: World, client: FlaskClient, code: str) -> None:
    assert client.get(f"/v/{code}").status_code == 404


def test_a_stored_file_that_was_altered_is_not_offered(desk: Desk, session: Session, client: FlaskClient) -> None:
    code, sha256, content = published(desk, session)
    assert isinstance(desk.files, FolderStore)
    (desk.files.root / sha256[:2] / sha256).write_bytes(content + b"x")
    page = client.get(f"/v/{code}").text
    assert "không khớp" in page
    assert "Tải văn bản" not in page
    assert client.get(f"/v/{code}/tai-ve").status_code == 409


def test_a_version_that_the_ledger_does_not_name_is_not_offered(
    desk: Desk, session: Session, client: FlaskClient
) -> None:
    code, _sha256, _content = published(desk, session)
    table = SignatureLedger.__table__
    session.execute(table.update().where(table.c.owner == KeystoreOwner.AGENCY).values(revision_sha256="0" * 64))
    session.commit()
    page = client.get(f"/v/{code}").text
    assert "không khớp" in page
    assert "Tải văn bản" not in page


def test_an_upload_over_the_limit_answers_413(wiring: Wiring, sessions: sessionmaker[Session], world: World) -> None:
    settings = wiring.settings.model_copy(update={"max_upload_mb": 1})
    app = create_app(wiring=replace(wiring, settings=settings), sessions=sessions)
    app.config.update(TESTING=True)
    sent = io.BytesIO(b"--x\r\n" + bytes(2 * 1024 * 1024))
    declared = {
        "CONTENT_LENGTH": str(200 * 1024 * 1024),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": sent,
    }
    answer = app.test_client().post("/kiem-tra", environ_overrides=declared)
    assert answer.status_code == 413
    assert "<h1>" in answer.text
    assert "Mức cho phép: 1 MB." in answer.text
    assert sent.tell() == 0, "what is refused is not read first"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 word", b"%PDF-1.7\nbroken", b"\x00" * 5000, b"%PDF-1.7\n1 0 obj<</Encrypt 2 0 R>>"]
)
def test_the_real_room_answers_calmly_to_any_bytes(
    wiring: Wiring, sessions: sessionmaker[Session], world: World, content: bytes
) -> None:
    room = SigningRoom(wiring.settings, sessions, wiring.clock)
    app = create_app(wiring=replace(wiring, signing=room), sessions=sessions)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    page = check(app.test_client(), content)
    assert page.status_code == 200
    assert WORDS["unreadable"] in page.text
