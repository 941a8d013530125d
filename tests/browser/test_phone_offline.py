"""The offline page itself: second visit without a network, two tabs, and updates that never cost an open form."""

import pytest

from tests.browser.conftest import NewPhone, OpenProfile
from tests.browser.phone_world import FaultyServer, Phone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.phone_fault]
WORKER = "navigator.serviceWorker.ready.then((r) => r.active?.state === 'activated')"


def _installed(phone: Phone) -> Phone:
    phone.until(WORKER)
    return phone


def test_the_second_visit_needs_no_network_and_no_server(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = _installed(make_phone())
    faulty.stop()
    phone.page.close()
    phone.reopen()
    assert len(phone.run("engine.reference.readReference()")["households"]) > 20
    visit = phone.send()
    faulty.start()
    phone.until_state(visit, "sent")
    assert faulty.stored()[visit][0] == 1


def test_a_hard_reload_offline_loses_nothing(make_phone: NewPhone) -> None:
    phone = _installed(make_phone())
    visit = phone.write(reason="trước khi tải lại")
    phone.context.set_offline(True)
    session = phone.context.new_cdp_session(phone.page)
    session.send("Page.reload", {"ignoreCache": True})
    phone.page.wait_for_event("load")
    phone.page.goto("/surveys/phone/")
    phone.ready()
    assert phone.record(visit)["body"]["reason"] == "trước khi tải lại"


def test_the_worker_keeps_the_page_and_nothing_of_the_api(make_phone: NewPhone) -> None:
    phone = _installed(make_phone())
    visit = phone.send()
    phone.until_state(visit, "sent")
    kept = phone.run(
        """async () => {
          const names = await caches.keys();
          const caches_ = await Promise.all(names.map((name) => caches.open(name)));
          const requests = await Promise.all(caches_.map((cache) => cache.keys()));
          return requests.flat().map((request) => new URL(request.url).pathname);
        }"""
    )
    assert "/surveys/phone/" in kept
    assert {path.split("/")[1] for path in kept} == {"surveys", "static"}


def test_logging_out_of_the_pages_leaves_the_offline_form_and_its_drafts(make_phone: NewPhone) -> None:
    phone = _installed(make_phone())
    visit = phone.write(reason="chưa xong")
    phone.page.goto("/__logout")
    phone.context.set_offline(True)
    phone.page.goto("/surveys/phone/")
    phone.ready().until("engine.device.current()")
    assert phone.record(visit)["body"]["reason"] == "chưa xong"


def test_a_browser_finds_nothing_against_installing_the_form(open_profile: OpenProfile) -> None:
    phone = _installed(open_profile())
    session = phone.context.new_cdp_session(phone.page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/surveys/phone/app.webmanifest")


def _offer_update(phone: Phone, faulty: FaultyServer, name: str) -> None:
    faulty.control({"release": name})
    phone.run("engine.update.lookForUpdate()")
    phone.until("engine.update.updateWaits()")


def _take_update(phone: Phone) -> None:
    """Take it and wait for the new page; the answer is noted, for its own page may be gone before it is read."""
    with phone.page.expect_event("load"):
        phone.run("() => { engine.update.takeUpdate().then((told) => sessionStorage.setItem('told', told)); }")
    phone.ready()


@pytest.fixture
def released(faulty: FaultyServer):
    yield
    faulty.control({"release": ""})


@pytest.mark.usefixtures("released")
def test_an_update_waits_for_the_open_form_and_then_for_the_button(make_phone: NewPhone, faulty: FaultyServer) -> None:
    phone = make_phone()
    _installed(phone).page.reload()
    phone.ready().until("navigator.serviceWorker.controller")
    phone.run("() => { window.before = true; window.release = engine.update.holdForm(); }")
    visit = phone.write(reason="đang mở")
    phone.run("(id) => drive.type(id, {reason: 'đang gõ'})", visit)
    _offer_update(phone, faulty, "a1")
    phone.until_heard("update")
    assert phone.run("engine.update.takeUpdate()") == "form-open"
    assert phone.run("window.before") is True
    phone.run("release()")
    _take_update(phone)
    assert phone.run("sessionStorage.getItem('told')") == "taken"
    assert phone.run("window.before === undefined")
    assert phone.record(visit)["body"]["reason"] == "đang gõ"
    phone.until("caches.keys().then((names) => names.length === 1 && names[0].includes('a1'))")


@pytest.mark.usefixtures("released")
def test_an_update_taken_in_one_tab_waits_for_a_form_in_the_other_and_never_reloads_it(
    make_phone: NewPhone, faulty: FaultyServer
) -> None:
    phone = make_phone()
    _installed(phone).page.reload()
    phone.ready().until("navigator.serviceWorker.controller")
    other = phone.in_other_tab()
    other.run("() => { window.before = true; window.release = engine.update.holdForm(); }")
    visit = other.write(reason="ở thẻ kia")
    _offer_update(phone, faulty, "b2")
    assert phone.run("engine.update.takeUpdate()") == "form-open"
    other.run("release()")
    phone.until("navigator.locks.query().then((all) => !all.held.some((lock) => lock.name === 'phs-phone-form'))")
    _take_update(phone)
    assert other.run("window.before") is True
    assert other.record(visit)["body"]["reason"] == "ở thẻ kia"


@pytest.mark.parametrize("locks", [True, False], ids=["web-locks", "without-web-locks"])
def test_two_tabs_send_each_record_once(make_phone: NewPhone, faulty: FaultyServer, locks: bool) -> None:
    before = "" if locks else "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"
    phone = make_phone(before=before)
    other = phone.in_other_tab()
    other.until("engine.device.current()")
    phone.context.set_offline(True)
    visits = [(phone if number % 2 else other).send(number) for number in range(10)]
    faulty.well()
    phone.context.set_offline(False)
    for tab in (phone, other):
        tab.run("() => { engine.send.sendNow(); }")
    for visit in visits:
        phone.until_state(visit, "sent")
        assert faulty.stored()[visit][0] == 1
    assert sorted(faulty.posts()) == sorted(visits)


def test_the_same_draft_in_two_tabs_is_never_overwritten_in_silence(make_phone: NewPhone) -> None:
    phone = make_phone()
    visit = phone.write(reason="gốc")
    other = phone.in_other_tab()
    other.until("engine.device.current()")
    other.run("async (id) => { window.open_forms = { [id]: await engine.records.find(id) }; }", visit)
    phone.run("(id) => { drive.type(id, {reason: 'thẻ một'}); return engine.autosave.flush(); }", visit)
    other.run("(id) => { drive.type(id, {reason: 'thẻ hai'}); }", visit)
    other.until_heard("elsewhere")
    assert phone.record(visit)["body"]["reason"] == "thẻ một"
    other.run("(id) => engine.autosave.change(open_forms[id], {mine: true})", visit)
    other.until("engine.autosave.inMemory().length === 0")
    phone.until("engine.records.find(argument).then((r) => r.body.reason === 'thẻ hai')", visit)
