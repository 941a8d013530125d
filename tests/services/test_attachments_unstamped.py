"""Attachments sealed with a key at the server while the time-stamping service is away: one PIN, all files or none."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, RAW, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import SigningRefused, WrongState
from webapp.core.prepared_signings import PreparedState, StampPending
from webapp.gateways.files import FolderStore
from webapp.models.prepared_signings import PreparedAttachment, PreparedSigning
from webapp.models.signing import SignatureLedger
from webapp.models.workflow import DocumentAttachment
from webapp.services.signature_store import PlannedUnstamped
from webapp.services.unstamped import keep_waiting, queue_due_stamps, stamp

FILES = (PDF + b"danh sach\n", PDF + b"bieu mau\n")


@pytest.fixture
def signing(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def desk(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path, signing: FakeSigning
) -> Desk:
    desk = make_desk(sessions, world, clock, FolderStore(tmp_path), signing)
    desk.enrol_all()
    return desk


def seal_and_keep(desk: Desk, document_id: UUID) -> UUID:
    """Seal while no timestamp comes, and keep what waits as the page and the batch do."""
    with pytest.raises(PlannedUnstamped) as caught:
        desk.seal(document_id)
    with desk.sessions.begin() as session:
        return keep_waiting(
            session, document_id, caught.value, actor=desk.actor(Role.CLERK), clock=desk.clock, files=desk.files
        )


def sealed(desk: Desk, document_id: UUID) -> list[str | None]:
    with desk.reading() as session:
        wanted = select(DocumentAttachment.sealed_sha256).where(DocumentAttachment.document_id == document_id)
        return list(session.scalars(wanted.order_by(DocumentAttachment.number)))


def agency_rows(desk: Desk) -> list[tuple[str, KeystoreKind]]:
    with desk.reading() as session:
        wanted = (
            select(SignatureLedger.field, SignatureLedger.keystore_kind)
            .where(SignatureLedger.owner == KeystoreOwner.AGENCY)
            .order_by(SignatureLedger.sequence)
        )
        return [(row.field, row.keystore_kind) for row in session.execute(wanted)]


def test_every_raw_signature_is_kept_and_the_worker_seals_all(
    desk: Desk, signing: FakeSigning, clock: FixedClock
) -> None:
    document_id = desk.with_attachments("numbered", *FILES)
    signing.stamps = False
    prepared_id = seal_and_keep(desk, document_id)
    assert desk.status(document_id) == "numbered"
    assert (sealed(desk, document_id), agency_rows(desk)) == ([None, None], [])
    with desk.reading() as session:
        assert list(session.scalars(select(PreparedAttachment.raw))) == [RAW, RAW]
        assert session.get_one(PreparedSigning, (desk.world.ward_id, prepared_id)).state is PreparedState.SIGNED
    with pytest.raises(WrongState):
        desk.seal(document_id)
    clock.move(minutes=2)
    with desk.sessions() as session, pytest.raises(StampPending):
        stamp(session, desk.world.ward_id, prepared_id, **desk.ports)  # type: ignore[arg-type]
    signing.stamps = True
    with desk.sessions.begin() as session:
        assert queue_due_stamps(session, desk.world.ward_id, clock=clock) == 1
    with desk.sessions() as session:
        assert stamp(session, desk.world.ward_id, prepared_id, **desk.ports)  # type: ignore[arg-type]
        session.commit()
    assert desk.status(document_id) == "sealed"
    assert all(sealed(desk, document_id))
    kind = KeystoreKind.PKCS12
    assert agency_rows(desk) == [("CoQuanPL1", kind), ("CoQuanPL2", kind), ("CoQuan", kind)]
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(PreparedAttachment)) == 0
    desk.publish(document_id)


def test_a_service_that_goes_away_between_two_files_seals_none(desk: Desk, signing: FakeSigning) -> None:
    document_id = desk.with_attachments("numbered", *FILES)
    before = signing.signed

    def leave(number: int) -> None:
        signing.stamps = number == before  # the first has its timestamp, the second gets none

    signing.before = leave
    seal_and_keep(desk, document_id)
    assert signing.signed == before + 1
    assert (desk.status(document_id), sealed(desk, document_id)) == ("numbered", [None, None])
    with desk.reading() as session:
        assert list(session.scalars(select(PreparedAttachment.raw))) == [RAW, RAW]


def test_an_attachment_that_cannot_be_sealed_is_named_and_nothing_waits(desk: Desk, signing: FakeSigning) -> None:
    document_id = desk.with_attachments("numbered", PDF, PDF + b"broken")
    signing.stamps = False
    with pytest.raises(SigningRefused) as caught:
        desk.seal(document_id)
    assert not isinstance(caught.value, StampPending)
    assert caught.value.text().startswith("Tệp đính kèm 2 không ký được")
    assert desk.status(document_id) == "numbered"


def test_with_the_service_there_all_are_sealed_at_once(desk: Desk) -> None:
    document_id = desk.with_attachments("numbered", *FILES)
    desk.seal(document_id)
    assert desk.status(document_id) == "sealed"
    assert all(sealed(desk, document_id))
    assert [field for field, _kind in agency_rows(desk)] == ["CoQuanPL1", "CoQuanPL2", "CoQuan"]
