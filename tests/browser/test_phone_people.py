"""Who uses the phone changes, or the clock is wrong, while records wait."""

import datetime as dt
import json

import pytest

from tests.browser.conftest import NewPhone
from tests.browser.phone_world import FaultyServer, Phone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.phone_fault]
DAY_MS = 24 * 3600 * 1000
SHIFTED = """
const shift = () => Number(localStorage.getItem("shift") ?? "%d");
const RealDate = Date;
window.Date = class extends RealDate {
  constructor(...given) { given.length ? super(...given) : super(RealDate.now() + shift()); }
  static now() { return RealDate.now() + shift(); }
};
"""


def _twenty_waiting(phone: Phone) -> list[str]:
    phone.context.set_offline(True)
    visits = [phone.send(number) for number in range(20)]
    assert phone.run("engine.records.counts()")["unsent"] == 20
    return visits


def test_a_withdrawn_phone_keeps_twenty_waiting_records_until_they_are_in_a_file(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    seen = phone.send(30)
    phone.until_state(seen, "sent")
    visits = _twenty_waiting(phone)
    assert phone.run("drive.attempt(() => engine.device.wipeExported([]))") == "not-withdrawn"
    faulty.do("withdraw", device=phone.run("engine.device.current()")["device_id"])
    faulty.well()
    phone.context.set_offline(False)
    phone.until("engine.device.current().status === 'withdrawn'")
    assert len(faulty.posts()) <= 1  # asked once at most, no loop
    phone.until("engine.records.counts().then((c) => c.queued === 20 && c.sent === 0)")
    assert phone.run("engine.reference.readReference()") is None
    phone.page.reload()
    phone.ready().until("engine.device.current()")
    assert "device-withdrawn" in {found["code"] for found in phone.run("engine.health()")}
    backup = phone.run("engine.backup.makeBackup()")
    assert {record["visit_id"] for record in json.loads(backup["text"])["records"]} == set(visits)
    phone.run("(backup) => engine.backup.confirmExported(backup)", backup)
    assert phone.states() == {}
    told = {found["code"] for found in phone.run("engine.health()")}
    assert "withdrawn-empty" in told  # nothing is left, and nothing says that there is
    assert "device-withdrawn" not in told


def test_a_file_that_the_ward_read_in_twice_and_the_phone_itself_make_one_visit_each(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    phone.context.set_offline(True)
    visits = [phone.send(number, reason="từ tệp") for number in range(5)]
    text = phone.run("engine.backup.makeBackup()")["text"]
    assert faulty.do("take_file", text=text) == [False] * 5
    assert faulty.do("take_file", text=text) == [True] * 5
    phone.context.set_offline(False)
    for visit in visits:
        phone.until_state(visit, "sent")
        assert faulty.stored()[visit] == [1, phone.record(visit)["sha256"]]


def test_a_switched_off_account_keeps_twenty_records_and_sends_them_when_it_is_on_again(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    visits = _twenty_waiting(phone)
    account = phone.run("engine.device.current()")["account_id"]
    faulty.do("disable", account=account)
    faulty.well()
    phone.context.set_offline(False)
    phone.until("engine.device.current().status === 'login'")
    phone.until("engine.records.counts().then((c) => c.queued === 20)")
    assert len(faulty.posts()) <= 1
    assert phone.run("engine.health()")[0]["code"] == "login"
    faulty.do("disable", account=account, on=False)
    phone.page.reload()
    for visit in visits:
        phone.until_state(visit, "sent")
        assert faulty.stored()[visit][0] == 1


def test_a_password_set_anew_keeps_waiting_records_until_its_owner_has_changed_it(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone("totruong03")
    account = phone.run("engine.device.current()")["account_id"]
    faulty.do("reset_password", account=account)
    visit = phone.send()
    phone.until("engine.device.current().status === 'login'")
    phone.until_state(visit, "queued")
    faulty.do("reset_password", account=account, done=True)
    phone.run("engine.device.tryAgain()")
    phone.until_state(visit, "sent")
    assert visit in faulty.stored()


def test_a_group_given_to_somebody_else_stops_its_records_and_no_others(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone("totruong03")
    account = phone.run("engine.device.current()")["account_id"]
    phone.context.set_offline(True)
    old = [phone.send(number) for number in range(3)]
    before = faulty.do("give_group", account=account)
    phone.context.set_offline(False)
    for visit in old:
        phone.until_state(visit, "problem")
        assert phone.record(visit)["problem"]["detail"]
    phone.run("engine.reference.refreshReference({force: true})")
    assert all(house["group_id"] != before for house in phone.run("engine.reference.readReference()")["households"])
    phone.until_state(phone.send(), "sent")
    faulty.do("give_group", account=account, group=before)
    phone.run("(ids) => Promise.all(ids.map(engine.queue.sendAgain))", old)
    for visit in old:
        phone.until_state(visit, "sent")


def test_a_draft_of_an_older_form_is_still_taken(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    visit = phone.send(form_version="2025010100")
    phone.until_state(visit, "sent")
    assert faulty.stored()[visit][0] == 1


def test_logging_out_removes_names_and_keeps_unsent_work_for_its_owner(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone("totruong02")
    phone.context.set_offline(True)
    waiting, draft = phone.send(0), phone.write(1, reason="dở dang")
    phone.run("engine.device.logOut()")
    assert phone.run("engine.reference.readReference()") is None
    assert phone.run("engine.device.current()") is None
    phone.context.set_offline(False)
    faulty.well()
    phone.enrol("totruong01")
    own = phone.send(0)
    phone.until_state(own, "sent")
    assert faulty.posts() == [own]
    assert phone.run("engine.records.counts()")["others"] == 2
    assert phone.run("engine.records.list()")[0]["visit_id"] == own
    left = json.loads(phone.run("engine.backup.makeBackup({others: true})")["text"])
    assert {record["visit_id"] for record in left["records"]} == {waiting, draft}
    phone.run("engine.device.logOut()")
    assert phone.states()[waiting] == "queued"
    phone.enrol("totruong02")
    phone.until_state(waiting, "sent")
    assert phone.record(draft)["body"]["reason"] == "dở dang"


def test_another_account_on_the_phone_gets_none_of_the_first_ones_names_and_copies(make_phone: NewPhone) -> None:
    phone = make_phone("totruong02")
    first = phone.run("engine.reference.readReference()")["households"][0]["id"]
    sent = phone.send()
    phone.until_state(sent, "sent")
    phone.enrol("totruong01")
    phone.until("engine.reference.readReference()")
    assert first not in {house["id"] for house in phone.run("engine.reference.readReference()")["households"]}
    assert phone.states() == {}


def test_a_used_code_is_refused_in_words_and_changes_nothing(make_phone: NewPhone) -> None:
    phone = make_phone(enrolled=False).open()
    assert phone.run("drive.attempt(() => engine.device.enrol('KHONG-DUNG', 'Máy'))") not in {"network", "portal"}
    assert phone.run("engine.device.current()") is None


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_a_day_wrong_changes_neither_the_day_nor_the_sending(
    make_phone: NewPhone, faulty: FaultyServer, days: int
) -> None:
    phone = make_phone(before=SHIFTED % (days * DAY_MS))
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date().isoformat()
    visit = phone.send()
    phone.until_state(visit, "sent")
    record = phone.record(visit)
    assert record["body"]["visited_on"] == today
    assert "clock-wrong" in {row["code"] for row in phone.run("engine.health()")}
    made = dt.datetime.fromisoformat(record["made_at"])
    assert abs(made - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)


def test_a_clock_set_back_a_day_while_records_wait_does_not_stop_them(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone(before=SHIFTED % DAY_MS)
    faulty.stop()
    visit = phone.send()
    phone.until("engine.records.find(argument).then((r) => r.next_attempt_at !== null)", visit)
    phone.run("localStorage.setItem('shift', '0')")
    faulty.start()
    phone.page.reload()
    phone.ready().until("engine.device.current()")
    phone.until_state(visit, "sent")
    assert visit in faulty.stored()


def test_sent_copies_stay_thirty_days_by_the_wards_clock(make_phone: NewPhone) -> None:
    phone = make_phone()
    visit = phone.send()
    phone.until_state(visit, "sent")
    phone.run("engine.records.purgeSent(Date.now() + 29 * 24 * 3600 * 1000)")
    assert phone.state(visit) == "sent"
    phone.run("engine.records.purgeSent(Date.now() + 31 * 24 * 3600 * 1000)")
    assert phone.state(visit) == "gone"
