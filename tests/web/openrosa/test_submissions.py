"""Sending forms: stored once, edited in a chain, kept when something cannot be true, refused with words."""

from collections.abc import Callable
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.extra_questions import FORM
from tests.fakes import FixedClock
from tests.services.test_extra_answers import put_form
from tests.survey_answers import adult
from tests.web.openrosa.conftest import Collect, basic, token_of
from tests.web.openrosa.forms import filled
from tests.world import World
from webapp.core.access import Role
from webapp.core.extra_questions import ExtraFormStatus
from webapp.core.odk_submissions import OdkStatus
from webapp.core.surveys import RoundStatus, VisitOutcome
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.odk import OdkAttachment, OdkSubmission
from webapp.models.surveys import SurveyRound, Visit, VisitRevision
from webapp.queries.visits import get_visit
from webapp.services.rounds import move_round


def _count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def _words(answer) -> str:
    return ET.fromstring(answer.data).findtext("{http://openrosa.org/http/response}message") or ""


def test_a_form_becomes_a_visit_and_the_same_bytes_again_are_known(
    collect: Collect, world: World, session: Session
) -> None:
    instance = uuid4()
    xml = filled(world, instance=instance, note="Gọi trước")
    first, again = collect.send(xml), collect.send(xml)
    assert (first.status_code, again.status_code) == (201, 202)
    assert first.headers["X-OpenRosa-Version"] == "1.0"
    assert first.headers["X-OpenRosa-Accept-Content-Length"] == "10485760"
    assert "Date" in first.headers or first.headers.get("Content-Type") == "text/xml; charset=utf-8"
    assert _words(first) == "Phường đã nhận phiếu."
    assert (_count(session, Visit), _count(session, OdkSubmission)) == (1, 1)
    visit = get_visit(session, world.ward_id, instance)
    assert visit is not None
    assert visit.content.answers is not None
    assert visit.content.answers.adults[0] == adult()
    assert visit.content.answers.adults[1].smartphone is None
    assert (visit.content.answers.note, visit.content.answers.fibre_covered) == ("Gọi trước", True)
    revision = session.scalars(select(VisitRevision)).one()
    assert (revision.source, revision.made_by) == ("openrosa", world.accounts[Role.GROUP_HEAD])
    assert revision.finished_at is not None


def test_nobody_at_home_is_a_visit_too(collect: Collect, world: World, session: Session) -> None:
    assert collect.send(filled(world, outcome="absent")).status_code == 201
    assert session.scalars(select(Visit.outcome)).one() is VisitOutcome.ABSENT


def test_other_bytes_under_the_same_identifier_are_refused(collect: Collect, world: World, session: Session) -> None:
    instance = uuid4()
    collect.send(filled(world, instance=instance))
    assert collect.send(filled(world, instance=instance, note="khác")).status_code == 409
    assert _count(session, VisitRevision) == 1


def test_files_that_do_not_fit_come_in_further_posts_with_the_same_form(
    collect: Collect, world: World, session: Session
) -> None:
    xml = filled(world)
    first = collect.send(xml, {"audit.csv": b"event,node"}, **{"*isIncomplete*": "yes"})
    second = collect.send(xml, {"anh 2.jpg": b"\xff\xd8", "audit.csv": b"other"})
    assert (first.status_code, second.status_code) == (201, 202)
    stored = {row.name: row.size for row in session.scalars(select(OdkAttachment))}
    assert stored == {"audit.csv": 10, "anh 2.jpg": 2}


def test_an_edit_is_a_correction_of_the_first_one(collect: Collect, world: World, session: Session) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    collect.send(filled(world, instance=first))
    edit = filled(world, instance=second, deprecated=first, note="sửa")
    assert [collect.send(edit).status_code, collect.send(edit).status_code] == [201, 202]
    assert collect.send(filled(world, instance=third, deprecated=second, note="sửa nữa")).status_code == 201
    session.rollback()
    numbers = session.execute(select(VisitRevision.visit_id, VisitRevision.number).order_by(VisitRevision.number)).all()
    assert numbers == [(first, 1), (first, 2), (first, 3)]
    assert session.scalars(select(Visit.revision)).one() == 3


