"""The pages of what waits, and of one's own letters."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import SigningCapacity
from webapp.core.incoming import IncomingMedium, IncomingStatus
from webapp.core.outward import Outward
from webapp.core.reminders import Letter, MailTrouble
from webapp.models.incoming import IncomingDocument
from webapp.models.reminders import Reminder
from webapp.models.workflow import SigningDelegation
from webapp.services.reminders import make_code
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


class Mail:
    """Implements core.reminders.Mailer."""

    def send(self, letter: Letter) -> None:
        raise NotImplementedError


@pytest.fixture
def wiring(wiring: Wiring) -> Wiring:
    return replace(wiring, outward=Outward(mail=Mail()))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files)


def give(session: Session, world: World, title: str, deadline: dt.date | None) -> None:
    """Hand the officer an incoming document."""
    session.add(
        IncomingDocument(
            ward_id=world.ward_id,
            status=IncomingStatus.REGISTERED,
            medium=IncomingMedium.PAPER,
            year=2026,
            number=sum(title.encode()),
            arrived_on=dt.date(2026, 11, 20),
            sender="Sở Tài chính",
            notation="",
            type_name="",
            abstract=title,
            note="",
            search_text="",
            file_name="",
            file_size=0,
            verdict="",
            report={},
            decision="",
            received_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
            received_by=world.accounts[Role.CLERK],
            handler_id=world.accounts[Role.OFFICER],
            deadline_on=deadline,
            instruction="",
            outcome="",
        )
    )


def delegate(session: Session, world: World, ends_on: dt.date, delegate: Role = Role.OFFICER) -> None:
    session.add(
        SigningDelegation(
            ward_id=world.ward_id,
            delegate_id=world.accounts[delegate],
            principal_id=world.accounts[Role.LEADER],
            principal_title="Chủ tịch",
            capacity=SigningCapacity.TL,
            type_codes=[],
            starts_on=dt.date(2026, 1, 1),
            ends_on=ends_on,
            basis="Quyết định số 5",
            made_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            made_by=world.accounts[Role.CLERK],
        )
    )


def test_what_waits_stands_on_the_first_page_and_one_by_one_the_pressing_first(
    login: Login, desk: Desk, world: World, clock: FixedClock, session: Session, engine: Engine
) -> None:
    today = clock.today()
    desk.upload(abstract="Dự thảo")
    give(session, world, "Quá hạn rồi", today - dt.timedelta(days=1))
    give(session, world, "Hạn ngày kia", today + dt.timedelta(days=2))
    give(session, world, "Còn lâu", today + dt.timedelta(days=30))
    give(session, world, "Không có hạn", None)
    delegate(session, world, today + dt.timedelta(days=14))
    delegate(session, world, today + dt.timedelta(days=15))
    delegate(session, world, today + dt.timedelta(days=3), Role.STATISTICIAN)
    session.commit()
    officer = login(Role.OFFICER)
    home = officer.get("/").text
    for count, words in (
        (1, "văn bản đến của bạn đã quá hạn"),
        (1, "văn bản đến của bạn đến hạn trong 3 ngày tới"),
        (2, "văn bản đến giao cho bạn"),
        (1, "giao ký hết hạn trong 14 ngày tới"),
        (1, "dự thảo của bạn chưa trình ký"),
    ):
        assert re.search(rf'todo__number">{count}</span><span>{words}', home), words
    assert 'href="/waiting"' in home
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: said.append(arguments[2]))
    page = officer.get("/waiting").text
    assert len([line for line in said if line.startswith("SELECT")]) <= 9
    titles = re.findall(r'class="table__link" href="[^"]+">([^<]+)<', page)
    assert [title.split(": ")[-1] for title in titles] == [
        "Quá hạn rồi",
        "Hạn ngày kia",
        "Quyết định số 5",
        "Còn lâu",
        "Không có hạn",
        "Dự thảo",
    ]
    assert "2 giao ký" not in login(Role.LEADER).get("/").text
    assert re.search(r'todo__number">2</span><span>giao ký', login(Role.CLERK).get("/").text)


def test_every_role_may_open_the_page_and_is_told_when_nothing_waits(world: World, login: Login) -> None:
    for role in sorted(set(Role) - {Role.PUBLIC}):
        assert "Không có việc nào đang chờ bạn" in login(role).get("/waiting").text


def test_an_address_is_asked_for_confirmed_switched_and_forgotten(
    login: Login, world: World, wiring: Wiring, session: Session
) -> None:
    leader, account_id = login(Role.LEADER), world.accounts[Role.LEADER]
    refused = leader.post("/reminders/address", data={"email": "sai"})
    assert (refused.status_code, 'value="sai"' in refused.text) == (422, True)
    page = leader.post("/reminders/address", data={"email": "a@vi-du.vn"}, follow_redirects=True).text
    assert "Chờ xác nhận" in page
    made = make_code(session, world.ward_id, account_id, clock=wiring.clock, cipher=wiring.cipher)
    assert made is not None
    session.commit()
    wrong = leader.post("/reminders/confirm", data={"code": "x"}, follow_redirects=True).text
    assert "Mã chưa đúng" in wrong
    session.expire_all()
    assert session.get_one(Reminder, (world.ward_id, account_id)).code_tries == 1
    session.commit()
    assert "Đang gửi thư" in leader.post("/reminders/confirm", data={"code": made[1]}, follow_redirects=True).text
    assert "a@vi-du.vn" in leader.get("/account").text
    assert "Đang tắt" in leader.post("/reminders/off", follow_redirects=True).text
    assert "Đang gửi thư" in leader.post("/reminders/on", follow_redirects=True).text
    assert "Nhận thư ở đâu" in leader.post("/reminders/forget", follow_redirects=True).text
    assert leader.post("/reminders/on").status_code == 404


def test_the_administrator_sets_an_address_and_sees_what_did_not_go_out(
    login: Login, world: World, session: Session
) -> None:
    admin, path = login(Role.ADMIN), f"/admin/accounts/{world.accounts[Role.OFFICER]}"
    refused = admin.post(f"{path}/email", data={"email": "sai"})
    assert (refused.status_code, 'value="sai"' in refused.text) == (422, True)
    saved = admin.post(f"{path}/email", data={"email": "b@vi-du.vn"}, follow_redirects=True).text
    assert "Người này chưa bật" in saved
    officer = login(Role.OFFICER)
    assert "Đang gửi thư" in officer.post("/reminders/on", follow_redirects=True).text
    session.execute(update(Reminder).values(trouble=MailTrouble.ADDRESS))
    session.commit()
    assert "địa chỉ bị từ chối" in admin.get(path).text
    assert "người không nhận được thư nhắc việc" in admin.get("/").text
    assert "Quản trị đã được báo" in officer.get("/reminders").text
    admin.post(f"{path}/email", data={"email": ""})
    assert officer.post("/reminders/on").status_code == 404


def test_without_a_mail_server_the_page_says_so(login: Login, wiring: Wiring, app: object) -> None:
    object.__setattr__(wiring, "outward", Outward())
    page = login(Role.OFFICER).get("/reminders").text
    assert "chưa nối với máy chủ thư" in page
    assert "/reminders/address" not in page
