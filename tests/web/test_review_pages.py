"""Looking over visits on the page: many at once, back with field and reason, and on to the head's form."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family, visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus, Totals, VisitOutcome, VisitStatus
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.database import unit_of_work
from webapp.models.surveys import SurveyRound, Visit
from webapp.services.households import RegisterHousehold, register_household
from webapp.services.review import ReturnVisits, return_visits
from webapp.services.submit_visit import SubmitVisit, submit_visit

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def staff(login: Login) -> FlaskClient:
    return login(Role.STATISTICIAN)


@pytest.fixture
def send(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Callable[[SubmitVisit], UUID]:
    def run(command: SubmitVisit) -> UUID:
        with unit_of_work(sessions, world.ward_id) as own:
            submit_visit(own, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
        return command.visit_id

    return run


@pytest.fixture
def visits(send: Callable[[SubmitVisit], UUID], world: World) -> list[UUID]:
    """Three visits of group 1; the last one had something confirmed."""
    first, second, third = world.households[world.group_ids[0]]
    confirmed = [{"code": "smartphone_gone", "params": {"before": 2, "now": 1}}]
    return [
        send(visit_of(world, first)),
        send(visit_of(world, second)),
        send(visit_of(world, third, confirmed=confirmed)),
    ]


def _url(world: World) -> str:
    return f"/surveys/rounds/{world.round_id}/review/{world.group_ids[0]}"


def _statuses(session: Session, visits: list[UUID]) -> list[VisitStatus]:
    with session.begin():
        found = {row.id: row.status for row in session.execute(select(Visit.id, Visit.status))}
    return [found[visit] for visit in visits]


def test_the_reviewer_reads_what_was_asked_again(staff: FlaskClient, world: World, visits: list[UUID]) -> None:
    words = "Đợt trước 2 người lớn có điện thoại thông minh, lần này 1, đúng không?"
    page = staff.get(_url(world))
    assert page.text.count(words) == 1
    assert words in staff.get(f"/surveys/visits/{visits[2]}").text


def test_the_ticked_the_page_or_all_without_questions_are_approved(
    staff: FlaskClient, world: World, session: Session, visits: list[UUID]
) -> None:
    approved, submitted = VisitStatus.APPROVED, VisitStatus.SUBMITTED
    page = staff.get(_url(world))
    assert "Duyệt mọi phiếu không phải hỏi lại (2)" in page.text
    boxes = re.findall(r'name="visit" value="([^"]+)"', page.text)
    assert staff.post(_url(world), data={"action": "chosen", "visit": boxes[0]}).status_code == 303
    assert _statuses(session, visits) == [approved, submitted, submitted]
    assert staff.post(_url(world), data={"action": "all"}).status_code == 303
    assert _statuses(session, visits) == [approved, approved, submitted]
    hidden = re.findall(r'name="page" value="([^"]+)"', staff.get(_url(world)).text)
    assert staff.post(_url(world), data={"action": "page", "page": hidden}).status_code == 303
    assert _statuses(session, visits) == [approved] * 3


def test_nothing_ticked_is_said_and_nothing_is_done(
    staff: FlaskClient, world: World, session: Session, visits: list[UUID]
) -> None:
    for path, words in (("", "Chọn ít nhất một phiếu để duyệt."), ("/return", "Chọn ít nhất một phiếu để trả lại.")):
        answer = staff.post(_url(world) + path, data={})
        assert answer.status_code == 422
        assert words in answer.text
    assert staff.post(_url(world), data={"visit": "x.1"}).status_code == 400
    assert set(_statuses(session, visits)) == {VisitStatus.SUBMITTED}


def test_a_corrected_visit_is_not_approved_from_an_old_page(
    staff: FlaskClient, world: World, session: Session, visits: list[UUID]
) -> None:
    session.execute(update(Visit).where(Visit.id == visits[0]).values(revision=2))
    session.commit()
    answer = staff.post(_url(world), data={"visit": f"{visits[0]}.1"})
    assert answer.status_code == 409
    assert "vừa được sửa" in answer.text


def test_several_go_back_with_one_reason_asked_on_a_page(
    staff: FlaskClient, world: World, session: Session, visits: list[UUID]
) -> None:
    chosen = [f"{visit}.1" for visit in visits[:2]]
    asked = staff.post(f"{_url(world)}/return", data={"visit": chosen})
    assert asked.status_code == 200
    assert "2 phiếu thôi được tính" in asked.text
    hidden = re.findall(r'name="visit" value="([^"]+)"', asked.text)
    empty = staff.post(f"{_url(world)}/return", data={"visit": hidden, "confirmed": "yes", "reason": " "})
    assert empty.status_code == 422
    data = {"visit": hidden, "confirmed": "yes", "reason": "Hỏi lại", "field": "fibre"}
    assert staff.post(f"{_url(world)}/return", data=data).status_code == 303
    back, waiting = VisitStatus.NEEDS_CORRECTION, VisitStatus.SUBMITTED
    assert _statuses(session, visits) == [back, back, waiting]


def test_more_than_a_page_of_visits_is_paged(
    staff: FlaskClient,
    world: World,
    sessions: sessionmaker[Session],
    cipher: AesGcmCipher,
    clock: FixedClock,
) -> None:
    group = world.group_ids[0]
    with unit_of_work(sessions, world.ward_id) as own:
        for n in range(52):
            command = RegisterHousehold(group_id=group, head_name=f"Hộ {n}", address="1 Lê Lợi")
            actor = world.actor(Role.GROUP_HEAD)
            household = register_household(own, command, actor=actor, cipher=cipher, clock=clock)
            submit_visit(own, visit_of(world, household), actor=actor, clock=clock)
    assert "Trang 1 trong 2" in staff.get(_url(world)).text
    second = staff.get(f"{_url(world)}?page=2").text
    assert second.count('name="visit"') == 2


def _return(sessions: sessionmaker[Session], world: World, clock: FixedClock, visit: UUID, field: str) -> None:
    with unit_of_work(sessions, world.ward_id) as own:
        command = ReturnVisits(visit_ids=[visit], reason="Hỏi lại giúp", field=field)
        return_visits(own, command, actor=world.actor(Role.STATISTICIAN), clock=clock)


@pytest.mark.parametrize(
    ("field", "anchor", "words"),
    [
        ("smartphone", "adults-0-smartphone-0", "Điện thoại thông minh"),
        ("fibre", "fibre_connected-0", "Cáp quang"),
        ("visited_on", "visited_on", "Ngày đến nhà"),
        ("minors", "minors_0_5-count", "Trẻ em"),
        ("note", "note", "Ghi chú"),
    ],
)
def test_a_returned_visit_stands_on_the_heads_home_page_and_opens_at_its_field(
    login: Login,
    world: World,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    visits: list[UUID],
    field: str,
    anchor: str,
    words: str,
) -> None:
    _return(sessions, world, clock, visits[0], field)
    head = login(Role.GROUP_HEAD)
    home = head.get("/")
    for told in ("Nguyễn Thị Ánh", "Hỏi lại giúp", words, "Sửa phiếu hộ số 1"):
        assert told in home.text
    (link,) = re.findall(r'href="([^"]+/correct[^"]*)"', home.text)
    assert link.endswith(f"#{anchor}")
    form = head.get(link.partition("#")[0])
    assert form.status_code == 200
    assert f'href="#{anchor}"' in form.text
    assert f'id="{anchor}"' in form.text


def test_a_returned_visit_of_totals_or_of_nobody_at_home_opens_too(
    login: Login,
    world: World,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    send: Callable[[SubmitVisit], UUID],
) -> None:
    first, second, _third = world.households[world.group_ids[0]]
    totals = family(adults=(), minors=(), totals=Totals(residents=4, adults=2, smartphone_adults=1))
    by_totals = send(visit_of(world, first, answers=totals))
    absent = send(visit_of(world, second, answers=None, outcome=VisitOutcome.ABSENT))
    head = login(Role.GROUP_HEAD)
    _return(sessions, world, clock, by_totals, "smartphone")
    _return(sessions, world, clock, absent, "outcome")
    assert 'id="totals-smartphone_adults"' in head.get(f"/surveys/visits/{by_totals}/correct").text
    assert 'id="outcome-0"' in head.get(f"/surveys/visits/{absent}/correct").text


def test_what_cannot_be_mended_now_is_not_on_the_home_page(
    login: Login, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session, visits: list[UUID]
) -> None:
    _return(sessions, world, clock, visits[0], "")
    assert "Sửa phiếu hộ số" not in login(Role.STATISTICIAN).get("/").text
    session.execute(update(SurveyRound).values(status=RoundStatus.CLOSED))
    session.commit()
    assert "Sửa phiếu hộ số" not in login(Role.GROUP_HEAD).get("/").text
