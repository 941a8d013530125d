"""The page for placing a signature, as it works without scripts."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.models.signature_places import SignaturePlace as P
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


def address(desk: Desk, document_id: UUID) -> str:
    return f"/documents/{document_id}/places/{desk.world.accounts[Role.LEADER]}"


def save(client: FlaskClient, desk: Desk, document_id: UUID, **values: str) -> TestResponse:
    base = desk.base(document_id)
    data = {"version": str(base.version), "sha256": base.sha256, "page": "1", **values}
    return client.post(address(desk, document_id), data=data)


def test_an_author_chooses_a_preset_and_sees_no_picture_of_the_signers_hand(
    desk: Desk, login: Login, session: Session
) -> None:
    document_id = desk.upload()
    officer = login(Role.OFFICER)
    page = officer.get(address(desk, document_id)).text
    assert "Giữa chức vụ và họ tên (tự động)" in page
    assert "picture.png" not in page
    assert address(desk, document_id) in officer.get(f"/documents/{document_id}").text
    answer = save(officer, desk, document_id, preset="bottom_left", page="2")
    assert (answer.status_code, answer.location) == (303, f"/documents/{document_id}")
    rows = session.execute(select(P.page, P.x, P.y, P.width, P.height)).all()
    session.rollback()
    assert rows == [(1, 42.5, 85, 150, 62)]
    assert save(officer, desk, document_id, preset="name").status_code == 303
    assert session.scalars(select(P.page)).all() == []


def test_a_signer_places_the_own_picture_and_comes_back_to_sign(desk: Desk, login: Login) -> None:
    document_id = desk.until("awaiting_signature")
    leader = login(Role.LEADER)
    assert "/documents/keys/mine/picture.png" in leader.get(address(desk, document_id)).text
    assert address(desk, document_id) in leader.get(f"/documents/{document_id}/sign").text
    answer = save(leader, desk, document_id, preset="exact", x="300.5", y="90", width="120", height="50")
    assert answer.location == f"/documents/{document_id}/sign"
    assert 'value="300.5"' in leader.get(address(desk, document_id)).text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"preset": "exact"}, "Hãy kéo chữ ký"),
        ({"preset": "exact", "x": "nan", "y": "1", "width": "50", "height": "50"}, "Hãy kéo chữ ký"),
        ({"preset": "exact", "x": "inf", "y": "1", "width": "50", "height": "50"}, "Hãy kéo chữ ký"),
        ({"preset": "exact", "x": "100", "y": "700", "width": "50", "height": "50"}, "đè lên"),
        ({"preset": "bottom_left", "page": "3"}, "chỉ có 2 trang"),
        ({"preset": "bottom_left", "page": "0"}, "Số phải từ"),
        ({"preset": "elsewhere"}, "Hãy chọn một trong các mục"),
        ({"preset": ""}, "Hãy chọn chỗ đặt chữ ký"),
    ],
)
def test_a_place_that_cannot_be_is_said_beside_the_field(
    desk: Desk, login: Login, session: Session, values: dict[str, str], words: str
) -> None:
    document_id = desk.upload()
    answer = save(login(Role.OFFICER), desk, document_id, **values)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(P.page)).all() == []


def test_who_may_not_place_is_sent_to_the_document(desk: Desk, login: Login) -> None:
    document_id = desk.upload()
    assert login(Role.CLERK).get(address(desk, document_id)).location == f"/documents/{document_id}"
    assert login(Role.OFFICER).get(f"/documents/{document_id}/places/{document_id}").status_code == 404
    published = desk.until("published")
    assert login(Role.LEADER).get(address(desk, published)).location == f"/documents/{published}"
