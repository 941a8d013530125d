"""The administrator's pages of webhooks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.outward import Outward
from webapp.core.webhooks import DeliveryStatus, Posted
from webapp.models.webhooks import WebhookDelivery
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
URL = "https://vi-du.vn/nhan"


class Post:
    """Implements core.webhooks.WebhookSender."""

    def refusal(self, url: str) -> str | None:
        return "Địa chỉ này ở mạng nội bộ" if "noi-bo" in url else None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        return Posted(status=200)


@pytest.fixture
def wiring(wiring: Wiring) -> Wiring:
    return replace(wiring, outward=Outward(webhooks=Post()))


def added(admin: FlaskClient) -> str:
    """Add an address and give the path of its page."""
    page = admin.post("/admin/webhooks/new", data={"url": f" {URL} ", "events": ["document.signed"]}).text
    return "/admin/webhooks/" + page.split('action="/admin/webhooks/')[1].split("/")[0]


def test_the_secret_is_shown_once(login: Login) -> None:
    admin = login(Role.ADMIN)
    page = admin.post("/admin/webhooks/new", data={"url": URL, "events": ["document.signed"]}).text
    assert "Hãy chép khóa bí mật ngay" in page
    assert "whsec_" in page
    shown = admin.get("/admin/webhooks").text
    assert URL in shown
    assert "whsec_" not in shown + admin.get(added(admin)).text


def test_an_address_is_switched_off_and_on_and_told_of_other_things(login: Login) -> None:
    admin = login(Role.ADMIN)
    path = added(admin)
    assert "Đã tắt" in admin.post(f"{path}/off", follow_redirects=True).text
    assert admin.post(f"{path}/test").status_code == 409
    assert "Đã bật" in admin.post(f"{path}/on", follow_redirects=True).text
    data = {"events": ["incoming.done"]}
    assert "Đã lưu" in admin.post(f"{path}/events", data=data, follow_redirects=True).text
    boxes = re.findall(r"<input[^>]*name=\"events\"[^>]*>", admin.get(path).text)
    assert [box for box in boxes if "checked" in box] == [box for box in boxes if "incoming.done" in box]
    refused = admin.post(f"{path}/events", data={})
    assert (refused.status_code, "Hãy chọn ít nhất một việc" in refused.text) == (422, True)


def test_a_test_and_a_repetition_stand_in_the_log(login: Login, session: Session) -> None:
    admin = login(Role.ADMIN)
    path = added(admin)
    assert "Đang gửi tin thử" in admin.post(f"{path}/test", follow_redirects=True).text
    session.execute(update(WebhookDelivery).values(status=DeliveryStatus.FAILED, next_try_at=None, tries=7))
    session.commit()
    page = admin.get(path).text
    assert "Không gửi được" in page
    assert "Đã gửi nhiều lần mà nơi nhận không nhận" in page
    assert "phần mềm không nhận được tin" in admin.get("/").text
    again = page.split('action="/admin/webhooks/deliveries/')[1].split("/resend")[0]
    told = admin.post(f"/admin/webhooks/deliveries/{again}/resend", follow_redirects=True).text
    assert "Đang gửi lại" in told
    assert "Chờ gửi" in told
    assert "phần mềm không nhận được tin" not in admin.get("/").text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"url": "https://noi-bo/", "events": ["document.signed"]}, "mạng nội bộ"),
        ({"url": "abc", "events": ["document.signed"]}, "Địa chỉ chưa đúng"),
        ({"url": URL}, "Hãy chọn ít nhất một việc"),
        ({"url": URL, "events": ["webhook.test"]}, "Hãy"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(login: Login, data: dict[str, object], said: str) -> None:
    answer = login(Role.ADMIN).post("/admin/webhooks/new", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{data["url"]}"' in answer.text


def test_nobody_but_the_administrator_sees_them(login: Login) -> None:
    assert login(Role.CLERK).get("/admin/webhooks").status_code == 403
    assert "/admin/webhooks" in login(Role.ADMIN).get("/account").text
