"""The page of the signature ledger, and the checkpoint that people take away."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.checkpoints import check_checkpoint, read_checkpoint
from webapp.core.events import AuditTag
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.signing import SignatureLedger
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]
PATH = "/registers/signatures"


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    desk = make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)
    desk.enrol_all()
    return desk


def work(sessions: sessionmaker[Session], wiring: Wiring) -> None:
    ports = Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher, signing=wiring.signing)
    worker = Worker(sessions, ports, standard_registry())
    while worker.run_once():
        pass


def test_clerk_leader_auditor_and_admin_read_it_and_nobody_else(desk: Desk, login: Login) -> None:
    desk.until("published")
    for role in (Role.CLERK, Role.LEADER, Role.AUDITOR, Role.ADMIN):
        page = login(role).get(PATH).text
        assert "01/KH-UBND" in page
        assert "Chưa có kết quả đối chiếu" in page
    for role in (Role.OFFICER, Role.STATISTICIAN, Role.GROUP_HEAD):
        assert login(role).get(PATH).status_code == 403
        assert login(role).post(f"{PATH}/checkpoint").status_code == 403


def test_a_comparison_asked_for_shows_its_outcome(
    desk: Desk, login: Login, sessions: sessionmaker[Session], wiring: Wiring
) -> None:
    desk.until("published")
    client = login(Role.AUDITOR)
    assert "Đang đối chiếu" in client.post(f"{PATH}/check", follow_redirects=True).text
    work(sessions, wiring)
    page = client.get(PATH).text
    assert "Sổ và tệp khớp nhau" in page
    assert "2 dòng sổ khớp với 2 chữ ký" in page


def test_what_does_not_fit_stands_on_the_page_and_on_the_home_pages_of_auditor_and_admin(
    desk: Desk, login: Login, sessions: sessionmaker[Session], wiring: Wiring, session: Session
) -> None:
    desk.until("published")
    session.execute(delete(SignatureLedger).where(SignatureLedger.sequence == 2))
    session.commit()
    login(Role.AUDITOR).post(f"{PATH}/check")
    work(sessions, wiring)
    page = login(Role.CLERK).get(PATH).text
    assert "Sổ và tệp không khớp" in page
    assert "Tệp có chữ ký mà sổ không ghi" in page
    for role in (Role.AUDITOR, Role.ADMIN):
        assert "chỗ sổ chữ ký số và tệp không khớp" in login(role).get("/").text
    assert "chỗ sổ chữ ký số và tệp không khớp" not in login(Role.OFFICER).get("/").text


@pytest.mark.parametrize("brief", ["", "1"])
def test_the_checkpoint_is_whole_and_taking_it_is_written_down(
    desk: Desk, login: Login, session: Session, brief: str
) -> None:
    desk.until("published")
    answer = login(Role.LEADER).post(f"{PATH}/checkpoint", data={"brief": brief})
    assert "attachment" in answer.headers["Content-Disposition"]
    checkpoint = read_checkpoint(answer.data)
    assert check_checkpoint(checkpoint) == []
    assert (checkpoint.last_sequence, checkpoint.rows is None) == (2, brief == "1")
    assert "Người leader" not in json.loads(answer.data.decode()).__repr__()
    tags = session.scalars(select(AuditEvent.tag)).all()
    assert AuditTag.LEDGER_EXPORT.value in tags


def test_old_rows_are_a_page_away(desk: Desk, login: Login) -> None:
    desk.until("published")
    page = login(Role.AUDITOR).get(f"{PATH}?before=2").text
    assert page.count("01/KH-UBND") == 1
    assert login(Role.AUDITOR).get(f"{PATH}?before=x").status_code == 200
