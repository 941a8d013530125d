"""Composing a document: drawn into the workflow, corrected, given as a Word file, refused when parts are missing."""

import io
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import docx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from seeds.reference import load_reference
from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.pdfs import plan_pdf
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import SigningCapacity
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.letters import LetterText
from webapp.gateways.files import FolderStore
from webapp.gateways.press import TypstPress
from webapp.gateways.signing import SigningRoom
from webapp.gateways.word import WordPrograms
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document, DocumentVersion
from webapp.models.letters import DocumentText
from webapp.services.letters import ComposeDocument, compose_document, letter_as_word
from webapp.settings import Settings

TEXT = LetterText(
    paragraphs=("I. MỤC ĐÍCH", "Nội dung của kế hoạch"),
    bases=("Căn cứ Luật A",),
    recipients=("Như trên;", "Các tổ dân phố"),
)
Compose = Callable[..., UUID]


@pytest.fixture
def desk(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, settings: Settings, tmp_path: object
) -> Desk:
    room = SigningRoom(settings, sessions, clock)
    desk = make_desk(sessions, world, clock, FolderStore(settings.data_dir / "files"), room)
    with sessions.begin() as session:
        load_reference(session)
    return desk


@pytest.fixture
def compose(desk: Desk) -> Compose:
    def write(
        text: LetterText = TEXT, document_id: UUID | None = None, role: Role = Role.OFFICER, **facts: object
    ) -> UUID:
        command = ComposeDocument(
            facts=desk.facts(**{"type_code": "ke_hoach", **facts}), text=text, document_id=document_id
        )
        with desk.sessions.begin() as session:
            return compose_document(
                session,
                command,
                actor=desk.actor(role),
                press=TypstPress(),
                **desk.ports,  # type: ignore[arg-type]
            )

    return write


def test_a_composed_document_is_a_draft_with_its_file_and_its_text(
    desk: Desk, compose: Compose, session: Session
) -> None:
    document_id = compose()
    document = session.scalars(select(Document)).one()
    assert (document.id, document.status.value) == (document_id, "draft")
    assert document.recipients == "Như trên; Các tổ dân phố"
    version = session.scalars(select(DocumentVersion)).one()
    assert version.filename == "ke-hoach-trien-khai-chuyen-doi-so-nam-2026.pdf"
    assert desk.files.get(version.sha256).startswith(b"%PDF-")
    written = session.scalars(select(DocumentText)).one()
    assert LetterText.from_json(written.content) == TEXT
    assert written.version == 1
    assert session.scalars(select(AuditEvent).where(AuditEvent.tag == "document:compose")).one().subject_id is not None


def test_it_goes_through_submission_with_the_symbol_that_it_prints(desk: Desk, compose: Compose) -> None:
    document_id = compose()
    desk.submit(document_id)
    assert desk.status(document_id) == "awaiting_signature"


def test_written_again_it_gets_another_file_and_the_earlier_one_stays(
    desk: Desk, compose: Compose, session: Session
) -> None:
    document_id = compose()
    assert compose(replace(TEXT, paragraphs=("Viết lại",)), document_id, abstract="Việc khác") == document_id
    assert session.scalar(select(func.count()).select_from(DocumentVersion)) == 2
    written = session.scalars(select(DocumentText)).one()
    assert (written.version, written.content["paragraphs"]) == (2, ["Viết lại"])
    assert session.scalars(select(Document.abstract)).one() == "Việc khác"


def test_nobody_writes_into_what_lies_on_a_desk_or_belongs_to_another(desk: Desk, compose: Compose) -> None:
    document_id = compose()
    with pytest.raises(NotAllowed):
        compose(TEXT, document_id, Role.LEADER)
    desk.submit(document_id)
    with pytest.raises(WrongState):
        compose(TEXT, document_id)
    with pytest.raises(NotAllowed):
        compose(role=Role.AUDITOR)


def test_everything_that_is_missing_is_said_at_once_and_nothing_is_kept(compose: Compose, session: Session) -> None:
    with pytest.raises(InvalidInput) as caught:
        compose(LetterText(paragraphs=()), type_code="quyet_dinh", abstract="  ")
    assert {problem.field for problem in caught.value.problems} == {"abstract", "paragraphs", "bases"}
    assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_a_type_without_a_template_is_not_found(compose: Compose) -> None:
    with pytest.raises(NotFound):
        compose(type_code="hop_dong")


def test_the_word_file_is_made_from_what_was_written(desk: Desk, compose: Compose) -> None:
    document_id = compose(capacity=SigningCapacity.KT, signer_title="Phó Chủ tịch")
    uploaded = desk.upload(content=plan_pdf())

    def word_of(document_id: UUID, role: Role) -> tuple[str, bytes]:
        with desk.reading() as session:
            return letter_as_word(
                session,
                document_id,
                actor=desk.actor(role),
                clock=desk.clock,
                word=WordPrograms(Settings(soffice="no")),
            )

    name, content = word_of(document_id, Role.CLERK)
    assert name == "ke-hoach-trien-khai-chuyen-doi-so-nam-2026.docx"
    assert "Nội dung của kế hoạch./." in [line.text for line in docx.Document(io.BytesIO(content)).paragraphs]
    with pytest.raises(NotFound):
        word_of(uploaded, Role.CLERK)
    with pytest.raises(NotAllowed):
        word_of(document_id, Role.AUDITOR)
