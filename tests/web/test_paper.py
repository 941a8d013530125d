"""The tools' page, paper forms and lists of a group, on the page and as files."""

import re
import time
from collections.abc import Callable

import pypdfium2 as pdfium
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.press import TypstPress
from webapp.services.household_rows import NewHousehold, household_rows, insert_households

Login = Callable[[Role], FlaskClient]


def _texts(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


@pytest.fixture
def large_group(session: Session, world: World, cipher: AesGcmCipher, clock: FixedClock) -> World:
    """Group 1 with 200 households."""
    rows = [
        household_rows(
            world.ward_id,
            NewHousehold(
                household_id=new_id(),
                group_id=world.group_ids[0],
                number=number,
                head_name=f"Nguyễn Thị Ánh {number}",
                address=f"{number} Đường Lê Lợi",
                registered_on=clock.today(),
            ),
            cipher=cipher,
        )
        for number in range(4, 201)
    ]
    insert_households(session, rows)
    session.commit()
    return world


@pytest.mark.parametrize("role", [Role.GROUP_HEAD, Role.STATISTICIAN, Role.LEADER])
def test_the_tools_page_leads_to_pages_that_open(login: Login, world: World, role: Role) -> None:
    client = login(role)
    assert "/surveys/tools" in client.get("/surveys/").text
    page = client.get("/surveys/tools")
    assert page.status_code == 200
    links = re.findall(r'class="todo__link" href="([^"]+)"', page.text)
    assert {"/surveys/print/forms", "/surveys/print/list"} <= set(links)
    assert [link for link in links if client.get(link).status_code != 200] == []


def test_forms_carry_number_and_code_but_no_name(login: Login, world: World) -> None:
    page = login(Role.STATISTICIAN).get(f"/surveys/print/forms?group={world.group_ids[0]}&first=2&last=3").text
    assert re.findall(r"<b>(01-\d+)</b>", page) == ["01-2", "01-3"]
    assert "Trần Đình Ấn" not in page
    assert page.count("data:image/svg+xml") == 2


def test_blank_forms_need_no_group(login: Login, world: World) -> None:
    page = login(Role.STATISTICIAN).get("/surveys/print/forms?kind=totals&blank=2").text
    assert page.count('class="sheet-paper ') == 2
    assert "14. Người từ 15 tuổi có tài khoản thanh toán" in page


def test_a_head_prints_his_own_group_and_no_other(login: Login, world: World) -> None:
    client = login(Role.GROUP_HEAD)
    assert "Nguyễn Thị Ánh" in client.get("/surveys/print/list").text
    for address in ("forms", "forms.pdf", "list", "list.pdf"):
        assert client.get(f"/surveys/print/{address}?group={world.group_ids[1]}").status_code == 404
    assert client.get("/surveys/print/forms?kind=else").status_code == 404


@pytest.mark.parametrize("kind", ["lines", "totals"])
def test_two_hundred_forms_are_a_page_each_in_under_three_seconds(login: Login, large_group: World, kind: str) -> None:
    client = login(Role.STATISTICIAN)
    began = time.process_time()
    answer = client.get(f"/surveys/print/forms.pdf?kind={kind}&group={large_group.group_ids[0]}")
    assert time.process_time() - began < 3
    assert answer.mimetype == "application/pdf"
    pages = _texts(answer.data)
    assert len(pages) == 200
    assert "01-117" in pages[116]
    assert "Nguyễn Thị Ánh" not in pages[116]


def test_the_list_repeats_its_head_and_numbers_its_pages(login: Login, large_group: World) -> None:
    pages = _texts(login(Role.GROUP_HEAD).get("/surveys/print/list.pdf").data)
    assert len(pages) > 5
    for number, text in enumerate(pages, 1):
        assert "Chủ hộ" in text
        assert f"{number}/{len(pages)}" in text
    assert sum(text.count("Đường Lê Lợi") for text in pages) == 198


def test_the_same_values_press_the_same_bytes(clock: FixedClock) -> None:
    values = {
        "ward": "Phường Thử",
        "title": "Danh sách",
        "round": "",
        "footer": "",
        "words": {"page": "Trang"},
        "columns": [""] * 7,
        "rows": [{"number": "1", "name": "#[Đỗ] *Văn* $Ước$", "address": "“47” \\ <b>", "state": ""}],
    }
    first = TypstPress().press("group_list", values, moment=clock.now())
    assert first == TypstPress().press("group_list", values, moment=clock.now())
    assert "#[Đỗ] *Văn* $Ước$" in " ".join(_texts(first)[0].split())
