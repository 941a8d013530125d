"""The page of the levels of signatures."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.world import World
from webapp.core.access import Role
from webapp.core.signature_levels import SignatureLevel
from webapp.queries.signature_levels import level_in_force
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
PATH = "/documents/levels"


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files)


def sent(**levels: str) -> dict[str, str]:
    """A form as the browser sends it: each type's level, and what the page showed."""
    wanted = {"KH": "b-t", "CV": "b-t", "BC": "b-t", **levels}
    shown = {f"shown-{code}": "b-t" for code in wanted}
    return {**shown, **{f"level-{code}": level for code, level in wanted.items()}}


def in_force(desk: Desk, code: str) -> SignatureLevel:
    with desk.reading() as session:
        return level_in_force(session, desk.world.ward_id, code)


def test_admin_and_clerk_choose_and_nobody_else(desk: Desk, login: Login) -> None:
    for role in (Role.ADMIN, Role.CLERK):
        page = login(role).get(PATH).text
        assert "B-LTA: thêm dấu thời gian lưu trữ" in page
        assert "PHS_REVOCATION_FETCH" in page
    for role in (Role.OFFICER, Role.LEADER, Role.AUDITOR, Role.STATISTICIAN):
        assert login(role).get(PATH).status_code == 403
        assert login(role).post(PATH, data=sent(KH="b-lt")).status_code == 403
    assert in_force(desk, "KH") is SignatureLevel.B_T


def test_a_change_is_kept_and_shown_with_who_made_it(desk: Desk, login: Login) -> None:
    client = login(Role.ADMIN)
    page = client.post(PATH, data=sent(KH="b-lta", BC="b-lt"), follow_redirects=True).text
    assert "Đã đổi mức của 2 loại văn bản." in page
    assert "đổi lúc" in page
    assert in_force(desk, "KH") is SignatureLevel.B_LTA
    assert in_force(desk, "CV") is SignatureLevel.B_T


def test_a_page_that_is_too_old_or_bent_changes_nothing(desk: Desk, login: Login) -> None:
    client = login(Role.ADMIN)
    client.post(PATH, data=sent(KH="b-lta"))
    old = client.post(PATH, data=sent(KH="b-lt"))
    assert old.status_code == 409
    assert client.post(PATH, data=sent(KH="b-xx")).status_code == 422
    nothing = client.post(PATH, data={**sent(KH="b-lta"), "shown-KH": "?"})
    assert nothing.status_code == 422
    assert "Chưa có mức nào thay đổi." in nothing.text
    assert in_force(desk, "KH") is SignatureLevel.B_LTA
