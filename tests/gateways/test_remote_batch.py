"""A leader's batch with a real remote key: certomancer's CSC server, real PDFs, one authorisation, valid signatures."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.documents import Desk, make_desk
from tests.gateways.test_signing_room import Office, office, pki
from tests.pdfs import plan_pdf
from tests.signing.csc_service import CODE, PIN, TOKEN, Provider, remote_service
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.ids import new_id
from webapp.core.ports import KeyAccess
from webapp.core.signing_batches import BatchKind
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.signing import SigningRoom
from webapp.jobs.context import Ports
from webapp.jobs.signing import SigningHands
from webapp.models.signing import SignatureLedger, TrustAnchor
from webapp.queries.signing_batches import Batch, get_batch
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.signing_batches import BatchItem, Typed, go_on, open_for_batch, order_batch
from webapp.settings import RemoteSigning, Settings

__all__ = ["office", "pki"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with remote_service(Path(tmp_path_factory.mktemp("csc")), multisign=3) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.asks, running.fault = ("PIN", "OTP"), None
    running.calls.clear()
    return running


@pytest.fixture
def desk(office: Office, provider: Provider, settings: Settings) -> Desk:
    """The office's desk, the leader's key being at the provider."""
    now, ward_id = office.desk.clock.now(), office.desk.world.ward_id
    values = {"fingerprint": "01", "subject": "CN=XA", "certificate": provider.root, "is_anchor": True}
    dates = {"not_before": now, "not_after": now, "added_at": now}
    with office.desk.sessions.begin() as session:
        session.add(TrustAnchor(ward_id=ward_id, id=new_id(), added_by=None, **values, **dates))
    service = RemoteSigning(name="Dịch vụ MẪU", url=provider.url, token=TOKEN)
    room = SigningRoom(
        settings.model_copy(update={"csc_services": {"mau": service}}), office.desk.sessions, office.desk.clock
    )
    desk = make_desk(office.desk.sessions, office.desk.world, office.desk.clock, office.desk.files, room)
    place = next(place for place in room.key_places() if place.code == "mau")
    found = next(key for key in room.find_keys(place, "csc/person") if key.location["credential"] == "csc/person")
    assert found.location == {"place": "mau", "credential": "csc/person", "asks": "pin code", "at_once": "3"}
    actor = desk.actor(Role.LEADER)
    key = KeyAccess(kind=KeystoreKind.CSC, location=found.location, certificates=found.certificates)
    command = EnrolKeystore(key=key, owner=KeystoreOwner.PERSON, account_id=actor.account_id)
    with desk.sessions.begin() as session:
        enrol_keystore(session, command, actor=actor, **desk.ports)  # type: ignore[arg-type]
    return desk


class Leader:
    """Orders a batch and goes on with it, as the pages do."""

    def __init__(self, desk: Desk, cipher: AesGcmCipher) -> None:
        self.desk, self.actor = desk, desk.actor(Role.LEADER)
        ports = Ports(clock=desk.clock, files=desk.files, cipher=cipher, signing=desk.signing)
        self.hands = SigningHands(desk.sessions, ports, desk.signing)

    def items(self, ids: list[UUID]) -> list[BatchItem]:
        return [BatchItem(document_id=each, base=self.desk.base(each)) for each in ids]

    def sign(self, ids: list[UUID], code: str = CODE, job_id: UUID | None = None) -> Batch:
        kind, items, clock = BatchKind.SIGN, self.items(ids), self.desk.clock
        with self.desk.sessions.begin() as session:
            if job_id is None:
                job_id = order_batch(session, kind, items, actor=self.actor, clock=clock)
            else:
                go_on(session, job_id, items, actor=self.actor, clock=clock)
        with self.desk.sessions() as session:
            typed, release = Typed(pin=PIN, code=code), session.rollback
            key = open_for_batch(session, kind, typed, actor=self.actor, release=release, **self.desk.ports)  # type: ignore[arg-type]
        self.hands.start(job_id, actor=self.actor, key=key)
        self.hands.wait(job_id, 120)
        with self.desk.reading() as session:
            return get_batch(session, self.actor, job_id, now=clock.now())


def outcome(batch: Batch) -> list[str]:
    return [step.status.value for step in batch.steps]


def test_a_batch_is_authorised_once_and_every_file_is_valid(
    desk: Desk, office: Office, provider: Provider, cipher: AesGcmCipher, tmp_path: Path
) -> None:
    ids = [desk.upload(content=plan_pdf()) for _ in range(5)]
    for each in ids:
        desk.submit(each)
    leader = Leader(desk, cipher)
    wrong = leader.sign(ids, code="000000")
    assert (outcome(wrong), provider.count("signatures/signHash")) == (["waiting"] * 5, 0)
    assert "Mã dùng một lần" in wrong.error
    first = leader.sign(ids, job_id=wrong.job_id)
    assert outcome(first) == ["done"] * 3 + ["waiting"] * 2
    assert "Hãy lấy mã mới" in first.error
    assert (provider.count("credentials/authorize"), provider.count("signatures/signHash")) == (2, 1)
    whole = leader.sign(ids[3:], job_id=wrong.job_id)
    assert outcome(whole) == ["done"] * 5
    assert (provider.count("credentials/authorize"), provider.count("signatures/signHash")) == (3, 2)
    assert {desk.status(each) for each in ids} == {"signed"}
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignatureLedger)) == 5
    (tmp_path / "signed.pdf").write_bytes(office.last_file())
    told = subprocess.run(
        ["pdfsig", "-nocert", str(tmp_path / "signed.pdf")], capture_output=True, text=True, check=False
    )
    assert "Signature is Valid." in told.stdout


@pytest.mark.parametrize("fault", [("signatures/signHash", "few"), ("signatures/signHash", "500")])
def test_a_service_that_breaks_down_signs_nothing_and_everything_waits(
    desk: Desk, provider: Provider, cipher: AesGcmCipher, fault: tuple[str, str]
) -> None:
    document_id = desk.upload(content=plan_pdf())
    desk.submit(document_id)
    provider.fault = fault
    batch = Leader(desk, cipher).sign([document_id])
    assert outcome(batch) == ["waiting"]
    assert "Dịch vụ ký từ xa" in batch.error
    assert desk.status(document_id) == "awaiting_signature"
