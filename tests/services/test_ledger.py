"""The ledger: whole after honest work, broken by any edit; PINs nowhere."""

from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PIN
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreOwner
from webapp.core.errors import InvalidInput, NotAllowed, SigningRefused
from webapp.gateways.files import FolderStore
from webapp.models import Base
from webapp.models.audit import ChainHead
from webapp.models.signing import Keystore, SignatureLedger
from webapp.services.ledger import first_broken_row
from webapp.services.pin_attempts import note_signing_failure


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def test_an_empty_ledger_is_whole(desk: Desk, session: Session) -> None:
    assert first_broken_row(session, desk.world.ward_id) is None


def test_the_chain_holds_after_several_documents(desk: Desk, session: Session) -> None:
    for _ in range(3):
        desk.until("published")
    assert first_broken_row(session, desk.world.ward_id) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("field", "other"),
        ("level", "b-b"),
        ("revision_end", 1),
        ("on_behalf_of", "Q."),
        ("certificate_serial", "00"),
        ("department_id", None),
        ("claimed_at", FixedClock().moment.replace(year=2020)),
        ("document_version", 9),
    ],
)
def test_any_edited_column_breaks_the_chain_at_its_row(
    desk: Desk, session: Session, column: str, value: object
) -> None:
    desk.until("published")
    desk.until("published")
    session.execute(update(SignatureLedger).where(SignatureLedger.sequence == 3).values({column: value}))
    assert first_broken_row(session, desk.world.ward_id) == 3


@pytest.mark.parametrize("sequence", [1, 2, 4])
def test_a_removed_row_breaks_the_chain_even_at_its_end(desk: Desk, session: Session, sequence: int) -> None:
    desk.until("published")
    desk.until("published")
    session.execute(delete(SignatureLedger).where(SignatureLedger.sequence == sequence))
    assert first_broken_row(session, desk.world.ward_id) == sequence


def test_a_ledger_emptied_together_with_its_head_leaves_nothing_to_find_but_one_without_it_does(
    desk: Desk, session: Session
) -> None:
    desk.until("signed")
    session.execute(delete(ChainHead).where(ChainHead.chain == "ledger"))
    assert first_broken_row(session, desk.world.ward_id) == 2


def test_the_pin_is_nowhere_in_the_database_or_the_files(desk: Desk, session: Session) -> None:
    desk.until("published")
    with pytest.raises(SigningRefused) as caught:
        desk.sign(desk.until("awaiting_signature"), pin="99887766")
    assert "99887766" not in repr(caught.value)
    for table in Base.metadata.sorted_tables:
        for row in session.execute(table.select()):
            assert PIN not in repr(tuple(row))
    assert isinstance(desk.files, FolderStore)
    for path in desk.files.root.rglob("*"):
        assert path.is_dir() or PIN.encode() not in path.read_bytes()


def test_after_five_wrong_pins_the_key_stays_shut_for_a_quarter_of_an_hour(desk: Desk, clock: FixedClock) -> None:
    document_id = desk.until("awaiting_signature")
    for _ in range(5):
        with pytest.raises(SigningRefused) as caught:
            desk.sign(document_id, pin="0000")
        with desk.sessions.begin() as session:
            note_signing_failure(session, document_id, caught.value.code, actor=desk.actor(Role.LEADER), clock=clock)
    with pytest.raises(SigningRefused) as shut:
        desk.sign(document_id)
    assert shut.value.code == "too_many_pins"
    clock.move(minutes=16)
    assert desk.sign(document_id)


def test_a_new_key_retires_the_one_before(desk: Desk, session: Session) -> None:
    desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader renewed")
    rows = session.query(Keystore).filter_by(account_id=desk.world.accounts[Role.LEADER]).all()
    assert sorted(row.retired_at is None for row in rows) == [False, True]


def test_one_key_cannot_have_two_holders(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.enrol(Role.OFFICER, KeystoreOwner.PERSON, b"p12 leader")


def test_the_agencys_key_is_enrolled_by_the_clerk_alone(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.enrol(Role.LEADER, KeystoreOwner.AGENCY, b"p12 agency two")


def test_without_an_enrolled_key_nobody_signs(desk: Desk, session: Session) -> None:
    session.execute(text("UPDATE keystore SET retired_at = enrolled_at"))
    session.commit()
    with pytest.raises(SigningRefused) as caught:
        desk.sign(desk.until("awaiting_signature"))
    assert caught.value.code == "no_keystore"
