"""Posting to webhooks, against real servers on this machine."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.receivers import Receiver, own_certificate, serving
from webapp.core.webhooks import PostTrouble
from webapp.gateways.webhooks import PLAIN, PRIVATE, UNKNOWN, HttpWebhooks


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    with serving(server):
        yield server


@pytest.fixture
def local() -> HttpWebhooks:
    return HttpWebhooks(inner=True, plain=True, seconds=2)


def test_a_message_arrives_with_its_body_and_headers(receiver: Receiver, local: HttpWebhooks) -> None:
    posted = local.post(receiver.url, b'{"a":1}', {"webhook-id": "b"})
    assert (posted.status, posted.trouble) == (200, None)
    path, headers, body = receiver.got[0]
    assert (path, headers["webhook-id"], headers["Content-Type"]) == ("/nhan?x=1", "b", "application/json")
    assert (body, headers["Host"]) == (b'{"a":1}', f"localhost:{receiver.port}")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 410, 500])
def test_a_redirect_is_not_followed_and_no_other_answer_counts(
    receiver: Receiver, local: HttpWebhooks, status: int
) -> None:
    receiver.status, receiver.location = status, receiver.url
    posted = local.post(receiver.url, b"{}", {})
    assert (posted.status, posted.trouble, len(receiver.got)) == (status, PostTrouble.REFUSED, 1)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::1]",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "0.0.0.0",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ],
)
def test_inner_addresses_are_refused_when_added_and_when_called(receiver: Receiver, host: str) -> None:
    closed = HttpWebhooks()
    assert closed.refusal(f"https://{host}/x") == PRIVATE
    posted = closed.post(f"https://{host}:{receiver.port}/x", b"{}", {})
    assert (posted.status, posted.trouble, receiver.got) == (None, PostTrouble.INNER_ADDRESS, [])


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names resolve to these, one answer after the other; give the list of names that were asked for."""
    asked, waiting = [], iter(answers)

    def resolve(host: str, port: int, *_more: object, **_named: object) -> list[tuple[object, ...]]:
        try:
            found = [str(ipaddress.ip_address(host))]  # socket.create_connection asks for the address that it is given
        except ValueError:
            asked.append(host)
            found = next(waiting)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_turns_inward_later_is_refused_when_called(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    closed = HttpWebhooks()
    assert closed.refusal("https://doi-ten.vn/x") is None
    assert closed.post("https://doi-ten.vn/x", b"{}", {}).trouble is PostTrouble.INNER_ADDRESS


def test_a_name_with_one_inner_address_among_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    assert HttpWebhooks().refusal("https://hai-dia-chi.vn/x") == PRIVATE


def test_the_certificate_is_asked_for_the_name_at_the_very_address_that_was_resolved_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = own_certificate(tmp_path, "nhan-tin.vn")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem)
    server = Receiver(served)
    with serving(server):
        asked = _answers(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"])
        trusting = HttpWebhooks(inner=True, seconds=5, tls=ssl.create_default_context(cafile=str(pem)))
        assert trusting.post(f"https://nhan-tin.vn:{server.port}/", b"{}", {}).status == 200
        assert asked == ["nhan-tin.vn"]
        assert server.got[0][1]["Host"] == f"nhan-tin.vn:{server.port}"
        other_name = trusting.post(f"https://ten-khac.vn:{server.port}/", b"{}", {})
        untrusted = HttpWebhooks(inner=True, seconds=5).post(f"https://nhan-tin.vn:{server.port}/", b"{}", {})
        assert (other_name.trouble, untrusted.trouble) == (PostTrouble.TLS, PostTrouble.TLS)
        assert len(server.got) == 1


def test_plain_http_and_unknown_names_are_named() -> None:
    assert HttpWebhooks().refusal("http://vi-du.vn/x") == PLAIN
    assert HttpWebhooks().refusal("https://khong-co.invalid/x") == UNKNOWN
    assert HttpWebhooks().post("http://vi-du.vn/x", b"{}", {}).trouble is PostTrouble.PLAIN_HTTP


def test_a_dead_and_a_mute_receiver_are_told_apart() -> None:
    impatient = HttpWebhooks(inner=True, plain=True, seconds=0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert impatient.post(f"http://127.0.0.1:{port}/", b"{}", {}).trouble is PostTrouble.TIMEOUT
    assert impatient.post(f"http://127.0.0.1:{port}/", b"{}", {}).trouble is PostTrouble.UNREACHABLE


def test_a_receiver_that_answers_a_byte_at_a_time_is_cut_off(receiver: Receiver) -> None:
    receiver.drip = 0.05
    began = time.monotonic()
    posted = HttpWebhooks(inner=True, plain=True, seconds=0.5).post(receiver.url, b"{}", {})
    assert posted.trouble is PostTrouble.TIMEOUT
    assert time.monotonic() - began < 3
