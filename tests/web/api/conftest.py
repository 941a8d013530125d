"""Phones for the tests of the API."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tests.fakes import FixedClock
from tests.survey_answers import DAY, family
from tests.world import World
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.models.database import unit_of_work
from webapp.services.devices import enrol_device, make_code


class Phone:
    """A phone with its token; `unsent` is what it tells about its outbox."""

    def __init__(self, client: FlaskClient, token: str, device_id: UUID) -> None:
        self.client = client
        self.token = token
        self.device_id = device_id
        self.unsent: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        told = {} if self.unsent is None else {"X-Phs-Unsent": self.unsent}
        return {"Authorization": f"Bearer {self.token}", **told}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def post(self, path: str, body: Any) -> TestResponse:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers)

    def raw(self, path: str, body: bytes, kind: str = "application/json") -> TestResponse:
        return self.client.post(f"/api/v1{path}", data=body, content_type=kind, headers=self.headers)


def body_of(world: World, **changes: Any) -> dict[str, Any]:
    """A visit as a phone sends it."""
    body: dict[str, Any] = {
        "visit_id": str(new_id()),
        "round_id": str(world.round_id),
        "household_id": str(world.households[world.group_ids[0]][0]),
        "base_revision": None,
        "outcome": "interviewed",
        "visited_on": DAY.isoformat(),
        "answers": family().to_json(),
        "confirmed": [],
        "reason": "",
        "form_version": "2026112200",
        "started_at": "2026-11-22T01:40:00.000Z",
        "finished_at": "2026-11-22T01:44:10.000Z",
        "source": "phone",
    }
    return body | changes


def code_for(sessions: sessionmaker[Session], world: World, clock: FixedClock) -> str:
    """A fresh one-time code for the head of group 1."""
    with unit_of_work(sessions, world.ward_id) as session:
        head = world.accounts[Role.GROUP_HEAD]
        return make_code(session, head, actor=world.actor(Role.STATISTICIAN), clock=clock).code


@pytest.fixture
def enrol(app: Flask, sessions: sessionmaker[Session], world: World, clock: FixedClock) -> Callable[[], Phone]:
    """Give one more phone of the head of group 1."""

    def run() -> Phone:
        code = code_for(sessions, world, clock)
        with unit_of_work(sessions) as session:
            new = enrol_device(session, code, "Điện thoại của Ánh", address="127.0.0.1", clock=clock)
        return Phone(app.test_client(), new.token, new.device_id)

    return run


@pytest.fixture
def phone(enrol: Callable[[], Phone]) -> Phone:
    """The phone of the head of group 1."""
    return enrol()
