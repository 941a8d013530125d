"""kill -9 at random points of signing: no document is signed without the ledger knowing, and no row without its file.

PHS_SIGNING_KILLS says how many kills a database gets; `make faults` takes two hundred.
"""

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
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from signing.appearance import draw_demo_seal, draw_demo_signature
from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.pdfs import plan_pdf
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import DocumentStatus, KeystoreKind, KeystoreOwner
from webapp.core.jobs import JobKind
from webapp.core.ports import KeyAccess
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.gateways.signing import SigningRoom
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.database import unit_of_work
from webapp.models.documents import Document, DocumentVersion
from webapp.models.signing import SignatureLedger
from webapp.queries.ledger_checks import CheckRow, last_check
from webapp.services.audit_check import check_audit
from webapp.services.jobs import NewJob, enqueue
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.ledger import first_broken_row
from webapp.services.trust import add_anchor, add_revocation_list
from webapp.settings import Settings

KILLS = int(os.environ.get("PHS_SIGNING_KILLS", "25"))
AGENCY = "Ủy ban nhân dân phường Thử Nghiệm"
ROLES = {"leader": Role.LEADER, "clerk": Role.CLERK}
SIGNED = frozenset({DocumentStatus.SIGNED, DocumentStatus.NUMBERED, DocumentStatus.SEALED, DocumentStatus.PUBLISHED})
SEALED = frozenset({DocumentStatus.SEALED, DocumentStatus.PUBLISHED})
REACHED = {
    "sign": SIGNED,
    "number": SIGNED - {DocumentStatus.SIGNED},
    "seal": SEALED,
    "publish": frozenset({DocumentStatus.PUBLISHED}),
}


class MortalSigner:
    """Starts and kills the child of mortal_signer, and keeps what it said was done."""

    def __init__(self, settings: Settings, cookies: dict[str, str], pins: dict[str, str]) -> None:
        self.parent = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.mortal_signer", str(settings.data_dir), settings.database_url),
                *(json.dumps(cookies), json.dumps(pins)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUTF8": "1"},
        )
        self.child = 0
        self.done: list[tuple[UUID, str]] = []
        self.failed: list[str] = []
        self.started = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        assert self.started.wait(240)

    def _read(self) -> None:
        assert self.parent.stdout is not None
        for line in self.parent.stdout:
            word, *rest = line.split()
            if word == "done":
                self.done.append((UUID(rest[0]), rest[1]))
            elif word == "failed":
                self.failed.append(line)
            else:
                self.child = int(rest[0]) if rest else 0
                self.started.set()

    def start(self) -> None:
        assert self.parent.stdin is not None
        self.started.clear()
        self.parent.stdin.write("start\n")
        self.parent.stdin.flush()
        assert self.started.wait(120)

    def kill(self) -> None:
        if self.child:  # 0 would mean this very process group
            os.kill(self.child, signal.SIGKILL)

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill()
        assert self.parent.stdin is not None
        if not self.parent.stdin.closed:
            self.parent.stdin.close()  # without its input the parent ends, and with it the reader's
        self.reader.join(30)
        with self.parent:
            pass


@dataclass
class Office:
    """The ward with real keys."""

    desk: Desk
    settings: Settings
    pki: DemoPki


@pytest.fixture
def office(sessions: sessionmaker[Session], world: World, clock: FixedClock, settings: Settings) -> Office:
    folder = settings.data_dir / "pki"
    leader = Holder(slug="leader", common_name="Người leader", organization=AGENCY, title="Chủ tịch")
    clerk = Holder(slug="clerk", common_name=AGENCY, organization=AGENCY)
    pki = make_demo_pki(folder, [leader], clerk, now=clock.now())
    (folder / "tsa.pin").write_text(pki.tsa.pin)
    admin = world.actor(Role.ADMIN)
    with sessions.begin() as session:
        for path, is_anchor in ((pki.root, True), (pki.chain, False)):
            add_anchor(session, path.read_bytes(), is_anchor=is_anchor, actor=admin, clock=clock)
        for path in pki.crls:
            add_revocation_list(session, path.read_bytes(), actor=admin, clock=clock)
    files = FolderStore(settings.data_dir / "files")
    desk = make_desk(sessions, world, clock, files, SigningRoom(settings, sessions, clock))
    for slug, picture in (("leader", draw_demo_signature("Người leader")), ("clerk", draw_demo_seal("Phường"))):
        _enrol(desk, pki, slug, picture)
    return Office(desk, settings, pki)