def test_a_stale_edit_and_an_edit_of_nothing_are_refused(collect: Collect, world: World, session: Session) -> None:
    first = uuid4()
    collect.send(filled(world, instance=first))
    collect.send(filled(world, deprecated=first, note="một"))
    late = collect.send(filled(world, deprecated=first, note="hai"))
    assert (late.status_code, "sửa phiếu này trước bạn" in _words(late)) == (409, True)
    assert collect.send(filled(world, deprecated=uuid4())).status_code == 404
    assert _count(session, VisitRevision) == 2


def test_only_who_sent_a_form_edits_it(
    app: Flask, collect: Collect, world: World, session: Session, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    first = uuid4()
    collect.send(filled(world, instance=first))
    session.execute(OdkSubmission.__table__.update().values(account_id=world.accounts[Role.STATISTICIAN]))
    session.commit()
    assert collect.send(filled(world, deprecated=first)).status_code == 403
    assert collect.send(filled(world, instance=first)).status_code == 409


def test_what_cannot_be_true_is_kept_for_people_to_see(collect: Collect, world: World, session: Session) -> None:
    instance = uuid4()
    xml = filled(world, instance=instance, adults=[{"digital_id": "no", "vneid_level": "2"}])
    answer = collect.send(xml)
    assert (answer.status_code, "Có chỗ cần xem lại" in _words(answer)) == (201, True)
    assert collect.send(xml).status_code == 202
    row = session.scalars(select(OdkSubmission)).one()
    assert (row.status, row.revision, row.visit_id) == (OdkStatus.HAS_ISSUE, None, instance)
    assert [problem["field"] for problem in row.problems] == ["adults.0.vneid_level"]
    assert row.answers["adults"][0]["vneid_level"] == "2"
    assert _count(session, Visit) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"adults": [{}], "people": {"adult_count": "2"}}, "adult_count"),
        ({"adults": [{"smartphone": ""}]}, "adults.0.smartphone"),
        ({"adults": [{"sex": "robot"}]}, "adults.0.sex"),
        ({"house": {"iot_connections_known": ""}}, "iot_connections"),
        ({"house": {"iot_connections": "-1"}}, "iot_connections"),
        ({"house": {"fibre_speed": ""}}, "fibre_speed"),
        ({"people": {"m14_count": "1"}}, "minors.14.digital_id"),
        ({"visited_on": "2026-11-25"}, "visited_on"),
        ({"visited_on": "hôm qua"}, "visited_on"),
        ({"outcome": "vui"}, "outcome"),
        ({"adults": [], "people": {"adult_count": "0"}}, "adult_count"),
        ({"extra": {"la": "1"}}, "extra.la"),
    ],
)
def test_each_odd_answer_is_named(collect: Collect, world: World, session: Session, changes: dict, field: str) -> None:
    assert collect.send(filled(world, **changes)).status_code == 201
    row = session.scalars(select(OdkSubmission)).one()
    assert field in [problem["field"] for problem in row.problems]


def test_an_edit_mends_a_form_that_had_an_issue(collect: Collect, world: World, session: Session) -> None:
    first = uuid4()
    collect.send(filled(world, instance=first, adults=[{"smartphone": ""}]))
    assert collect.send(filled(world, deprecated=first)).status_code == 201
    session.rollback()
    rows = {row.status: row for row in session.scalars(select(OdkSubmission))}
    assert set(rows) == {OdkStatus.REPLACED, OdkStatus.STORED}
    assert rows[OdkStatus.STORED].visit_id == first
    assert rows[OdkStatus.REPLACED].answers == {}
    assert session.scalars(select(Visit.revision)).one() == 1


def test_an_empty_line_that_collect_leaves_behind_is_nobody(collect: Collect, world: World, session: Session) -> None:
    blank = dict.fromkeys(["sex", "age_band", "smartphone", "digital_id", "vneid_level"], "")
    blank |= dict.fromkeys(["digital_signature", "e_signature"], "")
    assert collect.send(filled(world, adults=[{}, blank], people={"adult_count": "1"})).status_code == 201
    assert session.scalars(select(OdkSubmission.status)).one() is OdkStatus.STORED


def test_extra_questions_are_answered(collect: Collect, world: World, session: Session, clock: FixedClock) -> None:
    put_form(session, world, clock, 1, FORM.questions, ExtraFormStatus.ACTIVE)
    extra = {"may_tinh": "2", "dich_vu": "ho_tich dat_dai", "hai_long": "co", "vi_sao": "", "cuoc": "165.50"}
    assert collect.send(filled(world, version=FORM.version, extra=extra)).status_code == 201
    session.rollback()
    stored = session.scalars(select(VisitRevision)).one()
    assert stored.extra == {"may_tinh": 2, "dich_vu": ["ho_tich", "dat_dai"], "hai_long": "co", "cuoc": "165.5"}
    session.rollback()
    assert collect.send(filled(world, version=FORM.version, extra={**extra, "may_tinh": "99"})).status_code == 201
    assert _count(session, VisitRevision) == 1


