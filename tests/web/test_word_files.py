"""Word files on the pages: taken beside PDF, shown while they are converted, told when they are not taken."""

import io
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.web.bare_pages import tree_of
from tests.web.test_documents import act, upload_form
from tests.word_files import FakeWord
from tests.world import World
from webapp.core.access import Role
from webapp.gateways.cipher import AesGcmCipher
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.documents import Document
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
DOCX = b"PK a word file"


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock), word=FakeWord())


@pytest.fixture
def word(wiring: Wiring) -> FakeWord:
    assert isinstance(wiring.word, FakeWord)
    return wiring.word


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)


@pytest.fixture
def work(sessions: sessionmaker[Session], wiring: Wiring, cipher: AesGcmCipher) -> Callable[[], bool]:
    ports = Ports(clock=wiring.clock, files=wiring.files, cipher=cipher, signing=wiring.signing)
    return Worker(sessions, ports, standard_registry(wiring.signing, wiring.word)).run_once


def send(client: FlaskClient, desk: Desk, name: str = "Kế hoạch.docx", where: str = "/documents/new", **more: str):
    form = {**upload_form(desk, **more), "content": (io.BytesIO(DOCX), name)}
    return client.post(where, data=form, content_type="multipart/form-data")


def test_a_word_file_is_taken_shown_on_its_way_and_becomes_the_page(
    desk: Desk, login: Login, work: Callable[[], bool]
) -> None:
    officer = login(Role.OFFICER)
    assert ".docx" in officer.get("/documents/new").text
    answer = send(officer, desk)
    assert answer.status_code == 303, answer.text
    waiting = officer.get(answer.location).text
    tree_of(waiting)
    assert "Đang chuyển đổi tệp Word" in waiting
    assert "data-live-reload" in waiting
    assert "Trình ký</span>" not in waiting
    assert work()
    done = officer.get(answer.location).text
    tree_of(done)
    assert "Đang chuyển đổi" not in done
    assert "Trình ký</span>" in done
    assert "Đã chuyển thành PDF" in done
    assert act(officer, desk, UUID(answer.location.rsplit("/", 1)[-1]), "submit").status_code == 303


def test_why_there_is_no_page_and_what_to_do_is_said(
    desk: Desk, login: Login, word: FakeWord, work: Callable[[], bool]
) -> None:
    officer = login(Role.OFFICER)
    location = send(officer, desk).location
    word.problem = "slow"
    assert work()
    page = officer.get(location).text
    tree_of(page)
    assert "Không chuyển được tệp Word “Kế hoạch.docx”" in page
    assert "lưu thành PDF rồi tải tệp PDF lên" in page
    assert f"{location}/edit" in page
    assert officer.get(f"{location}/word/1/file").data == DOCX
    form = {**upload_form(desk), "content": (io.BytesIO(b"%PDF-1.7\nx"), "a.pdf")}
    assert officer.post(f"{location}/edit", data=form, content_type="multipart/form-data").status_code == 303
    assert "Không chuyển được tệp Word" not in officer.get(location).text


def test_without_the_program_the_page_says_so_and_what_was_typed_stays(
    desk: Desk, login: Login, word: FakeWord, session: Session
) -> None:
    word.here = False
    officer = login(Role.OFFICER)
    assert "Chỉ nhận tệp PDF" in officer.get("/documents/new").text
    answer = send(officer, desk, abstract="Chữ đã gõ")
    assert answer.status_code == 422
    assert "chưa cài LibreOffice" in answer.text
    assert "Chữ đã gõ" in answer.text
    assert session.scalar(select(func.count()).select_from(Document)) == 0


@pytest.mark.parametrize(
    ("refuse", "name", "words"),
    [("old", "a.doc", "đời cũ"), ("macro", "a.docm", "có macro"), ("linked", "a.docx", "liên kết từ nơi khác")],
)
def test_a_file_that_is_not_taken_is_told_beside_its_field(
    desk: Desk, login: Login, word: FakeWord, refuse: str, name: str, words: str
) -> None:
    word.refuse = refuse
    answer = send(login(Role.OFFICER), desk, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="content-error"' in answer.text


def test_other_kinds_of_file_are_refused_by_their_name(desk: Desk, login: Login) -> None:
    answer = send(login(Role.OFFICER), desk, "bang.xlsx")
    assert answer.status_code == 422
    assert "Chỉ nhận tệp PDF hoặc Word" in answer.text


def test_pages_that_need_the_file_are_calm_while_there_is_none(desk: Desk, login: Login) -> None:
    officer, auditor = login(Role.OFFICER), login(Role.AUDITOR)
    location = send(officer, desk).location
    signer = desk.world.accounts[Role.LEADER]
    assert officer.get(f"{location}/place/{signer}").status_code in {404, 409}
    shown = {"version": "1", "sha256": "0" * 64}
    assert officer.post(f"{location}/submit", data=shown).status_code == 409
    assert officer.get(f"{location}/edit").status_code == 200
    assert officer.get("/documents/?tab=du-thao").status_code == 200
    assert auditor.get(location).status_code == 200
    assert auditor.get(f"{location}/word/1/file").status_code == 403
    assert officer.get(f"{location}/word/2/file").status_code == 404
