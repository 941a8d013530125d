"""Sixteen clerks in sixteen processes number at the same moment: the year's series has no gap and no duplicate."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.gateways.files import FolderStore
from webapp.models.documents import Document, NumberSeries, OutgoingRegister
from webapp.services.audit_check import check_audit

CLERKS = 16
EACH = 2


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def test_sixteen_processes_number_without_a_gap(
    desk: Desk, session: Session, database_url: str, tmp_path: Path, world: World
) -> None:
    waiting = [desk.until("signed") for _ in range(CLERKS * EACH)]
    bases = [desk.base(document_id) for document_id in waiting]
    lines = [
        f"{place % CLERKS} {document_id} {base.version} {base.sha256}\n"
        for place, (document_id, base) in enumerate(zip(waiting, bases, strict=True))
    ]
    actor = desk.actor(Role.CLERK)
    command = [sys.executable, "-m", "tests.faults.clerk", database_url, str(tmp_path / "files")]
    command += [str(actor.ward_id), str(actor.account_id)]
    told = subprocess.run(
        command, input="".join([*lines, "\n"]), capture_output=True, text=True, timeout=240, check=False
    )
    assert told.returncode == 0, told.stderr
    wanted = list(range(1, CLERKS * EACH + 1))
    assert sorted(told.stdout.split()) == [f"{n:02d}/KH-UBND" for n in wanted]
    assert sorted(session.scalars(select(OutgoingRegister.number))) == wanted
    assert sorted(n for n in session.scalars(select(Document.number)) if n) == wanted
    assert session.scalars(select(NumberSeries.last_number)).one() == wanted[-1]
    assert check_audit(session, world.ward_id).intact
