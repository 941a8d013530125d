"""Attachments in separate files, sealed with a key elsewhere: one entry of the PIN, all or none, each used once."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import make_desk
from tests.fake_signing import PDF, RAW, FakeSigning
from tests.fakes import FixedClock
from tests.services.test_signing_elsewhere import Remote
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import Gone, InvalidInput, NotFound, SigningRefused
from webapp.core.prepared_signings import PreparedState, StampPending
from webapp.gateways.files import FolderStore
from webapp.models.prepared_signings import PreparedAttachment, PreparedSigning
from webapp.models.signing import SignatureLedger
from webapp.models.workflow import DocumentAttachment
from webapp.services.signing_elsewhere import BegunElsewhere
from webapp.services.unstamped import queue_due_stamps, stamp

FILES = (PDF + b"danh sach\n", PDF + b"bieu mau\n")
CLERK = Role.CLERK


@pytest.fixture
def signing(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def office(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path, signing: FakeSigning
) -> Remote:
    """A desk whose clerk keeps the agency's key on a token."""
    desk = make_desk(sessions, world, clock, FolderStore(tmp_path), signing)
    desk.enrol_all()
    remote = Remote(desk)
    remote.enrol(CLERK, KeystoreOwner.AGENCY, b"agency on a token")
    return remote


@pytest.fixture
def numbered(office: Remote) -> UUID:
    return office.desk.with_attachments("numbered", *FILES)


def sealed(office: Remote, document_id: UUID) -> list[str | None]:
    with office.desk.reading() as session:
        wanted = select(DocumentAttachment.sealed_sha256).where(DocumentAttachment.document_id == document_id)
        return list(session.scalars(wanted.order_by(DocumentAttachment.number)))


def count(office: Remote, table: type) -> int:
    with office.desk.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def both(office: Remote, begun: BegunElsewhere, first: bytes = RAW, second: bytes = RAW) -> str:
    return office.complete(begun, CLERK, a1=first, a2=second)


def test_document_and_attachments_are_sealed_with_one_answer_of_the_key(office: Remote, numbered: UUID) -> None:
    begun = office.begin(numbered, CLERK)
    assert [(one.number, one.title) for one in begun.attached] == [(1, "Phụ lục 1"), (2, "Phụ lục 2")]
    for number, content in enumerate(FILES, 1):
        assert office.file(begun.token, number).startswith(content)
    assert office.file(begun.token) not in FILES
    both(office, begun)
    assert office.desk.status(numbered) == "sealed"
    made = sealed(office, numbered)
    assert all(made)
    assert b"corner" in office.desk.files.get(made[0] or "")
    with office.desk.reading() as session:
        rows = session.execute(
            select(SignatureLedger.field, SignatureLedger.keystore_kind)
            .where(SignatureLedger.owner == KeystoreOwner.AGENCY)
            .order_by(SignatureLedger.sequence)
        ).all()
    kind = KeystoreKind.AGENT
    assert [tuple(row) for row in rows] == [("CoQuanPL1", kind), ("CoQuanPL2", kind), ("CoQuan", kind)]
    assert count(office, PreparedAttachment) == 0
    office.desk.publish(numbered)


@pytest.mark.parametrize("brought", [{}, {"a1": RAW}, {"a1": RAW, "a2": RAW, "a3": RAW}])
def test_fewer_or_more_signatures_than_files_seal_nothing(
    office: Remote, numbered: UUID, brought: dict[str, bytes]
) -> None:
    begun = office.begin(numbered, CLERK)
    with pytest.raises(InvalidInput, match="Thiếu chữ ký"):
        office.complete(begun, CLERK, **brought)
    assert office.state(begun) is PreparedState.PREPARED
    assert sealed(office, numbered) == [None, None]
    both(office, begun)
    assert office.desk.status(numbered) == "sealed"


def test_one_signature_that_does_not_fit_seals_nothing_and_names_the_file(office: Remote, numbered: UUID) -> None:
    begun, before = office.begin(numbered, CLERK), count(office, SignatureLedger)
    with pytest.raises(SigningRefused) as caught:
        both(office, begun, second=b"another key's")
    assert caught.value.code == "raw_signature_invalid"
    assert caught.value.text().startswith("Tệp đính kèm 2 không ký được")
    assert office.desk.status(numbered) == "numbered"
    assert count(office, SignatureLedger) == before


def test_each_is_used_once_and_in_time(office: Remote, numbered: UUID, clock: FixedClock) -> None:
    late = office.begin(numbered, CLERK)
    clock.move(minutes=16)
    for number in (0, 1):
        with pytest.raises(Gone):
            office.file(late.token, number)
    with pytest.raises(Gone):
        both(office, late)
    begun = office.begin(numbered, CLERK)
    assert count(office, PreparedAttachment) == 2
    with pytest.raises(NotFound):
        office.file(begun.token, 3)
    both(office, begun)
    with pytest.raises(Gone):
        both(office, begun)
    with pytest.raises(Gone):
        office.file(begun.token, 1)


def test_an_attachment_that_cannot_be_signed_is_said_before_the_pin(office: Remote) -> None:
    document_id = office.desk.with_attachments("numbered", PDF, PDF + b"broken")
    with pytest.raises(SigningRefused) as caught:
        office.begin(document_id, CLERK)
    assert caught.value.text().startswith("Tệp đính kèm 2 không ký được")
    assert count(office, PreparedSigning) == 0


def test_a_missing_stamp_keeps_every_raw_signature_and_the_worker_finishes_all(
    office: Remote, numbered: UUID, signing: FakeSigning, clock: FixedClock
) -> None:
    begun = office.begin(numbered, CLERK)
    signing.stamps = False
    with pytest.raises(StampPending):
        both(office, begun)
    assert office.state(begun) is PreparedState.SIGNED
    with office.desk.reading() as session:
        assert list(session.scalars(select(PreparedAttachment.raw))) == [RAW, RAW]
    signing.stamps = True
    clock.move(minutes=2)
    ward_id = office.desk.world.ward_id
    with office.desk.sessions.begin() as session:
        assert queue_due_stamps(session, ward_id, clock=clock) == 1
    with office.desk.sessions() as session:
        assert stamp(session, ward_id, begun.id, **office.desk.ports)  # type: ignore[arg-type]
        session.commit()
    assert office.desk.status(numbered) == "sealed"
    assert all(sealed(office, numbered))


def test_an_attachment_that_vanished_meanwhile_seals_nothing(office: Remote, numbered: UUID) -> None:
    """Whatever goes wrong while storing, document and attachments stay as they were."""
    begun = office.begin(numbered, CLERK)
    with office.desk.sessions.begin() as session:
        session.execute(update(DocumentAttachment).where(DocumentAttachment.number == 2).values(number=7))
    with pytest.raises(Exception, match="No row was found"):
        both(office, begun)
    assert office.desk.status(numbered) == "numbered"
    assert sealed(office, numbered) == [None, None]
