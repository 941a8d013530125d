"""The storage of the phone refuses, fills up or goes away: the form stays in memory, the person is told in words."""

import contextlib
import hashlib
import json

import pytest
from playwright.sync_api import Browser, Error, Route

from tests.browser.conftest import NewPhone
from tests.browser.phone_world import FaultyServer, Phone, init_script

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
fault = pytest.mark.phone_fault
ROOM, LONG = 3_000_000, 9_000_000  # bytes the phone has, letters that are typed
REFUSED = """
const refuse = (name) => { throw new DOMException("", name); };
if (localStorage.getItem("storage") === "off") IDBFactory.prototype.open = () => refuse("SecurityError");
const realOpen = IDBFactory.prototype.open;
if (localStorage.getItem("storage") === "mute") IDBFactory.prototype.open = function () {
  const request = realOpen.call(this, "other");
  request.addEventListener = () => {};
  return request;
};
"""
# While `window.lose` is above zero, a write of a draft loses the database in the middle, as iOS does to sleeping pages.
LOSE = """
const realPut = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...rest) {
  const request = realPut.apply(this, rest);
  if (this.name === "drafts" && window.lose > 0) {
    window.lose -= 1;
    const tx = this.transaction;
    tx.db.close();
    tx.abort();
  }
  return request;
};
"""


def _codes(phone: Phone) -> dict[str, str]:
    return {row["code"]: row["level"] for row in phone.run("engine.health()")}


@fault
def test_a_full_storage_in_the_middle_of_writing_keeps_the_form_and_the_file(make_phone: NewPhone) -> None:
    phone = make_phone(enrolled=False)
    make_room = phone.limit_storage(ROOM)
    visit = phone.open().enrol().write(reason="trước")
    phone.run("([id, letters]) => drive.type(id, {reason: 'x'.repeat(letters)})", [visit, LONG])
    phone.until_heard("storage", "storage-full")
    typed = "engine.records.find(argument[0]).then((r) => r.body.reason.length === argument[1])"
    in_file = "engine.backup.makeBackup().then((b) => JSON.parse(b.text).records[0].body.reason.length === argument[1])"
    phone.until(typed, [visit, LONG])
    phone.until(in_file, [visit, LONG])
    make_room()
    phone.until("engine.autosave.inMemory().length === 0")
    phone.crash()
    phone.reopen().until(typed, [visit, LONG])
    assert phone.record(visit)["body"]["reason"] == "x" * LONG


