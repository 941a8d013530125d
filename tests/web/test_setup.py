"""The first-run set-up in the browser."""

import io
import re

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from seeds.reference import load_reference
from tests.world import World
from webapp.models.places import ResidentialGroup, Ward
from webapp.services.setup import renew_setup_code

FORM = {
    "code": "21172",
    "name": "Trương Quang Trọng",
    "province_code": "51",
    "province_name": "tỉnh Quảng Ngãi",
    "valid_from": "2025-07-01",
    "groups": "01;Tổ dân phố 1;850\nTổ dân phố 2",
    "admin_name": "Nguyễn Thị Ánh",
    "admin_username": "AnhNT",
}
PASSWORD = "thuyền giấy qua cầu"


@pytest.fixture
def code(sessions: sessionmaker[Session]) -> str:
    with sessions.begin() as session:
        load_reference(session)
        made = renew_setup_code(session)
    assert made is not None
    return made


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input id="(\w+)" name="\w+" type="hidden" value="([^"]*)"', page)
    return {name: value.replace("&#34;", '"') for name, value in found}


def count(sessions: sessionmaker[Session], table: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_ward_is_checked_then_made_and_the_page_is_gone(
    client: FlaskClient, sessions: sessionmaker[Session], code: str
) -> None:
    assert client.get("/").headers["Location"] == "/setup"
    assert client.get("/login").headers["Location"] == "/setup"
    check = client.post("/setup", data=FORM | {"setup_code": code})
    assert check.status_code == 200
    assert "Ủy ban nhân dân phường Trương Quang Trọng" in check.text
    assert count(sessions, Ward) == 0, "the check page stores nothing"
    fields = hidden_fields(check.text)
    refused = client.post("/setup/create", data=fields | {"admin_password": "12345678", "again": "12345678"})
    assert refused.status_code == 422
    assert count(sessions, Ward) == 0
    made = client.post("/setup/create", data=fields | {"admin_password": PASSWORD, "again": PASSWORD})
    assert (made.status_code, made.headers["Location"]) == (303, "/login")
    assert count(sessions, ResidentialGroup) == 2
    for again in (client.get("/setup"), client.post("/setup", data=FORM), client.post("/setup/create", data=fields)):
        assert again.status_code == 404
    assert client.get("/").headers["Location"] == "/login"
    entered = client.post("/login", data={"username": "anhnt", "password": PASSWORD})
    assert entered.status_code == 303
    home = client.get("/")
    assert "Cần bật xác thực hai lớp" in home.text
    assert client.get("/admin/accounts").headers["Location"] == "/account/second-factor"


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA-AAAA"])
def test_without_the_printed_code_nothing_is_made(
    client: FlaskClient, sessions: sessionmaker[Session], code: str, typed: str
) -> None:
    assert client.post("/setup", data=FORM | {"setup_code": typed}).status_code == 422
    fields = FORM | {"setup_code": typed, "admin_password": PASSWORD, "again": PASSWORD}
    assert client.post("/setup/create", data=fields).status_code == 422
    assert count(sessions, Ward) == 0


def test_groups_come_from_a_workbook_too(client: FlaskClient, code: str) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["DANH SÁCH TỔ DÂN PHỐ"],
        ["Mã", "Tên tổ", "Số dân"],
        [1, "Tổ Ngọc Thạch", 912],
        [2, "Tổ Liên Hiệp", ""],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    check = client.post("/setup", data=FORM | {"groups": "", "setup_code": code, "file": (content, "to.xlsx")})
    assert check.status_code == 200
    assert hidden_fields(check.text)["groups"].splitlines() == ["1;Tổ Ngọc Thạch;912", "2;Tổ Liên Hiệp"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"code": "2117"}, "đúng 5 chữ số"),
        ({"valid_from": "hôm qua"}, "Ngày chưa đúng"),
        ({"groups": "01;Tổ 1\n01;Tổ 2"}, "Dòng 2"),
        ({"admin_username": "Ánh"}, "Tên đăng nhập dài từ 3"),
    ],
)
def test_mistakes_are_said_and_what_was_typed_stays(
    client: FlaskClient, code: str, wrong: dict[str, str], says: str
) -> None:
    answer = client.post("/setup", data=FORM | wrong | {"setup_code": code})
    assert answer.status_code == 422
    assert says in answer.text
    assert "Nguyễn Thị Ánh" in answer.text


def test_a_ward_that_is_there_closes_the_page(client: FlaskClient, world: World) -> None:
    assert client.get("/setup").status_code == 404
    assert client.post("/setup/create", data={}).status_code == 404
