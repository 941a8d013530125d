"""Public files travel packed to browsers that can unpack them; nobody's data does."""

import gzip

import pytest
from flask.testing import FlaskClient

from tests.world import World
from webapp.core.access import Role

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("address", ["/static/dist/app.css", "/static/dist/phone.js", "/surveys/phone/"])
def test_a_public_text_is_packed_and_is_the_same_text(world: World, client: FlaskClient, address: str) -> None:
    with client.get(address) as plain, client.get(address, headers=GZIP) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_browser_that_has_the_file_is_told_so(world: World, client: FlaskClient) -> None:
    with client.get("/static/dist/app.css", headers=GZIP) as first:
        known = {**GZIP, "If-None-Match": first.headers["ETag"]}
    with client.get("/static/dist/app.css", headers=known) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_fonts_and_pages_with_data_are_left_as_they_are(world: World, client: FlaskClient, login) -> None:
    with client.get("/static/dist/icon-192.png", headers=GZIP) as picture:
        assert "Content-Encoding" not in picture.headers
    assert "Content-Encoding" not in login(Role.GROUP_HEAD).get("/surveys/", headers=GZIP).headers
