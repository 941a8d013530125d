"""Registers of infrastructure: only ever added to, and counted in the same transaction."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import Measure
from webapp.core.errors import InvalidInput, NotAllowed, NotFound
from webapp.core.ids import new_id
from webapp.queries.facts import measures_as_of
from webapp.queries.indicators import find_indicator
from webapp.queries.infrastructure import history, subjects
from webapp.services.facts_rebuild import compare_facts
from webapp.services.infrastructure import AddItem, Finding, RecordFindings, add_item, record_findings, retire_item


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World) -> Figures:
    return Figures(sessions, world).load()


class Officer:
    """Records for a test and looks at what is counted."""

    def __init__(self, figures: Figures, session: Session, clock: FixedClock) -> None:
        self.session, self.clock, self.ward_id = session, clock, figures.world.ward_id
        self.actor = figures.world.actor(Role.OFFICER)

    def record(self, code: str, *findings: Finding, day: dt.date | None = None) -> int:
        command = RecordFindings(code=code, observed_on=day or self.clock.today(), findings=findings)
        return record_findings(self.session, command, actor=self.actor, clock=self.clock)

    def measure(self, code: str) -> Measure:
        today = self.clock.today()
        assert compare_facts(self.session, self.ward_id) == ([], 0)
        return measures_as_of(self.session, self.ward_id, today, today).get(code, Measure())


@pytest.fixture
def officer(figures: Figures, session: Session, clock: FixedClock) -> Officer:
    return Officer(figures, session, clock)


def test_residents_of_covered_groups_are_counted_of_all_known(officer: Officer, world: World) -> None:
    first, second = world.group_ids
    officer.record(
        "population_5g",
        Finding(numerator=300, denominator=300, group_id=first),
        Finding(numerator=0, denominator=100, group_id=second),
    )
    assert officer.measure("population_5g") == Measure(300, 400, 2)
    officer.record("population_5g", Finding(numerator=0, denominator=0, group_id=second))
    assert officer.measure("population_5g") == Measure(300, 300, 1), "not known leaves the denominator"
    assert len(history(officer.session, officer.ward_id, "population_5g")) == 3


def test_an_older_day_does_not_undo_a_newer_one(officer: Officer, world: World) -> None:
    group_id = world.group_ids[0]
    officer.record("groups_fibre", Finding(numerator=1, denominator=1, group_id=group_id))
    before = officer.clock.today() - dt.timedelta(days=40)
    officer.record("groups_fibre", Finding(numerator=0, denominator=1, group_id=group_id), day=before)
    assert officer.measure("groups_fibre") == Measure(1, 1, 1)


def test_a_retired_site_leaves_the_count_and_can_come_back(officer: Officer) -> None:
    session = officer.session
    site = AddItem(code="sites_5g", name="Trạm bơm số 2")
    item_id = add_item(session, site, actor=officer.actor, clock=officer.clock)
    officer.record("sites_5g", Finding(numerator=1, denominator=1, item_id=item_id))
    with pytest.raises(InvalidInput):
        add_item(session, site, actor=officer.actor, clock=officer.clock)
    officer.clock.move(minutes=1)
    retire_item(session, item_id, actor=officer.actor, clock=officer.clock)
    assert officer.measure("sites_5g") == Measure()
    with pytest.raises(NotFound):
        officer.record("sites_5g", Finding(numerator=1, denominator=1, item_id=item_id))
    assert add_item(session, site, actor=officer.actor, clock=officer.clock) == item_id


def test_connections_of_the_ward_add_to_those_of_households(officer: Officer) -> None:
    officer.record("iot_per_resident", Finding(numerator=120, denominator=0))
    assert officer.measure("iot_per_resident") == Measure(120, 0, 0)


def test_a_milestone_needs_its_evidence(officer: Officer) -> None:
    indicator = find_indicator(officer.session, officer.ward_id, "ready_6g")
    milestone = subjects(officer.session, officer.ward_id, indicator)[0]
    with pytest.raises(InvalidInput):
        officer.record("ready_6g", Finding(numerator=1, denominator=1, item_id=milestone.id))
    officer.record("ready_6g", Finding(numerator=1, denominator=1, item_id=milestone.id, evidence="BB 12/BB-UBND"))
    assert officer.measure("ready_6g") == Measure(1, 1, 1)


def test_impossible_counts_and_future_days_are_refused(officer: Officer) -> None:
    with pytest.raises(InvalidInput):
        officer.record("machines_antimalware", Finding(numerator=5, denominator=4))
    tomorrow = officer.clock.today() + dt.timedelta(days=1)
    with pytest.raises(InvalidInput):
        officer.record("machines_antimalware", Finding(numerator=3, denominator=4), day=tomorrow)


def test_other_wards_groups_and_other_sources_are_not_found(officer: Officer) -> None:
    with pytest.raises(NotFound):
        officer.record("groups_fibre", Finding(numerator=1, denominator=1, group_id=new_id()))
    with pytest.raises(NotFound):
        officer.record("smartphone_adults", Finding(numerator=1, denominator=1))


def test_a_leader_only_reads(figures: Figures, session: Session, clock: FixedClock) -> None:
    command = RecordFindings(code="groups_fibre", observed_on=clock.today(), findings=[])
    with pytest.raises(NotAllowed):
        record_findings(session, command, actor=figures.world.actor(Role.LEADER), clock=clock)
