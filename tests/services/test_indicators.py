"""The ward's own age and targets."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.adoption_figures import Figures
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.adoption import Measure, TargetOperator
from webapp.core.errors import InvalidInput, NotAllowed, NotFound
from webapp.core.surveys import AdultLine, Answers, MinorBand, MinorLine
from webapp.queries.facts import measures_as_of
from webapp.queries.indicators import age_versions, find_indicator
from webapp.services.facts_rebuild import compare_facts
from webapp.services.indicators import SetAdultAge, SetTarget, remove_target, set_adult_age, set_target


@pytest.fixture
def figures(sessions: sessionmaker[Session], world: World) -> Figures:
    return Figures(sessions, world).load()


def target(value: float, operator: TargetOperator = TargetOperator.AT_LEAST, year: int = 2028) -> SetTarget:
    return SetTarget(code="vneid_l2", year=year, operator=operator, value=value, plan_section="IV.4")


def test_a_new_age_counts_every_visit_again_and_keeps_its_history(
    figures: Figures, session: Session, clock: FixedClock
) -> None:
    world, today = figures.world, clock.today()
    teenagers = MinorLine(band=MinorBand.M15_17, count=2, smartphone=2)
    figures.visit(0, 0, Answers(adults=(AdultLine(smartphone=False),), minors=(teenagers,)), today)
    statistician = world.actor(Role.STATISTICIAN)
    for age, expected in ((18, Measure(0, 1, 1)), (15, Measure(2, 3, 1)), (18, Measure(0, 1, 1))):
        set_adult_age(session, SetAdultAge(code="smartphone_adults", adult_age=age), actor=statistician, clock=clock)
        session.commit()
        assert measures_as_of(session, world.ward_id, today, today)["smartphone_adults"] == expected
        assert compare_facts(session, world.ward_id) == ([], 0)
    assert [v.adult_age for v in age_versions(session, world.ward_id, "smartphone_adults")] == [18, 15]


def test_an_age_that_the_survey_does_not_ask_for_is_refused(
    figures: Figures, session: Session, clock: FixedClock
) -> None:
    statistician = figures.world.actor(Role.STATISTICIAN)
    for code, age in (("esignature_adults", 15), ("smartphone_adults", 16)):
        with pytest.raises(InvalidInput):
            set_adult_age(session, SetAdultAge(code=code, adult_age=age), actor=statistician, clock=clock)


def test_a_target_is_added_changed_and_removed(figures: Figures, session: Session, clock: FixedClock) -> None:
    statistician, ward_id = figures.world.actor(Role.STATISTICIAN), figures.world.ward_id
    set_target(session, target(0.5), actor=statistician, clock=clock)
    set_target(session, target(0.6, TargetOperator.MORE_THAN), actor=statistician, clock=clock)
    assert [(t.year, t.value, t.operator) for t in find_indicator(session, ward_id, "vneid_l2").targets] == [
        (2028, 0.6, TargetOperator.MORE_THAN)
    ]
    remove_target(session, "vneid_l2", 2028, actor=statistician, clock=clock)
    assert find_indicator(session, ward_id, "vneid_l2").targets == ()
    with pytest.raises(NotFound):
        remove_target(session, "vneid_l2", 2028, actor=statistician, clock=clock)


@pytest.mark.parametrize(
    "wrong", [target(0), target(1.5), target(1.0, TargetOperator.MORE_THAN), target(0.5, year=1999)]
)
def test_a_target_nobody_could_reach_is_refused(
    figures: Figures, session: Session, clock: FixedClock, wrong: SetTarget
) -> None:
    with pytest.raises(InvalidInput):
        set_target(session, wrong, actor=figures.world.actor(Role.STATISTICIAN), clock=clock)


def test_only_the_statistician_sets_targets(figures: Figures, session: Session, clock: FixedClock) -> None:
    with pytest.raises(NotAllowed):
        set_target(session, target(0.5), actor=figures.world.actor(Role.LEADER), clock=clock)
