"""From a page's wish to raw signatures: shown before signed, told in words when it goes wrong."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing import validate_pdf
from signing.agent.parts import Parts, make_parts
from signing.agent.settings import BATCH_SECONDS, AgentSettings
from signing.deferred import complete_signature
from signing.model import Code, Mechanism
from signing.protocol import PreparedSignature, verify_raw
from signing.trust.demo_pki import IssuedKey
from tests.agent.conftest import PORT, MovableClock, Order, Page, Person, Ward
from tests.signing.conftest import World
from tests.softhsm import TokenBox, make_box, plugged

PIN = "135790"


def test_a_paired_page_gets_a_raw_signature_that_fits(
    page: Page, person: Person, order: Order, world: World, ward: Ward, key: IssuedKey
) -> None:
    wanted = order()
    begun = page.told("POST", "/api/batches", wanted)
    assert page.ended(begun["id"])["stage"] == "waiting"
    shown = person.open(begun["page"]).body.decode()
    for text in ("Kế hoạch số 1", "Chuyển đổi số năm 2026", "Mã băm khớp", "Nguyễn Thị Hồng Ánh", ward.origin):
        assert text in shown
    assert person.send(f"{begun['page']}/sign", pin=key.pin).status == 303
    told = page.ended(begun["id"])
    raw = base64.b64decode(told["documents"][0]["raw"])
    prepared = PreparedSignature.from_json(wanted["documents"][0]["prepared"])
    verify_raw(prepared, raw)
    signed = complete_signature(prepared, ward.files["/v0.pdf"], raw, world.around())
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK
    assert "Đã ký xong" in person.open(begun["page"]).body.decode()
    assert "Kế hoạch số 1" in person.open("/").body.decode()


def test_the_first_page_and_the_document_are_the_checked_bytes(
    page: Page, person: Person, order: Order, ward: Ward
) -> None:
    begun = page.told("POST", "/api/batches", order())
    page.ended(begun["id"])
    picture = person.open(f"{begun['page']}/0.png")
    assert picture.body.startswith(b"\x89PNG")
    assert len(picture.body) > 5_000
    assert person.open(f"{begun['page']}/0.pdf").body == ward.files["/v0.pdf"]
    for name in ("1.pdf", "0.txt", "x.png", "-1.pdf"):
        assert person.open(f"{begun['page']}/{name}").status == 404


def test_a_document_that_differs_is_neither_shown_nor_signed(
    page: Page, person: Person, order: Order, ward: Ward, key: IssuedKey
) -> None:
    wanted = order(2)
    ward.files["/v0.pdf"] = ward.files["/v0.pdf"].replace(b"%PDF-1.7", b"%PDF-1.6", 1)
    begun = page.told("POST", "/api/batches", wanted)
    told = page.ended(begun["id"])
    assert [d["problem"] and d["problem"]["code"] for d in told["documents"]] == ["prepared_mismatch", None]
    shown = person.open(begun["page"]).body.decode()
    assert "không phải là văn bản sắp ký" in shown
    assert f"{begun['page']}/0.png" not in shown
    person.send(f"{begun['page']}/sign", pin=key.pin)
    told = page.ended(begun["id"])
    assert [d["raw"] is not None for d in told["documents"]] == [False, True]


def test_attributes_of_another_document_are_found_out(page: Page, order: Order, ward: Ward) -> None:
    first, second = order(1), order(2)
    swapped = second["documents"][1]
    swapped["url"] = first["documents"][0]["url"]
    told = page.ended(page.told("POST", "/api/batches", {"documents": [swapped]})["id"])
    assert told["ended"]
    assert told["documents"][0]["problem"]["code"] == "prepared_mismatch"


@pytest.mark.parametrize("trouble", ["missing", "elsewhere", "redirect", "longer"])
def test_a_document_that_cannot_be_fetched_from_the_ward_is_not_signed(
    trouble: str, page: Page, order: Order, ward: Ward
) -> None:
    wanted = order()
    if trouble == "missing":
        ward.files.clear()
    elif trouble == "elsewhere":
        wanted["documents"][0]["url"] = "http://127.0.0.1:9/x.pdf"
    elif trouble == "redirect":
        ward.redirect_to = "http://127.0.0.1:9/x.pdf"
    else:
        ward.files["/v0.pdf"] += b"more"
    told = page.ended(page.told("POST", "/api/batches", wanted)["id"])
    assert told["documents"][0]["problem"]["code"] == {"longer": "prepared_mismatch"}.get(trouble, "ward_unreachable")


def test_a_wrong_pin_is_told_and_can_be_corrected(page: Page, person: Person, order: Order, key: IssuedKey) -> None:
    begun = page.told("POST", "/api/batches", order())
    page.ended(begun["id"])
    person.send(f"{begun['page']}/sign", pin="sai")
    told = page.ended(begun["id"])
    assert (told["stage"], told["problem"]["code"]) == ("waiting", "wrong_pin")
    assert "Mã PIN không đúng" in person.open(begun["page"]).body.decode()
    assert "sai" not in json.dumps(told, ensure_ascii=False).replace("PIN không đúng", "")
    person.send(f"{begun['page']}/sign", pin=key.pin)
    assert page.ended(begun["id"])["documents"][0]["raw"]


def test_whoever_does_not_want_to_sign_says_so(page: Page, person: Person, order: Order, key: IssuedKey) -> None:
    begun = page.told("POST", "/api/batches", order())
    page.ended(begun["id"])
    person.send(f"{begun['page']}/refuse")
    told = page.told("GET", f"/api/batches/{begun['id']}")
    assert (told["ended"], told["problem"]["code"], told["documents"][0]["raw"]) == (True, "refused", None)
    person.send(f"{begun['page']}/sign", pin=key.pin)
    assert page.ended(begun["id"])["documents"][0]["raw"] is None


def test_a_batch_nobody_signs_in_time_ends(
    page: Page, person: Person, order: Order, clock: MovableClock, key: IssuedKey
) -> None:
    begun = page.told("POST", "/api/batches", order())
    page.ended(begun["id"])
    clock.forward(seconds=BATCH_SECONDS + 1)
    told = page.told("GET", f"/api/batches/{begun['id']}")
    assert (told["ended"], told["problem"]["code"]) == (True, "expired")
    person.send(f"{begun['page']}/sign", pin=key.pin)
    assert page.ended(begun["id"])["documents"][0]["raw"] is None
    clock.forward(seconds=BATCH_SECONDS + 1)
    assert page.told("GET", f"/api/batches/{begun['id']}")["code"] == "batch_unknown"


def test_a_batch_belongs_to_the_page_that_began_it(parts: Parts, page: Page, order: Order) -> None:
    begun = page.told("POST", "/api/batches", order())
    other = "https://khac.example.vn"
    stranger = Page(parts, other, parts.pairings.redeem(other, parts.pairings.offer(other).code))
    assert stranger.told("GET", f"/api/batches/{begun['id']}")["code"] == "batch_unknown"
    assert stranger.told("DELETE", f"/api/batches/{begun['id']}")["code"] == "batch_unknown"
    assert page.told("GET", f"/api/batches/{begun['id']}")["id"] == begun["id"]


def test_a_page_may_drop_its_batch(page: Page, person: Person, order: Order) -> None:
    begun = page.told("POST", "/api/batches", order())
    page.ended(begun["id"])
    assert page.ask("DELETE", f"/api/batches/{begun['id']}").status == 200
    assert person.open(begun["page"]).status == 404


def test_the_person_reads_how_it_ended_after_the_page_took_everything(
    page: Page, person: Person, order: Order, key: IssuedKey
) -> None:
    begun = page.told("POST", "/api/batches", order())
    page.ended(begun["id"])
    person.send(f"{begun['page']}/sign", pin=key.pin)
    page.ended(begun["id"])
    assert page.ask("DELETE", f"/api/batches/{begun['id']}").status == 200
    assert "Đã ký xong" in person.open(begun["page"]).body.decode()
    assert person.open(f"{begun['page']}/0.pdf").status == 404
    assert page.told("GET", f"/api/batches/{begun['id']}")["code"] == "batch_unknown"


def test_orders_that_make_no_sense_are_refused(page: Page, order: Order, world: World) -> None:
    good = order()["documents"][0]
    other = order(issued=world.pki.keys["van-thu"])["documents"][0]
    for documents, code in (
        (None, "order_unreadable"),
        ([], "order_unreadable"),
        (["x"], "order_unreadable"),
        ([{**good, "prepared": {}}], "prepared_unreadable"),
        ([{**good, "title": 5}], "order_unreadable"),
        ([good, good], "order_unreadable"),
        ([good, {**other, "id": "z"}], "prepared_unreadable"),
        ([{**good, "id": str(n)} for n in range(201)], "too_much"),
        ([other], "key_not_here"),
    ):
        assert page.told("POST", "/api/batches", {"documents": documents})["code"] == code


def test_a_strangers_text_is_only_text(page: Page, person: Person, order: Order) -> None:
    wanted = order()
    wanted["documents"][0]["title"] = '<script>alert(1)</script>"\u202e'
    begun = page.told("POST", "/api/batches", wanted)
    page.ended(begun["id"])
    shown = person.open(begun["page"]).body.decode()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "\u202e" not in shown


def test_a_new_key_file_is_read_with_its_pin_once(parts: Parts, person: Person, world: World) -> None:
    issued = world.pki.keys["van-thu"]
    (parts.settings.key_folder / "moi.pfx").write_bytes(issued.path.read_bytes())
    parts.keys.see(fresh=True)
    assert "Chưa đọc chứng thư" in person.open("/").body.decode()
    refused = person.send("/files/read", name="moi.pfx", pin="sai")
    assert refused.status == 422
    assert "Mã PIN không đúng" in refused.body.decode()
    assert person.send("/files/read", name="moi.pfx", pin=issued.pin).status == 303
    assert "Trần Văn Bình" in person.open("/").body.decode()
    assert issued.pin not in parts.settings.notebook.read_text()
    assert person.send("/files/read", name="../../etc/passwd", pin="x").status == 422


@pytest.fixture
def box(world: World, tmp_path: Path) -> Iterator[TokenBox]:
    box = make_box(tmp_path / "hsm")
    held = [(world.pki.keys[slug].path, world.pki.keys[slug].pin) for slug in ("chu-tich", "co-quan")]
    box.fill("Chủ tịch", PIN, held)
    with plugged(box):
        yield box


@pytest.fixture
def with_token(box: TokenBox, tmp_path: Path, ward: Ward, clock: MovableClock) -> Page:
    from tests.softhsm import module

    parts = make_parts(AgentSettings(folder=tmp_path / "token-agent", port=PORT, modules=(module(),)), clock=clock)
    code = parts.pairings.offer(ward.origin).code
    return Page(parts, ward.origin, parts.pairings.redeem(ward.origin, code))


def test_keys_on_tokens_are_told_with_what_they_can_do(with_token: Page) -> None:
    keys = with_token.told("GET", "/api/keys")["keys"]
    assert {key["info"]["common_name"] for key in keys} == {
        "Nguyễn Thị Hồng Ánh",
        "Ủy ban nhân dân phường Hoa Mẫu",
    }
    assert {tuple(sorted(key["mechanisms"])) for key in keys} == {("rsa-pkcs1v15", "rsa-pss")}
    assert all(key["place"].startswith("Token Chủ tịch (") for key in keys)


def test_ten_documents_are_signed_with_one_pin_on_a_token(with_token: Page, order: Order) -> None:
    person = Person(with_token.parts)
    wanted = order(10, mechanism=Mechanism.RSA_PKCS1V15)
    begun = with_token.told("POST", "/api/batches", wanted)
    with_token.ended(begun["id"])
    person.send(f"{begun['page']}/sign", pin=PIN)
    told = with_token.ended(begun["id"])
    assert told["ended"]
    for document, asked in zip(told["documents"], wanted["documents"], strict=True):
        verify_raw(PreparedSignature.from_json(asked["prepared"]), base64.b64decode(document["raw"]))


def test_a_token_pulled_in_the_middle_keeps_what_was_signed_and_goes_on(
    with_token: Page, box: TokenBox, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signing.keystores.pkcs11 import TokenSigner

    person, sign, done = Person(with_token.parts), TokenSigner.sign, []

    def pull_before_the_third(self: TokenSigner, attributes: bytes, mechanism: Mechanism) -> bytes:
        if len(done) == 2 and not (box.folder / "pulled").exists():
            box.pull()
        raw = sign(self, attributes, mechanism)
        done.append(raw)
        return raw

    monkeypatch.setattr(TokenSigner, "sign", pull_before_the_third)
    begun = with_token.told("POST", "/api/batches", order(4))
    with_token.ended(begun["id"])
    person.send(f"{begun['page']}/sign", pin=PIN)
    told = with_token.ended(begun["id"])
    assert (told["stage"], told["problem"]["code"]) == ("waiting", "token_pulled")
    assert [d["raw"] is not None for d in told["documents"]] == [True, True, False, False]
    assert "Tìm lại token" in person.open(begun["page"]).body.decode()
    box.plug()
    with_token.parts.keys.see(fresh=True)
    assert "Ký tiếp 2 văn bản còn lại" in person.open(begun["page"]).body.decode()
    person.send(f"{begun['page']}/sign", pin=PIN)
    told = with_token.ended(begun["id"])
    assert all(d["raw"] for d in told["documents"])
    assert len({d["raw"] for d in told["documents"]}) == 4


def test_the_status_page_shows_tokens_and_warns_of_wrong_pins(with_token: Page, order: Order) -> None:
    person = Person(with_token.parts)
    begun = with_token.told("POST", "/api/batches", order())
    with_token.ended(begun["id"])
    person.send(f"{begun['page']}/sign", pin="000000")
    assert with_token.ended(begun["id"])["problem"]["code"] == "wrong_pin"
    time.sleep(0.01)
    shown = person.open("/").body.decode()
    assert "Token Chủ tịch" in shown
    assert "Ký được" in shown
    assert "Đã có lần nhập sai PIN" in shown
