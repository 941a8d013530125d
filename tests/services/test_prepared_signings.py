"""Signatures that take a detour: used once, for a short time, and in their document only when they are whole."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Actor, Role
from webapp.core.documents import KeystoreKind, StepKind
from webapp.core.errors import Conflict, Gone, NotFound, WrongState
from webapp.core.ports import CertificateInfo, KeyAccess, SignedFile
from webapp.core.prepared_signings import PreparedState, StampPending, UnfinishedSigning, stamp_again_after
from webapp.gateways.files import FolderStore
from webapp.models.documents import Document
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import Keystore, SignatureLedger
from webapp.services import prepared_signings
from webapp.services.prepared_signings import Begun
from webapp.services.prepared_waiting import refuse_while_unstamped
from webapp.services.signature_store import SigningPlan

UNFINISHED = UnfinishedSigning(value={"field": "NguoiKy"}, pdf=b"%PDF prepared", raw=b"raw")


@dataclass
class Table:
    """The leader's side of a document that waits for them."""

    desk: Desk
    document_id: UUID

    @property
    def leader(self) -> Actor:
        return self.desk.actor(Role.LEADER)

    @contextmanager
    def work(self) -> Iterator[Session]:
        with self.desk.sessions.begin() as session:
            session.info["ward_id"] = self.desk.world.ward_id
            yield session

    def plan(self) -> SigningPlan:
        return SigningPlan(
            kind=StepKind.PERSON,
            base=self.desk.base(self.document_id),
            pdf=b"",
            key=KeyAccess(kind=KeystoreKind.AGENT),
            picture=None,
            on_behalf_of="TM. UBND",
        )

    def keystore(self, session: Session) -> UUID:
        return session.scalars(select(Keystore.id).where(Keystore.account_id == self.leader.account_id)).one()

    def begin(self) -> Begun:
        plan = self.plan()
        with self.work() as session:
            return prepared_signings.begin_signing(
                session, self.document_id, plan, UNFINISHED, keystore_id=self.keystore(session), **self.ports
            )

    def keep(self) -> UUID:
        plan = self.plan()
        with self.work() as session:
            return prepared_signings.keep_unstamped(
                session, self.document_id, plan, UNFINISHED, keystore_id=self.keystore(session), **self.ports
            )

    def finish(self, prepared_id: UUID) -> str:
        with self.work() as session:
            return prepared_signings.finish_signing(session, prepared_id, self.signed(), **self.ports)

    @property
    def ports(self) -> dict[str, object]:
        return {"actor": self.leader, "clock": self.desk.clock, "files": self.desk.files}

    def signed(self) -> SignedFile:
        content = b"%PDF prepared and signed"
        now = self.desk.clock.now()
        return SignedFile(
            content=content,
            signature_sha256=hashlib.sha256(b"value").hexdigest(),
            field="NguoiKy",
            revision_end=len(content),
            revision_sha256=hashlib.sha256(content).hexdigest(),
            level="b-t",
            claimed_at=now,
            timestamp_at=now,
            certificate=CertificateInfo(
                subject="CN=A",
                common_name="A",
                issuer="CN=B",
                serial="1f",
                fingerprint="0" * 64,
                not_before=now,
                not_after=now,
            ),
        )

    def take(self, token: str) -> UUID:
        with self.work() as session:
            row = prepared_signings.find_by_token(session, token, clock=self.desk.clock)
            prepared_signings.take_raw(session, row, b"raw", clock=self.desk.clock)
            return row.id

    def state(self, prepared_id: UUID) -> PreparedState:
        with self.desk.reading() as session:
            return session.get_one(PreparedSigning, (self.desk.world.ward_id, prepared_id)).state


