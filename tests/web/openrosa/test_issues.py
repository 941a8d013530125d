"""Forms that wait: seen, completed on the visit form, or discarded; and the code that connects a phone."""

import base64
import json
import zlib
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.openrosa.conftest import Collect
from tests.web.openrosa.forms import filled
from tests.web.test_extra_forms import _hidden
from tests.world import World
from webapp.core.access import Role
from webapp.core.odk_submissions import OdkStatus
from webapp.models.odk import OdkSubmission
from webapp.models.surveys import Visit, VisitRevision


@pytest.fixture
def staff(login: Callable[[Role], FlaskClient]) -> FlaskClient:
    return login(Role.STATISTICIAN)


def test_a_waiting_form_is_shown_completed_and_waits_no_more(
    collect: Collect, staff: FlaskClient, world: World, session: Session
) -> None:
    instance = uuid4()
    collect.send(filled(world, instance=instance, adults=[{"smartphone": ""}], note="Hỏi lại"))
    page = staff.get("/surveys/odk").text
    assert "12 Đường Lê Lợi" in page
    assert "adults.0.smartphone" in page
    assert "1 phiếu từ ODK cần xem lại" in staff.get("/surveys/forms").text
    form = staff.get(f"/surveys/odk/{instance}/complete").text
    assert ("Hỏi lại" in form, str(instance) in form) == (True, True)
    fields = {
        "visit_id": str(instance),
        "mode": "lines",
        "outcome": "interviewed",
        "visited_on": "2026-11-22",
        "adults-0-last": "",
        "adult_count": "1",
        "adults-0-sex": "female",
        "adults-0-age_band": "30-44",
        "adults-0-smartphone": "yes",
        "adults-0-digital_id": "yes",
        "adults-0-vneid_level": "2",
        "adults-0-digital_signature": "no",
        "adults-0-e_signature": "yes",
        "fibre_connected": "yes",
        "fibre_speed": "below_1g",
        "iot_connections": "2",
        "note": "Hỏi lại",
        "action": "check",
        **{f"minors_{band}-count": "0" for band in ("0_5", "6_13", "14", "15_17")},
    }
    household = world.households[world.group_ids[0]][0]
    check = staff.post(f"/surveys/rounds/{world.round_id}/households/{household}/visit", data=fields)
    sent = staff.post(f"/surveys/visits/{instance}/submit", data={"content": _hidden(check.text, "content")})
    assert sent.status_code == 303
    assert session.scalars(select(VisitRevision.source)).one() == "form"
    session.rollback()
    assert "Không có phiếu nào cần xem lại" in staff.get("/surveys/odk").text


def test_a_waiting_form_is_discarded_with_a_reason(
    collect: Collect, staff: FlaskClient, world: World, session: Session
) -> None:
    instance = uuid4()
    collect.send(filled(world, instance=instance, adults=[{"smartphone": ""}]))
    address = f"/surveys/odk/{instance}/discard"
    assert staff.get(address).status_code == 200
    assert staff.post(address, data={"reason": " "}).status_code == 422
    assert staff.post(address, data={"reason": "Gửi nhầm hộ"}).status_code == 303
    row = session.scalars(select(OdkSubmission)).one()
    assert (row.status, row.reason, row.answers) == (OdkStatus.DISCARDED, "Gửi nhầm hộ", {})
    session.rollback()
    assert staff.post(address, data={"reason": "lần nữa"}).status_code == 404
    assert collect.send(filled(world, deprecated=instance)).status_code == 409
    assert session.scalars(select(Visit)).all() == []


def test_heads_do_not_open_the_staff_pages(login: Callable[[Role], FlaskClient], world: World) -> None:
    head = login(Role.GROUP_HEAD)
    for address in ("/surveys/odk", f"/surveys/odk/{uuid4()}/complete", "/surveys/odk/login"):
        assert head.get(address).status_code == 403


def test_the_code_for_collect_opens_the_heads_forms(
    staff: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import segno

    packed: list[str] = []
    make = segno.make
    monkeypatch.setattr("segno.make", lambda text, **options: packed.append(text) or make(text, **options))
    assert staff.post("/surveys/odk/login", data={"account": ""}).status_code == 422
    page = staff.post("/surveys/odk/login", data={"account": str(world.accounts[Role.GROUP_HEAD])})
    assert (page.status_code, "data:image/svg+xml" in page.text, "https" in page.text) == (200, True, True)
    settings = json.loads(zlib.decompress(base64.b64decode(packed[0])))
    general = settings["general"]
    assert (general["server_url"], general["username"]) == ("http://localhost/openrosa", "group_head")
    assert settings["project"]["name"] == "phường Thử Nghiệm"
    collect = Collect(staff.application.test_client(), general["password"])
    assert collect.get("/formList").status_code == 200
    assert general["password"] not in page.text
