"""kill -9 of the server in the middle of batches: each document is signed once, numbered once, sealed once."""

import contextlib
import datetime as dt
import hashlib
import html
import random
import re
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.documents import Desk, make_desk
from tests.faults.test_kill_nine import MortalServer
from tests.pdfs import plan_pdf
from tests.trust_lists import add_anchor
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.ports import KeyAccess
from webapp.gateways.clock import SystemClock
from webapp.gateways.files import FolderStore
from webapp.gateways.signing import SigningRoom
from webapp.models.documents import Document, DocumentVersion, OutgoingRegister
from webapp.models.jobs import JobItem
from webapp.models.signing import SignatureLedger
from webapp.services.audit_check import check_audit
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.settings import Settings

DOCUMENTS = 24
KILLS = 8
AGENCY = "Ủy ban nhân dân phường Thử Nghiệm"


class Seat:
    """Somebody at a browser without scripts, in front of a server that dies and comes back."""

    def __init__(self, server: MortalServer, cookie: str) -> None:
        self.base = f"http://127.0.0.1:{server.port}"
        self.cookie = cookie
        self.opener = urllib.request.build_opener()
        self.failed = 0

    def ask(self, path: str, data: list[tuple[str, str]] | None = None) -> tuple[str, str]:
        """Give address and text of a page; wait for a server that is just coming back."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        for _attempt in range(400):
            try:
                request = urllib.request.Request(self.base + path, body, {"Cookie": f"phs={self.cookie}"})
                with self.opener.open(request, timeout=20) as answer:
                    self._keep(answer.headers.get("Set-Cookie"))
                    return answer.geturl().removeprefix(self.base), answer.read().decode()
            except urllib.error.HTTPError as error:
                return path, error.read().decode()
            except (OSError, HTTPException):
                self.failed += 1
                if body is not None:
                    return path, ""  # whether it arrived is seen on the page
                time.sleep(0.02)
        raise TimeoutError

    def _keep(self, header: str | None) -> None:
        found = re.match(r"phs=([^;]+)", header or "")
        if found:
            self.cookie = found[1]

    def fill(self, page: str, pin: str) -> list[tuple[str, str]]:
        """Fill in the page's form with all documents ticked."""
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[-1]
        items = re.findall(r'name="item"[^>]*value="([^"]+)"', page)
        return [("csrf_token", html.unescape(token)), ("pin", pin), *(("item", item) for item in items)]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPki:
    leader = Holder(slug="leader", common_name="Người leader", organization=AGENCY, title="Chủ tịch")
    agency = Holder(slug="agency", common_name=AGENCY, organization=AGENCY)
    return make_demo_pki(tmp_path_factory.mktemp("pki"), [leader], agency, now=SystemClock().now())


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[MortalServer]:
    server = MortalServer(
        tmp_path / "instance",
        database_url,
        "running",
        PHS_RATE_LIMITS="no",
        PHS_JOB_LEASE_SECONDS="2",
        PHS_SIGNING_WORKERS="3",
    )
    yield server
    server.stop()


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, settings: Settings, pki: DemoPki) -> Desk:
    """A ward with real keys, at a clock that runs."""
    clock = SystemClock()
    folder = settings.data_dir / "pki"
    folder.mkdir(parents=True)
    shutil.copy(pki.tsa.path, folder / "tsa.p12")
    (folder / "tsa.pin").write_text(pki.tsa.pin)
    add_anchor(sessions, world.ward_id, pki.root.read_bytes(), clock.now())
    room = SigningRoom(settings, sessions, clock)
    desk = make_desk(sessions, world, clock, FolderStore(settings.data_dir / "files"), room)
    for role, owner, slug in (
        (Role.LEADER, KeystoreOwner.PERSON, "leader"),
        (Role.CLERK, KeystoreOwner.AGENCY, "agency"),
    ):
        key, actor = pki.keys[slug], desk.actor(role)
        access = KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=key.pin)
        account = actor.account_id if owner is KeystoreOwner.PERSON else None
        with sessions.begin() as session:
            command = EnrolKeystore(key=access, owner=owner, account_id=account)
            enrol_keystore(session, command, actor=actor, **desk.ports)  # type: ignore[arg-type]
    return desk


def seat(app: Flask, desk: Desk, server: MortalServer, role: Role) -> Seat:
    """Log somebody in: the cookie is signed with the secret that the server has too."""
    token = desk.world.open_session(desk.sessions, role, SystemClock().now(), dt.timedelta(hours=1))
    with app.test_client() as client:
        with client.session_transaction() as cookie:
            cookie.update(_user_id=token, _fresh=True)
        kept = client.get_cookie("phs")
        assert kept is not None
        return Seat(server, kept.value)