def _enrol(desk: Desk, pki: DemoPki, slug: str, picture: bytes) -> None:
    actor, key = desk.actor(ROLES[slug]), pki.keys[slug]
    person = slug == "leader"
    command = EnrolKeystore(
        key=KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=key.pin),
        owner=KeystoreOwner.PERSON if person else KeystoreOwner.AGENCY,
        account_id=actor.account_id if person else None,
        picture=picture,
    )
    with desk.sessions.begin() as session:
        enrol_keystore(session, command, actor=actor, **desk.ports)  # type: ignore[arg-type]


@pytest.fixture
def signer(office: Office, login: Callable[[Role], FlaskClient]) -> Iterator[MortalSigner]:
    cookies = {}
    office.desk.submit(office.desk.upload(content=plan_pdf()))
    for slug, role in ROLES.items():
        cookie = login(role).get_cookie("phs")
        assert cookie is not None
        cookies[slug] = cookie.value
    signer = MortalSigner(office.settings, cookies, {slug: office.pki.keys[slug].pin for slug in ROLES})
    yield signer
    signer.stop()


@pytest.mark.real_database
def test_after_every_kill_ledger_and_files_know_the_same_signatures(
    office: Office, signer: MortalSigner, cipher: AesGcmCipher, record_property: Callable[[str, object], None]
) -> None:
    desk, dice = office.desk, random.Random(20261128)
    for _document in range(3):
        desk.submit(desk.upload(content=plan_pdf()))
    for kill in range(KILLS):
        if kill % 3 == 0:  # there is always something left to sign
            desk.submit(desk.upload(content=plan_pdf()))
        before = len(signer.done)
        signer.start()
        _wait(signer, before, dice.choice((0, 0, 1)))
        time.sleep(dice.uniform(0, 0.5))
        signer.kill()
    signer.start()
    _wait(signer, len(signer.done), 1)
    signer.stop()
    check = _compare(office, cipher)
    with desk.reading() as session:
        statuses = dict(session.execute(select(Document.id, Document.status)).all())
        rows = session.execute(select(SignatureLedger.document_id, SignatureLedger.owner)).all()
        named = set(session.scalars(select(DocumentVersion.sha256)))
        broken, audit = first_broken_row(session, desk.world.ward_id), check_audit(session, desk.world.ward_id)
    people = [row.document_id for row in rows if row.owner is KeystoreOwner.PERSON]
    seals = [row.document_id for row in rows if row.owner is KeystoreOwner.AGENCY]
    lost = [(document, step) for document, step in signer.done if statuses[document] not in REACHED[step]]
    loose = len({path.name for path in (office.settings.data_dir / "files").rglob("*") if path.is_file()} - named)
    record_property(
        "counted",
        f"kill -9 x {KILLS} while signing ({desk.sessions.kw['bind'].dialect.name}): {len(signer.done)} steps"
        f" answered, {len(lost)} lost; {len(people)} + {len(seals)} ledger rows, {check.findings} findings in"
        f" {check.files} files; {loose} files that no row names (written, never committed)",
    )
    assert signer.failed == []
    assert lost == []
    assert check.findings == 0
    assert (broken, audit.intact) == (None, True)
    assert sorted(people) == sorted(document for document, status in statuses.items() if status in SIGNED)
    assert sorted(seals) == sorted(document for document, status in statuses.items() if status in SEALED)
    assert check.rows == len(rows) >= KILLS // 10


def _wait(signer: MortalSigner, before: int, steps: int) -> None:
    """Wait until the child finished some steps: so kills fall into later steps too."""
    deadline = time.monotonic() + 60
    while len(signer.done) < before + steps and time.monotonic() < deadline:
        time.sleep(0.005)


def _compare(office: Office, cipher: AesGcmCipher) -> CheckRow:
    desk = office.desk
    with unit_of_work(desk.sessions, desk.world.ward_id) as session:
        order = NewJob(kind=JobKind.LEDGER)
        enqueue(session, order, ward_id=desk.world.ward_id, created_by=None, clock=desk.clock)
    ports = Ports(clock=desk.clock, files=desk.files, cipher=cipher, signing=desk.signing)
    while Worker(desk.sessions, ports, standard_registry()).run_once():
        pass
    with desk.reading() as session:
        check = last_check(session, desk.world.ward_id)
    assert check is not None
    return check
