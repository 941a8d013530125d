"""The outgoing register: ten columns, whole numbers, print and CSV."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.models.documents import OutgoingRegister
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files)


def test_the_register_shows_its_rows_and_says_that_no_number_is_missing(desk: Desk, login: Login) -> None:
    desk.until("numbered", abstract="Một")
    desk.until("published", abstract="Hai")
    page = login(Role.CLERK).get("/registers/outgoing").text
    assert "01/KH-UBND" in page
    assert "Kế hoạch: Hai" in page
    assert "không thiếu số nào" in page


def test_a_number_without_its_row_is_shown_as_missing(desk: Desk, login: Login, session: Session) -> None:
    for _ in range(3):
        desk.until("numbered")
    session.execute(delete(OutgoingRegister).where(OutgoingRegister.number == 2))
    session.commit()
    assert "Thiếu số: 2." in login(Role.AUDITOR).get("/registers/outgoing").text


def test_another_year_and_nonsense_years_are_answered(desk: Desk, login: Login, clock: FixedClock) -> None:
    desk.until("numbered")
    client = login(Role.LEADER)
    assert "01/KH-UBND" in client.get("/registers/outgoing?year=2026").text
    assert "Chưa có văn bản đi" in client.get("/registers/outgoing?year=2025").text
    for year in ("x", "-5", "99999999999"):
        assert client.get(f"/registers/outgoing?year={year}").status_code == 200


def test_the_csv_has_ten_columns_and_no_formula(desk: Desk, login: Login) -> None:
    desk.until("numbered", abstract="Thử", recipients="=cmd|' /C calc'!A0")
    answer = login(Role.CLERK).get("/registers/outgoing.csv")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines[0].split(",")) == 10 or lines[0].count('"') > 0
    assert "'=cmd" in lines[1]
    assert "attachment" in answer.headers["Content-Disposition"]
