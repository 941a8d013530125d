"""Several visits in one request: each is taken or refused for itself, and counts as if it had come alone."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import family
from tests.web.api.conftest import Phone, body_of
from tests.web.api.test_visits import count, told
from tests.world import World
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus
from webapp.models.adoption import AdoptionFact
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.surveys import SurveyRound, Visit, VisitRevision
from webapp.services.audit_check import check_audit
from webapp.services.facts import rebuild_facts
from webapp.web.shared.visit_body import BUNDLE_MOST

FACT = AdoptionFact.__table__


def homes(world: World) -> list[str]:
    return [str(home) for home in world.households[world.group_ids[0]]]


def send(phone: Phone, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
    answer = phone.post("/visits/bundle", {"visits": list(bodies)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    answers: list[dict[str, Any]] = answer.json["answers"]  # type: ignore[index]
    assert len(answers) == len(bodies)
    return answers


def facts(session: Session) -> list[tuple[Any, ...]]:
    keys = ("period_kind", "period_key", "indicator_code", "group_id", "numerator", "denominator", "asked")
    columns = [FACT.c[key] for key in keys]
    found = [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:4])) if any(row[4:])]
    session.rollback()
    return found


def test_each_visit_gets_what_it_would_get_alone(phone: Phone, world: World, session: Session) -> None:
    first, second, third = (body_of(world, household_id=home) for home in homes(world)[:3])
    alone = phone.post("/visits", first)
    correction = second | {"base_revision": 1, "reason": "Đếm nhầm", "answers": family(iot_connections=9).to_json()}
    clash = first | {"answers": family(iot_connections=7).to_json()}
    answers = send(phone, first, second, correction, clash, third)
    assert [one["status"] for one in answers] == [200, 201, 201, 409, 201]
    assert answers[0]["receipt"] == alone.json
    assert [one["receipt"]["revision"] for one in answers if one["receipt"]] == [1, 1, 2, 1]
    problem = answers[3]["problem"]
    assert (problem["status"], problem["code"]) == (409, "other-content")
    assert problem["current_sha256"] == alone.json["sha256"]  # type: ignore[index]
    assert (count(session, Visit), count(session)) == (3, 4)
    again = send(phone, first, second, correction, third)
    assert [one["status"] for one in again] == [200] * 4
    assert [one["receipt"] for one in again] == [answers[place]["receipt"] for place in (0, 1, 2, 4)]
    assert count(session) == 4


def test_facts_and_chain_are_as_after_single_visits(
    phone: Phone, world: World, session: Session, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    with unit_of_work(sessions, world.ward_id) as own:
        rebuild_facts(own, world.ward_id)  # the fixture's households are in no fact yet
    same = homes(world)[0]
    bodies = [body_of(world, household_id=home) for home in (*homes(world)[:3], same)]
    bodies.append(
        bodies[0] | {"base_revision": 1, "reason": "Đếm nhầm", "answers": family(iot_connections=4).to_json()}
    )
    assert {one["status"] for one in send(phone, *bodies)} == {201}
    counted = facts(session)
    assert counted
    with unit_of_work(sessions, world.ward_id) as own:
        rebuild_facts(own, world.ward_id)
    assert facts(session) == counted
    with unit_of_work(sessions, world.ward_id) as own:
        assert check_audit(own, world.ward_id).intact
        tags = own.scalars(select(AuditEvent.tag).where(AuditEvent.tag.like("visit%")).order_by(AuditEvent.sequence))
        assert list(tags) == [AuditTag.VISIT_SUBMIT] * 4 + [AuditTag.VISIT_CORRECT]


def test_what_is_wrong_with_one_does_not_touch_the_others(phone: Phone, world: World, session: Session) -> None:
    good, shape, home = (body_of(world, household_id=home) for home in homes(world)[:3])
    answers = body_of(world)
    strange = next(str(ids[0]) for group, ids in world.households.items() if group != world.group_ids[0])
    told_one_by_one = send(
        phone,
        shape | {"colour": "red"},
        {"visit_id": 5},
        answers | {"answers": {"adults": [{"sex": 1}]}},
        home | {"household_id": strange},
        home | {"round_id": str(new_id())},
        good,
    )
    assert [one["status"] for one in told_one_by_one] == [400, 400, 422, 404, 404, 201]
    assert [one["problem"]["status"] for one in told_one_by_one[:-1]] == [400, 400, 422, 404, 404]
    assert all(one["problem"]["detail"] for one in told_one_by_one[:-1])
    assert count(session) == 1


def test_a_program_is_asked_about_what_is_odd_for_each_visit(phone: Phone, world: World, session: Session) -> None:
    odd, plain = (
        body_of(world, household_id=home, source="api", **more)
        for home, more in zip(homes(world), ({"answers": family(iot_connections=300).to_json()}, {}), strict=False)
    )
    answers = send(phone, odd, plain)
    alone = phone.post("/visits", odd)
    assert answers[0]["status"] == alone.status_code == 422
    assert answers[0]["problem"]["questions"] == alone.json["questions"]  # type: ignore[index]
    assert answers[1]["status"] == (201 if count(session) else 422)


def test_a_shut_round_refuses_each_and_leaves_its_trace(
    phone: Phone, world: World, session: Session, sessions: sessionmaker[Session]
) -> None:
    with unit_of_work(sessions, world.ward_id) as own:
        own.execute(update(SurveyRound).where(SurveyRound.id == world.round_id).values(status=RoundStatus.LOCKED))
    answers = send(phone, *(body_of(world, household_id=home) for home in homes(world)[:2]))
    assert [(one["status"], one["problem"]["code"]) for one in answers] == [(423, "round-locked")] * 2
    assert count(session) == 0
    refused = select(AuditEvent.subject_id).where(AuditEvent.tag == AuditTag.VISIT_REFUSED)
    assert len(session.scalars(refused).all()) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"{}", 400, "malformed"),
        (b'{"visits": []}', 400, "malformed"),
        (b'{"visits": [5]}', 400, "malformed"),
        (b'{"visits": [{}], "more": 1}', 400, "malformed"),
        (b'{"visits": [' + b",".join([b"{}"] * (BUNDLE_MOST + 1)) + b"]}", 400, "malformed"),
        (b'{"visits": ["' + b"x" * 300_000 + b'"]}', 413, "too-large"),
    ],
)
def test_what_is_no_bundle_is_refused_whole(phone: Phone, body: bytes, status: int, code: str) -> None:
    told(phone.raw("/visits/bundle", body), status, code)


def test_a_bundle_is_json(phone: Phone) -> None:
    told(phone.raw("/visits/bundle", b'{"visits": [{}]}', "text/plain"), 415, "wrong-type")


def test_a_phone_without_token_gets_nothing(app: Flask, world: World, session: Session) -> None:
    answer = app.test_client().post("/api/v1/visits/bundle", json={"visits": [body_of(world)]})
    told(answer, 401, "token-unknown")
    assert count(session) == 0


def test_more_visits_do_not_ask_the_chain_and_the_facts_again(phone: Phone, world: World, session: Session) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        send(phone, body_of(world))
        one = [s for s in statements if "chain_head" in s or "INTO adoption_fact" in s]
        statements.clear()
        send(phone, *(body_of(world, household_id=home) for home in homes(world)))
        three = [s for s in statements if "chain_head" in s or "INTO adoption_fact" in s]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [s.split()[0] for s in one] == [s.split()[0] for s in three]
    assert len(one) == 3
    assert count(session, VisitRevision) == 4