@fault
def test_finishing_on_a_full_storage_says_so_and_works_when_there_is_room(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone(enrolled=False)
    make_room = phone.limit_storage(ROOM)
    visit = phone.open().enrol().write()
    phone.run("([id, letters]) => { open_forms[id].body.reason = 'x'.repeat(letters); }", [visit, LONG])
    assert phone.run("(id) => drive.attempt(() => drive.finish(id))", visit) == "storage-full"
    assert phone.state(visit) == "draft"
    make_room()
    phone.run("(id) => { open_forms[id].body.reason = ''; return drive.finish(id); }", visit)
    phone.until_state(visit, "sent")
    assert faulty.stored()[visit][0] == 1


@fault
def test_a_database_that_closes_in_the_middle_of_writing_is_opened_again(make_phone: NewPhone) -> None:
    phone = make_phone(before=LOSE)
    visit = phone.write()
    phone.run("(id) => { window.lose = 1; drive.type(id, {reason: 'vẫn còn'}); }", visit)
    phone.until("window.lose === 0 && engine.autosave.inMemory().length === 0")
    phone.crash()
    assert phone.reopen().record(visit)["body"]["reason"] == "vẫn còn"


@fault
def test_a_database_that_keeps_closing_leaves_the_form_in_memory_and_tells(make_phone: NewPhone) -> None:
    phone = make_phone(before=LOSE)
    visit = phone.write()
    phone.run("(id) => { window.lose = 4; drive.type(id, {reason: 'chưa mất'}); }", visit)
    phone.until_heard("storage", "storage-closed")
    assert phone.record(visit)["body"]["reason"] == "chưa mất"
    phone.until("engine.autosave.inMemory().length === 0")  # tried again until it went


@fault
def test_two_looks_at_the_storage_at_once_do_not_disturb_each_other(make_phone: NewPhone) -> None:
    phone = make_phone()
    found = phone.run("Promise.all(Array.from({length: 8}, () => engine.health()))")
    assert [row for rows in found for row in rows if row["level"] == "stop"] == []
    assert phone.run("engine.store.readMeta('test')") is None


@fault
@pytest.mark.parametrize(("storage", "code"), [("off", "storage-refused"), ("mute", "storage-closed")])
def test_a_storage_that_refuses_or_never_answers_stops_entry_before_it_begins(
    make_phone: NewPhone, storage: str, code: str
) -> None:
    phone = make_phone(before=REFUSED, open_limit_ms=300)
    phone.run("(how) => localStorage.setItem('storage', how)", storage)
    phone.page.reload()
    phone.ready()
    assert _codes(phone).get(code) == "stop"


@fault
def test_a_newer_version_in_another_tab_is_not_blocked_and_the_open_form_is_told(make_phone: NewPhone) -> None:
    phone = make_phone()
    visit = phone.write()
    other = phone.in_other_tab()
    other.run("""() => new Promise((done, failed) => {
      const asked = indexedDB.open("phs-phone", 2);
      asked.onsuccess = () => { asked.result.close(); done(); };
      asked.onerror = failed;
    })""")
    phone.run("(id) => drive.type(id, {reason: 'gõ ở bản cũ'})", visit)
    phone.until_heard("storage", "storage-newer")
    saved = json.loads(phone.run("engine.backup.makeBackup()")["text"])
    assert saved["records"][0]["body"]["reason"] == "gõ ở bản cũ"


@fault
@pytest.mark.parametrize(
    ("agent", "code"),
    [
        ("Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 Chrome/120 Mobile Zalo android/12", "in-app-zalo"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Mobile [FBAN/FBIOS;FBAV/440]", "in-app-facebook"),
        ("Mozilla/5.0 (Linux; Android 12; SM-A125; wv) AppleWebKit/537.36 Version/4.0 Chrome/119", "in-app-other"),
    ],
)
def test_a_browser_inside_another_app_is_refused_with_the_way_out(make_phone: NewPhone, agent: str, code: str) -> None:
    phone = make_phone(enrolled=False, agent=agent).open()
    assert _codes(phone).get(code) == "stop"


@fault
def test_an_iphone_in_the_browser_hears_of_the_seven_days(make_phone: NewPhone) -> None:
    safari = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile Safari/604.1"
    )
    phone = make_phone(enrolled=False, agent=safari).open()
    assert _codes(phone).get("ios-home-screen") == "tell"


@fault
@pytest.mark.parametrize(
    "before",
    [
        "StorageManager.prototype.getDirectory = async () => { throw new DOMException('', 'SecurityError'); };",
        "StorageManager.prototype.estimate = async () => ({ usage: 0, quota: 100_000_000 });",
    ],
    ids=["safari-and-firefox", "older-chrome"],
)
def test_a_private_window_is_told_that_its_forms_will_be_gone(make_phone: NewPhone, before: str) -> None:
    phone = make_phone(enrolled=False, private_window=None, before=before).open()
    assert _codes(phone).get("private") == "warn"


@fault
def test_an_address_without_https_is_refused_in_words(chromium: Browser, faulty: FaultyServer) -> None:
    context = chromium.new_context(base_url="http://phuong.test")
    context.add_init_script(init_script())
    address = "http://phuong.test"

    def hand_on(route: Route) -> None:
        with contextlib.suppress(Error):  # the page may be closed while an answer is on its way
            route.fulfill(response=route.fetch(url=route.request.url.replace(address, faulty.url)))

    context.route(f"{address}/**", hand_on)
    phone = Phone(context, faulty).open()
    assert _codes(phone) == {"insecure": "stop"}
    context.close()


@fault
def test_lasting_storage_is_asked_for_after_the_first_finished_form(make_phone: NewPhone) -> None:
    spy = "window.asked = 0; StorageManager.prototype.persist = async () => { window.asked += 1; return false; };"
    phone = make_phone(before=spy)
    visit = phone.write()
    assert phone.run("window.asked") == 0
    phone.finish(visit)
    assert phone.run("window.asked") == 1


def test_the_file_holds_all_unsent_work_with_a_checksum_and_no_names(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    faulty.fault("500", 999)
    waiting, draft = phone.send(0), phone.write(1, answers={"note": "Nhà có chó"})
    backup = phone.run("engine.backup.makeBackup()")
    content = json.loads(backup["text"])
    assert {record["visit_id"]: record["state"] for record in content["records"]}.keys() == {waiting, draft}
    assert backup["count"] == 2
    names = phone.run("engine.reference.readReference()")["households"][:2]
    assert all(house["head_name"] not in backup["text"] for house in names)
    canonical = json.dumps(content["records"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content["checksum"] == hashlib.sha256(canonical.encode()).hexdigest()
    with phone.page.expect_download() as download:
        phone.run("engine.backup.makeBackup().then(engine.backup.handOver)")
    assert download.value.suggested_filename.endswith("-2-phieu.json")


@fault
def test_what_was_typed_in_the_last_moment_before_a_reload_is_there_again(make_phone: NewPhone) -> None:
    """The page is gone before its save could begin: what it noted at once is put into the database by the next one."""
    phone = make_phone()
    visit = phone.write(reason="trước")
    with phone.page.expect_navigation():
        phone.run(
            """(id) => {
              IDBDatabase.prototype.transaction = () => { throw new DOMException("", "InvalidStateError"); };
              drive.type(id, { reason: "chữ cuối cùng" });
              location.reload();
            }""",
            visit,
        )
    phone.ready()
    phone.until("engine.records.find(argument).then((r) => r.body.reason === 'chữ cuối cùng')", visit)
    phone.until("engine.store.transact(['drafts'], 'readonly', (tx) => tx.objectStore('drafts').get(argument))", visit)
    assert phone.run("Object.keys(localStorage).filter((name) => name.startsWith('phs-last-words')).length") == 0


@fault
def test_last_words_never_overwrite_what_was_saved_or_sent_since(make_phone: NewPhone) -> None:
    phone = make_phone()
    visit = phone.write(reason="đã lưu")
    old = phone.record(visit)
    old["body"]["reason"], old["edits"] = "cũ", 0
    phone.run("([id, text]) => localStorage.setItem('phs-last-words:' + id, text)", [visit, json.dumps(old)])
    phone.run("(text) => localStorage.setItem('phs-last-words:khong-doc-duoc', text)", "{")
    phone.page.reload()
    phone.ready()
    phone.until("Object.keys(localStorage).every((name) => !name.startsWith('phs-last-words'))")
    assert phone.record(visit)["body"]["reason"] == "đã lưu"
