"""The page or the whole browser dies at each step of a form's way: after the restart nothing is lost or doubled."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.browser.conftest import NewPhone, OpenProfile
from tests.browser.phone_world import FaultyServer, Phone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.phone_fault]
# Holds the page at a step while localStorage.hold names it: the moment at which the test lets it die.
HOLD = """
const held = (step) => localStorage.getItem("hold") === step;
const realFetch = window.fetch;
window.fetch = (address, ...rest) =>
  held("request") && String(address).endsWith("/visits") ? new Promise(() => {}) : realFetch(address, ...rest);
const realPut = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...rest) {
  if (held("receipt") && this.name === "sent") { window.died = true; throw new DOMException("", "DataError"); }
  return realPut.apply(this, rest);
};
"""
SAVED_AFTER = """async (id) => {
  const begin = performance.now();
  drive.type(id, { reason: `mới ${begin}` });
  await new Promise((done) => engine.events.onChange((event) => event.kind === "saved" && done()));
  return performance.now() - begin;
}"""


def _again(phone: Phone) -> Phone:
    phone.context.add_init_script("if (location.protocol === 'http:') localStorage.removeItem('hold')")
    phone.crash()
    return phone.reopen()


def _is_sent_once(phone: Phone, faulty: FaultyServer, visit: str) -> None:
    phone.until_state(visit, "sent")
    assert faulty.stored()[visit] == [1, phone.record(visit)["sha256"]]


def test_the_page_dies_while_typing_and_the_draft_is_there(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    visit = phone.write()
    phone.run("(id) => drive.type(id, {reason: 'đang gõ'})", visit)
    phone.until("heard.filter((e) => e.kind === 'saved').length > 1")
    _again(phone)
    assert phone.state(visit) == "draft"
    assert phone.record(visit)["body"]["reason"] == "đang gõ"
    phone.finish(visit)
    _is_sent_once(phone, faulty, visit)


def test_typing_is_on_the_disk_within_300_ms(make_phone: NewPhone) -> None:
    phone = make_phone(autosave_ms=250)
    visit = phone.write()
    waited = []
    while len(waited) < 20 and min(waited, default=1000) >= 300:  # shared cores may be late in telling, not each time
        waited.append(phone.run(SAVED_AFTER, visit))
    assert 200 < min(waited) < 300, waited


def test_leaving_the_page_saves_at_once(make_phone: NewPhone) -> None:
    phone = make_phone(autosave_ms=60_000)
    visit = phone.write()
    phone.run("(id) => drive.type(id, {reason: 'vừa gõ xong'})", visit)
    phone.leave()
    phone.page.close()
    phone.reopen().until("engine.records.find(argument).then((r) => r.body.reason === 'vừa gõ xong')", visit)
    assert phone.state(visit) == "draft"


def test_the_page_dies_in_the_middle_of_finishing(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    visits = [phone.write(number) for number in range(3)]
    phone.run("(ids) => { ids.map((id) => drive.finish(id)); }", visits)
    _again(phone)
    for visit in visits:
        if phone.state(visit) == "draft":
            phone.finish(visit)
        _is_sent_once(phone, faulty, visit)
    assert phone.states() == dict.fromkeys(visits, "sent")


def test_the_page_dies_after_the_attempt_is_written_and_before_the_request(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone(before=HOLD)
    phone.run("localStorage.setItem('hold', 'request')")
    visit = phone.send()
    phone.until_state(visit, "sending")
    assert visit not in faulty.posts()
    _is_sent_once(_again(phone), faulty, visit)
    assert phone.record(visit)["attempts"] == 2


@pytest.mark.parametrize("mode", ["hang", "hang-after"])
def test_the_page_dies_between_request_and_answer(make_phone: NewPhone, faulty: FaultyServer, mode: str) -> None:
    phone = make_phone(answer_limit_ms=20_000)
    faulty.fault(mode)
    visit = phone.send()
    phone.until_state(visit, "sending")
    faulty.until(lambda: visit in (faulty.posts() if mode == "hang" else faulty.stored()))
    _is_sent_once(_again(phone), faulty, visit)
    assert faulty.stored()[visit][0] == 1


def test_the_page_dies_between_the_answer_and_writing_the_receipt(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone(before=HOLD)
    phone.run("localStorage.setItem('hold', 'receipt')")
    visit = phone.send()
    phone.until("window.died === true")
    assert faulty.stored()[visit][0] == 1
    _is_sent_once(_again(phone), faulty, visit)


def test_the_whole_browser_is_killed_with_drafts_and_waiting_records(
    open_profile: OpenProfile, faulty: FaultyServer, tmp_path: Path
) -> None:
    faulty.well()
    phone = open_profile().enrol()
    faulty.stop()
    waiting = [phone.send(number) for number in range(5)]
    drafts = [phone.write(number, reason=f"nháp {number}") for number in range(5, 8)]
    faulty.until(lambda: not _kill_browser(tmp_path))
    faulty.start()
    phone = open_profile()
    for visit in waiting:
        _is_sent_once(phone, faulty, visit)
    assert [phone.record(visit)["body"]["reason"] for visit in drafts] == ["nháp 5", "nháp 6", "nháp 7"]


def _kill_browser(folder: Path) -> int:
    """Kill the processes of this test's own profile, and no others; gives how many there were."""
    found = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and f"{folder}/profile" in (entry / "cmdline").read_text(errors="replace"):
                found += 1
                os.kill(int(entry.name), signal.SIGKILL)
    return found
