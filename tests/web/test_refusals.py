"""What a closed or locked round refuses leaves its trace in the audit log, although nothing else is kept."""

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family, visit_of
from tests.web.survey_pages import fill, press_submit
from tests.web.test_imports import through
from tests.workbooks import HEADINGS, workbook
from tests.workbooks import PERSON as ROW
from tests.world import PEOPLE, World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus, VisitStatus
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.surveys import RoundGroup, SurveyRound, Visit
from webapp.services.submit_visit import SubmitVisit, submit_visit

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def visit(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> SubmitVisit:
    """A visit in group 1."""
    command = visit_of(world)
    with unit_of_work(sessions, world.ward_id) as own:
        submit_visit(own, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
    return command


@pytest.fixture
def lock(session: Session, world: World, clock: FixedClock) -> Callable[[str], None]:
    """Lock the round, or group 1 in it."""

    def run(what: str) -> None:
        if what == "round":
            session.execute(update(SurveyRound).values(status=RoundStatus.LOCKED))
        else:
            key = {"ward_id": world.ward_id, "round_id": world.round_id, "group_id": world.group_ids[0]}
            by = {"changed_at": clock.now(), "changed_by": world.accounts[Role.STATISTICIAN]}
            session.add(RoundGroup(**key, **by, status=RoundStatus.LOCKED))
        session.commit()

    return run


def refusals(session: Session) -> list[AuditEvent]:
    """The refusals in the audit log, the oldest first."""
    session.rollback()
    found = select(AuditEvent).where(AuditEvent.tag == "visit:refused").order_by(AuditEvent.sequence)
    return list(session.scalars(found))


@pytest.mark.parametrize("what", ["round", "group"])
def test_a_visit_sent_from_the_page_is_refused_and_noted(
    login: Login, world: World, session: Session, lock: Callable[[str], None], what: str
) -> None:
    head = login(Role.GROUP_HEAD)
    household = world.households[world.group_ids[0]][0]
    check = fill(head, f"/surveys/rounds/{world.round_id}/households/{household}/visit", family())
    lock(what)
    assert press_submit(head, check).status_code == 409
    assert session.scalar(select(func.count()).select_from(Visit)) == 0
    (event,) = refusals(session)
    assert event.actor_id == world.accounts[Role.GROUP_HEAD]
    assert event.detail == {"code": f"{what}-locked", "path": "surveys.submit"}
    kept = json.dumps(event.detail, ensure_ascii=False)
    assert not any(word in kept for person in PEOPLE for word in person)


@pytest.mark.parametrize("what", ["round", "group"])
def test_approval_and_return_are_refused_and_noted(
    login: Login, world: World, session: Session, visit: SubmitVisit, lock: Callable[[str], None], what: str
) -> None:
    staff = login(Role.STATISTICIAN)
    lock(what)
    review = f"/surveys/rounds/{world.round_id}/review/{world.group_ids[0]}"
    assert staff.post(review, data={"visit": str(visit.visit_id)}).status_code == 409
    assert staff.post(f"/surveys/visits/{visit.visit_id}/return", data={"reason": "Hỏi lại"}).status_code == 409
    noted = refusals(session)
    assert [(event.subject_id, event.detail["code"]) for event in noted] == [(visit.visit_id, f"{what}-locked")] * 2
    assert [event.detail["path"] for event in noted] == ["surveys.review_group", "surveys.send_back"]
    assert session.scalars(select(Visit.status)).one() is VisitStatus.SUBMITTED


@pytest.mark.parametrize("what", ["round", "group"])
def test_a_workbook_is_refused_whole_and_noted(
    login: Login, world: World, session: Session, lock: Callable[[str], None], what: str
) -> None:
    staff = login(Role.STATISTICIAN)
    check = through(staff, world, workbook(HEADINGS, (101, *ROW[1:])))
    lock(what)
    assert staff.post(check.request.path.replace("/check", "/store")).status_code == 409
    assert session.scalar(select(func.count()).select_from(Visit)) == 0
    (event,) = refusals(session)
    assert event.detail == {"code": f"{what}-locked", "path": "surveys.import_store"}


def test_a_page_that_is_only_read_notes_nothing(
    login: Login, world: World, session: Session, visit: SubmitVisit, lock: Callable[[str], None]
) -> None:
    lock("round")
    assert login(Role.GROUP_HEAD).get(f"/surveys/visits/{visit.visit_id}").status_code == 200
    assert refusals(session) == []
