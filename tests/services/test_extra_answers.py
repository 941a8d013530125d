"""Answers to extra questions travel with the visit, under the same rules on every way in."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.extra_questions import FORM, MAY_TINH
from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import InvalidInput
from webapp.core.extra_questions import ExtraFormStatus
from webapp.core.ids import new_id
from webapp.core.surveys import VisitOutcome
from webapp.core.visit_content import Receipt, canonical, content_sha256
from webapp.models.database import unit_of_work
from webapp.models.extra_forms import ExtraFormRow
from webapp.models.surveys import VisitRevision
from webapp.queries.extra_forms import active_form, used_form
from webapp.queries.visits import get_visit, list_revisions
from webapp.services.submit_visit import SubmitVisit, submit_visit

Submit = Callable[..., Receipt]


@pytest.fixture
def submit(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Submit:
    def run(command: SubmitVisit) -> Receipt:
        with unit_of_work(sessions, world.ward_id) as session:
            return submit_visit(session, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)

    return run


def put_form(
    session: Session, world: World, clock: FixedClock, number: int, questions: Any, status: ExtraFormStatus
) -> None:
    """Store a version and commit."""
    session.add(
        ExtraFormRow(
            ward_id=world.ward_id,
            id=new_id(),
            round_id=world.round_id,
            number=number,
            status=status,
            questions=[question.to_json() for question in questions],
            made_at=clock.now(),
            made_by=world.accounts[Role.STATISTICIAN],
        )
    )
    session.commit()


@pytest.fixture
def asked(session: Session, world: World, clock: FixedClock) -> None:
    """A round that asks extra questions."""
    put_form(session, world, clock, 1, FORM.questions, ExtraFormStatus.ACTIVE)


@pytest.mark.usefixtures("asked")
def test_answers_are_stored_hashed_and_read_back(submit: Submit, world: World, session: Session) -> None:
    command = visit_of(world, extra={"may_tinh": 2, "cuoc": "165.5"}, form_version=FORM.version)
    receipt = submit(command)
    revision = session.scalars(select(VisitRevision)).one()
    assert (revision.extra, revision.extra_form) == ({"may_tinh": 2, "cuoc": "165.5"}, 1)
    assert b'"extra":{"cuoc":"165.5","may_tinh":2}' in canonical(command.content)
    visit = get_visit(session, world.ward_id, command.visit_id)
    assert visit is not None
    assert visit.content == command.content
    assert content_sha256(visit.content) == receipt.sha256
    assert list_revisions(session, world.ward_id, command.visit_id)[0].content == command.content


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("extra", "field"),
    [({}, "extra.may_tinh"), ({"may_tinh": 99}, "extra.may_tinh"), ({"may_tinh": 1, "khac": 1}, "extra.khac")],
)
def test_wrong_answers_are_refused_with_their_question(
    submit: Submit, world: World, extra: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        submit(visit_of(world, extra=extra, form_version=FORM.version))
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.usefixtures("asked")
def test_who_was_not_asked_misses_nothing(submit: Submit, world: World, session: Session) -> None:
    submit(visit_of(world))
    submit(visit_of(world, world.households[world.group_ids[0]][1], form_version="2026112200"))
    assert session.scalars(select(VisitRevision.extra_form)).all() == [0, 0]


@pytest.mark.usefixtures("asked")
def test_answers_without_an_interview_are_refused(submit: Submit, world: World) -> None:
    command = visit_of(world, outcome=VisitOutcome.ABSENT, answers=None, form_version=FORM.version)
    with pytest.raises(InvalidInput):
        submit(dataclasses.replace(command, extra={"may_tinh": 1}))
    submit(command)


def test_a_visit_begun_before_keeps_its_questions(
    submit: Submit, world: World, session: Session, clock: FixedClock
) -> None:
    put_form(session, world, clock, 1, [dataclasses.replace(MAY_TINH, required=False)], ExtraFormStatus.RETIRED)
    put_form(session, world, clock, 2, [MAY_TINH], ExtraFormStatus.ACTIVE)
    homes = world.households[world.group_ids[0]]
    submit(visit_of(world, homes[0], form_version="2026112201"))
    with pytest.raises(InvalidInput):
        submit(visit_of(world, homes[1], form_version="2026112202"))
    submit(visit_of(world, homes[2], extra={"may_tinh": 3}))
    assert sorted(session.scalars(select(VisitRevision.extra_form))) == [1, 2]


def test_a_draft_asks_nobody(submit: Submit, world: World, session: Session, clock: FixedClock) -> None:
    put_form(session, world, clock, 1, [MAY_TINH], ExtraFormStatus.DRAFT)
    assert used_form(session, world.ward_id, world.round_id, 1) is None
    assert active_form(session, world.ward_id, world.round_id).number == 0
    session.rollback()
    with pytest.raises(InvalidInput):
        submit(visit_of(world, extra={"may_tinh": 1}, form_version="2026112201"))
