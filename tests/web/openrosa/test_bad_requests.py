"""Requests that no Collect would send, or only a broken one."""

import pytest

from tests.web.openrosa.conftest import Collect
from tests.web.openrosa.forms import filled
from tests.world import World


def test_asking_first_is_answered_with_nothing_but_headers(collect: Collect) -> None:
    answer = collect.head()
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["X-OpenRosa-Accept-Content-Length"] == "10485760"


def test_a_request_without_the_protocols_version_is_refused(collect: Collect, world: World) -> None:
    del collect.headers["X-OpenRosa-Version"]
    assert collect.send(filled(world)).status_code == 400


def test_a_request_without_the_form_is_refused(collect: Collect) -> None:
    answer = collect.client.post(
        "/openrosa/submission", data={"other": "x"}, headers=collect.headers, content_type="multipart/form-data"
    )
    assert answer.status_code == 400
    assert collect.client.post("/openrosa/submission", data=b"x", headers=collect.headers).status_code == 400


def _bad(world: World) -> dict[str, bytes]:
    good = filled(world)
    head, root = good.split(b"?>", 1)
    return {
        "empty": b"",
        "not xml": b"hello",
        "cut off": good[:-20],
        "two roots": good + b"<x/>",
        "a document type": head + b"?><!DOCTYPE data>" + root,
        "an entity": head + b'?><!DOCTYPE data [<!ENTITY x "y">]>' + root.replace(b"female", b"&x;"),
        "an outside entity": head + b'?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + root,
        "billions": head + b'?><!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + root,
        "utf-16": good.decode().encode("utf-16"),
        "latin-1": good.replace(b"<note/>", "<note>Hộ</note>".encode("utf-16-le")),
        "a null": good.replace(b"female", b"fe\x00male"),
        "no identifier": good.replace(b"orx:instanceID", b"orx:other"),
        "an identifier of another kind": good.replace(b"uuid:", b"phone:"),
        "an identifier that is none": good.replace(b"uuid:", b"uuid:x"),
        "a long identifier": good.replace(b"uuid:", b"uuid:" + b"a" * 250),
        "deep": good.replace(b"<note/>", b"<note>" + b"<a>" * 50 + b"</a>" * 50 + b"</note>"),
        "many": good.replace(b"<note/>", b"<note/>" + b"".join(b"<n%d/>" % n for n in range(6000))),
        "long": good.replace(b"<note/>", b"<note>" + b"a" * 5000 + b"</note>"),
        "a question twice": good.replace(b"<note/>", b"<note>a</note><note>b</note>"),
        "a question twice in a line": good.replace(b"<sex>", b"<sex>male</sex><sex>", 1),
        "a tree in a line": good.replace(b"<sex>female</sex>", b"<sex><x>1</x></sex>", 1),
    }


@pytest.mark.parametrize("kind", range(21))
def test_a_form_that_cannot_be_read_is_refused(collect: Collect, world: World, kind: int) -> None:
    name, xml = list(_bad(world).items())[kind]
    assert collect.send(xml).status_code == 400, name


def test_what_is_too_large_is_refused(collect: Collect) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a.jpg"; filename="a.jpg"\r\n\r\n' + b"x" * (11 * 1024 * 1024)
    answer = collect.client.post(
        "/openrosa/submission",
        data=body + b"\r\n--x--\r\n",
        headers=collect.headers,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "10 MB" in answer.text


def test_too_many_files_or_too_long_a_name_are_refused(collect: Collect, world: World) -> None:
    assert collect.send(filled(world), {f"{n}.jpg": b"x" for n in range(102)}).status_code == 400
    assert collect.send(filled(world), {"a" * 201: b"x"}).status_code == 400


def test_another_method_is_told_what_is_there(collect: Collect) -> None:
    answer = collect.client.put("/openrosa/submission", headers=collect.headers)
    assert answer.status_code == 405
