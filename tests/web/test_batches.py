"""The pages for many documents: choosing, seeing, one PIN, progress, ZIP; and what is refused."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.documents import Desk, make_desk
from tests.fake_signing import PIN, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind
from webapp.core.errors import N_, SigningRefused
from webapp.core.ids import new_id
from webapp.models.accounts import LoginSession
from webapp.models.audit import AuditEvent
from webapp.models.jobs import Job
from webapp.models.signing import Keystore, SignatureLedger
from webapp.web.shared.wiring import BATCHES, Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


def item(desk: Desk, document_id: UUID) -> str:
    base = desk.base(document_id)
    return f"{document_id}:{base.version}:{base.sha256}"


def send(client: FlaskClient, desk: Desk, ids: list[UUID], pin: str = PIN, what: str = "sign") -> TestResponse:
    data = {"item": [item(desk, each) for each in ids], "pin": pin}
    return client.post(f"/documents/batch/{what}/review", data=data)


def rest(app: Flask, answer: TestResponse) -> UUID:
    job_id = UUID(answer.location.rsplit("/", 1)[-1])
    app.extensions[BATCHES].wait(job_id, 60)
    return job_id


def test_a_leader_chooses_sees_signs_and_takes_the_files_away(desk: Desk, login: Login, app: Flask) -> None:
    ids = [desk.until("awaiting_signature", abstract=f"Kế hoạch {n}") for n in (1, 2, 3)]
    leader = login(Role.LEADER)
    assert "/documents/batch/sign" in leader.get("/documents/").text
    assert "Kế hoạch 2" in leader.get("/documents/batch/sign").text
    review = leader.get("/documents/batch/sign/review", query_string={"d": [str(each) for each in ids[:2]]}).text
    assert review.count("thumbnail.png") == 2
    assert "Đọc tất cả 2 trang" in review
    assert item(desk, ids[0]) in review
    assert leader.get(f"/documents/{ids[0]}/versions/{desk.base(ids[0]).version}/thumbnail.png").status_code == 200
    job_id = rest(app, send(leader, desk, ids[:2]))
    page = leader.get(f"/documents/batches/{job_id}").text
    assert "Đã xong 2 trong 2 văn bản" in page
    assert "data-live-again" not in page
    answer = leader.get(f"/documents/batches/{job_id}/files.zip")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["Kế hoạch 1.pdf", "Kế hoạch 2.pdf"]
        assert b"signed" in archive.read("Kế hoạch 1.pdf")
    assert desk.status(ids[2]) == "awaiting_signature"


def test_a_clerk_seals_what_is_signed(desk: Desk, login: Login, app: Flask) -> None:
    ids = [desk.until("signed"), desk.until("numbered")]
    clerk = login(Role.CLERK)
    assert "/documents/batch/seal" in clerk.get("/documents/").text
    assert "/documents/batch/sign" not in login(Role.CLERK).get("/documents/").text
    rest(app, send(clerk, desk, ids, what="seal"))
    assert {desk.status(each) for each in ids} == {"sealed"}


def test_a_wrong_pin_is_said_and_nothing_is_begun(desk: Desk, login: Login, session: Session) -> None:
    ids = [desk.until("awaiting_signature")]
    answer = send(login(Role.LEADER), desk, ids, pin="55443322")
    assert answer.status_code == 422
    assert "Mã PIN không đúng." in answer.text
    assert "55443322" not in answer.text
    assert session.scalar(select(func.count()).select_from(Job)) == 0
    assert session.scalars(select(AuditEvent.detail).where(AuditEvent.tag == "document:signing_failed")).all() == [
        {"code": "wrong_pin"}
    ]


def test_after_five_wrong_pins_the_key_stays_shut(desk: Desk, login: Login) -> None:
    ids = [desk.until("awaiting_signature")]
    leader = login(Role.LEADER)
    for _ in range(5):
        send(leader, desk, ids, pin="55443322")
    answer = send(leader, desk, ids)
    assert answer.status_code == 422
    assert "quá nhiều lần" in answer.text


def test_the_person_is_confirmed_before_the_pin(
    desk: Desk, login: Login, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    ids = [desk.until("awaiting_signature")]
    leader = login(Role.LEADER)
    with sessions.begin() as session:
        session.execute(update(LoginSession).values(step_up_at=None))
    answer = leader.get("/documents/batch/sign/review", query_string={"d": str(ids[0])})
    assert "/account/confirm" in answer.location
    assert str(ids[0]) in answer.location
    answer = send(leader, desk, ids)
    assert "/account/confirm" in answer.location
    assert desk.status(ids[0]) == "awaiting_signature"


def test_what_failed_is_shown_and_signed_after_another_look(desk: Desk, login: Login, app: Flask) -> None:
    ids = [desk.until("awaiting_signature", abstract=f"Kế hoạch {n}") for n in (1, 2)]
    room, leader = desk.signing, login(Role.LEADER)
    assert isinstance(room, FakeSigning)

    def refuse(made: int) -> None:
        room.before = lambda _made: None
        raise SigningRefused("timestamp_failed", N_("Không lấy được dấu thời gian."))

    room.before = refuse
    job_id = rest(app, send(leader, desk, ids))
    page = leader.get(f"/documents/batches/{job_id}").text
    assert "Không lấy được dấu thời gian." in page
    assert "Còn 1 văn bản chưa xong" in page
    answer = leader.post(f"/documents/batches/{job_id}", data={"item": [item(desk, ids[0])], "pin": PIN})
    assert answer.status_code == 303
    rest(app, answer)
    assert "Tất cả văn bản đã ký." in leader.get(f"/documents/batches/{job_id}").text
    assert {desk.status(each) for each in ids} == {"signed"}


def test_going_on_asks_for_a_document_and_the_right_pin(desk: Desk, login: Login, app: Flask) -> None:
    ids = [desk.until("awaiting_signature")]
    room, leader = desk.signing, login(Role.LEADER)
    assert isinstance(room, FakeSigning)
    room.refuse = "certificate_expired"
    job_id = rest(app, send(leader, desk, ids))
    assert "Chứng thư số đã hết hạn." in leader.get(f"/documents/batches/{job_id}").text
    assert "Một đợt ký còn dở" in leader.get("/documents/batch/sign").text
    none = leader.post(f"/documents/batches/{job_id}", data={"pin": PIN})
    assert (none.status_code, "Hãy chọn ít nhất một văn bản." in none.text) == (422, True)
    wrong = leader.post(f"/documents/batches/{job_id}", data={"item": [item(desk, ids[0])], "pin": "1"})
    assert (wrong.status_code, "Mã PIN không đúng." in wrong.text) == (422, True)


def test_stopping_a_batch_that_rests_cancels_it(desk: Desk, login: Login, app: Flask) -> None:
    ids = [desk.until("awaiting_signature")]
    room, leader = desk.signing, login(Role.LEADER)
    assert isinstance(room, FakeSigning)
    room.refuse = "token_pulled"
    job_id = rest(app, send(leader, desk, ids))
    assert leader.post(f"/documents/batches/{job_id}/stop").status_code == 303
    assert "Đã dừng theo yêu cầu." in leader.get(f"/documents/batches/{job_id}").text
    assert leader.get(f"/documents/batches/{job_id}/files.zip").status_code == 409


def test_somebody_elses_batch_is_not_found(desk: Desk, login: Login, app: Flask) -> None:
    ids = [desk.until("awaiting_signature")]
    job_id = rest(app, send(login(Role.LEADER), desk, ids))
    officer = login(Role.OFFICER)
    for address in (f"/documents/batches/{job_id}", f"/documents/batches/{job_id}/files.zip"):
        assert officer.get(address).status_code == 404
    assert officer.post(f"/documents/batches/{job_id}/stop").status_code == 404
    assert officer.get(f"/documents/batches/{new_id()}").status_code == 404


@pytest.mark.parametrize("value", ["", "x", "0:1:2", f"{'-' * 36}:1:{'0' * 64}"])
def test_a_form_that_was_not_ours_is_refused(desk: Desk, login: Login, value: str) -> None:
    leader = login(Role.LEADER)
    assert leader.post("/documents/batch/sign/review", data={"item": value, "pin": PIN}).status_code == 400


def test_none_too_many_or_foreign_documents_are_no_batch(desk: Desk, login: Login) -> None:
    leader = login(Role.LEADER)
    empty = leader.get("/documents/batch/sign/review")
    assert empty.location.startswith("/documents/batch/sign")
    many = leader.get("/documents/batch/sign/review", query_string={"d": [str(new_id()) for _ in range(51)]})
    assert "từ 1 đến 50" in leader.get(many.location).text
    foreign = leader.get("/documents/batch/sign/review", query_string={"d": str(new_id())})
    assert "không còn chờ bạn" in foreign.text
    assert leader.get("/documents/batch/sign/review?d=x").status_code == 404
    unknown = f"{new_id()}:1:{'0' * 64}"
    assert leader.post("/documents/batch/sign/review", data={"item": unknown, "pin": PIN}).status_code == 404


def test_a_key_on_the_own_computer_signs_there_and_the_page_asks_for_no_pin(
    desk: Desk, login: Login, sessions: sessionmaker[Session], session: Session
) -> None:
    ids = [desk.until("awaiting_signature")]
    with sessions.begin() as other:
        other.execute(update(Keystore).values(kind=KeystoreKind.AGENT))
    leader = login(Role.LEADER)
    review = leader.get("/documents/batch/sign/review", query_string={"d": str(ids[0])}).text
    assert "Ký bằng khóa trên máy của bạn" in review
    assert 'name="pin"' not in review
    assert send(leader, desk, ids).status_code == 422
    assert session.scalar(select(func.count()).select_from(SignatureLedger)) == 0
