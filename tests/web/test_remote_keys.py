"""Keys that are elsewhere: found at a service, chosen, enrolled, and used with what the service asks for."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.documents import Desk, make_desk
from tests.fake_signing import CODE, PDF, PIN, RAW, FakeSigning
from tests.fakes import FixedClock
from tests.web.test_documents import act
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import Keystore, SignatureLedger
from webapp.services.unstamped import stamp
from webapp.web.shared.wiring import BATCHES, Wiring

Login = Callable[[Role], FlaskClient]
MINE, AGENCY = "/documents/keys/mine/remote", "/documents/keys/agency/remote"


@pytest.fixture
def signing(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def wiring(wiring: Wiring, signing: FakeSigning) -> Wiring:
    return replace(wiring, signing=signing)


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


def enrol(client: FlaskClient, holder: str, page: str = MINE) -> str:
    """Look for the keys of a holder and enrol the first; give its fingerprint."""
    found = client.post(page, data={"place": "xa", "holder": holder})
    assert found.status_code == 200, found.text
    fingerprint = found.text.split('name="chosen"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    data = {"place": "xa", "holder": holder, "chosen": fingerprint, "act": "enrol"}
    answer = client.post(page, data=data)
    assert answer.status_code == 303, answer.text
    return fingerprint


def test_a_remote_key_is_found_chosen_and_enrolled_without_a_file(
    desk: Desk, login: Login, session: Session, signing: FakeSigning
) -> None:
    leader = login(Role.LEADER)
    assert "Dịch vụ ký MẪU" in leader.get("/documents/keys/mine").text
    fingerprint = enrol(leader, "mot")
    assert "Dịch vụ ký từ xa" in leader.get("/documents/keys/mine").text
    key = session.scalars(select(Keystore).where(Keystore.fingerprint == fingerprint)).one()
    assert (key.kind, key.file_sha256) == (KeystoreKind.CSC, None)
    assert key.location == {"place": "xa", "credential": "mot", "asks": "pin code"}
    assert len(key.certificates) == 1


def test_several_keys_are_shown_and_nothing_is_enrolled_by_looking(desk: Desk, login: Login, session: Session) -> None:
    before = len(session.scalars(select(Keystore)).all())
    session.rollback()  # SQLite: a reader of ours must not hold up the page
    page = login(Role.LEADER).post(MINE, data={"place": "xa", "holder": "hai"})
    assert page.text.count('name="chosen"') == 2
    assert len(session.scalars(select(Keystore)).all()) == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"place": "xa", "holder": "khong-ai"}, "Không tìm thấy khóa nào"),
        ({"place": "noi-la", "holder": "mot"}, "nơi giữ khóa"),
    ],
)
def test_what_is_not_found_is_said(desk: Desk, login: Login, data: dict[str, str], words: str) -> None:
    answer = login(Role.LEADER).post(MINE, data=data)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_chosen_key_that_is_not_there_is_not_enrolled(desk: Desk, login: Login, session: Session) -> None:
    before = len(session.scalars(select(Keystore)).all())
    session.rollback()  # SQLite: a reader of ours must not hold up the page
    data = {"place": "xa", "holder": "mot", "chosen": "0" * 64, "act": "enrol"}
    assert login(Role.LEADER).post(MINE, data=data).status_code in {200, 422}
    assert len(session.scalars(select(Keystore)).all()) == before


def test_signing_asks_for_pin_and_code_and_the_code_can_be_sent(
    desk: Desk, login: Login, session: Session, signing: FakeSigning
) -> None:
    leader = login(Role.LEADER)
    enrol(leader, "mot")
    document_id = desk.until("awaiting_signature")
    page = leader.get(f"/documents/{document_id}/sign").text
    assert 'name="pin"' in page
    assert 'name="code"' in page
    assert leader.post("/documents/keys/mine/code").status_code == 303
    assert signing.codes_sent == ["mot"]
    assert act(leader, desk, document_id, "sign", pin=PIN).status_code == 422
    assert act(leader, desk, document_id, "sign", pin=PIN, code="204816").status_code == 303
    assert session.scalars(select(SignatureLedger.keystore_kind)).all() == [KeystoreKind.CSC]


def test_no_code_is_sent_for_a_key_in_a_file(desk: Desk, login: Login, signing: FakeSigning) -> None:
    assert login(Role.LEADER).post("/documents/keys/mine/code").status_code == 404
    assert signing.codes_sent == []


def ticks(desk: Desk, ids: list[UUID]) -> list[str]:
    bases = {each: desk.base(each) for each in ids}
    return [f"{each}:{base.version}:{base.sha256}" for each, base in bases.items()]


def test_a_batch_asks_once_for_pin_and_code_and_signs_with_one_authorisation(
    desk: Desk, login: Login, app: Flask, signing: FakeSigning
) -> None:
    leader = login(Role.LEADER)
    enrol(leader, "mot")
    ids = [desk.until("awaiting_signature", abstract=f"Kế hoạch {n}") for n in (1, 2, 3)]
    review = "/documents/batch/sign/review"
    page = leader.get(review, query_string={"d": [str(each) for each in ids]}).text
    assert [page.count(f'name="{name}"') for name in ("pin", "code")] == [1, 1]
    assert "Gửi mã cho tôi" in page
    items = ticks(desk, ids)
    sent = leader.post(f"/documents/keys/mine/code?next={review}", data={"item": items[:2]})
    assert signing.codes_sent == ["mot"]
    back = leader.get(sent.location).text
    assert "Đã yêu cầu dịch vụ gửi mã" in back
    assert [str(each) in back for each in ids] == [True, True, False]
    missing = leader.post(review, data={"item": items, "pin": PIN})
    assert (missing.status_code, "Hãy nhập mã dùng một lần." in missing.text) == (422, True)
    answer = leader.post(review, data={"item": items, "pin": PIN, "code": CODE})
    assert answer.status_code == 303, answer.text
    app.extensions[BATCHES].wait(UUID(answer.location.rsplit("/", 1)[-1]), 60)
    assert "Tất cả văn bản đã ký." in leader.get(answer.location).text
    assert signing.authorised == [3]


def test_a_used_code_rests_the_batch_and_a_new_one_goes_on_with_what_is_ticked(
    desk: Desk, login: Login, app: Flask, signing: FakeSigning
) -> None:
    leader = login(Role.LEADER)
    enrol(leader, "mot")
    ids = [desk.until("awaiting_signature", abstract=f"Kế hoạch {n}") for n in (1, 2)]
    signing.codes_used.add(CODE)
    answer = leader.post("/documents/batch/sign/review", data={"item": ticks(desk, ids), "pin": PIN, "code": CODE})
    job_id = UUID(answer.location.rsplit("/", 1)[-1])
    app.extensions[BATCHES].wait(job_id, 60)
    page = leader.get(answer.location).text
    assert "Mã dùng một lần không đúng hoặc đã hết hạn." in page
    assert "Gửi mã cho tôi" in page
    sent = leader.post(
        f"/documents/keys/mine/code?next=/documents/batches/{job_id}", data={"item": ticks(desk, ids[:1])}
    )
    assert leader.get(sent.location).text.count(" checked") == 1
    again = leader.post(answer.location, data={"item": ticks(desk, ids), "pin": PIN, "code": "new"})
    assert again.status_code == 303
    app.extensions[BATCHES].wait(job_id, 60)
    assert "Tất cả văn bản đã ký." in leader.get(answer.location).text


def test_a_service_with_a_small_limit_says_so_before_the_first_code(
    desk: Desk, login: Login, sessions: sessionmaker[Session]
) -> None:
    leader = login(Role.LEADER)
    enrol(leader, "mot")
    with sessions.begin() as other:
        key = other.scalars(select(Keystore).where(Keystore.kind == KeystoreKind.CSC)).one()
        key.location = {**key.location, "at_once": "1"}
    ids = [desk.until("awaiting_signature") for _ in range(2)]
    page = leader.get("/documents/batch/sign/review", query_string={"d": [str(each) for each in ids]}).text
    assert "mỗi mã ký tối đa 1 văn bản" in page


def test_a_key_enrolled_before_limits_were_kept_learns_its_own_at_the_next_batch(
    desk: Desk, login: Login, app: Flask, signing: FakeSigning
) -> None:
    leader = login(Role.LEADER)
    enrol(leader, "mot")
    signing.at_once = 2
    ids = [desk.until("awaiting_signature") for _ in range(3)]
    query, notice = {"d": [str(each) for each in ids]}, "mỗi mã ký tối đa 2 văn bản"
    review = "/documents/batch/sign/review"
    assert notice not in leader.get(review, query_string=query).text
    answer = leader.post(review, data={"item": ticks(desk, ids[:1]), "pin": PIN, "code": CODE})
    app.extensions[BATCHES].wait(UUID(answer.location.rsplit("/", 1)[-1]), 60)
    ids[0] = desk.until("awaiting_signature")
    query["d"][0] = str(ids[0])
    assert notice in leader.get(review, query_string=query).text


@pytest.fixture
def clerk(desk: Desk, login: Login) -> FlaskClient:
    """A clerk whose agency's key is at the service."""
    clerk = login(Role.CLERK)
    enrol(clerk, "mot", AGENCY)
    return clerk