@pytest.fixture
def table(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Table:
    desk = make_desk(sessions, world, clock, FolderStore(tmp_path), FakeSigning(clock))
    desk.enrol_all()
    return Table(desk, desk.until("awaiting_signature"))


def test_a_prepared_signing_becomes_the_documents_signature(table: Table) -> None:
    begun = table.begin()
    assert begun.token not in repr(begun)
    assert prepared_signings.ward_of_token(begun.token) == table.desk.world.ward_id
    prepared_id = table.take(begun.token)
    assert table.desk.status(table.document_id) == "awaiting_signature"
    table.finish(prepared_id)
    assert table.desk.status(table.document_id) == "signed"
    assert table.state(prepared_id) is PreparedState.DONE
    with table.desk.reading() as session:
        assert session.scalars(select(SignatureLedger.keystore_kind)).all() == [KeystoreKind.PKCS12]
        assert session.scalars(select(SignatureLedger.on_behalf_of)).all() == ["TM. UBND"]


def test_a_token_opens_once_and_for_a_quarter_of_an_hour(table: Table, clock: FixedClock) -> None:
    first = table.begin()
    second = table.begin()
    with pytest.raises(Gone):
        table.take(first.token)  # the newer one made it void
    table.take(second.token)
    with pytest.raises(Gone):
        table.take(second.token)


def test_a_late_token_opens_nothing(table: Table, clock: FixedClock) -> None:
    begun = table.begin()
    clock.move(minutes=16)
    with pytest.raises(Gone):
        table.take(begun.token)
    assert table.state(begun.id) is PreparedState.PREPARED


@pytest.mark.parametrize("token", ["", "x", "0" * 32 + ".nobody", "zz.secret"])
def test_an_unknown_token_is_not_found(table: Table, token: str) -> None:
    with pytest.raises(NotFound):
        table.take(token)


def test_what_is_signed_waits_for_its_timestamp_and_nobody_signs_again(table: Table, clock: FixedClock) -> None:
    prepared_id = table.keep()
    with pytest.raises(Conflict):
        table.begin()
    with table.work() as session:
        document = session.get_one(Document, (table.desk.world.ward_id, table.document_id))
        with pytest.raises(WrongState):
            refuse_while_unstamped(session, document)
    with table.work() as session:
        prepared_signings.note_failure(session, table.leader.ward_id, prepared_id, "timestamp_failed", clock=clock)
    with table.desk.reading() as session:
        row = session.get_one(PreparedSigning, (table.leader.ward_id, prepared_id))
        assert (row.attempts, row.problem) == (2, "timestamp_failed")
        assert row.next_try_at == clock.now() + stamp_again_after(2)
        kept = prepared_signings.unfinished_of(session, row, files=table.desk.files)
        assert kept == UNFINISHED
        assert prepared_signings.actor_of(row).account_id == table.leader.account_id
    with table.work() as session:
        again = prepared_signings.try_again_now(session, table.leader, table.document_id, clock=clock)
        assert again == prepared_id
    table.finish(prepared_id)
    with pytest.raises(WrongState):
        table.finish(prepared_id)
    assert table.desk.status(table.document_id) == "signed"


def test_a_signature_whose_document_went_another_way_is_put_aside(table: Table, clock: FixedClock) -> None:
    prepared_id = table.keep()
    with table.work() as session:
        document = session.get_one(Document, (table.desk.world.ward_id, table.document_id))
        document.status = "withdrawn"  # type: ignore[assignment]
    with pytest.raises(WrongState) as caught:
        table.finish(prepared_id)
    with table.work() as session:
        prepared_signings.give_up_signing(session, prepared_id, caught.value, actor=table.leader, clock=clock)
    assert table.state(prepared_id) is PreparedState.FAILED
    with table.desk.reading() as session:
        assert session.scalars(select(SignatureLedger.sequence)).all() == []


def test_the_waits_grow_to_an_hour_and_the_refusal_keeps_no_secret() -> None:
    minutes = [stamp_again_after(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 4, 7, 40)]
    assert minutes == [1, 2, 4, 8, 60, 60]
    pending = StampPending(UNFINISHED)
    assert pending.code == "timestamp_pending"
    assert "raw" not in repr(pending.unfinished)
