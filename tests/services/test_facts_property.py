"""Whatever happens in whatever order, facts equal a recount, and a recount equals looking at the visits one by one."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from tests.services.fact_place import DAY, Place, add_indicators
from webapp.core.adoption import VISITED_HOUSEHOLDS, Measure
from webapp.core.facts import CountedVisit
from webapp.core.surveys import AdultLine, Answers, FibreSpeed, MinorBand, MinorLine, Totals, VisitStatus
from webapp.models.adoption import Indicator
from webapp.models.database import make_engine, make_sessions
from webapp.queries.facts import measures_as_of, round_measures
from webapp.services.facts_rebuild import rebuild_facts

maybe = st.sampled_from([None, False, True])
adult_lines = st.builds(
    AdultLine,
    smartphone=maybe,
    digital_id=maybe,
    digital_signature=maybe,
    e_signature=maybe,
    vneid_level=st.sampled_from([None, 0, 1, 2]),
)
minor_lines = st.builds(
    lambda band, count, have: MinorLine(band=band, count=count, digital_id=have, vneid_l2=have, smartphone=have),
    st.sampled_from(MinorBand),
    st.integers(1, 3),
    st.sampled_from([None, 0, 1]),
)
line_answers = st.builds(
    Answers,
    adults=st.lists(adult_lines, max_size=3).map(tuple),
    minors=st.lists(minor_lines, max_size=2).map(tuple),
    fibre_covered=maybe,
    fibre_connected=maybe,
    fibre_speed=st.sampled_from([None, *FibreSpeed]),
    iot_connections=st.sampled_from([None, 0, 5]),
    payment_accounts=st.sampled_from([None, 1]),
)
total_answers = st.builds(
    lambda adults, have, unknown: Answers(
        totals=Totals(
            residents=adults + 2, adults=adults, smartphone_adults=have, esignature_adults=None if unknown else have
        )
    ),
    st.integers(1, 5),
    st.integers(0, 1),
    st.booleans(),
)
answers = st.one_of(st.none(), line_answers, total_answers)
days = st.integers(0, 70).map(lambda n: DAY + dt.timedelta(days=n))
index = st.integers(0, 30)
acts = st.one_of(
    st.tuples(st.just("register"), st.integers(0, 1), days),
    st.tuples(st.just("vacate"), index, days),
    st.tuples(st.just("visit"), index, answers, days, st.integers(0, 1)),
    st.tuples(st.just("correct"), index, answers, days),
    st.tuples(st.just("return"), index),
    st.tuples(st.just("approve"), index),
    st.tuples(st.just("enter"), st.sampled_from([0, 1, None]), st.integers(0, 3), st.integers(0, 3), days),
)


def play(place: Place, act: tuple) -> None:  # type: ignore[type-arg]
    kind, *rest = act
    if kind == "register":
        place.register(*rest)
    elif kind == "enter":
        place.enter(*rest)
    elif kind == "vacate" and place.households:
        place.vacate(rest[0] % len(place.households), rest[1])
    elif kind == "visit" and place.households:
        place.visit(rest[0] % len(place.households), rest[1], rest[2], round_no=rest[3])
    elif kind in {"correct", "return", "approve"} and place.visits:
        visit_id = list(place.visits)[rest[0] % len(place.visits)]
        status = place.status[visit_id]
        if kind == "correct" and status is not VisitStatus.APPROVED:
            place.visit(0, rest[1], rest[2], visit_id=visit_id)
        elif kind == "return" and status is not VisitStatus.NEEDS_CORRECTION:
            place.move(visit_id, VisitStatus.NEEDS_CORRECTION)
        elif kind == "approve" and status is VisitStatus.SUBMITTED:
            place.move(visit_id, VisitStatus.APPROVED)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Callable[[], Session]]:
    path = tmp_path_factory.mktemp("facts") / "facts.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        add_indicators(session)
    yield sessions
    engine.dispose()


def newest(visits: list[CountedVisit], code: str) -> Measure:
    """Look at the visits one by one: the newest of each household speaks for it."""
    last: dict[UUID, CountedVisit] = {}
    for visit in sorted(visits, key=lambda v: (v.visited_on, v.submitted_at, v.visit_id)):
        last[visit.household_id] = visit
    return sum((visit.measures.get(code, Measure()) for visit in last.values()), Measure())


def assert_figures_match_the_visits(place: Place) -> None:
    counted = [v for key, v in place.visits.items() if place.status[key] is not VisitStatus.NEEDS_CORRECTION]
    for after in (0, 1, 2, 30, 31, 69, 70, 200):
        day = DAY + dt.timedelta(days=after)
        found = measures_as_of(place.session, place.ward_id, day, today=DAY + dt.timedelta(days=150))
        for code in ("smartphone_adults", "esignature_adults", "iot_per_resident", "fibre_1gbps_users"):
            expected = newest([v for v in counted if v.visited_on <= day], code)
            assert found.get(code, Measure()) == expected, (code, day)
    for round_id in place.rounds:
        state = round_measures(place.session, place.ward_id, round_id)
        of_round = [v for v in counted if v.round_id == round_id]
        assert state.get("smartphone_adults", Measure()) == newest(of_round, "smartphone_adults")
        assert state.get(VISITED_HOUSEHOLDS, Measure()).numerator == len({v.household_id for v in of_round})


def run_and_compare(sessions: Callable[[], Session], history: list[tuple]) -> None:  # type: ignore[type-arg]
    with sessions() as session:
        place = Place(session).open()
        place.register(0)
        for act in history:
            play(place, act)
        place.assert_exact()
        assert_figures_match_the_visits(place)
        rebuild_facts(session, place.ward_id)
        place.assert_exact()
        assert_figures_match_the_visits(place)
        session.rollback()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(acts, min_size=1, max_size=25))
def test_any_history_leaves_the_facts_that_a_recount_gives(ledger: Callable[[], Session], history: list[tuple]) -> None:  # type: ignore[type-arg]
    run_and_compare(ledger, history)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(acts, min_size=5, max_size=25))
def test_any_history_is_exact_on_postgresql_too(sessions: sessionmaker[Session], history: list[tuple]) -> None:  # type: ignore[type-arg]
    with sessions.begin() as session:
        if session.get(Indicator, "groups_fibre") is None:
            add_indicators(session)
    run_and_compare(sessions, history)
