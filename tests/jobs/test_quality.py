"""The check of a round from stored visits to the page's rows."""

import dataclasses
import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import adult, family, visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import NotAllowed
from webapp.core.ids import new_id
from webapp.core.jobs import JobKind, JobStatus
from webapp.core.quality import QualityBy, QualityCheck, QualityQuestion
from webapp.core.surveys import RoundStatus, VisitOutcome
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.schedule import queue_nightly
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.models.households import Household
from webapp.models.jobs import Job
from webapp.models.quality import QualityFinding, QualityRun
from webapp.models.surveys import SurveyRound
from webapp.queries.quality import FindingFilter, count_findings, latest_run, list_findings, run_figures
from webapp.services.quality import order_check
from webapp.services.submit_visit import SubmitVisit, submit_visit


def store(sessions: sessionmaker[Session], world: World, clock: FixedClock, *commands: SubmitVisit) -> None:
    with unit_of_work(sessions, world.ward_id) as session:
        for command in commands:
            submit_visit(session, command, actor=world.actor(Role.STATISTICIAN), clock=clock)


def check(sessions: sessionmaker[Session], ports: Ports, world: World, round_id: UUID | None = None) -> None:
    with unit_of_work(sessions, world.ward_id) as session:
        order_check(session, round_id or world.round_id, actor=world.actor(Role.LEADER), clock=ports.clock)
    assert Worker(sessions, ports, standard_registry()).run_once()
    with sessions() as session:
        jobs = session.scalars(select(Job).where(Job.kind == JobKind.QUALITY).order_by(Job.created_at.desc()))
        assert jobs.first().status is JobStatus.DONE  # type: ignore[union-attr]


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World):
    def find(
        which: QualityCheck, by: QualityBy = QualityBy.WARD, subject: UUID | None = None
    ) -> tuple[int, int] | None:
        with sessions() as session:
            run = latest_run(session, world.ward_id, world.round_id)
            assert run is not None
            rows = run_figures(session, world.ward_id, run.run_id)
        key = (which, QualityQuestion.ALL, by, subject or world.ward_id)
        found = [f for f in rows if (f.check, f.question, f.by, f.subject_id) == key]
        return (found[0].numerator, found[0].denominator) if found else None

    return find


def earlier_round(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> UUID:
    round_id, today = new_id(), clock.today()
    with unit_of_work(sessions, world.ward_id) as session:
        session.add(
            SurveyRound(
                ward_id=world.ward_id,
                id=round_id,
                name="Đợt 0",
                starts_on=today - dt.timedelta(days=200),
                ends_on=today + dt.timedelta(days=1),
                status=RoundStatus.OPEN,
            )
        )
    return round_id


def test_stored_visits_reach_the_checks_as_they_are(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports, figures
) -> None:
    homes = world.households[world.group_ids[0]]
    before = earlier_round(sessions, world, clock)
    opened = clock.now() - dt.timedelta(hours=1)
    times = {"started_at": opened, "finished_at": opened + dt.timedelta(seconds=30)}
    full = family(adults=(adult(), adult()))
    store(
        sessions, world, clock,
        visit_of(world, homes[0], round_id=before, answers=dataclasses.replace(full, note="khác")),
        visit_of(world, homes[0], answers=full, **times),
        visit_of(world, homes[1], answers=family(), source="import"),
        visit_of(world, homes[2], outcome=VisitOutcome.ABSENT, answers=None),
    )  # fmt: skip
    check(sessions, ports, world)
    assert figures(QualityCheck.COPY) == (1, 1)
    assert figures(QualityCheck.FAST) == (1, 1)
    assert figures(QualityCheck.MISSING) == (1, 2)
    assert figures(QualityCheck.NOT_MET) == (1, 3)
    assert figures(QualityCheck.BURST) == (0, 1)  # an import says nothing about when people were asked
    assert figures(QualityCheck.MISSING, QualityBy.HEAD, world.accounts[Role.STATISTICIAN]) == (1, 2)
    assert figures(QualityCheck.SAME_HOUSEHOLD) == (6, 6)  # the small world has the same three families in both groups


def test_a_new_run_takes_the_place_of_the_old_one_and_of_an_interrupted_one(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports, figures
) -> None:
    homes = world.households[world.group_ids[0]]
    store(sessions, world, clock, visit_of(world, homes[0]))
    check(sessions, ports, world)
    with unit_of_work(sessions, world.ward_id) as session:
        session.add(QualityRun(ward_id=world.ward_id, round_id=world.round_id, started_at=clock.now()))
    store(sessions, world, clock, visit_of(world, homes[1]))
    assert figures(QualityCheck.MISSING) == (1, 1)
    clock.move(minutes=2)
    check(sessions, ports, world)
    assert figures(QualityCheck.MISSING) == (2, 2)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(QualityRun)) == 1


def test_the_list_behind_a_number_is_that_number_of_visits(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports, figures
) -> None:
    store(sessions, world, clock, *(visit_of(world, home) for homes in world.households.values() for home in homes))
    check(sessions, ports, world)
    with sessions() as session:
        run = latest_run(session, world.ward_id, world.round_id)
        assert run is not None
        for row in run_figures(session, world.ward_id, run.run_id):
            wanted = FindingFilter(
                check=row.check,
                question=None if row.question is QualityQuestion.ALL else row.question,
                group_id=row.subject_id if row.by is QualityBy.GROUP else None,
                made_by=row.subject_id if row.by is QualityBy.HEAD else None,
            )
            assert count_findings(session, world.ward_id, run.run_id, wanted) == row.numerator
            assert len(list_findings(session, world.ward_id, run.run_id, wanted, page=1)) == row.numerator


def test_the_page_costs_the_same_for_any_number_of_households(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports
) -> None:
    homes = world.households[world.group_ids[0]]
    store(sessions, world, clock, *(visit_of(world, home) for home in homes))
    check(sessions, ports, world)
    sent: list[str] = []
    with sessions() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *args: sent.append(args[2]))
        run = latest_run(session, world.ward_id, world.round_id)
        assert run is not None
        rows = run_figures(session, world.ward_id, run.run_id)
        assert len(sent) == 2
        assert not any(table in text for text in sent for table in ("household", "visit_revision", "quality_finding"))
        most = len(QualityCheck) * len(QualityQuestion) * (1 + len(world.group_ids) + len(Role))
        assert len(rows) < most


def test_every_night_checks_the_rounds_that_can_still_change(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports
) -> None:
    queue_nightly(sessions, ports)
    queue_nightly(sessions, ports)
    with sessions() as session:
        kinds = sorted(session.scalars(select(Job.kind)))
    assert kinds == [JobKind.LEDGER, JobKind.PRESERVE, JobKind.QUALITY, JobKind.RETENTION]
    worker = Worker(sessions, ports, standard_registry())
    while worker.run_once():
        pass
    with sessions() as session:
        assert latest_run(session, world.ward_id, world.round_id) is not None
        assert session.scalar(select(func.count()).select_from(QualityFinding)) == 6
        assert session.scalar(select(func.count()).select_from(Household)) == 6


def test_only_those_who_judge_data_may_ask_for_a_check(
    sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    with pytest.raises(NotAllowed), unit_of_work(sessions, world.ward_id) as session:
        order_check(session, world.round_id, actor=world.actor(Role.GROUP_HEAD), clock=clock)