def seal(client: FlaskClient, desk: Desk, document_id: UUID, **typed: str) -> TestResponse:
    return act(client, desk, document_id, "seal", **typed)


def test_document_and_attachments_are_sealed_with_one_code(
    desk: Desk, clerk: FlaskClient, session: Session, signing: FakeSigning
) -> None:
    document_id = desk.with_attachments("numbered", PDF + b"1", PDF + b"2")
    signing.codes_used.add("used")
    used = seal(clerk, desk, document_id, pin=PIN, code="used")
    assert (used.status_code, "Mã dùng một lần không đúng hoặc đã hết hạn." in used.text) == (422, True)
    assert desk.status(document_id) == "numbered"
    assert seal(clerk, desk, document_id, pin=PIN, code=CODE).status_code == 303
    assert desk.status(document_id) == "sealed"
    assert signing.authorised == [3]
    kinds = session.scalars(select(SignatureLedger.keystore_kind).where(SignatureLedger.field.like("CoQuan%"))).all()
    assert kinds == [KeystoreKind.CSC] * 3
    assert all(key.closed for key in signing.opened)


def test_more_files_than_one_code_signs_are_told_before_it_is_used(
    desk: Desk, clerk: FlaskClient, signing: FakeSigning
) -> None:
    document_id = desk.with_attachments("numbered", PDF, PDF)
    signing.at_once = 2
    answer = seal(clerk, desk, document_id, pin=PIN, code=CODE)
    assert (answer.status_code, "3 tệp phải ký cùng lúc" in answer.text) == (422, True)
    assert signing.codes_used == set()


