"""The page of the offline form, its worker and its manifest: cacheable, installable, and nobody's."""

import json
import re
import struct
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.world import World
from webapp.core.access import Role
from webapp.web.surveys import phone

ADDRESSES = ["/surveys/phone/", "/surveys/phone/enrol", "/surveys/phone/sw.js", "/surveys/phone/app.webmanifest"]
NO_WORDS = {
    "sent",
    "problem",
    "held",
    "wait",
    "login",
    "withdrawn",
    "draft",
    "stop",
    "warn",
    "tell",
    "elsewhere",
    "strict",
}
SCRIPTS = Path(__file__).parents[2] / "webapp" / "assets" / "js" / "phone"


@pytest.mark.parametrize("address", ADDRESSES)
def test_strangers_get_the_same_bytes_as_a_head_and_no_cookie(world: World, app: Flask, login, address: str) -> None:
    stranger = app.test_client().get(address)
    head = login(Role.GROUP_HEAD).get(address)
    assert stranger.status_code == head.status_code == 200
    assert stranger.data == head.data
    assert "Set-Cookie" not in stranger.headers
    assert stranger.headers["Cache-Control"] == "no-cache"


def _shell(client: FlaskClient) -> dict[str, object]:
    text = client.get("/surveys/phone/sw.js").text
    found = re.match(r"const SHELL = (\{.*\});\n", text)
    assert found, text[:200]
    return dict(json.loads(found.group(1)))


def test_the_worker_keeps_every_file_that_the_page_asks_for(world: World, client: FlaskClient) -> None:
    page = client.get("/surveys/phone/").text
    kept = set(_shell(client)["files"])
    asked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert {address for address in asked if "icon-apple" not in address} <= kept
    for address in kept:
        with client.get(address) as answer:
            assert answer.status_code == 200


def test_the_workers_version_follows_the_page_and_its_files(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _shell(client)["version"]
    assert _shell(client)["version"] == first
    static = Path(str(client.application.static_folder))
    files, worker = json.loads((static / phone.FILES).read_text()), (static / phone.WORKER).read_text()
    monkeypatch.setattr(phone, "_built_files", lambda: ([*files, "phone.css?v=other"], worker))
    assert _shell(client)["version"] != first
    monkeypatch.setattr(phone, "_built_files", lambda: (files, worker + "//"))
    assert _shell(client)["version"] != first
    monkeypatch.undo()
    monkeypatch.setattr(phone, "render_template", lambda _name, **_context: "another page")
    assert _shell(client)["version"] != first


def test_the_worker_may_not_rule_more_than_its_folder(world: World, client: FlaskClient) -> None:
    answer = client.get("/surveys/phone/sw.js")
    assert answer.mimetype == "text/javascript"
    assert "Service-Worker-Allowed" not in answer.headers


def test_the_manifest_makes_an_app_for_the_home_screen(world: World, client: FlaskClient) -> None:
    manifest = json.loads(client.get("/surveys/phone/app.webmanifest").text)
    assert manifest["start_url"] == manifest["scope"] == manifest["id"] == "/surveys/phone/"
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == "vi"
    assert "Phiếu khảo sát" in manifest["name"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as answer:
            picture = answer.data
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert "x".join(map(str, struct.unpack(">II", picture[16:24]))) == icon["sizes"]


def test_the_worker_leaves_posts_alone_before_anything_else() -> None:
    source = (SCRIPTS / "worker.js").read_text(encoding="utf-8")
    handler = source.split('addEventListener("fetch", (event) => {')[1].strip()
    assert handler.startswith('if (event.request.method !== "GET") return;')


def test_nothing_of_the_engine_relies_on_background_sync_or_the_network_flag() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    assert "navigator.onLine" not in code
    assert "SyncManager" not in code
    assert "localStorage" not in "".join(
        (SCRIPTS / name).read_text(encoding="utf-8") for name in ("device.js", "records.js", "queue.js", "store.js")
    )


def test_every_code_of_the_engine_has_its_words(world: World, client: FlaskClient) -> None:
    page = client.get("/surveys/phone/").text
    words = page.split('<template id="phone-words">')[1].split("</template>")[0]
    known = set(re.findall(r'data-code="([^"]+)"', words))
    for name in ("health.js", "answers.js", "store.js", "autosave.js"):
        code = (SCRIPTS / name).read_text(encoding="utf-8")
        found = set(re.findall(r'(?:code: |code = |Problem\(|wait\(said, |\|\| |: )"([a-z]+(?:-[a-z]+)*)"', code))
        codes = {word for word in found if word not in NO_WORDS}
        assert codes <= known, name
    assert "storage-full" in known
    assert "https://" in words
    assert "7 ngày" in words
