"""Each quality check, on visits made for it."""

import datetime as dt
from typing import Any
from uuid import UUID

from webapp.analytics.quality import check_round
from webapp.core.ids import new_id
from webapp.core.quality import (
    Figure,
    QualityBy,
    QualityCheck,
    QualityQuestion,
    QualityResult,
    QualityVisit,
    TwinHousehold,
)

WARD, GROUP, OTHER, HEAD, SECOND = (new_id() for _ in range(5))
NINE = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)


def visit(**changes: Any) -> QualityVisit:
    values: dict[str, Any] = {
        "visit_id": new_id(),
        "household_id": new_id(),
        "group_id": GROUP,
        "made_by": HEAD,
        "outcome": "interviewed",
        "asked": frozenset({"smartphone"}),
        "residents": 4,
        "adults": 2,
        "iot_connections": 1,
        "answers_key": new_id().hex,
    }
    return QualityVisit(**{**values, **changes})


def run(*visits: QualityVisit) -> QualityResult:
    return check_round(WARD, visits, [], {GROUP: 10})


def figure(
    result: QualityResult,
    check: QualityCheck,
    question: QualityQuestion = QualityQuestion.ALL,
    by: QualityBy = QualityBy.WARD,
    subject: UUID = WARD,
) -> tuple[int, int] | None:
    key = (check, question, by, subject)
    found: list[Figure] = [f for f in result.figures if (f.check, f.question, f.by, f.subject_id) == key]
    return (found[0].numerator, found[0].denominator) if found else None


def pointed_at(result: QualityResult, check: QualityCheck) -> set[UUID | None]:
    return {found.visit_id for found in result.findings if found.check is check}


def test_unknown_answers_are_counted_by_visit_group_and_head() -> None:
    asked = frozenset({"smartphone", "fibre_connected"})
    known = visit(asked=asked, group_id=OTHER, made_by=SECOND)
    one, both = visit(asked=asked, unknown=frozenset({"smartphone"})), visit(asked=asked, unknown=asked)
    result = run(known, one, both)
    check = QualityCheck.MISSING
    assert figure(result, check) == (2, 3)
    assert figure(result, check, QualityQuestion.FIBRE_CONNECTED) == (1, 3)
    assert figure(result, check, by=QualityBy.GROUP, subject=GROUP) == (2, 2)
    assert figure(result, check, by=QualityBy.HEAD, subject=SECOND) == (0, 1)
    assert pointed_at(result, check) == {one.visit_id, both.visit_id}


def test_a_far_value_is_named_with_its_bound_where_there_are_enough() -> None:
    usual = [visit(iot_connections=n % 4) for n in range(60)]
    far = visit(iot_connections=90)
    result = run(*usual, far)
    assert pointed_at(result, QualityCheck.OUTLIER) == {far.visit_id}
    found = next(f for f in result.findings if f.check is QualityCheck.OUTLIER)
    assert (found.question, found.value) == (QualityQuestion.IOT_CONNECTIONS, 90)
    assert found.bound is not None
    assert found.bound < 90
    assert figure(run(*usual[:20], far), QualityCheck.OUTLIER) is None


def test_answers_like_those_of_the_visit_just_before_are_named_with_it() -> None:
    first = visit(answers_key="a", moment=NINE)
    same = visit(answers_key="a", moment=NINE + dt.timedelta(minutes=9))
    other = visit(answers_key="b", moment=NINE + dt.timedelta(minutes=20))
    again = visit(answers_key="a", moment=NINE + dt.timedelta(minutes=30))
    of_another = visit(answers_key="a", moment=NINE + dt.timedelta(minutes=1), made_by=SECOND)
    result = run(again, other, same, first, of_another)
    assert pointed_at(result, QualityCheck.SAME_ANSWERS) == {same.visit_id}
    assert [f.other_id for f in result.findings if f.check is QualityCheck.SAME_ANSWERS] == [first.visit_id]
    alone = [visit(answers_key="a", adults=1, moment=NINE + dt.timedelta(minutes=n)) for n in range(2)]
    assert pointed_at(run(*alone), QualityCheck.SAME_ANSWERS) == set()


def test_all_answers_of_the_last_round_are_a_copy() -> None:
    copied, changed, new = visit(answers_key="a", last_key="a"), visit(last_key="a"), visit()
    result = run(copied, changed, new)
    assert figure(result, QualityCheck.COPY) == (1, 2)
    assert pointed_at(result, QualityCheck.COPY) == {copied.visit_id}


