"""The quality page and back-checks, pressed through as people do."""

import datetime as dt
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import adult, family, visit_of
from tests.web.survey_pages import errors_on
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus
from webapp.gateways.cipher import AesGcmCipher
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.back_check import BackCheckVisit
from webapp.models.database import unit_of_work
from webapp.models.surveys import SurveyRound, VisitRevision
from webapp.services.back_check import _population
from webapp.services.submit_visit import submit_visit
from webapp.web.shared.wiring import Wiring

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def visits(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> list[UUID]:
    """Six interviews: everybody has two adults with a smartphone, fibre and two devices."""
    answers = family(adults=(adult(), adult()), minors=())
    commands = [visit_of(world, home, answers=answers) for homes in world.households.values() for home in homes]
    with unit_of_work(sessions, world.ward_id) as session:
        for command in commands:
            submit_visit(session, command, actor=world.actor(Role.STATISTICIAN), clock=clock)
        # written down by heads, so that office staff may ask again
        session.execute(update(VisitRevision).values(made_by=world.accounts[Role.GROUP_HEAD]))
    return [command.visit_id for command in commands]


def work(sessions: sessionmaker[Session], wiring: Wiring) -> None:
    ports = Ports(clock=wiring.clock, files=wiring.files, cipher=wiring.cipher, signing=wiring.signing)
    while Worker(sessions, ports, standard_registry()).run_once():
        pass


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.LEADER, Role.AUDITOR])
def test_the_page_is_computed_on_demand_and_its_numbers_lead_to_their_visits(
    login: Login, visits: list[UUID], world: World, sessions: sessionmaker[Session], wiring: Wiring, role: Role
) -> None:
    client = login(role)
    page = client.get("/quality/", follow_redirects=True)
    assert "Chưa tính lần nào" in page.text
    url = f"/quality/rounds/{world.round_id}"
    waiting = client.post(f"{url}/compute", follow_redirects=True)
    assert "data-live-again" in waiting.text
    work(sessions, wiring)
    page = client.get(url)
    assert "data-live-again" not in page.text
    assert "Tổ dân phố 1" in page.text
    assert "Người group_head" in page.text
    links = re.findall(r'<a href="(/quality/rounds/[^"]+/visits[^"]*)">([\d.]+)</a>', page.text)
    assert links
    for address, number in links:
        listed = client.get(address.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert listed.text.count('<th scope="row">') == int(number), address


def test_what_was_measured_stands_with_its_unit_and_the_round_shown_is_marked(
    login: Login, visits: list[UUID], world: World, sessions: sessionmaker[Session], wiring: Wiring, clock: FixedClock
) -> None:
    late = dt.datetime.combine(clock.today(), dt.time(16), dt.UTC)  # 23 hours in the ward
    with unit_of_work(sessions, world.ward_id) as session:
        times = {"started_at": late, "finished_at": late + dt.timedelta(seconds=20)}
        session.execute(update(VisitRevision).where(VisitRevision.visit_id == visits[0]).values(**times))
        days = {"starts_on": clock.today() - dt.timedelta(days=90), "ends_on": clock.today() - dt.timedelta(days=60)}
        session.add(SurveyRound(ward_id=world.ward_id, name="Đợt 0", status=RoundStatus.LOCKED, **days))
    url = f"/quality/rounds/{world.round_id}"
    client = login(Role.STATISTICIAN)
    client.post(f"{url}/compute")
    work(sessions, wiring)
    for check, words in (("fast", "20 giây"), ("odd_hour", "23 giờ")):
        assert words in client.get(f"{url}/visits?check={check}").text, check
    chosen = re.findall(r'<a class="tabs__link" href="([^"]+)" aria-current="page">', client.get(url).text)
    assert chosen == [url]


def test_a_list_of_what_does_not_exist_is_not_found(login: Login, visits: list[UUID], world: World) -> None:
    client = login(Role.LEADER)
    url = f"/quality/rounds/{world.round_id}/visits"
    assert client.get(f"{url}?check=fast").status_code == 404  # not computed yet
    assert client.get(f"{url}?check=nonsense").status_code == 404
    assert client.get(f"/quality/rounds/{world.ward_id}").status_code == 404


def draw(client: FlaskClient, world: World, **fields: str) -> str:
    url = f"/surveys/rounds/{world.round_id}/back-checks"
    answer = client.post(url, data={"wanted": "50", "unit": "percent", "seed": "7", **fields})
    assert answer.status_code == 303, errors_on(answer)
    return str(answer.headers["Location"])


def sample(session: Session) -> list[BackCheckVisit]:
    found = list(session.scalars(select(BackCheckVisit).order_by(BackCheckVisit.check_id, BackCheckVisit.number)))
    session.expunge_all()  # or a look at one of them would begin a transaction that stops every writer
    session.rollback()
    return found


SECOND = {
    "outcome": "interviewed",
    "visited": "yes",
    "residents": "2",
    "adults": "2",
    "smartphone_adults": "2",
    "signature_adults": "2",
    "fibre_connected": "yes",
    "iot_connections": "2",
}


def test_a_sample_is_drawn_handed_out_asked_blind_and_compared(
    login: Login, visits: list[UUID], world: World, session: Session
) -> None:
    office, officer = login(Role.STATISTICIAN), login(Role.OFFICER)
    check = draw(office, world)
    rows = sample(session)
    assert len(rows) == 4  # half of three, rounded up, in each of two groups
    page = office.get(check)
    assert page.text.count('name="visit"') == 4
    chosen = [str(row.visit_id) for row in rows[:3]]
    assert office.post(f"{check}/assign", data={"account_id": str(world.accounts[Role.OFFICER])}).status_code == 422
    given = {"account_id": str(world.accounts[Role.OFFICER]), "visit": chosen}
    assert office.post(f"{check}/assign", data=given).status_code == 303
    mine = officer.get("/surveys/back-checks")
    links = re.findall(r'href="(/surveys/back-checks/[^"]+/visits/[^"]+)"', mine.text)
    assert len(links) == 3
    assert officer.get("/surveys/back-checks/walk").text.count("<tr>") == 4
    form = officer.get(links[0])
    assert 'value="2"' not in form.text  # nothing of the first answers stands on the page
    assert "checked" not in form.text
    assert officer.post(links[0], data=SECOND).status_code == 303
    assert officer.post(links[1], data={**SECOND, "fibre_connected": "no", "residents": "5"}).status_code == 303
    assert officer.post(links[2], data={"outcome": "absent"}).status_code == 303
    report = office.get(f"{check}/report")
    assert "Gặp và hỏi lại được 2 trong 4 hộ" in report.text
    assert "50\u00a0%" in report.text
    assert report.text.count("Nhà đã lắp cáp quang chưa?") >= 2
    assert "Người group_head" in report.text
    assert officer.post(links[0], data=SECOND).status_code == 409


def test_identical_answers_agree_wholly_on_the_page(
    login: Login, visits: list[UUID], world: World, session: Session
) -> None:
    office = login(Role.STATISTICIAN)
    check = draw(office, world, wanted="100")
    everyone = {"account_id": str(world.accounts[Role.STATISTICIAN]), "visit": [str(v) for v in visits]}
    assert office.post(f"{check}/assign", data=everyone).status_code == 303
    for visit_id in visits:
        assert office.post(f"{check}/visits/{visit_id}", data=SECOND).status_code == 303
    report = office.get(f"{check}/report").text
    assert report.count("100\u00a0%") == 7 + 7 * 2 + 7  # questions, groups, heads
    assert "Những chỗ khác nhau" not in report


def test_the_same_seed_draws_the_same_sample_again(
    login: Login, visits: list[UUID], world: World, session: Session
) -> None:
    office = login(Role.STATISTICIAN)
    for _ in range(2):
        draw(office, world, wanted="3", unit="visits")
    rows = sample(session)
    assert [row.visit_id for row in rows[:3]] == [row.visit_id for row in rows[3:]]
    assert len(_population(session, world.ward_id, world.round_id)) == 6


def test_what_is_left_blank_is_asked_for_and_nothing_is_lost(
    login: Login, visits: list[UUID], world: World, session: Session
) -> None:
    office = login(Role.STATISTICIAN)
    check = draw(office, world)
    visit_id = sample(session)[0].visit_id
    form = f"{check}/visits/{visit_id}"
    assert office.get(form).status_code == 404  # not given to this person
    office.post(f"{check}/assign", data={"account_id": str(world.accounts[Role.STATISTICIAN]), "visit": str(visit_id)})
    assert office.post(form, data={}).status_code == 422
    page = office.post(form, data={"outcome": "interviewed", "residents": "3", "adults_unknown": "y"})
    assert page.status_code == 422
    assert len(errors_on(page)) == 5
    assert 'value="3"' in page.text
    wrong = office.post(form, data={**SECOND, "adults": "9"})
    assert (wrong.status_code, len(errors_on(wrong))) == (422, 1)
    assert sample(session)[0].answered_at is None


def test_who_wrote_a_visit_down_does_not_check_it_and_heads_do_not_see_samples(
    login: Login, visits: list[UUID], world: World, session: Session, sessions: sessionmaker[Session]
) -> None:
    with unit_of_work(sessions, world.ward_id) as writing:
        writing.execute(update(VisitRevision).values(made_by=world.accounts[Role.STATISTICIAN]))
    office = login(Role.STATISTICIAN)
    check = draw(office, world)
    own = {"account_id": str(world.accounts[Role.STATISTICIAN]), "visit": str(sample(session)[0].visit_id)}
    assert office.post(f"{check}/assign", data=own).status_code == 422
    assert login(Role.GROUP_HEAD).get(check).status_code == 403
    assert login(Role.LEADER).get(check).status_code == 200
    assert login(Role.LEADER).post(f"{check}/assign", data=own).status_code == 403


@pytest.mark.parametrize(
    "fields", [{"wanted": "0"}, {"wanted": "101"}, {"wanted": ""}, {"seed": "1000000"}, {"unit": "x"}]
)
def test_a_sample_that_cannot_be_drawn_is_refused_with_words(
    login: Login, visits: list[UUID], world: World, fields: dict[str, str]
) -> None:
    url = f"/surveys/rounds/{world.round_id}/back-checks"
    answer = login(Role.STATISTICIAN).post(url, data={"wanted": "10", "unit": "percent", "seed": "", **fields})
    assert answer.status_code == 422
    assert errors_on(answer)


def test_a_round_without_interviews_gives_no_sample(login: Login, world: World) -> None:
    url = f"/surveys/rounds/{world.round_id}/back-checks"
    answer = login(Role.STATISTICIAN).post(url, data={"wanted": "10", "unit": "percent"})
    assert (answer.status_code, errors_on(answer)) == (422, ["Đợt này chưa có phiếu nào hỏi được để chọn phúc tra."])


def test_a_sample_of_another_ward_is_not_found(
    login: Login,
    visits: list[UUID],
    world: World,
    sessions: sessionmaker[Session],
    cipher: AesGcmCipher,
    clock: FixedClock,
) -> None:
    check = draw(login(Role.STATISTICIAN), world)
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    world.accounts.update(other.accounts)
    world.ward_id = other.ward_id
    stranger = login(Role.STATISTICIAN)
    for address in (check, f"{check}/report"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{check}/assign", data={}).status_code == 404
