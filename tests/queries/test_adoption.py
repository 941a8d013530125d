"""Figures of a day, a group, a round; the numbers are small enough to check by hand."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures, signers
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import Measure
from webapp.core.progress import ProgressStatus
from webapp.queries.adoption import Figure, Overview, overview
from webapp.queries.group_adoption import figures_by_group
from webapp.services.infrastructure import Finding, RecordFindings, record_findings


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World) -> Figures:
    return Figures(sessions, world).load()


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if "set_config" not in statement and not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def find(found: Overview, code: str) -> Figure:
    return next(figure for figure in found.figures if figure.indicator.code == code)


def look(session: Session, world: World, clock: FixedClock, day: dt.date | None = None) -> Overview:
    return overview(session, world.ward_id, day=day or clock.today(), today=clock.today())


def test_nothing_asked_is_unknown_and_never_zero(figures: Figures, session: Session, clock: FixedClock) -> None:
    found = find(look(session, figures.world, clock), "esignature_adults")
    assert found.rate is None
    assert found.gap is None
    assert found.status is ProgressStatus.UNKNOWN
    assert found.known == 6
    assert found.coverage == 0


def test_the_ward_is_the_sum_of_its_groups(figures: Figures, session: Session, clock: FixedClock) -> None:
    today = clock.today()
    figures.visit(0, 0, signers(1, 1), today)
    figures.visit(1, 0, signers(0, 3), today)
    figures.visit(1, 1, signers(1, 4), today)
    found = find(look(session, figures.world, clock), "esignature_adults")
    assert found.measure == Measure(2, 8, 3)
    assert found.rate == 0.25, "the mean of 100 % and 14 % would be 57 %"
    assert found.coverage == 0.5
    assert found.target is not None
    assert (found.target.year, found.gap) == (2030, 4), "more than 70 % of 8 is 6"


def test_figures_of_a_past_day_know_nothing_of_later_visits(
    figures: Figures, session: Session, clock: FixedClock
) -> None:
    today = clock.today()
    figures.visit(0, 0, signers(1, 2), today - dt.timedelta(days=10))
    figures.visit(0, 0, signers(2, 2), today)
    world = figures.world
    assert find(look(session, world, clock), "esignature_adults").measure == Measure(2, 2, 1)
    for after, expected in ((11, Measure()), (10, Measure(1, 2, 1)), (1, Measure(1, 2, 1)), (0, Measure(2, 2, 1))):
        day = today - dt.timedelta(days=after)
        assert find(look(session, world, clock, day), "esignature_adults").measure == expected


def test_a_group_below_half_coverage_is_not_judged(figures: Figures, session: Session, clock: FixedClock) -> None:
    figures.visit(0, 0, signers(1, 1), clock.today())
    world = figures.world
    indicators = [find(look(session, world, clock), "esignature_adults").indicator]
    lines = figures_by_group(session, world.ward_id, indicators, day=clock.today(), today=clock.today())
    assert [line.figures[0].status for line in lines] == [ProgressStatus.LOW_COVERAGE, ProgressStatus.UNKNOWN]
    assert [line.known_households for line in lines] == [3, 3]


def test_registers_count_what_is_known_of_what_is_listed(figures: Figures, clock: FixedClock) -> None:
    world = figures.world
    findings = [Finding(numerator=1, denominator=1, group_id=world.group_ids[0])]
    command = RecordFindings(code="groups_fibre", observed_on=clock.today(), findings=findings)
    with figures.sessions.begin() as session:
        record_findings(session, command, actor=world.actor(Role.OFFICER), clock=clock)
    with figures.sessions() as session:
        found = find(look(session, world, clock), "groups_fibre")
        assert found.measure == Measure(1, 1, 1)
        assert (found.known, found.coverage) == (2, 0.5)
        assert found.status is ProgressStatus.MET


def test_signing_staff_are_those_in_a_signing_role(figures: Figures, session: Session, clock: FixedClock) -> None:
    found = look(session, figures.world, clock)
    assert find(found, "signing_staff").measure == Measure(0, 2, 1), "the leader and the officer"
    assert find(found, "documents_signed").rate is None


def test_the_dashboard_takes_eight_statements(
    figures: Figures, session: Session, clock: FixedClock, engine: Engine
) -> None:
    figures.visit(0, 0, signers(1, 1), clock.today())
    with counted(engine) as seen:
        look(session, figures.world, clock)
    assert len(seen) <= 8, seen
    assert not any("FROM visit" in statement for statement in seen)
