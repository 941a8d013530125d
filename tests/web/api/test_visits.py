"""A phone sends a visit: every status that the contract names."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.extra_questions import FORM
from tests.fakes import FixedClock
from tests.survey_answers import DAY, family
from tests.web.api.conftest import Phone, body_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.extra_questions import ExtraFormStatus
from webapp.core.ids import new_id
from webapp.core.surveys import Answers, RoundStatus, VisitOutcome
from webapp.core.visit_content import VisitContent, content_sha256, receipt_code
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.extra_forms import ExtraFormRow
from webapp.models.surveys import RoundGroup, SurveyRound, Visit, VisitRevision
from webapp.services.review import approve_visits
from webapp.services.rounds import move_round
from webapp.web.shared.visit_body import VisitBody


def count(session: Session, table: type = VisitRevision) -> int:
    found = session.scalar(select(func.count()).select_from(table)) or 0
    session.rollback()  # SQLite has one writer, and a test's session takes its place
    return found


def told(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Check that the answer is a problem document and give it."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = answer.json  # type: ignore[assignment]
    assert (document["status"], document["code"]) == (status, code)
    assert document["type"] == f"/api/docs#{code}"
    assert document["title"]
    assert document["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    return document


def test_a_new_visit_gets_201_and_a_receipt_that_the_phone_can_compute(
    phone: Phone, world: World, session: Session
) -> None:
    body = body_of(world)
    answer = phone.post("/visits", body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    content = VisitContent(
        visit_id=session.scalars(select(Visit.id)).one(),
        round_id=world.round_id,
        household_id=world.households[world.group_ids[0]][0],
        outcome=VisitOutcome.INTERVIEWED,
        visited_on=DAY,
        answers=Answers.from_json(body["answers"]),
    )
    sha256 = content_sha256(content)
    assert answer.json == {
        "visit_id": body["visit_id"],
        "revision": 1,
        "sha256": sha256,
        "code": receipt_code(sha256),
        "submitted_at": "2026-11-22T02:00:00Z",
    }
    stored = session.scalars(select(VisitRevision)).one()
    assert (stored.source, stored.made_by) == ("phone", world.accounts[Role.GROUP_HEAD])
    assert stored.started_at is not None


def test_the_same_bytes_again_get_200_and_the_same_receipt(
    phone: Phone, world: World, session: Session, clock: FixedClock
) -> None:
    body = body_of(world)
    first = phone.post("/visits", body)
    clock.move(days=2)
    again = phone.post("/visits", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert count(session) == 1


def test_other_content_under_the_same_identifier_is_a_conflict_that_names_what_is_stored(
    phone: Phone, world: World, session: Session
) -> None:
    body = body_of(world)
    receipt: dict[str, Any] = phone.post("/visits", body).json  # type: ignore[assignment]
    other = body | {"answers": family(iot_connections=9).to_json()}
    problem = told(phone.post("/visits", other), 409, "other-content")
    assert (problem["current_revision"], problem["current_sha256"]) == (1, receipt["sha256"])
    assert count(session) == 1


def test_a_correction_is_a_new_revision_and_a_stale_one_is_a_conflict(
    phone: Phone, world: World, session: Session
) -> None:
    body = body_of(world)
    phone.post("/visits", body)
    change = {"answers": family(iot_connections=9).to_json(), "base_revision": 1, "reason": "Đếm nhầm"}
    done = phone.post("/visits", body | change)
    assert (done.status_code, done.json["revision"]) == (201, 2)  # type: ignore[index]
    assert phone.post("/visits", body | change).status_code == 200
    late = body | change | {"answers": family(iot_connections=5).to_json()}
    first = phone.post("/visits", body)  # its answer was lost, and somebody corrected the visit meanwhile
    assert (first.status_code, first.json["revision"]) == (200, 1)  # type: ignore[index]
    problem = told(phone.post("/visits", late), 409, "stale-base")
    assert (problem["current_revision"], problem["current_sha256"]) == (2, done.json["sha256"])  # type: ignore[index]
    assert count(session) == 2


def test_a_correction_without_a_reason_says_so(phone: Phone, world: World) -> None:
    body = body_of(world)
    phone.post("/visits", body)
    change = {"answers": family(iot_connections=9).to_json(), "base_revision": 1}
    problem = told(phone.post("/visits", body | change), 422, "invalid-answers")
    assert [error["field"] for error in problem["errors"]] == ["reason"]


def test_a_correction_of_an_approved_visit_is_no_retry(
    phone: Phone, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session
) -> None:
    body = body_of(world)
    phone.post("/visits", body)
    with unit_of_work(sessions, world.ward_id) as own:
        visit_id = own.scalars(select(Visit.id)).one()
        approve_visits(own, [visit_id], actor=world.actor(Role.STATISTICIAN), clock=clock)
    change = {"answers": family(iot_connections=9).to_json(), "base_revision": 1, "reason": "Đếm nhầm"}
    told(phone.post("/visits", body | change), 409, "wrong-state")
    assert count(session) == 1


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"null", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b'"x"', 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"{}", 400, "malformed"),
        (b"\xff\xfe{\x00}\x00", 400, "malformed"),
        (b'{"visit_id": "\xff"}', 400, "malformed"),
        (b'{"visit_id": "\\ud800"}', 400, "malformed"),
        (b'{"confirmed":' + b"[" * 5_000, 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"a":' * 20_000, 400, "malformed"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_visit_is_malformed(phone: Phone, session: Session, text: bytes, status: int, code: str) -> None:
    told(phone.raw("/visits", text), status, code)
    assert count(session) == 0


def test_a_byte_order_mark_and_other_encodings_are_malformed(phone: Phone, world: World) -> None:
    text = json.dumps(body_of(world), ensure_ascii=False)
    for raw in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), text.encode("utf-16-le")):
        told(phone.raw("/visits", raw), 400, "malformed")


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"visit_id": 7},
        {"visit_id": "no-uuid"},
        {"round_id": None},
        {"base_revision": "1"},
        {"base_revision": 0},
        {"base_revision": 10**30},
        {"base_revision": True},
        {"reason": None},
        {"reason": "x" * 3_000},
        {"started_at": "2026-11-22T01:40:00"},
        {"started_at": 1_700_000_000},
        {"source": "grid"},
        {"confirmed": {}},
        {"confirmed": [{"code": "many_residents", "value": 1.5}]},
        {"confirmed": [{"code": "x"}] * 41},
        {"form_version": 1},
    ],
    ids=repr,
)
def test_a_wrong_envelope_is_malformed_and_names_the_field(phone: Phone, world: World, change: dict[str, Any]) -> None:
    problem = told(phone.post("/visits", body_of(world, **change)), 400, "malformed")
    assert problem["errors"][0]["field"].split(".")[0] == next(iter(change))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "slept"}, "outcome"),
        ({"visited_on": "22/11/2026"}, "visited_on"),
        ({"visited_on": 20_000}, "visited_on"),
        ({"visited_on": "2026-11-24"}, "visited_on"),
        ({"answers": None}, "outcome"),
        ({"answers": []}, "answers"),
        ({"answers": {"adults": [{"smartphone": "yes"}]}}, "adults.0.smartphone"),
        ({"answers": {"adults": [{"smartphone": 1}]}}, "adults.0.smartphone"),
        ({"answers": {"adults": [{"barrier": "laziness"}]}}, "adults.0.barrier"),
        ({"answers": {"adults": [{"vneid_level": 3}]}}, "adults.0.vneid_level"),
        ({"answers": {"adults": [{"vneid_level": 2.0}]}}, "adults.0.vneid_level"),
        ({"answers": {"adults": [{"name": "Ánh"}]}}, "adults.0.name"),
        ({"answers": {"adults": [{}], "iot_connections": 10**400}}, "iot_connections"),
        ({"answers": {"adults": [{}], "iot_connections": float("nan")}}, "iot_connections"),
        ({"answers": {"adults": [{}], "iot_connections": -1}}, "iot_connections"),
        ({"answers": {"adults": [{}], "note": "a\x00b"}}, "note"),
        ({"answers": {"adults": [{}], "note": "x" * 501}}, "note"),
        ({"answers": {"adults": [{}] * 61}}, "adults"),
        ({"answers": {"totals": {"residents": 2, "adults": 5}}}, "totals.adults"),
        ({"answers": {"minors": [{"band": "0-5"}]}}, "minors.0.count"),
    ],
    ids=repr,
)
def test_wrong_answers_are_told_by_field(
    phone: Phone, world: World, session: Session, change: dict[str, Any], field: str
) -> None:
    problem = told(phone.post("/visits", body_of(world, **change)), 422, "invalid-answers")
    assert field in [error["field"] for error in problem["errors"]]
    assert all(error["message"] for error in problem["errors"])
    assert count(session) == 0


def test_a_clock_wrong_by_a_day_is_forgiven_and_by_two_is_not(phone: Phone, world: World) -> None:
    assert phone.post("/visits", body_of(world, visited_on="2026-11-23")).status_code == 201
    told(phone.post("/visits", body_of(world, visited_on="2026-11-24")), 422, "invalid-answers")
    before = (DAY.replace(day=1)).isoformat()  # the round began on 2 November
    assert phone.post("/visits", body_of(world, visited_on=before)).status_code == 201


def test_a_body_of_another_kind_or_size_is_refused(phone: Phone, world: World) -> None:
    text = json.dumps(body_of(world)).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""):
        told(phone.raw("/visits", text, kind), 415, "wrong-type")
    told(phone.raw("/visits", text + b" " * 300_000), 413, "too-large")
    assert phone.raw("/visits", text, "application/json; charset=utf-8").status_code == 201


def test_only_a_known_token_opens_and_a_cookie_does_not(
    client: FlaskClient, login: Callable[[Role], FlaskClient], world: World, session: Session
) -> None:
    for role in (Role.GROUP_HEAD, Role.STATISTICIAN):
        told(login(role).post("/api/v1/visits", json=body_of(world)), 401, "token-unknown")
    for header in ("", "Bearer", "Bearer  ", "Bearer x", "Basic x", "Bearer " + "x" * 10_000, "bearer \u00e9"):
        answer = client.post("/api/v1/visits", json=body_of(world), headers={"Authorization": header})
        told(answer, 401, "token-unknown")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert count(session) == 0


def test_what_is_not_mine_is_not_found(phone: Phone, world: World) -> None:
    foreign = str(world.households[world.group_ids[1]][0])
    told(phone.post("/visits", body_of(world, household_id=foreign)), 404, "not-found")
    told(phone.post("/visits", body_of(world, household_id=str(new_id()))), 404, "not-found")
    told(phone.post("/visits", body_of(world, round_id=str(new_id()))), 404, "not-found")
    correction = {"base_revision": 1, "reason": "Đếm nhầm"}
    told(phone.post("/visits", body_of(world, **correction)), 404, "not-found")


def test_a_receipt_is_given_again_after_the_round_was_closed(
    phone: Phone, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    body = body_of(world)
    first = phone.post("/visits", body)
    with unit_of_work(sessions, world.ward_id) as session:
        move_round(session, world.round_id, RoundStatus.CLOSED, actor=world.actor(Role.STATISTICIAN), clock=clock)
    again = phone.post("/visits", body)
    assert (again.status_code, again.data) == (200, first.data)
    told(phone.post("/visits", body_of(world)), 423, "round-closed")


@pytest.mark.parametrize(
    ("of_round", "of_group", "code"),
    [
        (RoundStatus.PLANNED, None, "round-closed"),
        (RoundStatus.CLOSED, None, "round-closed"),
        (RoundStatus.LOCKED, None, "round-locked"),
        (RoundStatus.OPEN, RoundStatus.CLOSED, "group-closed"),
        (RoundStatus.OPEN, RoundStatus.LOCKED, "group-locked"),
    ],
)
def test_a_shut_round_or_group_is_423_and_the_log_holds_the_refusal(
    phone: Phone,
    world: World,
    sessions: sessionmaker[Session],
    session: Session,
    clock: FixedClock,
    of_round: RoundStatus,
    of_group: RoundStatus | None,
    code: str,
) -> None:
    with sessions.begin() as own:
        own.execute(update(SurveyRound).values(status=of_round))
        if of_group is not None:
            own.add(
                RoundGroup(
                    ward_id=world.ward_id,
                    round_id=world.round_id,
                    group_id=world.group_ids[0],
                    status=of_group,
                    changed_at=clock.now(),
                    changed_by=world.accounts[Role.STATISTICIAN],
                )
            )
    body = body_of(world)
    told(phone.post("/visits", body), 423, code)
    entry = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    assert (entry.tag, str(entry.subject_id), entry.actor_id) == (
        "visit:refused",
        body["visit_id"],
        world.accounts[Role.GROUP_HEAD],
    )
    assert entry.detail == {"code": code, "path": "api.submit"}
    assert count(session) == 0


def test_a_phone_is_not_asked_and_what_it_did_not_confirm_is_marked(
    phone: Phone, world: World, session: Session
) -> None:
    many = family(iot_connections=150).to_json()
    assert phone.post("/visits", body_of(world, answers=many)).status_code == 201
    assert session.scalars(select(VisitRevision.confirmed)).one() == [
        {"code": "many_devices", "params": {"count": 150}, "unanswered": True}
    ]


def test_what_the_phone_confirmed_is_kept_with_the_servers_own_values(
    phone: Phone, world: World, session: Session
) -> None:
    body = body_of(
        world,
        answers=family(iot_connections=150).to_json(),
        confirmed=[
            {"code": "many_devices", "params": {"count": 3}},
            {"code": "adults_changed", "params": {"before": 5, "now": 2}},
            {"code": "of_a_later_form", "value": True},
        ],
    )
    assert phone.post("/visits", body).status_code == 201
    assert session.scalars(select(VisitRevision.confirmed)).one() == [
        {"code": "many_devices", "params": {"count": 150}},
        {"code": "adults_changed", "params": {"before": 5, "now": 2}},
        {"code": "of_a_later_form", "value": True},
    ]


def test_a_program_is_asked_until_it_confirms(phone: Phone, world: World, session: Session) -> None:
    body = body_of(world, answers=family(iot_connections=150).to_json(), source="api")
    problem = told(phone.post("/visits", body), 422, "soft-checks")
    assert problem["questions"] == [
        {
            "code": "many_devices",
            "params": {"count": 150},
            "text": "Nhà có 150 thiết bị kết nối Internet, đúng không?",
        }
    ]
    assert count(session) == 0
    assert phone.post("/visits", body | {"confirmed": [{"code": "many_devices"}]}).status_code == 201


def test_a_phone_that_went_mad_is_slowed_down(app: Flask, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.web.api.pace.PER_MINUTE", 3)
    monkeypatch.setattr("webapp.web.api.pace.settings", lambda: type("On", (), {"rate_limits": True}))
    answers = [phone.get("/me") for _ in range(5)]
    assert answers[0].status_code == 200
    told(answers[-1], 429, "too-fast")
    assert answers[-1].headers["Retry-After"] == "60"


def test_a_visit_costs_one_statement_more_than_the_service(
    phone: Phone, world: World, sessions: sessionmaker[Session]
) -> None:
    """Phone, account, ward and grants are one look; the contact is noted by another minute's request."""
    phone.post("/visits", body_of(world))
    statements: list[str] = []
    engine = sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    household = str(world.households[world.group_ids[0]][1])
    assert phone.post("/visits", body_of(world, household_id=household)).status_code == 201
    assert sum(" device" in text for text in statements) == 1
    assert not any("UPDATE device" in text for text in statements)
    assert sum("role_grant" in text for text in statements) == 1


