"""Submitting a visit: once, in the right round and group, and never overwritten."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import adult, family, visit_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import VISITED_HOUSEHOLDS, PeriodKind
from webapp.core.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    RoundShut,
    VisitClash,
    WrongState,
)
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus, VisitOutcome, VisitStatus
from webapp.core.visit_content import Receipt, answers_from
from webapp.models.adoption import AdoptionFact
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.surveys import AdultLineRow, RoundGroup, SurveyRound, Visit, VisitRevision
from webapp.services.rounds import move_round
from webapp.services.submit_visit import SubmitVisit, submit_visit

Submit = Callable[..., Receipt]


@pytest.fixture
def submit(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Submit:
    """Submit in a transaction of its own, as the head of group 1 unless told."""

    def run(command: SubmitVisit, role: Role = Role.GROUP_HEAD) -> Receipt:
        with unit_of_work(sessions, world.ward_id) as session:
            return submit_visit(session, command, actor=world.actor(role), clock=clock)

    return run


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_visit_is_stored_with_its_lines_its_audit_and_its_facts(
    submit: Submit, world: World, session: Session
) -> None:
    command = visit_of(world)
    receipt = submit(command)
    visit = session.scalars(select(Visit)).one()
    assert (visit.id, visit.status, visit.revision) == (command.visit_id, VisitStatus.SUBMITTED, 1)
    assert visit.measures["esignature_adults"] == [1, 2, 1]
    revision = session.scalars(select(VisitRevision)).one()
    assert (revision.sha256, revision.made_by) == (receipt.sha256, world.accounts[Role.GROUP_HEAD])
    assert _count(session, AdultLineRow) == 2
    event = session.scalars(select(AuditEvent)).one()
    assert (event.tag, event.subject_id) == ("visit:submit", command.visit_id)
    assert set(event.detail) == {"sha256", "revision"}
    visited = session.scalars(
        select(AdoptionFact.numerator).where(
            AdoptionFact.indicator_code == VISITED_HOUSEHOLDS, AdoptionFact.period_kind == PeriodKind.ROUND
        )
    ).one()
    assert visited == 1


def test_stored_rows_give_the_answers_back(submit: Submit, world: World, session: Session) -> None:
    command = visit_of(world)
    submit(command)
    revision = session.scalars(select(VisitRevision)).one()
    lines = session.scalars(select(AdultLineRow).order_by(AdultLineRow.line)).all()
    assert answers_from(revision.answers, revision, lines) == command.answers


def test_the_same_visit_again_gives_the_same_receipt_and_one_row(
    submit: Submit, world: World, session: Session, clock: FixedClock
) -> None:
    command = visit_of(world)
    first = submit(command)
    clock.move(minutes=3)
    assert submit(command) == first
    assert (_count(session, Visit), _count(session, VisitRevision), _count(session, AuditEvent)) == (1, 1, 1)


def test_a_repeat_after_the_round_closed_still_gets_its_receipt(
    submit: Submit, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    command = visit_of(world)
    first = submit(command)
    with unit_of_work(sessions, world.ward_id) as session:
        move_round(session, world.round_id, RoundStatus.CLOSED, actor=world.actor(Role.STATISTICIAN), clock=clock)
    assert submit(command) == first


def test_other_content_under_the_same_identifier_is_a_conflict(submit: Submit, world: World, session: Session) -> None:
    command = visit_of(world)
    submit(command)
    with pytest.raises(Conflict):
        submit(dataclasses.replace(command, answers=family(iot_connections=9)))
    assert _count(session, VisitRevision) == 1


def test_eight_posts_of_one_visit_at_once_store_one_row(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    command = visit_of(world)
    receipts: list[Receipt | BaseException] = []
    start = threading.Barrier(8)

    def post() -> None:
        start.wait()
        try:
            with unit_of_work(sessions, world.ward_id) as own:
                receipts.append(submit_visit(own, command, actor=world.actor(Role.GROUP_HEAD), clock=clock))
        except BaseException as error:
            receipts.append(error)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert receipts == [receipts[0]] * 8
    assert isinstance(receipts[0], Receipt)
    assert (_count(session, Visit), _count(session, AuditEvent)) == (1, 1)


def test_one_identifier_for_two_households_at_once_lets_one_win(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    first = visit_of(world)
    second = dataclasses.replace(first, household_id=world.households[world.group_ids[0]][1])
    results: list[object] = []
    stored = threading.Event()

    def post_second() -> None:
        stored.wait()
        try:
            with unit_of_work(sessions, world.ward_id) as own:
                results.append(submit_visit(own, second, actor=world.actor(Role.GROUP_HEAD), clock=clock))
        except DomainError as error:
            results.append(type(error))

    late = threading.Thread(target=post_second)
    late.start()
    with unit_of_work(sessions, world.ward_id) as own:
        submit_visit(own, first, actor=world.actor(Role.GROUP_HEAD), clock=clock)
        stored.set()
        late.join(timeout=0.3)  # it waits for our commit
        assert results == []
    late.join()
    assert len(results) == 1
    assert not isinstance(results[0], Receipt)
    assert session.scalars(select(Visit.household_id)).one() == first.household_id
    assert (_count(session, VisitRevision), _count(session, AuditEvent)) == (1, 1)


def test_eight_corrections_of_one_base_let_one_win(
    submit: Submit, sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    command = visit_of(world)
    submit(command)
    results: list[object] = []
    start = threading.Barrier(8)

    def correct(devices: int) -> None:
        changed = dataclasses.replace(
            command, answers=family(iot_connections=devices), base_revision=1, reason="Ghi nhầm số thiết bị"
        )
        start.wait()
        try:
            with unit_of_work(sessions, world.ward_id) as own:
                results.append(submit_visit(own, changed, actor=world.actor(Role.GROUP_HEAD), clock=clock))
        except DomainError as error:
            results.append(type(error))

    threads = [threading.Thread(target=correct, args=(n,)) for n in range(10, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, Receipt) for result in results) == 1
    assert results.count(VisitClash) == 7
    assert session.scalars(select(Visit.revision)).one() == 2


def test_two_visits_to_one_household_at_once_count_it_once(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, session: Session
) -> None:
    commands = [visit_of(world, answers=family(iot_connections=n)) for n in range(6)]
    errors: list[BaseException] = []
    start = threading.Barrier(6)

    def post(command: SubmitVisit) -> None:
        start.wait()
        try:
            with unit_of_work(sessions, world.ward_id) as own:
                submit_visit(own, command, actor=world.actor(Role.GROUP_HEAD), clock=clock)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=post, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    counted = session.scalars(
        select(AdoptionFact.numerator).where(
            AdoptionFact.indicator_code == VISITED_HOUSEHOLDS, AdoptionFact.period_kind == PeriodKind.ROUND
        )
    ).one()
    assert (counted, _count(session, Visit)) == (1, 6)


def test_a_correction_is_a_new_revision_with_who_when_and_why(
    submit: Submit, world: World, session: Session, clock: FixedClock
) -> None:
    command = visit_of(world)
    submit(command)
    clock.move(hours=1)
    corrected = dataclasses.replace(
        command, answers=family(adults=(adult(),)), base_revision=1, reason="Người con đã chuyển đi"
    )
    receipt = submit(corrected)
    revisions = session.scalars(select(VisitRevision).order_by(VisitRevision.number)).all()
    assert [(r.number, r.reason) for r in revisions] == [(1, ""), (2, "Người con đã chuyển đi")]
    assert revisions[1].made_at == clock.now()
    assert receipt.revision == 2
    assert session.scalars(select(Visit)).one().measures["smartphone_adults"] == [1, 1, 1]
    session.rollback()
    assert submit(corrected) == receipt


def test_a_correction_needs_a_reason(submit: Submit, world: World) -> None:
    command = visit_of(world)
    submit(command)
    with pytest.raises(InvalidInput) as refused:
        submit(dataclasses.replace(command, answers=family(iot_connections=1), base_revision=1, reason="  "))
    assert refused.value.problems[0].field == "reason"


def test_a_stale_correction_is_a_conflict(submit: Submit, world: World) -> None:
    command = visit_of(world)
    submit(command)
    submit(dataclasses.replace(command, answers=family(iot_connections=1), base_revision=1, reason="a"))
    with pytest.raises(Conflict):
        submit(dataclasses.replace(command, answers=family(iot_connections=7), base_revision=1, reason="b"))


def test_a_returned_visit_may_be_sent_again_unchanged(submit: Submit, world: World, session: Session) -> None:
    command = visit_of(world)
    submit(command)
    visit = session.scalars(select(Visit)).one()
    visit.status = VisitStatus.NEEDS_CORRECTION
    session.commit()
    submit(dataclasses.replace(command, base_revision=1, reason="Đã hỏi lại, đúng như cũ"))
    session.refresh(visit)
    assert (visit.status, visit.revision) == (VisitStatus.SUBMITTED, 2)


def test_an_approved_visit_is_not_corrected_before_it_was_returned(
    submit: Submit, world: World, session: Session
) -> None:
    command = visit_of(world)
    submit(command)
    session.scalars(select(Visit)).one().status = VisitStatus.APPROVED
    session.commit()
    with pytest.raises(WrongState):
        submit(dataclasses.replace(command, answers=family(iot_connections=1), base_revision=1, reason="a"))


@pytest.mark.parametrize("status", [RoundStatus.PLANNED, RoundStatus.CLOSED, RoundStatus.LOCKED])
def test_a_round_that_is_not_open_takes_no_visit(
    submit: Submit, world: World, session: Session, status: RoundStatus
) -> None:
    session.scalars(select(SurveyRound)).one().status = status
    session.commit()
    with pytest.raises(WrongState):
        submit(visit_of(world))
    assert _count(session, Visit) == 0


@pytest.mark.parametrize(
    ("status", "code"), [(RoundStatus.CLOSED, "group-closed"), (RoundStatus.LOCKED, "group-locked")]
)
def test_a_group_that_is_shut_takes_no_visit_while_the_others_go_on(
    submit: Submit, world: World, session: Session, clock: FixedClock, status: RoundStatus, code: str
) -> None:
    mine, others = (visit_of(world, world.households[group_id][0]) for group_id in world.group_ids)
    key = {"ward_id": world.ward_id, "round_id": world.round_id, "group_id": world.group_ids[0]}
    by = {"changed_at": clock.now(), "changed_by": world.accounts[Role.STATISTICIAN]}
    session.add(RoundGroup(**key, **by, status=status))
    session.commit()
    with pytest.raises(RoundShut) as refused:
        submit(mine)
    assert (refused.value.code, refused.value.subject) == (code, mine.visit_id)
    assert submit(others, Role.STATISTICIAN).revision == 1


def test_another_groups_household_is_not_found_by_a_head(submit: Submit, world: World) -> None:
    foreign = world.households[world.group_ids[1]][0]
    with pytest.raises(NotFound):
        submit(visit_of(world, foreign))
    assert submit(visit_of(world, foreign), Role.STATISTICIAN).revision == 1


@pytest.mark.parametrize("changes", [{"household_id": new_id()}, {"round_id": new_id()}, {"base_revision": 1}])
def test_unknown_identifiers_are_not_found(submit: Submit, world: World, changes: dict[str, object]) -> None:
    with pytest.raises(NotFound):
        submit(dataclasses.replace(visit_of(world), **changes))


def test_a_corrections_household_cannot_be_changed(submit: Submit, world: World) -> None:
    command = visit_of(world)
    submit(command)
    other = world.households[world.group_ids[0]][1]
    with pytest.raises(NotFound):
        submit(dataclasses.replace(command, household_id=other, base_revision=1, reason="a"))


def test_people_who_only_read_may_not_submit(submit: Submit, world: World) -> None:
    with pytest.raises(NotAllowed):
        submit(visit_of(world), Role.AUDITOR)


def test_what_cannot_be_true_is_refused_with_its_field(submit: Submit, world: World, session: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        submit(visit_of(world, answers=family(adults=(adult(digital_id=False),)), visited_on=dt.date(2026, 12, 24)))
    assert [problem.field for problem in refused.value.problems] == ["visited_on", "adults.0.vneid_level"]
    assert _count(session, Visit) == 0


def test_an_absent_household_is_stored_without_answers(submit: Submit, world: World, session: Session) -> None:
    submit(visit_of(world, outcome=VisitOutcome.ABSENT, answers=None))
    visit = session.scalars(select(Visit)).one()
    assert (visit.outcome, visit.measures) == (VisitOutcome.ABSENT, {})


def test_a_submission_takes_few_statements(
    sessions: sessionmaker[Session], engine: Engine, world: World, clock: FixedClock
) -> None:
    with unit_of_work(sessions, world.ward_id) as session:
        submit_visit(session, visit_of(world), actor=world.actor(Role.GROUP_HEAD), clock=clock)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_: statements.append(text))
    with unit_of_work(sessions, world.ward_id) as session:
        submit_visit(
            session,
            visit_of(world, world.households[world.group_ids[0]][1]),
            actor=world.actor(Role.GROUP_HEAD),
            clock=clock,
        )
    work = [text for text in statements if not text.startswith(("BEGIN", "SELECT set_config"))]
    # PostgreSQL takes the household's lock first.
    assert len(work) == (9 if engine.dialect.name == "postgresql" else 8), "\n\n".join(work)


def test_the_phone_s_times_are_kept_beside_the_content(submit: Submit, world: World, session: Session) -> None:
    opened = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    command = visit_of(world, started_at=opened, finished_at=opened + dt.timedelta(minutes=4))
    receipt = submit(command)
    assert submit(dataclasses.replace(command, started_at=None, finished_at=None)) == receipt  # times are not content
    revision = session.scalars(select(VisitRevision)).one()
    assert (revision.started_at, revision.finished_at) == (command.started_at, command.finished_at)
