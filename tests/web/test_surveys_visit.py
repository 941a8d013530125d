"""The form of a visit page by page, as a phone without scripts sends it."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.survey_answers import adult, family, visit_of
from tests.web.survey_pages import errors_on, fields_on, fill, press_submit, send, stored_answers, to_details
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import Answers, RoundStatus, Totals, VisitOutcome, VisitStatus
from webapp.models.database import unit_of_work
from webapp.models.surveys import SurveyRound, Visit, VisitRevision
from webapp.services.review import return_visit
from webapp.services.submit_visit import submit_visit

TOTALS = Answers(
    totals=Totals(residents=5, adults=3, smartphone_adults=2, digital_id_residents=5, esignature_adults=0),
    fibre_connected=None,
    iot_connections=0,
)


@pytest.fixture
def head(login: Callable[[Role], FlaskClient]) -> FlaskClient:
    return login(Role.GROUP_HEAD)


@pytest.fixture
def household(world: World) -> UUID:
    return world.households[world.group_ids[0]][0]


@pytest.fixture
def url(world: World, household: UUID) -> str:
    return f"/surveys/rounds/{world.round_id}/households/{household}/visit"


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(VisitRevision)) or 0


def _store(sessions: sessionmaker[Session], world: World, clock: FixedClock, **changes: object) -> UUID:
    command = visit_of(world, **changes)
    with unit_of_work(sessions, world.ward_id) as session:
        submit_visit(session, command, actor=world.actor(Role.STATISTICIAN), clock=clock)
    return command.visit_id


def _set_round(session: Session, status: RoundStatus) -> None:
    session.scalars(select(SurveyRound)).one().status = status
    session.commit()


def test_a_visit_is_typed_checked_and_sent(head: FlaskClient, url: str, session: Session) -> None:
    check = fill(head, url, family())
    assert check.status_code == 200, errors_on(check)
    assert "<title>Xem lại trước khi nộp" in check.text
    assert "1 trong 2 người lớn (1 người không biết)" in check.text
    answer = press_submit(head, check)
    assert answer.status_code == 303, errors_on(answer)
    assert stored_answers(session) == family()
    receipt = head.get(answer.location)
    assert "Phường đã nhận phiếu hộ số 1" in receipt.text
    assert re.search(r'class="code">[2-9A-Z]{3}-[2-9A-Z]{3}<', receipt.text)
    assert "Số 2 – Trần Đình Ấn" in receipt.text


def test_nothing_is_stored_before_the_last_page(head: FlaskClient, url: str, session: Session) -> None:
    fill(head, url, family())
    assert _count(session) == 0


def test_a_check_page_sent_twice_stores_one_visit(head: FlaskClient, url: str, session: Session) -> None:
    check = fill(head, url, family())
    first, second = press_submit(head, check), press_submit(head, check)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert _count(session) == 1


def test_nobody_met_goes_straight_to_the_check_page(head: FlaskClient, url: str, session: Session) -> None:
    check = send(head, url, head.get(url), outcome="absent", action="continue")
    assert "Vắng nhà" in check.text
    assert press_submit(head, check).status_code == 303
    assert session.scalars(select(Visit.outcome)).one() is VisitOutcome.ABSENT


def test_only_totals_are_stored_as_totals(head: FlaskClient, url: str, session: Session) -> None:
    page = send(head, url, head.get(url), outcome="interviewed", action="totals")
    typed = {
        "totals-residents": "5",
        "totals-adults": "3",
        "totals-residents_14plus_unknown": "y",
        "totals-smartphone_adults": "2",
        "totals-digital_id_residents": " 5 ",
        "totals-vneid_l2_unknown": "y",
        "totals-esignature_adults": "0",
        "totals-digital_signature_adults_unknown": "y",
        "fibre_connected": "unknown",
        "fibre_covered": "unknown",
        "iot_connections": "0",
    }
    check = send(head, url, page, **typed, action="check")
    assert check.status_code == 200, errors_on(check)
    press_submit(head, check)
    assert stored_answers(session) == TOTALS
    assert session.scalars(select(VisitRevision.totals_only)).one()


def test_a_line_is_added_and_another_taken_away_without_scripts(head: FlaskClient, url: str) -> None:
    page = to_details(head, url, 2)
    page = send(head, url, page, action="add", **{"adults-1-age_band": "60+"})
    assert "Người lớn 3" in page.text
    assert fields_on(page)["adults-1-age_band"] == "60+"
    page = send(head, url, page, action="remove-0")
    assert page.text.count("Bỏ người lớn") == 2
    assert fields_on(page)["adults-0-age_band"] == "60+"
    page = send(head, url, page, action="start")
    assert "Đã ghi 2 người lớn" in page.text
    assert fields_on(page)["adults-0-age_band"] == "60+"


def test_blanks_are_errors_and_never_no_or_zero(head: FlaskClient, url: str, session: Session) -> None:
    page = send(head, url, to_details(head, url, 2, **{"minors_14-count": "1"}), action="check")
    assert page.status_code == 422
    assert "<title>Lỗi: Phiếu khảo sát" in page.text
    assert errors_on(page) == [
        "Người lớn 1: còn 7 câu chưa trả lời",
        "Người lớn 2: còn 7 câu chưa trả lời",
        "Trẻ 14 tuổi: còn 2 câu chưa trả lời",
        "Mạng và thiết bị: còn 3 câu chưa trả lời",
    ]
    assert 'href="#adults-0-sex-0"' in page.text
    assert 'href="#minors_14-digital_id"' in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,234", "Chưa rõ số này"),
        ("4.5", "Ghi một số nguyên"),
        ("bốn", "Ghi một số nguyên"),
        ("-1", "Ghi số từ 0 trở lên"),
        ("12345678901", "Ghi một số nguyên"),
    ],
)
def test_a_number_that_is_none_is_refused_and_stays_on_the_page(
    head: FlaskClient, url: str, typed: str, said: str
) -> None:
    page = send(head, url, head.get(url), outcome="interviewed", adult_count=typed, action="continue")
    assert page.status_code == 422
    assert said in errors_on(page)[0]
    assert fields_on(page)["adult_count"] == typed


@pytest.mark.parametrize("typed", [" 1.234 ", "1 234", "1\u00a0234", "1234"])
def test_thousands_are_read_as_people_write_them(head: FlaskClient, url: str, typed: str) -> None:
    page = send(head, url, to_details(head, url, 0, **{"minors_0_5-count": typed}), action="check")
    assert "Trẻ 0–5 tuổi: 1234 trẻ" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"visited_on": "2026-12-24"}, "Ngày 24/12/2026 chưa đến"),
        ({"visited_on": "2025-01-01"}, "Ngày đến nhà phải trong đợt này"),
        ({"visited_on": "hôm qua"}, "Ngày chưa đúng"),
        ({"outcome": "burnt_down"}, "Chọn một kết quả"),
        ({"adult_count": ""}, "Ghi số người lớn"),
    ],
)
def test_the_first_page_says_what_is_wrong(head: FlaskClient, url: str, typed: dict[str, str], said: str) -> None:
    values = {"outcome": "interviewed", "adult_count": "1", **typed}
    page = send(head, url, head.get(url), action="continue", **values)
    assert page.status_code == 422
    assert any(said in line for line in errors_on(page)), errors_on(page)


def test_what_cannot_be_true_stands_at_the_persons_question(head: FlaskClient, url: str) -> None:
    page = fill(head, url, family(adults=(adult(), adult(digital_id=False)), iot_connections=1))
    assert page.status_code == 422
    assert errors_on(page) == [
        "Người lớn 2 – Tài khoản VNeID: Không có số định danh thì không có tài khoản VNeID. Sửa một trong hai."
    ]


def test_a_house_without_anybody_leads_back_to_the_first_page(head: FlaskClient, url: str) -> None:
    page = fill(head, url, family(adults=(), minors=()))
    assert page.status_code == 422
    assert "Nhà có mấy người?" in page.text
    assert "nhà phải có người" in errors_on(page)[0]


def test_the_unlikely_is_confirmed_and_the_answer_kept(head: FlaskClient, url: str, session: Session) -> None:
    check = fill(head, url, family(iot_connections=150))
    assert "Nhà có 150 thiết bị kết nối Internet, đúng không?" in check.text
    refused = press_submit(head, check)
    assert refused.status_code == 422
    assert errors_on(refused) == ["Nhà có 150 thiết bị kết nối Internet, đúng không?"]
    assert _count(session) == 0
    session.rollback()
    assert press_submit(head, refused, confirmed="many_devices").status_code == 303
    confirmed = session.scalars(select(VisitRevision.confirmed)).one()
    assert confirmed == [{"code": "many_devices", "params": {"count": 150}}]


def test_the_way_back_from_the_check_page_keeps_everything(head: FlaskClient, url: str) -> None:
    check = fill(head, url, family())
    details = send(head, url, check, action="edit-details")
    assert details.status_code == 200
    again = send(head, url, details, action="check", note="Gọi trước")
    assert "Gọi trước" in again.text
    assert "2 trong 2 người lớn" in again.text
    start = send(head, url, check, action="edit-start")
    assert fields_on(start)["minors_15_17-count"] == "1"
    assert fields_on(start)["visit_id"] == fields_on(check)["visit_id"]


def test_last_rounds_answers_are_filled_in_and_shown(
    head: FlaskClient, world: World, session: Session, sessions: sessionmaker[Session], clock: FixedClock, url: str
) -> None:
    _store(sessions, world, clock)
    old = session.scalars(select(SurveyRound)).one()
    now = SurveyRound(
        ward_id=world.ward_id, name="Đợt 2", starts_on=old.starts_on, ends_on=old.ends_on, status=RoundStatus.OPEN
    )
    session.add(now)
    session.commit()
    page = head.get(url.replace(str(world.round_id), str(now.id)))
    assert "Đã ghi 2 người lớn" in page.text
    details = send(head, url.replace(str(world.round_id), str(now.id)), page, outcome="interviewed", action="continue")
    assert "Đã điền sẵn theo lần trước" in details.text
    assert "lần trước: Không biết" in details.text
    assert fields_on(details)["adults-1-age_band"] == "60+"
    assert "Gọi trước khi đến" not in details.text


def test_a_correction_opens_with_what_is_stored_and_needs_a_reason(
    head: FlaskClient, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session, url: str
) -> None:
    visit_id = _store(sessions, world, clock)
    page = head.get(f"/surveys/visits/{visit_id}/correct")
    assert fields_on(page)["note"] == "Gọi trước khi đến"
    check = send(head, url, page, iot_connections="5", action="check")
    refused = press_submit(head, check)
    assert (refused.status_code, errors_on(refused)) == (422, ["Hãy ghi lý do sửa phiếu."])
    assert press_submit(head, refused, reason="Ghi nhầm").status_code == 303
    assert stored_answers(session) == family(iot_connections=5)
    history = head.get(f"/surveys/visits/{visit_id}/history").text
    assert "Ghi nhầm" in history
    assert "Người group_head" in history
    assert "2 → <b>5</b>" in history


def test_a_stale_correction_keeps_what_was_typed(
    head: FlaskClient, world: World, sessions: sessionmaker[Session], clock: FixedClock, url: str, session: Session
) -> None:
    visit_id = _store(sessions, world, clock)
    pages = [head.get(f"/surveys/visits/{visit_id}/correct") for _ in range(2)]
    checks = [send(head, url, page, iot_connections=str(n + 5), action="check") for n, page in enumerate(pages)]
    assert press_submit(head, checks[0], reason="a").status_code == 303
    answer = press_submit(head, checks[1], reason="Đếm lại thiết bị")
    assert answer.status_code == 409
    assert "Có người vừa sửa phiếu này trước bạn" in answer.text
    assert fields_on(answer)["reason"] == "Đếm lại thiết bị"
    assert '"iot_connections":6' in fields_on(answer)["content"]
    assert stored_answers(session).iot_connections == 5


def test_other_content_under_a_used_identifier_is_a_conflict_page(head: FlaskClient, url: str) -> None:
    check = fill(head, url, family())
    press_submit(head, check)
    other = fields_on(check)["content"].replace('"iot_connections":2', '"iot_connections":3')
    answer = press_submit(head, check, content=other)
    assert answer.status_code == 409
    assert "Chưa nộp được" in answer.text


def test_a_round_closed_meanwhile_keeps_the_typed_visit_on_the_page(
    head: FlaskClient, url: str, session: Session
) -> None:
    check = fill(head, url, family())
    _set_round(session, RoundStatus.CLOSED)
    answer = press_submit(head, check)
    assert answer.status_code == 409
    assert "không mở nên không nhận phiếu" in answer.text
    assert "Gọi trước khi đến" in answer.text
    _set_round(session, RoundStatus.OPEN)
    assert press_submit(head, answer).status_code == 303


def test_a_closed_round_opens_no_form(head: FlaskClient, url: str, session: Session) -> None:
    _set_round(session, RoundStatus.CLOSED)
    assert head.get(url).status_code == 409


def test_a_household_that_has_its_visit_leads_to_it(
    head: FlaskClient, url: str, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    visit_id = _store(sessions, world, clock)
    assert head.get(url).location == f"/surveys/visits/{visit_id}"


def test_an_absent_household_may_be_visited_again_after_a_question(
    head: FlaskClient, url: str, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    _store(sessions, world, clock, outcome=VisitOutcome.ABSENT, answers=None)
    check = fill(head, url, family())
    assert "Hộ này đã có phiếu ngày 22/11/2026 trong đợt này" in check.text


def test_a_returned_visit_shows_the_reason_and_is_corrected(
    head: FlaskClient, world: World, sessions: sessionmaker[Session], clock: FixedClock, session: Session, url: str
) -> None:
    visit_id = _store(sessions, world, clock)
    with unit_of_work(sessions, world.ward_id) as own:
        return_visit(own, visit_id, reason="Hỏi lại số trẻ", actor=world.actor(Role.STATISTICIAN), clock=clock)
    page = head.get(f"/surveys/visits/{visit_id}/correct")
    assert "Hỏi lại số trẻ" in page.text
    check = send(head, url, page, action="check")
    assert press_submit(head, check, reason="Đã hỏi lại, đúng").status_code == 303
    assert session.scalars(select(Visit.status)).one() is VisitStatus.SUBMITTED


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"round":1}', "x" * 9])
def test_an_envelope_of_somebody_elses_making_is_a_bad_request(head: FlaskClient, world: World, content: str) -> None:
    answer = head.post(f"/surveys/visits/{world.round_id}/submit", data={"content": content})
    assert answer.status_code == 400


def test_an_envelope_with_wrong_types_is_a_bad_request(head: FlaskClient, url: str) -> None:
    check = fill(head, url, family())
    for before, after in (('"iot_connections":2', '"iot_connections":"2"'), ('"smartphone":true', '"smartphone":1')):
        content = fields_on(check)["content"]
        assert before in content
        assert press_submit(head, check, content=content.replace(before, after)).status_code == 400


def test_another_groups_household_is_not_found_on_any_page(
    head: FlaskClient, world: World, sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    foreign = world.households[world.group_ids[1]][0]
    visit_id = _store(sessions, world, clock, household_id=foreign)
    for address in (
        f"/surveys/rounds/{world.round_id}/households/{foreign}/visit",
        f"/surveys/households/{foreign}",
        f"/surveys/households/{foreign}/change",
        f"/surveys/households/{foreign}/vacate",
        f"/surveys/visits/{visit_id}",
        f"/surveys/visits/{visit_id}/history",
        f"/surveys/visits/{visit_id}/receipt",
        f"/surveys/visits/{visit_id}/correct",
        f"/surveys/?group={world.group_ids[1]}",
    ):
        assert head.get(address).status_code == 404, address


def test_a_visit_for_another_groups_household_is_not_stored(
    head: FlaskClient, world: World, url: str, household: UUID, session: Session
) -> None:
    check = fill(head, url, family())
    foreign = world.households[world.group_ids[1]][0]
    content = fields_on(check)["content"].replace(str(household), str(foreign))
    assert press_submit(head, check, content=content).status_code == 404
    assert _count(session) == 0
