"""Facts kept by increments are what a recount of all answers gives."""

import datetime as dt
import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, insert, update
from sqlalchemy.orm import Session, sessionmaker

from tests.services.fact_place import DAY, Place, add_indicators
from webapp.core.adoption import KNOWN_HOUSEHOLDS, VISITED_HOUSEHOLDS, Measure, PeriodKind, measures_of
from webapp.core.ids import NIL, new_id
from webapp.core.surveys import AdultLine, Answers, VisitOutcome, VisitStatus
from webapp.core.visit_content import VisitContent
from webapp.models.adoption import AdoptionFact
from webapp.models.surveys import Visit
from webapp.services import facts
from webapp.services.facts_rebuild import compare_facts, rebuild_facts
from webapp.services.visit_rows import REVISION, VISIT, RevisionFacts, visit_rows


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
            "ward_id": ward_id,
            "id": between.visit_id,
            "round_id": between.round_id,
            "group_id": between.group_id,
            "household_id": between.household_id,
            "status": VisitStatus.SUBMITTED,
            "revision": 1,
            "outcome": VisitOutcome.ABSENT,
            "visited_on": between.visited_on,
            "submitted_at": between.submitted_at,
            "measures": {},
            "return_reason": "",
        },
    )
    content = VisitContent(
        visit_id=between.visit_id,
        round_id=between.round_id,
        household_id=between.household_id,
        outcome=VisitOutcome.ABSENT,
        visited_on=between.visited_on,
    )
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
