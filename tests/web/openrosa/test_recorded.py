"""The recorded conversation against the real server over a real socket."""

import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from waitress.server import create_server

from tests.fakes import FixedClock
from tests.web.openrosa.conftest import token_of
from tests.world import World
from webapp.models.odk import OdkAttachment
from webapp.models.surveys import VisitRevision

RECORDED = Path(__file__).parent / "recorded"
ROUND, HOUSEHOLD = "0192a3b4c5d6700080000000000000a1", "0192a3b4c5d6700080000000000000b1"
LOGIN = b64encode(b"group_head:" + b"T" * 43)
STATUS = {
    "01-list-asked-without-login": 401,
    "02-list": 200,
    "03-form": 200,
    "04-manifest": 200,
    "05-households": 200,
    "06-may-i-send": 204,
    "07-send": 201,
    "08-send-again-after-a-lost-answer": 202,
    "09-send-with-files-first-part": 201,
    "10-send-with-files-last-part": 202,
    "11-edit": 201,
    "12-edit-of-the-older-one": 409,
}


@pytest.fixture
def address(app: Flask) -> Iterator[tuple[str, int]]:
    """The application behind the server that `phs serve` starts."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield ("127.0.0.1", server.effective_port)
    # Closed from here, its files would go while its own threads still wait for them and write to them.
    server.task_dispatcher.shutdown(timeout=10)
    server.trigger.pull_trigger(server.close)
    thread.join(10)
    assert not thread.is_alive()


def _own(request: bytes, world: World, token: str) -> bytes:
    """Put this ward's round and household and a live token where the recording has invented ones."""
    round_id, household = world.round_id, world.households[world.group_ids[0]][0]
    login = b64encode(f"group_head:{token}".encode())
    changes = {
        str(UUID(ROUND)).encode(): str(round_id).encode(),
        ROUND.encode(): round_id.hex.encode(),
        HOUSEHOLD.encode(): household.hex.encode(),
        LOGIN: login,
    }
    for recorded, own in changes.items():
        assert len(recorded) == len(own)
        request = request.replace(recorded, own)
    return request


def test_collect_is_answered_as_it_expects_over_a_real_connection(
    address: tuple[str, int],
    world: World,
    session: Session,
    sessions: sessionmaker[Session],
    clock: FixedClock,
) -> None:
    token = token_of(sessions, world, clock)
    bodies: dict[str, bytes] = {}
    assert sorted(path.stem for path in RECORDED.glob("*.http")) == sorted(STATUS)
    connection: socket.socket | None = None
    for name, status in STATUS.items():
        request = _own((RECORDED / f"{name}.http").read_bytes(), world, token)
        connection = connection or socket.create_connection(address, timeout=30)
        connection.sendall(request)
        answer = HTTPResponse(connection, method=request.split(b" ", 1)[0].decode())
        answer.begin()
        bodies[name] = answer.read()
        assert (name, answer.status) == (name, status)
        assert answer.headers["X-OpenRosa-Version"] == "1.0"
        assert answer.headers["Date"]
        kind = "text/csv" if name.startswith("05") else "text/xml"
        assert status == 204 or answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert answer.headers["X-OpenRosa-Accept-Content-Length"] == "10485760"
        if answer.will_close:  # as Collect does, open another one when the server says so
            connection.close()
            connection = None
    if connection is not None:
        connection.close()
    assert ET.fromstring(bodies["07-send"]).tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    first = UUID("6f1c2a7e-3b0d-4f7e-9a51-0c2d5e8f1a01")
    stored = session.execute(
        select(VisitRevision.visit_id, VisitRevision.number, VisitRevision.source).order_by(VisitRevision.made_at)
    ).all()
    assert {(row.visit_id, row.number) for row in stored} == {
        (first, 1),
        (first, 2),
        (UUID("6f1c2a7e-3b0d-4f7e-9a51-0c2d5e8f1a04"), 1),
    }
    assert {row.source for row in stored} == {"openrosa"}
    assert sorted(session.scalars(select(OdkAttachment.name))) == ["audit-2.csv", "audit.csv"]
