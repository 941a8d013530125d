"""What the network may answer to a record: only the ward's receipt counts, and nothing else loses or doubles it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import NewPhone
from tests.browser.phone_world import FaultyServer, Phone, new_phone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
fault = pytest.mark.phone_fault
NOT_THE_WARD = [
    "html", "html-201", "json-200", "redirect", "empty", "bad-json", "400-html", "401-html", "404-html", "409-html",
    "wrong-id", "wrong-hash",
]  # fmt: skip
IN_TROUBLE = ["423", "429", "500", "502", "503", "cut"]


@pytest.fixture(scope="module")
def steady(chromium: Browser, faulty: FaultyServer) -> Iterator[Phone]:
    """One phone for all answers: records do not disturb each other."""
    phone = new_phone(chromium, faulty).open().enrol()
    yield phone
    phone.context.close()


@fault
@pytest.mark.parametrize("mode", [*NOT_THE_WARD, *IN_TROUBLE])
def test_an_answer_that_is_no_receipt_keeps_the_record_until_the_ward_has_it_once(
    steady: Phone, faulty: FaultyServer, mode: str
) -> None:
    faulty.fault(mode)
    visit = steady.send()
    steady.until("engine.records.find(argument).then((r) => r.attempts > 0 && r.state !== 'sending')", visit)
    steady.until_state(visit, "sent")
    record = steady.record(visit)
    assert record["attempts"] == len(faulty.posts()) == 2
    assert faulty.stored()[visit] == [1, record["sha256"]]
    assert record["receipt"]["sha256"] == record["sha256"]


@fault
@pytest.mark.parametrize("mode", ["hang", "hang-after"])
def test_an_answer_that_never_comes_ends_and_the_record_is_sent_again(
    make_phone: NewPhone, faulty: FaultyServer, mode: str
) -> None:
    phone = make_phone(answer_limit_ms=900)
    faulty.fault(mode)
    visit = phone.send()
    phone.until_state(visit, "sent")
    record = phone.record(visit)
    assert record["attempts"] >= 2  # a busy machine may be late once more
    assert faulty.stored()[visit] == [1, record["sha256"]]


@fault
def test_a_record_too_large_for_a_proxy_is_shown_and_can_be_sent_again(steady: Phone, faulty: FaultyServer) -> None:
    faulty.fault("413")
    visit, next_one = steady.send(), steady.send(1)
    steady.until_state(visit, "problem")
    steady.until_state(next_one, "sent")
    assert steady.record(visit)["problem"]["code"] == "too-large"
    assert steady.run("(id) => engine.queue.sendAgain(id)", visit) is True
    steady.until_state(visit, "sent")
    assert faulty.stored()[visit][0] == 1


@fault
def test_a_record_that_the_ward_refuses_is_kept_with_its_reason_corrected_and_sent(
    steady: Phone, faulty: FaultyServer
) -> None:
    visit, next_one = steady.send(outcome="nonsense"), steady.send(1)
    steady.until_state(visit, "problem")
    steady.until_state(next_one, "sent")
    assert steady.record(visit)["problem"]["detail"]
    assert steady.run("(id) => drive.reopen(id)", visit) is True
    steady.run("(id) => { drive.type(id, {outcome: 'absent'}); return drive.finish(id); }", visit)
    steady.until_state(visit, "sent")
    assert faulty.stored()[visit][0] == 1


@fault
def test_a_record_that_breaks_the_server_each_time_does_not_block_the_others(
    steady: Phone, faulty: FaultyServer
) -> None:
    bad = steady.write()
    faulty.fault("500", 999, only=bad)
    steady.finish(bad)
    others = [steady.send(number) for number in range(1, 6)]
    for visit in others:
        steady.until_state(visit, "sent")
    assert steady.state(bad) in {"queued", "sending"}
    faulty.well()
    steady.run("engine.send.sendNow()")
    steady.until_state(bad, "sent")


@fault
def test_a_forbidden_record_is_held_without_a_loop_and_the_others_go_on(steady: Phone, faulty: FaultyServer) -> None:
    bad = steady.write()
    faulty.fault("403", 999, only=bad)
    steady.finish(bad)
    steady.until("engine.records.find(argument).then((r) => r.held === true)", bad)
    for number in range(3):
        steady.until_state(steady.send(number), "sent")
    assert faulty.posts().count(bad) == 1
    faulty.well()
    steady.run("engine.send.sendNow()")
    steady.until_state(bad, "sent")


@fault
def test_a_portal_before_everything_is_recognised_by_content_not_by_the_interface(
    steady: Phone, faulty: FaultyServer
) -> None:
    faulty.fault("html", 999, everywhere=True)
    visits = [steady.send(number) for number in range(3)]
    steady.until("engine.send.sender().network === 'portal'")
    assert steady.run("navigator.onLine") is True
    # One of them may be on its way once more just now: the phone goes on trying, and every attempt meets the portal.
    assert {steady.state(visit) for visit in visits} <= {"queued", "sending"}
    faulty.well()
    for visit in visits:
        steady.until_state(visit, "sent")
        assert faulty.stored()[visit][0] == 1


@fault
def test_a_form_changed_after_a_lost_answer_becomes_a_correction_and_not_a_second_visit(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone(wait_unit_ms=60_000, wait_most_ms=60_000)
    faulty.fault("cut")
    visit = phone.send()
    phone.until("engine.records.find(argument).then((r) => r.state === 'queued' && r.attempts === 1)", visit)
    first = faulty.stored()[visit]
    assert first[0] == 1
    assert phone.run("(id) => drive.reopen(id)", visit) is True
    phone.run("(id) => { drive.type(id, {outcome: 'refused'}); return drive.finish(id); }", visit)
    phone.until_state(visit, "sent")
    record = phone.record(visit)
    assert record["body"]["outcome"] == "refused"
    assert faulty.stored()[visit] == [2, record["sha256"]]


@fault
def test_a_correction_of_what_somebody_else_changed_meanwhile_stays_with_its_text(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    one, two = make_phone(), make_phone()
    visit = one.send()
    one.until_state(visit, "sent")
    for phone, outcome in ((one, "refused"), (two, "vacant")):
        body = {"visit_id": visit, "base_revision": 1, "reason": "Hỏi lại", "outcome": outcome}
        phone.run(
            """async (body) => {
              const id = await drive.form(0, body);
              Object.assign(open_forms[id], { visit_id: body.visit_id });
              open_forms[body.visit_id] = open_forms[id];
              await drive.finish(body.visit_id);
            }""",
            body,
        )
    # `find` looks into the outbox before the sent copies: the first phone has a sent copy of revision 1 all the time.
    settled = "engine.records.find(argument).then((r) => ['sent', 'problem'].includes(r.state))"
    for phone in (one, two):
        phone.until(settled, visit)
    assert {phone.record(visit)["state"] for phone in (one, two)} == {"sent", "problem"}
    loser = one if one.record(visit)["state"] == "problem" else two
    assert loser.record(visit)["problem"]["status"] == 409
    assert loser.record(visit)["body"]["outcome"] in {"refused", "vacant"}
    assert faulty.stored()[visit][0] == 2
    assert loser.run("(id) => drive.reopen(id)", visit) is True
    loser.run("(id) => { drive.type(id, {reason: 'Đã xem cả hai bản'}); return drive.finish(id); }", visit)
    loser.until_state(visit, "sent")
    assert faulty.stored()[visit] == [3, loser.record(visit)["sha256"]]


@fault
def test_a_held_record_that_was_changed_is_sent_again(steady: Phone, faulty: FaultyServer) -> None:
    bad = steady.write()
    faulty.fault("403", 1, only=bad)
    steady.finish(bad)
    steady.until("engine.records.find(argument).then((r) => r.held === true)", bad)
    assert steady.run("(id) => drive.reopen(id)", bad) is True
    steady.run("(id) => { drive.type(id, {outcome: 'vacant'}); return drive.finish(id); }", bad)
    steady.until_state(bad, "sent")


def test_waiting_times_double_with_a_shake_and_end_at_the_limit(steady: Phone) -> None:
    times = steady.run("Array.from({length: 12}, (_, n) => [1, 2, 3, 4].map(() => engine.queue.waitMs(n + 1)))")
    for attempt, row in enumerate(times, start=1):
        full = min(60 * 2**attempt, 500)
        assert all(full * 0.75 <= ms <= min(full * 1.25, 500) for ms in row)
    assert len(set(times[0])) > 1