@pytest.mark.parametrize("wanted", [RoundStatus.CLOSED, RoundStatus.LOCKED])
def test_a_shut_round_refuses_with_words_and_leaves_a_trace(
    collect: Collect,
    world: World,
    session: Session,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    wanted: RoundStatus,
) -> None:
    early = filled(world)
    assert collect.send(early).status_code == 201
    for status in (RoundStatus.CLOSED, RoundStatus.LOCKED):
        with unit_of_work(sessions, world.ward_id) as own:
            move_round(own, world.round_id, status, actor=world.actor(Role.STATISTICIAN), clock=clock)
        if status is wanted:
            break
    late = filled(world, household=world.households[world.group_ids[0]][1])
    odd = filled(world, household=world.households[world.group_ids[0]][2], adults=[{"sex": "x"}])
    answers = [collect.send(late), collect.send(odd)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert _words(answers[0])
    assert _count(session, OdkSubmission) == 1
    refused = session.scalars(select(AuditEvent.tag).where(AuditEvent.tag.like("%refused%"))).all()
    assert len(refused) == 2
    session.rollback()
    assert collect.send(early).status_code == 202, "a repeat is answered also after the round was shut"


def test_households_of_others_are_not_there(collect: Collect, world: World, session: Session) -> None:
    for household in (world.households[world.group_ids[1]][0], uuid4(), "", "xyz"):
        answer = collect.send(filled(world, household=household))
        assert (answer.status_code, "không thuộc tổ" in _words(answer)) == (403, True)
    assert _count(session, OdkSubmission) == 0


@pytest.mark.parametrize("form_id", ["", "khac", "phs-", "phs-zz", "phs-8fb1b4098c75416688f23fb8a95970fc"])
def test_unknown_forms_are_not_found(collect: Collect, world: World, form_id: str) -> None:
    assert collect.send(filled(world, form_id=form_id)).status_code == 404


def test_16_posts_of_one_form_make_one_visit(
    pair: Callable[[], Collect], collect: Collect, world: World, session: Session
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    xml = filled(world)
    clients = [Collect(collect.client.application.test_client(), "") for _ in range(16)]
    for client in clients:
        client.headers = collect.headers
    with ThreadPoolExecutor(16) as pool:
        codes = sorted(pool.map(lambda client: client.send(xml).status_code, clients))
    assert codes == [201] + [202] * 15
    assert (_count(session, Visit), _count(session, OdkSubmission)) == (1, 1)


def test_8_edits_of_one_form_have_one_winner(collect: Collect, world: World, session: Session) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first = uuid4()
    collect.send(filled(world, instance=first))
    edits = [filled(world, deprecated=first, note=f"bản {number}") for number in range(8)]
    clients = [Collect(collect.client.application.test_client(), "") for _ in edits]
    for client in clients:
        client.headers = collect.headers
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda pair: pair[0].send(pair[1]).status_code, zip(clients, edits, strict=True)))
    assert codes == [201] + [409] * 7
    assert _count(session, VisitRevision) == 2


def test_a_stranger_a_wrong_name_and_a_withdrawn_phone_are_asked_to_log_in(
    app: Flask, collect: Collect, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    token = token_of(sessions, world, clock)
    client = app.test_client()
    for headers in ({}, basic("group_head", "sai"), basic("leader", token), {"Authorization": f"Bearer {token}"}):
        answer = client.post("/openrosa/submission", data={}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert token not in answer.text
    with unit_of_work(sessions, world.ward_id) as session:
        session.execute(SurveyRound.__table__.select())
        from webapp.models.devices import Device

        session.execute(Device.__table__.update().values(withdrawn_at=clock.now()))
    assert collect.head().status_code == 401
    assert collect.send(filled(world)).status_code == 401


def test_a_cookie_opens_nothing(app: Flask, world: World, login: Callable[[Role], object]) -> None:
    client = login(Role.GROUP_HEAD)
    assert client.get("/openrosa/formList").status_code == 401  # type: ignore[attr-defined]
