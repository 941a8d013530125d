"""The first page after log-in."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from tests.world import World
from webapp.core.access import Role
from webapp.models.database import unit_of_work
from webapp.services.facts import rebuild_facts

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def facts(sessions: sessionmaker[Session], world: World) -> World:
    with unit_of_work(sessions, world.ward_id) as session:
        rebuild_facts(session, world.ward_id)
    return world


def test_a_head_sees_what_is_left_in_the_own_group(facts: World, login: Login) -> None:
    page = login(Role.GROUP_HEAD).get("/").text
    assert "Đã khảo sát 0 trong 3 hộ." in page
    assert "hộ chưa khảo sát trong đợt này" in page
    assert "Các tổ còn chậm nhất" not in page


def test_a_statistician_sees_the_groups_that_are_behind(facts: World, login: Login) -> None:
    page = login(Role.STATISTICIAN).get("/").text
    assert "Đã khảo sát 0 trong 6 hộ." in page
    assert "Các tổ còn chậm nhất" in page
    assert "Tổ dân phố 2" in page


def test_the_administrator_sees_groups_without_a_head(facts: World, login: Login) -> None:
    page = login(Role.ADMIN).get("/").text
    assert "tổ chưa có tài khoản tổ trưởng" in page
    assert "Đã khảo sát" not in page


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PUBLIC}))
def test_every_role_gets_its_page_with_few_statements(facts: World, login: Login, engine: Engine, role: Role) -> None:
    client = login(role)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: said.append(arguments[2]))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Việc hôm nay" in answer.text
    assert len([line for line in said if line.startswith("SELECT")]) <= 12


def test_the_language_is_kept_and_leads_back_inside_only(client: FlaskClient, world: World) -> None:
    answer = client.post("/language", data={"language": "en", "next": "/login?next=/account"})
    assert answer.headers["Location"] == "/login?next=/account"
    assert '<html lang="en">' in client.get("/login").text
    assert client.post("/language", data={"language": "xx", "next": "//evil"}).headers["Location"] == "/"
