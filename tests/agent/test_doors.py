"""Who is let in: pages that were paired, under the agent's own name, and nobody else."""

import json

import pytest

from signing.agent.answers import Ask
from signing.agent.doors import same_origin, tidy_origin
from signing.agent.parts import Parts
from signing.agent.server import answer
from signing.agent.settings import CODE_SECONDS, CODE_TRIES
from tests.agent.conftest import HOST, OWN, PORT, MovableClock, Page, Person

WARD = "https://hoamau.example.vn"


def test_a_strange_name_that_leads_here_is_turned_away(parts: Parts) -> None:
    for host in ("evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1.evil.example:{PORT}", ""):
        for path in ("/", "/api/keys", "/api/ping"):
            told = answer(parts, Ask(method="GET", path=path, headers={"host": host}))
            assert (told.status, told.body) == (421, b"")
    for host in (HOST, f"localhost:{PORT}", f"[::1]:{PORT}"):
        assert answer(parts, Ask(method="GET", path="/", headers={"host": host})).status == 200


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://hoamau.example.vn", WARD),
        ("https://HoaMau.example.vn:443/", WARD),
        ("https://hoamau.example.vn:8443", "https://hoamau.example.vn:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://hoamau.example.vn", None),
        ("http://192.168.1.5:8000", None),
        ("https://hoamau.example.vn/van-ban", None),
        ("https://user@hoamau.example.vn", None),
        ("https://hoamau.example.vn:99999", None),
        ("null", None),
        ("*", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_only_addresses_that_cannot_be_listened_to_are_paired(text: str, origin: str | None) -> None:
    assert tidy_origin(text) == origin


def test_documents_come_from_the_paired_ward_alone() -> None:
    assert same_origin("https://hoamau.example.vn/documents/x.pdf", WARD)
    for url in (
        "https://hoamau.example.vn.evil.example/x.pdf",
        "https://hoamau.example.vn@evil.example/x.pdf",
        "http://hoamau.example.vn/x.pdf",
        "https://hoamau.example.vn:8443/x.pdf",
        "file:///etc/passwd",
        "",
    ):
        assert not same_origin(url, WARD)


def test_a_page_that_was_never_paired_reads_nothing(parts: Parts, page: Page) -> None:
    stranger = Page(parts, "https://evil.example", page.token)
    for method, path in (
        ("GET", "/api/keys"),
        ("OPTIONS", "/api/keys"),
        ("POST", "/api/batches"),
        ("POST", "/api/pair"),
    ):
        told = stranger.ask(method, path, {})
        assert told.status == 403
        assert told.body == b""
        assert not [name for name in told.headers if name.startswith("Access-Control")]
    ping = stranger.ask("GET", "/api/ping")
    assert (ping.status, ping.body) == (204, b"")
    assert ping.headers["Cross-Origin-Resource-Policy"] == "cross-origin"  # else a page could not even see that


def test_no_answer_ever_carries_a_wildcard(page: Page) -> None:
    told = page.ask("OPTIONS", "/api/keys", **{"access-control-request-private-network": "true"})
    assert told.status == 204
    assert told.headers["Access-Control-Allow-Origin"] == page.origin
    assert told.headers["Access-Control-Allow-Private-Network"] == "true"
    assert told.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in told.headers
    assert "Access-Control-Allow-Private-Network" not in page.ask("OPTIONS", "/api/keys").headers
    assert page.ask("GET", "/api/keys").headers["Access-Control-Allow-Origin"] == page.origin


def test_the_address_without_its_token_is_not_enough(parts: Parts, page: Page) -> None:
    assert Page(parts, page.origin).ask("GET", "/api/keys").status == 401
    assert Page(parts, page.origin, "guess").ask("GET", "/api/keys").status == 401
    assert page.ask("GET", "/api/keys").status == 200


def test_a_token_of_one_ward_does_not_open_for_another(parts: Parts, page: Page) -> None:
    other = "https://khac.example.vn"
    parts.pairings.redeem(other, parts.pairings.offer(other).code)
    assert Page(parts, other, page.token).ask("GET", "/api/keys").status == 401


def test_a_simple_request_that_no_browser_announces_is_no_order(page: Page) -> None:
    told = page.ask("POST", "/api/batches", {"documents": []}, **{"content-type": "text/plain"})
    assert told.status == 400
    assert json.loads(told.body)["code"] == "order_unreadable"


def test_pairing_needs_the_person_and_the_code(parts: Parts, person: Person) -> None:
    asked = person.open("/pair", origin=WARD)
    assert WARD in asked.body.decode()
    assert Page(parts, WARD).ask("POST", "/api/pair", {"code": "00000000"}).status == 403
    shown = person.send("/pair", origin=WARD).body.decode()
    code = shown.split('<p class="code">')[1].split("</p>")[0]
    told = Page(parts, WARD).told("POST", "/api/pair", {"code": code})
    assert Page(parts, WARD, told["token"]).ask("GET", "/api/keys").status == 200
    assert Page(parts, WARD).ask("POST", "/api/pair", {"code": code}).status == 403  # once only
    kept = parts.settings.notebook.read_text()
    assert told["token"] not in kept
    assert parts.settings.notebook.stat().st_mode & 0o077 == 0


def test_a_code_is_for_one_address_and_a_short_time(parts: Parts, clock: MovableClock) -> None:
    code = parts.pairings.offer(WARD).code
    assert Page(parts, "https://evil.example").ask("POST", "/api/pair", {"code": code}).status == 403
    clock.forward(seconds=CODE_SECONDS + 1)
    assert Page(parts, WARD).ask("POST", "/api/pair", {"code": code}).status == 403
    assert not parts.pairings.knows(WARD)


def test_guessing_a_code_ends_it(parts: Parts) -> None:
    code = parts.pairings.offer(WARD).code
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _ in range(CODE_TRIES):
        assert Page(parts, WARD).told("POST", "/api/pair", {"code": wrong})["code"] == "code_wrong"
    assert Page(parts, WARD).ask("POST", "/api/pair", {"code": code}).status == 403


def test_a_plain_address_is_refused_in_words(person: Person) -> None:
    told = person.open("/pair", origin="http://hoamau.example.vn")
    assert told.status == 400
    assert "https" in told.body.decode()
    assert person.send("/pair", origin="http://hoamau.example.vn").status == 400


def test_forms_are_taken_from_our_own_pages_only(parts: Parts, page: Page) -> None:
    for headers, fields in (
        ({"origin": page.origin}, {"form_token": parts.form_token}),
        ({"origin": "null"}, {"form_token": parts.form_token}),
        ({}, {"form_token": parts.form_token}),
        ({"origin": OWN}, {"form_token": "x"}),
        ({"origin": OWN}, {}),
    ):
        ask = Ask(
            method="POST", path="/unpair", headers={"host": HOST, **headers}, fields={**fields, "origin": page.origin}
        )
        assert answer(parts, ask).status == 403
    assert parts.pairings.knows(page.origin)


def test_unpairing_shuts_the_page_out(parts: Parts, page: Page, person: Person) -> None:
    assert page.origin in person.open("/").body.decode()
    assert person.send("/unpair", origin=page.origin).status == 303
    assert page.ask("GET", "/api/keys").status == 403
    assert page.origin not in person.open("/").body.decode()


def test_a_page_may_end_its_own_pairing(parts: Parts, page: Page) -> None:
    assert page.ask("DELETE", "/api/pairing").status == 200
    assert not parts.pairings.knows(page.origin)


def test_our_pages_cannot_be_framed_and_run_no_script(person: Person) -> None:
    told = person.open("/")
    assert told.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in told.headers["Content-Security-Policy"]
    assert "default-src 'none'" in told.headers["Content-Security-Policy"]
    assert "<script" not in told.body.decode()
    assert not [name for name in told.headers if name.startswith("Access-Control")]


def test_a_spoilt_notebook_only_costs_the_pairings(parts: Parts, page: Page, person: Person) -> None:
    parts.settings.notebook.write_text("{spoilt")
    assert person.open("/").status == 200
    assert page.ask("GET", "/api/keys").status == 403