def ask_extra(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> None:
    """The ward asks one more question in the open round."""
    with sessions.begin() as session:
        session.add(
            ExtraFormRow(
                ward_id=world.ward_id,
                id=new_id(),
                round_id=world.round_id,
                number=1,
                status=ExtraFormStatus.ACTIVE,
                questions=[question.to_json() for question in FORM.questions],
                made_at=clock.now(),
                made_by=world.accounts[Role.STATISTICIAN],
            )
        )


def test_extra_answers_travel_with_the_visit_and_are_part_of_the_receipt(
    phone: Phone, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session
) -> None:
    ask_extra(sessions, world, clock)
    reference = phone.get("/reference").json
    assert reference is not None
    assert reference["extra"] == [question.to_json() for question in FORM.questions]
    body = body_of(world, form_version=reference["form_version"], extra={"may_tinh": 2, "dich_vu": ["dat_dai"]})
    receipt = phone.post("/visits", body).json
    assert receipt is not None
    content = VisitBody.model_validate_json(json.dumps(body)).command().content
    assert receipt["sha256"] == content_sha256(content)
    assert session.scalars(select(VisitRevision.extra)).one() == {"may_tinh": 2, "dich_vu": ["dat_dai"]}
    session.rollback()
    again = phone.get("/reference").json
    assert again is not None
    assert again["households"][0]["visit"]["content"]["extra"] == {"may_tinh": 2, "dich_vu": ["dat_dai"]}


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({}, "extra.may_tinh"),
        ({"may_tinh": 21}, "extra.may_tinh"),
        ({"may_tinh": "2"}, "extra.may_tinh"),
        ({"may_tinh": 2, "dich_vu": ["bay"]}, "extra.dich_vu"),
        ({"may_tinh": 2, "mau": "red"}, "extra.mau"),
        ({"may_tinh": 2.5}, "extra.may_tinh"),
        ({"may_tinh": {"a": 1}}, "extra.may_tinh"),
        ({"may_tinh": 2, "vi_sao": "a\x00"}, "extra.vi_sao"),
    ],
    ids=repr,
)
def test_wrong_extra_answers_are_told_by_field(
    phone: Phone,
    world: World,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    session: Session,
    extra: dict[str, Any],
    field: str,
) -> None:
    ask_extra(sessions, world, clock)
    answer = phone.post("/visits", body_of(world, form_version="2026112201", extra=extra))
    problem = told(answer, 422, "invalid-answers")
    assert any(error["field"].startswith(field) for error in problem["errors"]), problem
    assert count(session) == 0