def under_fire(
    chair: Seat, server: MortalServer, desk: Desk, *, what: str, ids: list[UUID], pin: str, dice: random.Random
) -> list[int]:
    """Order a batch and go on with it until every document is done, killing the server on the way.

    Gives how many documents were done when it was killed, each time.
    """
    query = urllib.parse.urlencode([("d", str(each)) for each in ids])
    before = _signatures(desk)
    _address, page = chair.ask(f"/documents/batch/{what}/review?{query}")
    address, page = chair.ask(f"/documents/batch/{what}/review", chair.fill(page, pin))
    assert "/documents/batches/" in address, page
    kills, deadline = list[int](), time.monotonic() + 240
    while "Tất cả văn bản đã" not in page:
        assert time.monotonic() < deadline, page
        if len(kills) < KILLS and "data-live-again" in page:
            _wait_for(desk, _signatures(desk) + dice.randint(0, 3))
            time.sleep(dice.uniform(0, 0.1))
            server.kill()
            kills.append(_signatures(desk) - before)
            server.start()
        _address, page = chair.ask(address)
        if 'name="pin"' in page:
            chair.ask(address, chair.fill(page, pin))
            _address, page = chair.ask(address)
        time.sleep(0.05)
    return kills


def _signatures(desk: Desk) -> int:
    with desk.reading() as session:
        return session.scalar(select(func.count()).select_from(SignatureLedger)) or 0


def _wait_for(desk: Desk, signatures: int) -> None:
    """Wait for so many, a few seconds at most: there may be fewer documents left."""
    ends = time.monotonic() + 4
    while _signatures(desk) < signatures and time.monotonic() < ends:
        time.sleep(0.01)


@pytest.mark.real_database
def test_killed_again_and_again_each_document_is_signed_and_sealed_once(
    server: MortalServer, desk: Desk, app: Flask, pki: DemoPki, record_property: Callable[[str, object], None]
) -> None:
    ids = [desk.upload(content=plan_pdf(), abstract=f"Văn bản {number}") for number in range(DOCUMENTS)]
    for document_id in ids:
        desk.submit(document_id)
    server.start()
    dice = random.Random(20261128)
    kills = list[int]()
    for role, what, slug in ((Role.LEADER, "sign", "leader"), (Role.CLERK, "seal", "agency")):
        chair = seat(app, desk, server, role)
        kills += under_fire(chair, server, desk, what=what, ids=ids, pin=pki.keys[slug].pin, dice=dice)
    with contextlib.suppress(ProcessLookupError):
        server.kill()
    _check(desk, ids)
    _check_no_pin(desk, pki)
    name = desk.sessions.kw["bind"].dialect.name
    between = sum(0 < done < len(ids) for done in kills)
    told = f"kill -9 x {len(kills)} in batches ({name}), {between} of them between the first and the last document: "
    record_property("counted", f"{told}{len(ids)} documents signed, numbered and sealed, each once")
    assert len(kills) >= KILLS
    assert between >= KILLS // 2


def _check(desk: Desk, ids: list[UUID]) -> None:
    with desk.reading() as session:
        ledger = session.scalars(select(SignatureLedger).order_by(SignatureLedger.sequence)).all()
        versions = session.scalars(select(DocumentVersion)).all()
        register = session.scalars(select(OutgoingRegister.number).order_by(OutgoingRegister.number)).all()
        states = set(session.scalars(select(Document.status)))
        assert check_audit(session, desk.world.ward_id).intact
    assert {state.value for state in states} == {"sealed"}
    assert register == list(range(1, len(ids) + 1))
    for owner in KeystoreOwner:
        assert sorted(row.document_id for row in ledger if row.owner is owner) == sorted(ids)
    kinds = {each: [v.kind.value for v in versions if v.document_id == each] for each in ids}
    assert all(sorted(k) == ["numbered", "prepared", "sealed", "signed", "uploaded"] for k in kinds.values()), kinds
    for row in ledger:
        newest = max((v for v in versions if v.document_id == row.document_id), key=lambda v: v.number)
        content = desk.files.get(newest.sha256)
        assert hashlib.sha256(content[: row.revision_end]).hexdigest() == row.revision_sha256
    report = desk.signing.verify(content, ward_id=desk.world.ward_id)
    assert (report["verdict"], len(report["signatures"])) == ("valid", 2)


def _check_no_pin(desk: Desk, pki: DemoPki) -> None:
    """No PIN came into a row of a job."""
    with desk.reading() as session:
        kept = [str((item.payload, item.result, item.error)) for item in session.scalars(select(JobItem))]
    assert not [text for text in kept for key in pki.keys.values() if key.pin in text]
