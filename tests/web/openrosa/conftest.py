"""A phone with ODK Collect for the tests of the protocol."""

import io
from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.models.database import unit_of_work
from webapp.services.devices import enrol_device, make_code

VERSION = {"X-OpenRosa-Version": "1.0"}


def basic(username: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"}


def token_of(sessions: sessionmaker[Session], world: World, clock: FixedClock, role: Role = Role.GROUP_HEAD) -> str:
    """A device token of the head of group 1."""
    with unit_of_work(sessions, world.ward_id) as session:
        code = make_code(session, world.accounts[role], actor=world.actor(Role.STATISTICIAN), clock=clock).code
    with unit_of_work(sessions) as session:
        return enrol_device(session, code, "ODK Collect", address="127.0.0.1", clock=clock).token


class Collect:
    """ODK Collect on one phone."""

    def __init__(self, client: FlaskClient, token: str, username: str = Role.GROUP_HEAD.value) -> None:
        self.client = client
        self.headers = {**VERSION, **basic(username, token)}

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/openrosa{path}", headers=self.headers)

    def head(self) -> TestResponse:
        return self.client.head("/openrosa/submission", headers=self.headers)

    def send(self, xml: bytes, more: dict[str, bytes] | None = None, **fields: str) -> TestResponse:
        """Post a form with files, and fields such as `*isIncomplete*`."""
        data: dict[str, object] = {"xml_submission_file": (io.BytesIO(xml), "phieu.xml", "text/xml"), **fields}
        data |= {name: (io.BytesIO(content), name) for name, content in (more or {}).items()}
        return self.client.post(
            "/openrosa/submission", data=data, headers=self.headers, content_type="multipart/form-data"
        )


@pytest.fixture
def pair(app: Flask, sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Callable[[], Collect]:
    """Give one more phone of the head of group 1."""
    return lambda: Collect(app.test_client(), token_of(sessions, world, clock))


@pytest.fixture
def collect(pair: Callable[[], Collect]) -> Collect:
    """The phone of the head of group 1."""
    return pair()