def test_without_timestamps_what_the_service_made_is_kept(
    desk: Desk, clerk: FlaskClient, sessions: sessionmaker[Session], signing: FakeSigning, clock: FixedClock
) -> None:
    document_id = desk.with_attachments("numbered", PDF)
    signing.stamps = False
    answer = seal(clerk, desk, document_id, pin=PIN, code=CODE)
    assert answer.status_code == 303
    assert "chờ dấu thời gian" in clerk.get(f"/documents/{document_id}").text
    signing.stamps = True
    with sessions() as work:
        kept = work.scalars(select(PreparedSigning)).one()
        assert stamp(work, kept.ward_id, kept.id, clock=clock, files=desk.files, signing=signing)
        work.commit()
    assert desk.status(document_id) == "sealed"


def test_one_signature_that_does_not_fit_seals_nothing(desk: Desk, clerk: FlaskClient, signing: FakeSigning) -> None:
    document_id = desk.with_attachments("numbered", PDF)
    signing.raw = lambda number: RAW if number == 0 else b"another key's"
    answer = seal(clerk, desk, document_id, pin=PIN, code=CODE)
    assert (answer.status_code, "Tệp đính kèm 1 không ký được" in answer.text) == (422, True)
    assert desk.status(document_id) == "numbered"


def test_a_seal_with_attachments_learns_the_limit_even_when_it_is_refused(
    desk: Desk, clerk: FlaskClient, session: Session, signing: FakeSigning
) -> None:
    document_id = desk.with_attachments("numbered", PDF, PDF)
    signing.at_once = 2
    assert seal(clerk, desk, document_id, pin=PIN, code=CODE).status_code == 422
    key = session.scalars(select(Keystore).where(Keystore.kind == KeystoreKind.CSC)).one()
    assert key.location == {"place": "xa", "credential": "mot", "asks": "pin code", "at_once": "2"}
