"""kill -9 of the server at random points, under load: every receipt given is in the database, none twice."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.web.api.conftest import body_of, code_for
from tests.world import World
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.audit import AuditEvent
from webapp.models.database import unit_of_work
from webapp.models.households import Household
from webapp.models.surveys import Visit, VisitRevision
from webapp.services.audit_check import check_audit
from webapp.services.devices import enrol_device
from webapp.services.facts_rebuild import compare_facts, rebuild_facts
from webapp.services.households import RegisterHousehold, register_household

KILLS = 200
TOGETHER = (1, 1, 3, 7)
"""How many visits each phone sends in a request."""
PHONES = len(TOGETHER)
HOUSEHOLDS = 60


class MortalServer:
    """Starts and kills the child of mortal_server."""

    def __init__(self, folder: Path, url: str, *more: str, **settings: str) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mortal_server", str(folder), url, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUTF8": "1"} | settings,
        )
        self.port = int(self._told())
        self.child = 0

    def _told(self) -> str:
        assert self.parent.stdout is not None
        return self.parent.stdout.readline()

    def start(self) -> None:
        assert self.parent.stdin is not None
        self.parent.stdin.write("start\n")
        self.parent.stdin.flush()
        self.child = int(self._told())

    def kill(self) -> None:
        if self.child:  # 0 would mean this very process group
            os.kill(self.child, signal.SIGKILL)

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill()
        with self.parent:  # closes both pipes and waits: without its input the parent ends
            pass


class PhoneUnderFire(threading.Thread):
    """A phone that sends its visits, `together` at a time, each until its receipt comes, and keeps the receipts."""

    def __init__(self, port: int, token: str, world: World, households: list[UUID], *, together: int) -> None:
        super().__init__()
        self.port, self.world, self.households, self.together = port, world, cycle(households), together
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.receipts: dict[str, str] = {}
        self.repeated = self.failed = 0
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            homes = islice(self.households, self.together)
            self._send_until_received([body_of(self.world, household_id=str(home)) for home in homes])

    def _send_until_received(self, bodies: list[dict[str, Any]]) -> None:
        path, text = ("/bundle", {"visits": bodies}) if self.together > 1 else ("", bodies[0])
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request("POST", f"/api/v1/visits{path}", json.dumps(text), self.headers)
                answer = connection.getresponse()
                told = json.loads(answer.read())
            except (OSError, HTTPException, json.JSONDecodeError):
                self.failed += 1
                if self.enough.is_set():
                    return  # never received: the database may have it, and nobody was promised anything
                time.sleep(0.01)
                continue
            finally:
                connection.close()
            if answer.status == 503:  # "busy, again later" is what a phone waits for
                self.failed += 1
                time.sleep(0.05)
                continue
            each = told["answers"] if self.together > 1 else [{"status": answer.status, "receipt": told}]
            for body, one in zip(bodies, each, strict=True):
                assert one["status"] in {200, 201}, one
                assert one["receipt"]["visit_id"] == body["visit_id"]
                self.repeated += one["status"] == 200
                self.receipts[body["visit_id"]] = one["receipt"]["sha256"]
            return


@pytest.fixture
def households(sessions: sessionmaker[Session], world: World, cipher: AesGcmCipher, clock: FixedClock) -> list[UUID]:
    """Households of the first group, counted."""
    with unit_of_work(sessions, world.ward_id) as session:
        for number in range(HOUSEHOLDS):
            new = RegisterHousehold(group_id=world.group_ids[0], head_name=f"Hộ {number}", address="1 Lê Lợi")
            register_household(session, new, actor=world.actor(Role.GROUP_HEAD), cipher=cipher, clock=clock)
        rebuild_facts(session, world.ward_id)
        return list(session.scalars(select(Household.id).where(Household.group_id == world.group_ids[0])))


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[MortalServer]:
    server = MortalServer(tmp_path / "instance", database_url)
    yield server
    server.stop()


@pytest.mark.real_database
def test_every_receipt_is_in_the_database_once_after_two_hundred_kills(
    server: MortalServer,
    sessions: sessionmaker[Session],
    world: World,
    households: list[UUID],
    clock: FixedClock,
    record_property: Callable[[str, object], None],
) -> None:
    tokens = []
    for number in range(PHONES):
        code = code_for(sessions, world, clock)
        with unit_of_work(sessions) as session:
            tokens.append(enrol_device(session, code, f"Máy {number}", address="127.0.0.1", clock=clock).token)
    phones = [
        PhoneUnderFire(server.port, token, world, households[number::PHONES], together=TOGETHER[number])
        for number, token in enumerate(tokens)
    ]
    dice = random.Random(20261122)
    server.start()
    for phone in phones:
        phone.start()
    for _kill in range(KILLS):
        _wait_for_some(phones)
        time.sleep(dice.uniform(0, 0.06))
        server.kill()
        server.start()
    _wait_for_some(phones)
    for phone in phones:
        phone.enough.set()
    for phone in phones:
        phone.join(30)
    receipts = {visit_id: sha for phone in phones for visit_id, sha in phone.receipts.items()}
    with sessions() as session:
        stored = {
            str(row.visit_id): row.sha256
            for row in session.execute(select(VisitRevision.visit_id, VisitRevision.sha256)).all()
        }
        visits = session.scalar(select(func.count()).select_from(Visit))
        revisions = session.scalar(select(func.count()).select_from(VisitRevision))
        submitted = session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == AuditTag.VISIT_SUBMIT)
        )
        differences, _rows = compare_facts(session, world.ward_id)
        chain = check_audit(session, world.ward_id)
    lost = {visit_id for visit_id, sha in receipts.items() if stored.get(visit_id) != sha}
    failed, repeated = sum(phone.failed for phone in phones), sum(phone.repeated for phone in phones)
    record_property(
        "counted",
        f"kill -9 x {KILLS} ({sessions.kw['bind'].dialect.name}): {len(receipts)} receipts, {len(lost)} lost,"
        f" {revisions - visits} doubled; {failed} cut connections, {repeated} receipts given again",
    )
    assert lost == set()
    assert visits == revisions == submitted
    assert visits - len(receipts) in range(sum(TOGETHER) + 1)  # the last request of each may have lost its answer
    assert differences == []
    assert chain.intact
    assert len(receipts) >= KILLS
    assert failed > 0


def _wait_for_some(phones: list[PhoneUnderFire]) -> None:
    """Wait until the new server gave a receipt: however slow the machine, each kill hits a server at work."""
    before, deadline = sum(len(phone.receipts) for phone in phones), time.monotonic() + 20
    while sum(len(phone.receipts) for phone in phones) == before and time.monotonic() < deadline:
        time.sleep(0.002)