def test_a_form_filled_in_under_a_minute_is_fast() -> None:
    fast, slow, untimed = visit(seconds=20.0), visit(seconds=240.0), visit()
    result = run(fast, slow, untimed)
    assert figure(result, QualityCheck.FAST) == (1, 2)
    assert [(f.visit_id, f.value, f.bound) for f in result.findings if f.check is QualityCheck.FAST] == [
        (fast.visit_id, 20.0, 60.0)
    ]


def test_three_visits_in_a_minute_are_a_burst_and_two_are_not() -> None:
    burst = [visit(moment=NINE + dt.timedelta(seconds=20 * n)) for n in range(3)]
    pair = [visit(moment=NINE + dt.timedelta(hours=2, seconds=n)) for n in range(2)]
    others = [visit(moment=NINE, made_by=SECOND)]
    result = run(*burst, *pair, *others)
    assert pointed_at(result, QualityCheck.BURST) == {v.visit_id for v in burst}
    assert figure(result, QualityCheck.BURST, QualityQuestion.MINUTE) == (3, 6)


def test_more_than_twenty_in_an_hour_are_too_many() -> None:
    hour = [visit(moment=NINE + dt.timedelta(seconds=160 * n)) for n in range(21)]
    result = run(*hour)
    assert figure(result, QualityCheck.BURST, QualityQuestion.HOUR) == (21, 21)
    assert figure(run(*hour[:20]), QualityCheck.BURST) == (0, 20)


def test_late_and_early_hours_are_those_of_the_ward() -> None:
    late = visit(moment=dt.datetime(2026, 11, 22, 15, 30, tzinfo=dt.UTC))  # 22:30 here
    early = visit(moment=dt.datetime(2026, 11, 21, 22, 30, tzinfo=dt.UTC))  # 5:30 here
    day = visit(moment=NINE)
    assert pointed_at(run(late, early, day), QualityCheck.ODD_HOUR) == {late.visit_id, early.visit_id}


def test_absent_and_refused_are_shares_of_all_visits() -> None:
    nothing = {"asked": frozenset(), "residents": None, "adults": None, "iot_connections": None, "answers_key": ""}
    result = run(visit(), visit(outcome="absent", **nothing), visit(outcome="refused", **nothing), visit())
    assert figure(result, QualityCheck.NOT_MET) == (2, 4)
    assert figure(result, QualityCheck.NOT_MET, QualityQuestion.ABSENT) == (1, 4)


def test_round_numbers_are_asked_of_numbers_from_five() -> None:
    result = run(
        visit(iot_connections=10), visit(iot_connections=7), visit(iot_connections=3), visit(payment_accounts=5)
    )
    assert figure(result, QualityCheck.ROUND_NUMBERS, QualityQuestion.IOT_CONNECTIONS) == (1, 2)
    assert figure(result, QualityCheck.ROUND_NUMBERS) == (2, 3)


def test_households_registered_twice_are_named_with_their_twin() -> None:
    one, two = new_id(), new_id()
    twins = [
        TwinHousehold(household_id=one, group_id=GROUP, twin_id=two),
        TwinHousehold(household_id=two, group_id=OTHER, twin_id=one),
    ]
    result = check_round(WARD, [], twins, {GROUP: 5, OTHER: 4})
    assert figure(result, QualityCheck.SAME_HOUSEHOLD) == (2, 9)
    assert figure(result, QualityCheck.SAME_HOUSEHOLD, by=QualityBy.GROUP, subject=OTHER) == (1, 4)
    assert [(f.household_id, f.other_id) for f in result.findings] == [(one, two), (two, one)]


def test_every_number_is_the_number_of_visits_behind_it() -> None:
    asked = frozenset({"smartphone", "fibre_connected"})
    visits = [
        visit(
            asked=asked,
            unknown=asked if n % 3 == 0 else frozenset(),
            group_id=GROUP if n % 2 else OTHER,
            made_by=[HEAD, SECOND, None][n % 3],
            outcome="interviewed" if n % 7 else "absent",
            iot_connections=n,
            answers_key=str(n // 2),
            last_key=str(n % 5),
            moment=NINE + dt.timedelta(seconds=25 * n),
            seconds=float(n * 5),
        )
        for n in range(80)
    ]
    result = run(*visits)
    for f in (f for f in result.figures if f.check is not QualityCheck.SAME_HOUSEHOLD):
        behind = {
            found.visit_id
            for found in result.findings
            if found.check is f.check
            and (f.question is QualityQuestion.ALL or found.question is f.question)
            and f.subject_id in (WARD, found.group_id, found.made_by)
        }
        assert len(behind) == f.numerator <= f.denominator, f
