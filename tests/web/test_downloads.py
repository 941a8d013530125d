"""Stored files on their way out: whole, in parts, and never whole in memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, FakeSigning
from tests.fakes import FixedClock
from tests.gateways.test_large_files import taken_by
from tests.world import World
from webapp.core.access import Role
from webapp.web.shared.wiring import Wiring

MEGABYTES = 32


@pytest.fixture
def wiring(wiring: Wiring, clock: FixedClock) -> Wiring:
    return replace(wiring, signing=FakeSigning(clock))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, wiring: Wiring) -> Desk:
    return make_desk(sessions, world, wiring.clock, wiring.files, wiring.signing)


def address(desk: Desk, content: bytes) -> str:
    return f"/documents/{desk.upload(content=content)}/versions/1/file"


def test_a_download_is_the_file_and_says_how_long_it_is(desk: Desk, login: Callable[[Role], FlaskClient]) -> None:
    path, client = address(desk, PDF), login(Role.OFFICER)
    whole = client.get(path)
    assert (whole.data, whole.content_length) == (PDF, len(PDF))
    with client.get(path, headers={"Range": "bytes=2-5"}) as part:
        assert (part.status_code, part.data) == (206, PDF[2:6])


def test_a_large_file_goes_out_in_pieces(desk: Desk, login: Callable[[Role], FlaskClient]) -> None:
    path, client = address(desk, PDF + bytes(MEGABYTES << 20)), login(Role.OFFICER)
    client.get("/documents/")  # what the first request loads does not count
    seen: list[int] = []

    def read() -> None:
        with client.get(path, buffered=False) as answer:
            seen.append(sum(len(piece) for piece in answer.response))

    assert taken_by(read) < MEGABYTES / 4
    assert seen == [len(PDF) + (MEGABYTES << 20)]


def test_a_file_that_was_altered_on_the_disk_is_not_given(
    desk: Desk, login: Callable[[Role], FlaskClient], wiring: Wiring
) -> None:
    path = address(desk, PDF)
    (stored,) = (one for one in Path(wiring.files.root).glob("??/*") if one.read_bytes() == PDF)  # type: ignore[attr-defined]
    stored.write_bytes(b"another")
    assert login(Role.OFFICER).get(path).status_code == 409
