"""A key on somebody's own computer: prepared, signed elsewhere, completed; once, in time, by the same person."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PNG, RAW, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import Conflict, Gone, NotAllowed, NotFound, SigningRefused, WrongState
from webapp.core.ports import KeyAccess
from webapp.core.prepared_signings import PreparedState, StampPending
from webapp.gateways.files import FolderStore
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import Keystore, SignatureLedger
from webapp.services.document_signing import SignDocument, seal_document, sign_document
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.signing_elsewhere import (
    BegunElsewhere,
    begin_elsewhere,
    finish_elsewhere,
    prepared_file,
    take_signature,
)

ACTS = {Role.LEADER: sign_document, Role.OFFICER: sign_document, Role.CLERK: seal_document}


@dataclass
class Remote:
    """A desk whose leader and clerk keep their keys on their own computers."""

    desk: Desk

    def enrol(self, role: Role, owner: KeystoreOwner, certificate: bytes) -> None:
        actor = self.desk.actor(role)
        key = KeyAccess(
            kind=KeystoreKind.AGENT, certificates=(certificate,), location={"mechanisms": "rsa-pkcs1v15", "holder": "T"}
        )
        account = actor.account_id if owner is KeystoreOwner.PERSON else None
        command = EnrolKeystore(key=key, owner=owner, account_id=account, picture=PNG)
        with self.desk.sessions.begin() as session:
            enrol_keystore(session, command, actor=actor, **self.desk.ports)  # type: ignore[arg-type]

    def begin(self, document_id: UUID, role: Role = Role.LEADER) -> BegunElsewhere:
        command = SignDocument(document_id=document_id, base=self.desk.base(document_id))
        actor = self.desk.actor(role)
        with self.desk.sessions() as session:
            begun = begin_elsewhere(
                session, command, ACTS[role], actor=actor, release=session.rollback, **self.desk.ports
            )
            session.commit()
            return begun

    def file(self, token: str, number: int = 0) -> bytes:
        with self.desk.sessions() as session:
            return prepared_file(session, token, number, clock=self.desk.clock, files=self.desk.files)

    def complete(self, begun: BegunElsewhere, role: Role = Role.LEADER, raw: bytes = RAW, **attached: bytes) -> str:
        """Bring the raw signature back, and those of attachments: `a1`, `a2` …"""
        raws = {0: raw, **{int(name[1:]): each for name, each in attached.items()}}
        actor = self.desk.actor(role)
        with self.desk.sessions() as session:
            taken = take_signature(session, begun.id, raws, actor=actor, **self.desk.ports)
            session.commit()
            sha256 = finish_elsewhere(
                session, begun.id, taken, actor=actor, release=session.rollback, **self.desk.ports
            )
            session.commit()
            return sha256

    def state(self, begun: BegunElsewhere) -> PreparedState:
        with self.desk.reading() as session:
            return session.scalars(select(PreparedSigning.state).where(PreparedSigning.id == begun.id)).one()


@pytest.fixture
def signing(clock: FixedClock) -> FakeSigning:
    return FakeSigning(clock)


@pytest.fixture
def remote(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path, signing: FakeSigning
) -> Remote:
    desk = make_desk(sessions, world, clock, FolderStore(tmp_path), signing)
    desk.enrol(Role.OFFICER, KeystoreOwner.PERSON, b"p12 officer")
    remote = Remote(desk)
    remote.enrol(Role.LEADER, KeystoreOwner.PERSON, b"leader on a token")
    remote.enrol(Role.CLERK, KeystoreOwner.AGENCY, b"agency on a token")
    return remote


def test_a_leader_signs_and_a_clerk_seals_with_keys_on_their_own_computers(remote: Remote) -> None:
    desk = remote.desk
    document_id = desk.until("awaiting_signature")
    begun = remote.begin(document_id)
    assert begun.token not in repr(begun)
    assert begun.abstract == "Triển khai chuyển đổi số năm 2026"
    assert remote.file(begun.token).startswith(b"%PDF")
    assert desk.status(document_id) == "awaiting_signature"
    remote.complete(begun)
    assert desk.status(document_id) == "signed"
    desk.number(document_id)
    sealing = remote.begin(document_id, Role.CLERK)
    assert (begun.title, sealing.title) == ("Kế hoạch", "Kế hoạch 01/KH-UBND")
    remote.complete(sealing, Role.CLERK)
    assert desk.status(document_id) == "sealed"
    with desk.reading() as session:
        rows = session.execute(
            select(SignatureLedger.keystore_kind, SignatureLedger.owner).order_by(SignatureLedger.sequence)
        ).all()
        assert [tuple(row) for row in rows] == [
            (KeystoreKind.AGENT, KeystoreOwner.PERSON),
            (KeystoreKind.AGENT, KeystoreOwner.AGENCY),
        ]
        kept = session.scalars(select(Keystore).where(Keystore.kind == KeystoreKind.AGENT)).all()
        assert [key.file_sha256 for key in kept] == [None, None]


def test_a_raw_signature_that_does_not_fit_is_refused_and_may_be_tried_again(remote: Remote) -> None:
    document_id = remote.desk.until("awaiting_signature")
    begun = remote.begin(document_id)
    with pytest.raises(SigningRefused) as caught:
        remote.complete(begun, raw=b"something else")
    assert caught.value.code == "raw_signature_invalid"
    assert remote.state(begun) is PreparedState.PREPARED
    assert remote.desk.status(document_id) == "awaiting_signature"
    remote.complete(begun)
    assert remote.desk.status(document_id) == "signed"


def test_a_prepared_signing_is_used_once(remote: Remote) -> None:
    begun = remote.begin(remote.desk.until("awaiting_signature"))
    remote.complete(begun)
    with pytest.raises(Gone):
        remote.complete(begun)
    with pytest.raises(Gone):
        remote.file(begun.token)


def test_a_late_signature_is_refused(remote: Remote, clock: FixedClock) -> None:
    begun = remote.begin(remote.desk.until("awaiting_signature"))
    clock.move(minutes=16)
    with pytest.raises(Gone):
        remote.file(begun.token)
    with pytest.raises(Gone):
        remote.complete(begun)


def test_nobody_completes_what_somebody_else_began(remote: Remote) -> None:
    document_id = remote.desk.until("awaiting_signature")
    begun = remote.begin(document_id)
    with pytest.raises(NotFound):
        remote.complete(begun, Role.CLERK)
    with pytest.raises(NotFound):
        remote.file("0" * 32 + ".guess")
    assert remote.desk.status(document_id) == "awaiting_signature"


def test_the_rules_of_signing_hold_when_preparing(remote: Remote) -> None:
    document_id = remote.desk.until("awaiting_signature")
    with pytest.raises(WrongState):
        remote.begin(document_id, Role.CLERK)
    with pytest.raises(NotAllowed):
        remote.begin(document_id, Role.OFFICER)


def test_a_file_that_changed_meanwhile_is_not_signed(remote: Remote) -> None:
    document_id = remote.desk.until("awaiting_signature")
    first, base = remote.begin(document_id), remote.desk.base(document_id)
    command = SignDocument(document_id=document_id, base=base)
    remote.complete(first)
    actor = remote.desk.actor(Role.LEADER)
    with remote.desk.sessions() as session, pytest.raises((Conflict, WrongState)):
        begin_elsewhere(session, command, sign_document, actor=actor, release=session.rollback, **remote.desk.ports)


def test_a_missing_stamp_keeps_the_raw_signature(remote: Remote, signing: FakeSigning) -> None:
    document_id = remote.desk.until("awaiting_signature")
    begun = remote.begin(document_id)
    signing.refuse = "timestamp_failed"
    with pytest.raises(StampPending):
        remote.complete(begun)
    assert remote.state(begun) is PreparedState.SIGNED
    with remote.desk.reading() as session:
        assert session.scalars(select(PreparedSigning.raw).where(PreparedSigning.id == begun.id)).one() == RAW
    with pytest.raises(WrongState):
        remote.begin(document_id)


def test_a_key_at_the_server_needs_no_detour(remote: Remote) -> None:
    document_id = remote.desk.until("awaiting_signature")
    remote.desk.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
    with pytest.raises(SigningRefused):  # no PIN was given: the key at the server says so
        remote.begin(document_id)
