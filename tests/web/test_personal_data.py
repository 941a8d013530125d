"""Pages about personal data: the register of requests, legal bases, deletion, and what the public reads."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.world import World
from webapp.core.access import Role

Login = Callable[[Role], FlaskClient]


def _record(client: FlaskClient, world: World, **changes: str) -> str:
    form = {
        "kind": "delete",
        "received_on": "2026-11-20",
        "requester": "Bà Lê Thị Sáu",
        "contact": "0900 000 000",
        "content": "Xin xóa tên tôi",
        "group_id": str(world.group_ids[0]),
        "household_number": "1",
    }
    answer = client.post("/registers/requests/new", data=form | changes)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_a_request_goes_from_the_form_to_its_decision(login: Login, world: World) -> None:
    client = login(Role.STATISTICIAN)
    assert "Chưa có yêu cầu nào" in client.get("/registers/requests").text
    place = _record(client, world, kind="correct")
    assert "yêu cầu về dữ liệu cá nhân" in client.get("/").text
    page = client.get(place).text
    assert "Bà Lê Thị Sáu" in page
    assert "Chờ phản hồi" in page
    client.post(f"{place}/answer")
    wrong = client.post(f"{place}/extend", data={"reason": ""})
    assert (wrong.status_code, "Hãy ghi lý do gia hạn" in wrong.text) == (422, True)
    client.post(f"{place}/extend", data={"reason": "Chờ xác minh"})
    wrong = client.post(f"{place}/decide", data={"decision": "", "status": "done"})
    assert (wrong.status_code, "Hãy ghi kết quả" in wrong.text) == (422, True)
    client.post(f"{place}/decide", data={"decision": "Đã sửa xong", "status": "done"})
    page = client.get(place).text
    assert "Đã sửa xong" in page
    assert "Đã thực hiện" in page
    assert "Sáu" not in client.get("/registers/requests").text


def test_a_wrong_form_keeps_what_was_typed(login: Login, world: World) -> None:
    client = login(Role.CLERK)
    data = {"kind": "view", "received_on": "2030-01-01", "requester": "Ông Tám", "household_number": "x"}
    answer = client.post("/registers/requests/new", data=data)
    assert answer.status_code == 422
    assert "Ông Tám" in answer.text
    assert "Hãy nhập một số nguyên" in answer.text


def test_deletion_asks_for_the_password_tells_what_happens_and_is_final(
    login: Login, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login(Role.STATISTICIAN)
    place = _record(client, world)
    household = f"/surveys/households/{world.households[world.group_ids[0]][0]}"
    assert client.get(household).status_code == 200
    with monkeypatch.context() as late:
        late.setattr("webapp.web.registers.requests.step_up_needed", lambda: True)
        assert client.post(f"{place}/erase").location.startswith("/account/confirm")
    page = client.get(f"{place}/erase").text
    assert "Không ai lấy lại được" in page
    assert client.post(f"{place}/erase").status_code == 303
    assert "(đã xóa)" in client.get(household).text
    assert "Đã xóa vĩnh viễn" in client.get(place).text
    assert client.post(f"{place}/erase").status_code == 409


def test_the_basis_of_each_kind_is_shown_confirmed_and_public(login: Login, world: World, client: FlaskClient) -> None:
    clerk = login(Role.CLERK)
    assert "Chưa xác nhận" in clerk.get("/registers/personal-data").text
    assert clerk.get("/registers/personal-data/nothing").status_code == 404
    assert clerk.post("/registers/personal-data/address", data={"basis": ""}).status_code == 422
    clerk.post("/registers/personal-data/address", data={"basis": "Điều 5 Luật Cư trú"})
    assert "Đã xác nhận" in clerk.get("/registers/personal-data").text
    page = client.get("/cong-khai/du-lieu-ca-nhan").text
    assert "Điều 5 Luật Cư trú" in page
    assert "Phường ghi vào sổ và phản hồi trong 2 ngày làm việc" in page
    assert "/cong-khai/du-lieu-ca-nhan" in client.get("/cong-khai").text


def test_others_neither_see_nor_handle_requests(login: Login, world: World) -> None:
    _record(login(Role.CLERK), world)
    assert login(Role.GROUP_HEAD).get("/registers/requests").status_code == 403
    assert login(Role.AUDITOR).get("/registers/requests").status_code == 200
    assert login(Role.AUDITOR).post("/registers/requests/new").status_code == 403
