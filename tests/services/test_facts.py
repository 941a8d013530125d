"""Facts kept by increments are what a recount of all answers gives."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from webapp.core.adoption import KNOWN_HOUSEHOLDS, VISITED_HOUSEHOLDS, Measure, PeriodKind, measures_of
from webapp.core.facts import CountedVisit, Reading
from webapp.core.ids import NIL, new_id
from webapp.core.surveys import (
    AdultLine,
    Answers,
    FibreSpeed,
    HouseholdStatus,
    MinorBand,
    MinorLine,
    RoundStatus,
    Totals,
    VisitOutcome,
    VisitStatus,
)
from webapp.core.visit_content import VisitContent
from webapp.models.adoption import AdoptionFact, Indicator, RegisterEntry
from webapp.models.database import make_engine, make_sessions
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup, Ward
from webapp.models.surveys import SurveyRound, Visit
from webapp.services import facts
from webapp.services.facts_rebuild import compare_facts, rebuild_facts
from webapp.services.visit_rows import ADULT, REVISION, VISIT, RevisionFacts, visit_rows

DAY = dt.date(2026, 1, 30)
MOMENT = dt.datetime(2026, 1, 30, 3, tzinfo=dt.UTC)


@dataclass
class Place:
    """An empty ward with two groups, two rounds and a way to act on it without the pages."""

    session: Session
    ward_id: UUID = field(default_factory=new_id)
    groups: list[UUID] = field(default_factory=lambda: [new_id(), new_id()])
    rounds: list[UUID] = field(default_factory=lambda: [new_id(), new_id()])
    households: list[tuple[UUID, UUID]] = field(default_factory=list)
    visits: dict[UUID, CountedVisit] = field(default_factory=dict)
    status: dict[UUID, VisitStatus] = field(default_factory=dict)
    revisions: dict[UUID, int] = field(default_factory=dict)
    ticks: int = 0

    def open(self) -> "Place":
        self.session.add(
            Ward(
                id=self.ward_id, code=f"{self.ward_id.int % 90000 + 10000}", valid_from=DAY, name="phường", province_code="99",
                province_name="tỉnh", agency_name="UBND", place_name="P.",
            )
        )  # fmt: skip
        self.session.flush()
        for n, group_id in enumerate(self.groups):
            self.session.add(ResidentialGroup(ward_id=self.ward_id, id=group_id, code=f"{n}", name=f"Tổ {n}"))
        for n, round_id in enumerate(self.rounds):
            self.session.add(
                SurveyRound(
                    ward_id=self.ward_id,
                    id=round_id,
                    name=f"Đợt {n}",
                    starts_on=DAY,
                    ends_on=DAY,
                    status=RoundStatus.OPEN,
                )
            )
        self.session.flush()
        return self

    def moment(self) -> dt.datetime:
        self.ticks += 1
        return MOMENT + dt.timedelta(minutes=self.ticks)

    def register(self, group: int, day: dt.date = DAY) -> UUID:
        household = Household(
            ward_id=self.ward_id, id=new_id(), group_id=self.groups[group], number=len(self.households) + 1, head_name=b"x",
            address=b"x", identity_token=b"x" * 8, status=HouseholdStatus.ACTIVE, registered_on=day,
        )  # fmt: skip
        self.session.add(household)
        self.session.flush()
        facts.households_changed(self.session, self.ward_id, group_id=self.groups[group], day=day, change=1)
        self.households.append((household.id, self.groups[group]))
        return household.id

    def vacate(self, household: int, day: dt.date) -> None:
        household_id, group_id = self.households[household]
        row = self.session.get_one(Household, (self.ward_id, household_id))
        if row.status is HouseholdStatus.VACATED:
            return
        row.status, row.vacated_on = HouseholdStatus.VACATED, day
        self.session.flush()
        facts.households_changed(self.session, self.ward_id, group_id=group_id, day=day, change=-1)

    def visit(
        self,
        household: int,
        answers: Answers | None,
        day: dt.date = DAY,
        *,
        round_no: int = 0,
        visit_id: UUID | None = None,
    ) -> UUID:
        """Submit a new visit, or a new revision of one."""
        household_id, group_id = self.households[household]
        before = self.visits.get(visit_id) if visit_id else None
        number = self.revisions.get(visit_id, 0) + 1 if visit_id else 1
        content = VisitContent(
            visit_id=visit_id or new_id(),
            round_id=before.round_id if before else self.rounds[round_no],
            household_id=before.household_id if before else household_id,
            outcome=VisitOutcome.INTERVIEWED if answers else VisitOutcome.ABSENT,
            visited_on=day,
            answers=answers,
        )
        about = RevisionFacts(
            ward_id=self.ward_id,
            group_id=before.group_id if before else group_id,
            made_at=self.moment(),
            made_by=None,
            number=number,
        )
        rows = visit_rows(content, about, facts.adult_ages(self.session, self.ward_id))
        if before:
            self.session.execute(update(VISIT).where(VISIT.c.id == content.visit_id).values(rows.visit))
        else:
            self.session.execute(insert(VISIT), rows.visit)
        self.session.execute(insert(REVISION), rows.revision)
        if rows.adults:
            self.session.execute(insert(ADULT), rows.adults)
        new = CountedVisit(
            visit_id=content.visit_id, round_id=content.round_id, group_id=about.group_id, household_id=content.household_id,
            visited_on=day, submitted_at=about.made_at, measures=rows.measures,
        )  # fmt: skip
        counted_before = (
            before if before and self.status[content.visit_id] is not VisitStatus.NEEDS_CORRECTION else None
        )
        facts.visit_changed(self.session, self.ward_id, old=counted_before, new=new)
        self.visits[content.visit_id], self.revisions[content.visit_id] = new, number
        self.status[content.visit_id] = VisitStatus.SUBMITTED
        return content.visit_id

    def move(self, visit_id: UUID, status: VisitStatus) -> None:
        """Return or approve a visit."""
        before, self.status[visit_id] = self.status[visit_id], status
        self.session.execute(update(VISIT).where(VISIT.c.id == visit_id).values(status=status))
        counted = self.visits[visit_id]
        returned = VisitStatus.NEEDS_CORRECTION
        facts.visit_changed(
            self.session,
            self.ward_id,
            old=None if before is returned else counted,
            new=None if status is returned else counted,
        )

    def enter(self, group: int | None, numerator: int, denominator: int, day: dt.date) -> None:
        reading = Reading(
            entry_id=new_id(), indicator_code="groups_fibre", item_id=None, group_id=None if group is None else self.groups[group],
            observed_on=day, recorded_at=self.moment(), numerator=numerator, denominator=denominator,
        )  # fmt: skip
        self.session.add(
            RegisterEntry(
                ward_id=self.ward_id, id=reading.entry_id, indicator_code=reading.indicator_code, group_id=reading.group_id,
                observed_on=day, recorded_at=reading.recorded_at, numerator=numerator, denominator=denominator,
            )
        )  # fmt: skip
        self.session.flush()
        facts.register_changed(self.session, self.ward_id, reading)

    def fact(
        self, code: str, kind: PeriodKind = PeriodKind.ALL, key: str = "all", group: UUID | None = None
    ) -> Measure:
        row = AdoptionFact
        found = self.session.execute(
            select(row.numerator, row.denominator, row.asked).where(
                row.ward_id == self.ward_id, row.period_kind == kind, row.period_key == key, row.indicator_code == code,
                row.group_id == (group or self.groups[0]),
            )
        ).one_or_none()  # fmt: skip
        return Measure(*found) if found else Measure()

    def assert_exact(self) -> None:
        assert compare_facts(self.session, self.ward_id) == ([], 0)


def add_indicators(session: Session) -> None:
    for n, (code, age) in enumerate([("smartphone_adults", 18), ("esignature_adults", 18), ("groups_fibre", None)]):
        session.add(
            Indicator(
                code=code, sort_key=n, name_vi=code, name_en=code, numerator_vi="", denominator_vi="", numerator_en="", denominator_en="",
                unit_name_vi="người", adult_age=age, source="group" if age is None else "household", unit="percent", plan_section="III.1",
            )
        )  # fmt: skip
    session.flush()


@pytest.fixture
def place(session: Session) -> Place:
    add_indicators(session)
    return Place(session).open()


def phones(have: int, of: int) -> Answers:
    return Answers(adults=tuple(AdultLine(smartphone=n < have) for n in range(of)))


def test_a_second_visit_replaces_the_first_and_the_days_between_keep_the_old_figure(place: Place) -> None:
    place.register(0)
    place.visit(0, phones(1, 3), DAY)
    place.visit(0, phones(2, 3), DAY + dt.timedelta(days=40), round_no=1)
    assert place.fact("smartphone_adults") == Measure(2, 3, 1)
    assert place.fact("smartphone_adults", PeriodKind.MONTH, "2026-01") == Measure(1, 3, 1)
    assert place.fact("smartphone_adults", PeriodKind.MONTH, "2026-03") == Measure(1, 0, 0)
    assert place.fact("smartphone_adults", PeriodKind.ROUND, str(place.rounds[0])) == Measure(1, 3, 1)
    assert place.fact("smartphone_adults", PeriodKind.ROUND, str(place.rounds[1])) == Measure(2, 3, 1)
    place.assert_exact()


def test_a_visit_dated_between_two_others_corrects_the_later_day_too(place: Place) -> None:
    place.register(0)
    place.visit(0, phones(1, 4), DAY)
    place.visit(0, phones(4, 4), DAY + dt.timedelta(days=10))
    place.visit(0, phones(3, 4), DAY + dt.timedelta(days=5))
    assert place.fact("smartphone_adults") == Measure(4, 4, 1)
    assert place.fact("smartphone_adults", PeriodKind.DAY, "2026-02-04") == Measure(2, 0, 0)
    assert place.fact("smartphone_adults", PeriodKind.DAY, "2026-02-09") == Measure(1, 0, 0)
    place.assert_exact()


def test_a_newer_visit_that_found_nobody_takes_the_household_out(place: Place) -> None:
    place.register(0)
    place.visit(0, phones(2, 2), DAY)
    place.visit(0, None, DAY + dt.timedelta(days=1), round_no=1)
    assert place.fact("smartphone_adults") == Measure(0, 0, 0)
    assert place.fact(VISITED_HOUSEHOLDS, PeriodKind.ROUND, str(place.rounds[1])) == Measure(1)
    place.assert_exact()


def test_a_returned_visit_leaves_the_count_and_a_resubmitted_one_comes_back(place: Place) -> None:
    place.register(0)
    visit_id = place.visit(0, phones(2, 2))
    place.move(visit_id, VisitStatus.NEEDS_CORRECTION)
    assert not place.fact("smartphone_adults")
    place.visit(0, phones(1, 2), visit_id=visit_id)
    place.move(visit_id, VisitStatus.APPROVED)
    assert place.fact("smartphone_adults") == Measure(1, 2, 1)
    place.assert_exact()


def test_signatures_count_the_union_not_the_sum(place: Place) -> None:
    place.register(0)
    both = AdultLine(digital_signature=True, e_signature=True)
    place.visit(
        0,
        Answers(
            adults=(both, AdultLine(digital_signature=False, e_signature=True), AdultLine(digital_signature=False))
        ),
    )
    assert place.fact("esignature_adults") == Measure(2, 2, 1), "the third adult's e-signature is not known"
    assert place.fact("digital_signature_adults") == Measure(1, 3, 1)
    place.assert_exact()


def test_known_households_follow_the_list(place: Place) -> None:
    place.register(0)
    place.register(0)
    place.register(1)
    place.vacate(1, DAY + dt.timedelta(days=3))
    assert place.fact(KNOWN_HOUSEHOLDS) == Measure(1)
    assert place.fact(KNOWN_HOUSEHOLDS, PeriodKind.MONTH, "2026-01") == Measure(2)
    place.assert_exact()


def test_the_newest_register_entry_counts_and_unknown_leaves(place: Place) -> None:
    place.enter(0, 1, 1, DAY)
    place.enter(1, 0, 1, DAY)
    place.enter(0, 0, 0, DAY + dt.timedelta(days=2))
    assert place.fact("groups_fibre") == Measure(0, 0, 0)
    assert place.fact("groups_fibre", group=place.groups[1]) == Measure(0, 1, 1)
    place.enter(None, 7, 9, DAY)
    assert place.fact("groups_fibre", group=NIL) == Measure(7, 9, 1)
    place.assert_exact()


def test_many_at_once_give_the_same_rows(place: Place) -> None:
    place.register(0)
    place.register(1)
    place.visit(0, phones(1, 3), DAY)
    place.visit(0, phones(2, 3), DAY + dt.timedelta(days=9))
    kept = dict(place.visits)
    between = replace(next(iter(kept.values())), visit_id=new_id(), visited_on=DAY + dt.timedelta(days=4), measures={})
    session, ward_id = place.session, place.ward_id
    rebuild_facts(session, ward_id)
    session.execute(
        insert(VISIT),
        {
            "ward_id": ward_id, "id": between.visit_id, "round_id": between.round_id, "group_id": between.group_id,
            "household_id": between.household_id, "status": VisitStatus.SUBMITTED, "revision": 1, "outcome": VisitOutcome.ABSENT,
            "visited_on": between.visited_on, "submitted_at": between.submitted_at, "measures": {}, "return_reason": "",
        },
    )  # fmt: skip
    content = VisitContent(
        visit_id=between.visit_id, round_id=between.round_id, household_id=between.household_id, outcome=VisitOutcome.ABSENT,
        visited_on=between.visited_on,
    )  # fmt: skip
    about = RevisionFacts(ward_id=ward_id, group_id=between.group_id, made_at=between.submitted_at, made_by=None)
    session.execute(insert(REVISION), visit_rows(content, about, {}).revision)
    facts.add_many(session, ward_id, visits=[between])
    place.assert_exact()


def test_a_damaged_row_is_found_and_mended(place: Place) -> None:
    place.register(0)
    visit_id = place.visit(0, phones(1, 3))
    session = place.session
    session.execute(update(AdoptionFact).where(AdoptionFact.indicator_code == "smartphone_adults").values(numerator=9))
    session.execute(update(Visit).where(Visit.id == visit_id).values(measures={}))
    differences, stale = compare_facts(session, place.ward_id)
    assert {d.stored.numerator for d in differences} == {9}
    assert stale == 1
    rebuild_facts(session, place.ward_id)
    place.assert_exact()


def test_a_submission_takes_at_most_three_statements(place: Place, engine: Engine) -> None:
    place.register(0)
    place.visit(0, phones(1, 3))
    place.session.flush()
    before = place.visits[next(iter(place.visits))]
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_rest: seen.append(statement))
    facts.visit_changed(
        place.session, place.ward_id, old=before, new=replace(before, measures=measures_of(phones(3, 3), {}))
    )
    assert len(seen) <= 3, seen
    seen.clear()
    facts.visit_changed(place.session, place.ward_id, old=before, new=before)
    assert seen == [], "approving changes no count and reads nothing"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_visits_to_one_household_at_once_leave_exact_facts(
    sessions: sessionmaker[Session], database_url: str
) -> None:
    assert database_url.startswith("postgresql")
    with sessions.begin() as session:
        add_indicators(session)
        place = Place(session).open()
        place.register(0)
    start = threading.Barrier(4)

    def submit(n: int) -> None:
        with sessions.begin() as own:
            mine = replace(place, session=own, visits={}, status={}, revisions={}, ticks=n)
            start.wait()
            mine.visit(0, phones(n, 4), DAY + dt.timedelta(days=n))

    threads = [threading.Thread(target=submit, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        assert compare_facts(session, place.ward_id) == ([], 0)


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
    st.sampled_from(MinorBand), st.integers(1, 3), st.sampled_from([None, 0, 1]),
)  # fmt: skip
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
        totals=Totals(residents=adults + 2, adults=adults, smartphone_adults=have, esignature_adults=None if unknown else have)
    ),
    st.integers(1, 5), st.integers(0, 1), st.booleans(),
)  # fmt: skip
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


def run_and_compare(sessions: Callable[[], Session], history: list[tuple]) -> None:  # type: ignore[type-arg]
    with sessions() as session:
        place = Place(session).open()
        place.register(0)
        for act in history:
            play(place, act)
        place.assert_exact()
        rebuild_facts(session, place.ward_id)
        place.assert_exact()
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
