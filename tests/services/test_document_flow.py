"""A document's way: who may move it, when, and from which base."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import DOCUMENT_MOVES, DocumentStatus, StepStatus
from webapp.core.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    SigningRefused,
    StorageFull,
    WrongState,
)
from webapp.core.ids import new_id
from webapp.gateways.files import FolderStore
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document, DocumentVersion, OutgoingRegister, SigningStep
from webapp.models.signing import SignatureLedger
from webapp.services.document_signing import SignDocument, sign_document
from webapp.services.documents import ReviseDocument, revise_document
from webapp.services.submission import reject_document, withdraw_document


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: object) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))  # type: ignore[operator]


def reject(desk: Desk, document_id: UUID, role: Role = Role.LEADER, reason: str = "Sai trích yếu") -> None:
    with desk.sessions.begin() as session:
        reject_document(session, document_id, reason, actor=desk.actor(role), clock=desk.clock)


def withdraw(desk: Desk, document_id: UUID, role: Role = Role.OFFICER) -> None:
    with desk.sessions.begin() as session:
        withdraw_document(session, document_id, actor=desk.actor(role), clock=desk.clock)


def revise(desk: Desk, document_id: UUID, content: bytes | None = None, **facts: object) -> None:
    command = ReviseDocument(document_id=document_id, facts=desk.facts(**facts), content=content, filename="b.pdf")
    with desk.sessions.begin() as session:
        revise_document(session, command, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]


MOVES: dict[DocumentStatus, Callable[[Desk, UUID], object]] = {
    DocumentStatus.AWAITING_SIGNATURE: Desk.submit,
    DocumentStatus.SIGNED: Desk.sign,
    DocumentStatus.NUMBERED: Desk.number,
    DocumentStatus.SEALED: Desk.seal,
    DocumentStatus.PUBLISHED: Desk.publish,
    DocumentStatus.REJECTED: reject,
    DocumentStatus.WITHDRAWN: withdraw,
}


def document_in(desk: Desk, status: DocumentStatus) -> UUID:
    if status is DocumentStatus.REJECTED:
        document_id = desk.until("awaiting_signature")
        reject(desk, document_id)
        return document_id
    if status is DocumentStatus.WITHDRAWN:
        document_id = desk.until("draft")
        withdraw(desk, document_id)
        return document_id
    return desk.until(status.value)


@pytest.mark.parametrize("current", list(DocumentStatus))
def test_every_move_outside_the_table_is_refused_and_every_move_inside_it_works(
    desk: Desk, current: DocumentStatus
) -> None:
    for wanted, act in MOVES.items():
        document_id = document_in(desk, current)
        if wanted in DOCUMENT_MOVES[current]:
            act(desk, document_id)
            assert desk.status(document_id) == wanted.value
        else:
            with pytest.raises(WrongState):
                act(desk, document_id)
            assert desk.status(document_id) == current.value


def test_the_whole_way_leaves_versions_register_ledger_and_audit(desk: Desk, session: Session) -> None:
    document_id = desk.until("published")
    document = session.scalars(select(Document).where(Document.id == document_id)).one()
    assert (document.number, document.year, document.symbol) == (1, 2026, "KH-UBND")
    assert document.published_at is not None
    kinds = session.scalars(select(DocumentVersion.kind).order_by(DocumentVersion.number)).all()
    assert [kind.value for kind in kinds] == ["uploaded", "prepared", "signed", "numbered", "sealed"]
    row = session.scalars(select(OutgoingRegister)).one()
    assert (row.notation, row.signer, row.recipients) == (
        "01/KH-UBND",
        "Người leader, Chủ tịch",
        "Các tổ dân phố",
    )
    ledger = session.scalars(select(SignatureLedger).order_by(SignatureLedger.sequence)).all()
    assert [entry.owner.value for entry in ledger] == ["person", "agency"]
    assert ledger[0].on_behalf_of == "TM. Ủy ban nhân dân phường Thử Nghiệm"
    assert {entry.level for entry in ledger} == {"b-t"}
    tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == document_id)).all()
    assert {tag.split(":")[1] for tag in tags} == {"upload", "submit", "sign", "number", "seal", "publish"}


def test_only_the_person_named_may_sign_or_reject(desk: Desk) -> None:
    document_id = desk.until("awaiting_signature")
    with pytest.raises(NotAllowed):
        desk.sign(document_id, role=Role.OFFICER)
    with pytest.raises(NotAllowed):
        reject(desk, document_id, role=Role.OFFICER)
    with pytest.raises(NotAllowed):
        desk.sign(document_id, role=Role.CLERK)
    assert desk.status(document_id) == "awaiting_signature"


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICER, Role.STATISTICIAN, Role.ADMIN, Role.AUDITOR])
def test_only_the_clerk_numbers_seals_and_publishes(desk: Desk, role: Role) -> None:
    for state, act in (("signed", Desk.number), ("numbered", Desk.seal), ("sealed", Desk.publish)):
        with pytest.raises(NotAllowed):
            act(desk, desk.until(state), role=role)  # type: ignore[arg-type]


def test_only_the_author_submits_revises_and_withdraws(desk: Desk) -> None:
    document_id = desk.until("draft")
    with pytest.raises(NotAllowed):
        desk.submit(document_id, role=Role.LEADER)
    with pytest.raises(NotAllowed):
        withdraw(desk, document_id, role=Role.CLERK)


def test_another_ward_does_not_find_the_document(desk: Desk, session: Session) -> None:
    document_id = desk.until("awaiting_signature")
    stranger = replace(desk.actor(Role.LEADER), ward_id=new_id())
    command = SignDocument(document_id=document_id, base=desk.base(document_id), pin="1")
    with pytest.raises(NotFound):
        sign_document(session, command, actor=stranger, **desk.ports)  # type: ignore[arg-type]


def test_a_base_that_changed_since_it_was_shown_is_not_signed(desk: Desk, session: Session) -> None:
    document_id = desk.until("awaiting_signature")
    shown = desk.base(document_id)
    reject(desk, document_id)
    revise(desk, document_id, content=PDF + b"other\n")
    desk.submit(document_id)
    command = SignDocument(document_id=document_id, base=shown, pin="73914628")
    with pytest.raises(Conflict):
        sign_document(session, command, actor=desk.actor(Role.LEADER), **desk.ports)  # type: ignore[arg-type]


def test_a_base_that_changes_while_the_signature_is_made_is_not_replaced(desk: Desk, session: Session) -> None:
    document_id = desk.until("awaiting_signature")
    command = SignDocument(document_id=document_id, base=desk.base(document_id), pin="73914628")

    def meanwhile() -> None:
        session.rollback()
        reject(desk, document_id)
        revise(desk, document_id, content=PDF + b"other\n")
        desk.submit(document_id)

    with pytest.raises(Conflict):
        sign_document(
            session,
            command,
            actor=desk.actor(Role.LEADER),
            release=meanwhile,
            **desk.ports,  # type: ignore[arg-type]
        )
    session.rollback()
    assert desk.status(document_id) == "awaiting_signature"
    assert session.scalar(select(func.count()).select_from(SignatureLedger)) == 0


def test_a_rejected_document_is_revised_and_submitted_in_a_new_attempt(desk: Desk, session: Session) -> None:
    document_id = desk.until("awaiting_signature")
    reject(desk, document_id)
    revise(desk, document_id, content=PDF + b"better\n", abstract="Kế hoạch đã sửa")
    desk.submit(document_id)
    desk.sign(document_id)
    steps = session.execute(
        select(SigningStep.attempt, SigningStep.position, SigningStep.status, SigningStep.reason).order_by(
            SigningStep.attempt, SigningStep.position
        )
    ).all()
    assert [(step.attempt, step.position, step.status) for step in steps] == [
        (1, 1, StepStatus.REJECTED),
        (1, 2, StepStatus.REJECTED),
        (2, 1, StepStatus.DONE),
        (2, 2, StepStatus.WAITING),
    ]
    assert steps[0].reason == "Sai trích yếu"


def test_a_file_that_prints_another_symbol_is_not_submitted(desk: Desk) -> None:
    wrong = desk.upload(content=PDF + b"symbol BC-UBND\n")
    with pytest.raises(InvalidInput) as caught:
        desk.submit(wrong)
    assert "BC-UBND" in caught.value.text()
    assert "KH-UBND" in caught.value.text()
    desk.submit(desk.upload(content=PDF + b"symbol KH-UBND\n"))


def test_a_rejection_needs_a_reason(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        reject(desk, desk.until("awaiting_signature"), reason="  ")
    assert caught.value.problems[0].field == "reason"


def test_facts_are_checked_field_by_field(desk: Desk) -> None:
    clerk = desk.world.accounts[Role.CLERK]
    with pytest.raises(InvalidInput) as caught:
        desk.upload(type_code="??", abstract=" ", signer_id=clerk, department_id=new_id())
    assert [problem.field for problem in caught.value.problems] == [
        "type_code",
        "abstract",
        "department_id",
        "signer_id",
    ]


def test_what_is_no_pdf_or_encrypted_is_not_taken(desk: Desk, session: Session) -> None:
    for content in (b"PK\x03\x04 word/document.xml", b"", b"%PDF-1.7\n/Encrypt"):
        with pytest.raises(SigningRefused):
            desk.upload(content=content)
    assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_a_full_disk_changes_nothing(desk: Desk, session: Session) -> None:
    document_id = desk.until("awaiting_signature")

    class FullStore:
        def put(self, content: bytes) -> str:
            raise StorageFull

        def get(self, sha256: str) -> bytes:
            return desk.files.get(sha256)

        def exists(self, sha256: str) -> bool:
            return desk.files.exists(sha256)

    full = Desk(desk.sessions, desk.world, desk.clock, FullStore(), desk.signing)
    with pytest.raises(StorageFull):
        full.sign(document_id)
    with pytest.raises(StorageFull):
        full.upload()
    assert desk.status(document_id) == "awaiting_signature"
    assert session.scalar(select(func.count()).select_from(SignatureLedger)) == 0
    assert session.scalar(select(func.count()).select_from(Document)) == 1


@pytest.mark.parametrize("code", ["certificate_expired", "certificate_revoked", "timestamp_failed"])
def test_what_the_signing_room_refuses_changes_nothing(desk: Desk, session: Session, code: str) -> None:
    document_id = desk.until("awaiting_signature")
    room = desk.signing
    assert isinstance(room, FakeSigning)
    room.refuse = code
    with pytest.raises(SigningRefused) as caught:
        desk.sign(document_id)
    assert caught.value.code == code
    assert desk.status(document_id) == "awaiting_signature"
    assert session.scalar(select(func.count()).select_from(SignatureLedger)) == 0


def test_a_published_file_that_the_ledger_does_not_name_is_not_published(desk: Desk, session: Session) -> None:
    document_id = desk.until("sealed")
    session.execute(SignatureLedger.__table__.delete().where(SignatureLedger.owner == "agency"))
    session.commit()
    with pytest.raises(Conflict):
        desk.publish(document_id)


def test_every_refusal_is_a_domain_error_with_a_message(desk: Desk) -> None:
    for act in (Desk.sign, Desk.number, Desk.seal, Desk.publish):
        with pytest.raises(DomainError) as caught:
            act(desk, desk.until("draft"))
        assert caught.value.text()
