"""The page of long-term preservation, the alarm on the first page, and the public page of an archived file."""

import io
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document, DocumentVersion
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
PATH = "/documents/archive"


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


@pytest.fixture
def work(sessions: sessionmaker[Session], wiring: Wiring) -> Callable[[], None]:
    ports = Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher, signing=wiring.signing)

    def run() -> None:
        worker = Worker(sessions, ports, standard_registry())
        while worker.run_once():
            pass

    return run


def test_who_reads_and_who_may_ask(desk: Desk, login: Login) -> None:
    desk.until("published")
    for role in (Role.CLERK, Role.ADMIN):
        page = login(role).get(PATH).text
        assert "Chưa xem lần nào" in page
        assert "Làm ngay mọi tệp đến hạn" in page
    for role in (Role.LEADER, Role.AUDITOR):
        client = login(role)
        assert "Làm ngay mọi tệp đến hạn" not in client.get(PATH).text
        assert client.post(f"{PATH}/now").status_code == 403
    for role in (Role.OFFICER, Role.STATISTICIAN, Role.GROUP_HEAD):
        assert login(role).get(PATH).status_code == 403


def test_pressing_the_button_archives_and_says_until_when(
    desk: Desk, login: Login, work: Callable[[], None], session: Session
) -> None:
    desk.until("published")
    client = login(Role.ADMIN)
    assert "Đang làm." in client.post(f"{PATH}/now", follow_redirects=True).text
    assert "Vừa có người bấm" in client.post(f"{PATH}/now", follow_redirects=True).text
    work()
    page = client.get(PATH).text
    assert "Mọi tệp đều bền vững" in page
    assert "01/KH-UBND" in page
    assert "Lần gia hạn sắp tới" in page
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.tag == AuditTag.ARCHIVE_ASK)).all()) == 1


def test_what_fails_is_shown_with_its_reason_and_is_an_alarm_for_the_administrator(
    desk: Desk, login: Login, room: FakeSigning, work: Callable[[], None]
) -> None:
    document_id = desk.until("published")
    client = login(Role.ADMIN)
    assert "chưa lưu trữ lâu dài được" not in client.get("/").text
    room.archive_room.refuse = "timestamp_failed"
    client.post(f"{PATH}/now")
    work()
    assert "tệp đã phát hành chưa lưu trữ lâu dài được" in client.get("/").text
    page = client.get(PATH).text
    assert "Cần xử lý" in page
    assert "Không lấy được dấu thời gian." in page
    room.archive_room.refuse = ""
    assert client.post(f"{PATH}/now", data={"document_id": str(document_id)}).status_code == 303
    work()
    assert "chưa lưu trữ lâu dài được" not in client.get("/").text


def test_a_document_that_is_not_there_or_not_published_is_not_found(desk: Desk, login: Login) -> None:
    draft = desk.until("draft")
    client = login(Role.CLERK)
    for wrong in (str(draft), str(uuid4()), "x"):
        assert client.post(f"{PATH}/now", data={"document_id": wrong}).status_code == 404


def test_the_public_page_serves_the_archived_file_and_knows_the_sealed_one(
    desk: Desk, login: Login, work: Callable[[], None], client: FlaskClient, session: Session
) -> None:
    document_id = desk.until("published")
    sealed = desk.files.get(desk.base(document_id).sha256)
    login(Role.CLERK).post(f"{PATH}/now")
    work()
    code = session.scalars(select(Document.short_code)).one()
    session.rollback()
    archived = client.get(f"/v/{code}/tai-ve").data
    assert archived.startswith(sealed)
    assert len(archived) > len(sealed)
    assert "Văn bản đang được kiểm tra lại" not in client.get(f"/v/{code}").text
    for content in (sealed, archived):
        sent = {"content": (io.BytesIO(content), "tep.pdf")}
        told = client.post("/kiem-tra", data=sent, content_type="multipart/form-data").text
        assert "Đúng là văn bản phường đã phát hành" in told
    assert "Bản lưu trữ lâu dài" in login(Role.CLERK).get(f"/documents/{document_id}").text


def test_an_archived_file_that_does_not_begin_with_the_sealed_one_is_not_offered(
    desk: Desk, login: Login, work: Callable[[], None], client: FlaskClient, session: Session
) -> None:
    document_id = desk.until("published")
    login(Role.CLERK).post(f"{PATH}/now")
    work()
    newest = desk.base(document_id)
    version = session.get_one(DocumentVersion, (desk.world.ward_id, document_id, newest.version))
    version.sha256 = desk.files.put(b"%PDF-1.7\nother\n" + desk.files.get(newest.sha256))
    session.commit()
    code = session.scalars(select(Document.short_code)).one()
    session.rollback()
    assert "Văn bản đang được kiểm tra lại" in client.get(f"/v/{code}").text
