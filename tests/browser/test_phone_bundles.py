"""A full outbox travels in few requests, and each record in them is as safe as alone."""

import pytest

from tests.browser.conftest import NewPhone
from tests.browser.phone_world import FaultyServer, Phone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.phone_fault]
NOT_FOR_EACH = [
    "html", "html-201", "json-200", "redirect", "empty", "bad-json", "400-html", "401-html", "404-html", "409-html",
    "403", "413", "423", "429", "500", "502", "503", "cut", "wrong-id", "wrong-hash",
]  # fmt: skip
MOST = 20
"""Of settings.js."""


HOLD = """() => {
  const held = new Promise((resolve) => { window.let_go = resolve; });
  navigator.locks.request("phs-phone-send", () => held);
}"""


def waiting(phone: Phone, count: int) -> list[str]:
    """Fill the outbox while another tab seems to be sending: nothing was tried yet when `start` lets it go."""
    phone.run(HOLD)
    return [phone.send(number) for number in range(count)]


def start(phone: Phone) -> None:
    phone.run("() => { let_go(); engine.send.sendNow(); }")


def test_a_full_outbox_goes_in_few_requests_the_oldest_first(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    visits = waiting(phone, 2 * MOST + 3)
    start(phone)
    for visit in visits:
        phone.until_state(visit, "sent")
    assert faulty.together() == [visits[:MOST], visits[MOST : 2 * MOST], visits[2 * MOST :]]
    stored = faulty.stored()
    assert [stored[visit] for visit in visits] == [[1, phone.record(visit)["sha256"]] for visit in visits]


@pytest.mark.parametrize("mode", NOT_FOR_EACH)
def test_an_answer_that_is_not_for_each_record_keeps_them_and_they_go_alone(
    make_phone: NewPhone, faulty: FaultyServer, mode: str
) -> None:
    phone = make_phone()
    visits = waiting(phone, 4)
    faulty.fault(mode, only=visits[0])
    start(phone)
    for visit in visits:
        phone.until_state(visit, "sent")
    together, *later = faulty.together()
    assert together == visits
    told_wrong = visits[-1:] if mode.startswith("wrong-") else visits
    assert sorted(visit for request in later for visit in request) == sorted(told_wrong)
    if mode != "429":  # too fast asks for fewer requests, not for more
        assert all(len(request) == 1 for request in later)
    stored = faulty.stored()
    assert [stored[visit] for visit in visits] == [[1, phone.record(visit)["sha256"]] for visit in visits]


@pytest.mark.parametrize("mode", ["die", "die-before"])
def test_a_server_that_ends_around_the_commit_has_each_record_once(
    make_phone: NewPhone, faulty: FaultyServer, mode: str
) -> None:
    phone = make_phone()
    visits = waiting(phone, 4)
    faulty.fault(mode, only=visits[0])
    start(phone)
    faulty.wait_until_dead()
    faulty.start()
    for visit in visits:
        phone.until_state(visit, "sent")
    stored = faulty.stored()
    assert [stored[visit][0] for visit in visits] == [1] * 4


@pytest.mark.parametrize("mode", ["hang", "hang-after"])
def test_silence_ends_and_each_record_is_sent_again(make_phone: NewPhone, faulty: FaultyServer, mode: str) -> None:
    phone = make_phone(answer_limit_ms=900)
    visits = waiting(phone, 3)
    faulty.fault(mode, only=visits[0])
    start(phone)
    for visit in visits:
        phone.until_state(visit, "sent")
    assert [faulty.stored()[visit][0] for visit in visits] == [1] * 3


def test_a_day_without_signal_ends_in_few_requests(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    phone.context.set_offline(True)
    visits = [phone.send(number) for number in range(30)]
    phone.until("engine.records.find(argument).then((r) => r.attempts > 5)", visits[0])
    phone.context.set_offline(False)
    for visit in visits:
        phone.until_state(visit, "sent")
    requests = faulty.together()
    assert sorted(visit for together in requests for visit in together) == sorted(visits)
    assert len(requests) <= MOST + 3  # the last that were tried, each alone; the others together


def test_what_the_ward_refuses_stays_with_its_reason_and_its_neighbours_are_taken(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    phone.run(HOLD)
    before, wrong, after = phone.send(0), phone.send(1, outcome="nonsense"), phone.send(2)
    start(phone)
    phone.until_state(wrong, "problem")
    for visit in (before, after):
        phone.until_state(visit, "sent")
    assert faulty.together() == [[before, wrong, after]]
    assert phone.record(wrong)["problem"]["status"] == 422
    assert phone.record(wrong)["problem"]["detail"]
    assert phone.run("(id) => drive.reopen(id)", wrong) is True
    phone.run("(id) => { drive.type(id, {outcome: 'absent'}); return drive.finish(id); }", wrong)
    phone.until_state(wrong, "sent")
    assert faulty.stored()[wrong][0] == 1


def test_a_page_that_dies_with_many_on_their_way_sends_them_again(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone(answer_limit_ms=20_000)
    visits = waiting(phone, 4)
    faulty.fault("hang-after", only=visits[0])
    start(phone)
    for visit in visits:
        phone.until_state(visit, "sending")
    faulty.until(lambda: all(visit in faulty.stored() for visit in visits))
    phone.crash()
    phone.reopen()
    for visit in visits:
        phone.until_state(visit, "sent")
    assert [faulty.stored()[visit][0] for visit in visits] == [1] * 4


def test_a_withdrawn_phone_keeps_all_that_travelled_together(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    visits = waiting(phone, 4)
    faulty.do("withdraw", device=phone.run("engine.device.current().device_id"))
    start(phone)
    phone.until("engine.device.current().status === 'withdrawn'")
    for visit in visits:  # the phone is told first, then each record is put back
        phone.until_state(visit, "queued")
    assert not set(visits) & set(faulty.stored())
