"""The page about the use of digital signatures."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.world import World
from webapp.core.access import Role
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files)


def test_the_page_counts_this_year_and_offers_other_periods(desk: Desk, login: Login) -> None:
    desk.until("published")
    page = login(Role.LEADER).get("/reports/usage").text
    assert "1 trong 1 văn bản đã ban hành" in page
    assert "1 trong 2 người có quyền ký" in page
    assert "Tháng 11/2026" in page
    assert "Năm trước" in page


def test_an_empty_period_says_so(desk: Desk, login: Login) -> None:
    desk.until("published")
    page = login(Role.AUDITOR).get("/reports/usage?tu=2024-01-01&den=2024-12-31").text
    assert "Chưa có chữ ký nào" in page


@pytest.mark.parametrize("query", ["tu=x&den=y", "tu=2026-12-31&den=2026-01-01", "tu=0001-01-01", "den=9999-12-31"])
def test_odd_periods_are_answered(desk: Desk, login: Login, query: str) -> None:
    assert login(Role.LEADER).get(f"/reports/usage?{query}").status_code == 200


def test_the_csv_names_people(desk: Desk, login: Login) -> None:
    desk.until("signed")
    answer = login(Role.LEADER).get("/reports/usage.csv")
    text = answer.data.decode("utf-8-sig")
    assert "Người leader,Chủ tịch,1,1," in text
