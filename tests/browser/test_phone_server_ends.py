"""The server is really stopped, restarted and killed under the offline form."""

import signal

import pytest

from tests.browser.conftest import NewPhone
from tests.browser.phone_world import FaultyServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.phone_fault]


def test_records_wait_while_the_server_is_stopped_and_go_when_it_is_back(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    faulty.stop()
    visits = [phone.send(number) for number in range(3)]
    phone.until("engine.send.sender().network === 'network'")
    # One of them may be trying once more just now.
    assert {phone.state(visit) for visit in visits} <= {"queued", "sending"}
    assert phone.run("engine.records.counts()")["unsent"] == 3
    faulty.start()
    for visit in visits:
        phone.until_state(visit, "sent")
        assert faulty.stored()[visit][0] == 1


@pytest.mark.parametrize("mode", ["die", "die-before"])
def test_a_server_killed_around_its_commit_has_the_record_once(
    make_phone: NewPhone, faulty: FaultyServer, mode: str
) -> None:
    phone = make_phone()
    faulty.fault(mode)
    visit = phone.send()
    faulty.wait_until_dead()
    assert (visit in faulty.stored()) is (mode == "die")
    faulty.start()
    phone.until_state(visit, "sent")
    assert faulty.stored()[visit] == [1, phone.record(visit)["sha256"]]


def test_twenty_records_survive_two_kills_of_the_server(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    faulty.fault("slow", 999)
    visits = [phone.send(number) for number in range(20)]
    for enough in (3, 10):
        phone.until("engine.records.counts().then((c) => c.sent >= argument)", enough)
        faulty.stop(signal.SIGKILL)
        faulty.start()
    for visit in visits:
        phone.until_state(visit, "sent")
    stored = faulty.stored()
    assert [stored[visit] for visit in visits] == [[1, phone.record(visit)["sha256"]] for visit in visits]
