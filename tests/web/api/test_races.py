"""Many processes at once over a real socket: one row for one visit, one winner for one base."""

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.survey_answers import family
from tests.web.api.conftest import Phone, body_of
from tests.web.api.test_visits import count
from tests.world import World
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.surveys import Visit, VisitRevision
from webapp.services.audit_check import check_audit
from webapp.services.facts_rebuild import compare_facts, rebuild_facts
from webapp.settings import Settings

ROOT = Path(__file__).parents[3]
PROCESSES = 4
SENDERS = 16
CHANGE = {"base_revision": 1, "reason": "Đếm nhầm", "answers": family(iot_connections=7).to_json()}


@pytest.fixture
def servers(settings: Settings) -> Iterator[list[int]]:
    """Several processes of the server on one database; gives their ports."""
    command = [sys.executable, "-m", "tests.web.api.fixed_server", settings.database_url]
    processes = [
        subprocess.Popen(
            [*command, str(settings.data_dir / str(number))],  # a folder each, for each makes its keys
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    try:
        yield [_port(process) for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.communicate(timeout=20)


def _port(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    word, _, number = process.stdout.readline().decode().partition(" ")
    assert word == "port"
    return int(number)


def at_once(
    servers: list[int], phone: Phone, bodies: list[dict[str, Any]], path: str = "/visits"
) -> list[tuple[int, dict[str, Any]]]:
    """Send all bodies at the same moment, spread over the processes; give statuses and answers."""
    start = threading.Barrier(len(bodies), timeout=60)

    def send(number: int) -> tuple[int, dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", servers[number % len(servers)], timeout=60)
        connection.connect()
        start.wait()
        headers = {"Content-Type": "application/json", **phone.headers}
        connection.request("POST", f"/api/v1{path}", json.dumps(bodies[number]), headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        return answer.status, content

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, range(len(bodies))))


def test_sixteen_posts_and_eight_edits_over_four_processes(
    servers: list[int], phone: Phone, world: World, session: Session, sessions: sessionmaker[Session]
) -> None:
    body = body_of(world)
    answers = at_once(servers, phone, [body] * SENDERS)
    assert sorted(status for status, _ in answers) == [200] * (SENDERS - 1) + [201]
    receipts = {json.dumps(content, sort_keys=True) for _, content in answers}
    assert len(receipts) == 1
    assert (count(session, Visit), count(session, VisitRevision)) == (1, 1)

    edits = [
        body | {"base_revision": 1, "reason": "Đếm nhầm", "answers": family(iot_connections=n).to_json()}
        for n in range(10, 18)
    ]
    answers = at_once(servers, phone, edits)
    assert sorted(status for status, _ in answers) == [201, *[409] * 7]
    winner = next(content for status, content in answers if status == 201)
    losers = [content for status, content in answers if status == 409]
    assert {(c["code"], c["current_revision"], c["current_sha256"]) for c in losers} == {
        ("stale-base", 2, winner["sha256"])
    }
    assert (count(session, Visit), count(session, VisitRevision)) == (1, 2)
    assert count(session, AuditEvent) == 4  # code, phone, visit, correction
    with unit_of_work(sessions, world.ward_id) as own:
        assert check_audit(own, world.ward_id).intact


def test_bundles_of_the_same_visits_in_any_order_over_four_processes(
    servers: list[int], phone: Phone, world: World, session: Session, sessions: sessionmaker[Session]
) -> None:
    homes = [str(home) for home in world.households[world.group_ids[0]]]
    visits = [body_of(world, household_id=home) for home in homes * 2]
    dice = random.Random(20261128)
    bundles = [{"visits": dice.sample(visits, len(visits))} for _ in range(SENDERS)]
    answers = at_once(servers, phone, bundles, "/visits/bundle")
    assert [status for status, _ in answers] == [200] * SENDERS  # nobody waited for another in a ring
    each = [one for _, told in answers for one in told["answers"]]
    assert sorted(one["status"] for one in each) == [200] * (len(visits) * (SENDERS - 1)) + [201] * len(visits)
    assert len({json.dumps(one["receipt"], sort_keys=True) for one in each}) == len(visits)
    assert (count(session, Visit), count(session, VisitRevision)) == (len(visits), len(visits))
    with unit_of_work(sessions, world.ward_id) as own:
        assert check_audit(own, world.ward_id).intact
        rebuild_facts(own, world.ward_id)
    edits = [{"visits": [visit | CHANGE for visit in dice.sample(visits, 3)]} for _ in range(8)]
    statuses = [
        one["status"] for _, told in at_once(servers, phone, edits, "/visits/bundle") for one in told["answers"]
    ]
    assert set(statuses) <= {200, 201}  # the same correction: once taken, then known
    with unit_of_work(sessions, world.ward_id) as own:
        assert compare_facts(own, world.ward_id)[0] == []
