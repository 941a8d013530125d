"""A Word file on its way: kept, converted by the worker, refused with words, set aside by a newer file."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import VERIFY_URL, Desk, make_desk
from tests.fake_signing import PDF
from tests.fakes import FixedClock
from tests.word_files import FakeWord
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import Conflict, InvalidInput, NotAllowed, WrongState
from webapp.core.jobs import BROKEN, JobKind, JobStatus
from webapp.core.word_files import WORD_PROBLEMS, SourceState
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document, DocumentVersion
from webapp.models.jobs import Job
from webapp.models.letters import DocumentSource
from webapp.queries.stored_files import stored_files
from webapp.queries.word_files import list_sources
from webapp.services.document_versions import BaseVersion
from webapp.services.documents import ReviseDocument, UploadDocument, revise_document
from webapp.services.submission import SubmitDocument, submit_document, withdraw_document
from webapp.services.word_files import revise_word, upload_word

DOCX = b"PK a word file"


class Office:
    """The desk with a Word program and a worker."""

    def __init__(self, desk: Desk, ports: Ports, word: FakeWord) -> None:
        self.desk, self.word = desk, word
        self.worker = Worker(desk.sessions, ports, standard_registry(ports.signing, word))

    @property
    def ports(self) -> dict[str, object]:
        return {"actor": self.desk.actor(Role.OFFICER), "clock": self.desk.clock, "files": self.desk.files}

    def upload(self, content: bytes = DOCX, role: Role = Role.OFFICER, **facts: object) -> UUID:
        command = UploadDocument(facts=self.desk.facts(**facts), content=content, filename="Kế hoạch.docx")
        with self.desk.sessions.begin() as session:
            return upload_word(session, command, **{**self.ports, "actor": self.desk.actor(role)}, word=self.word)  # type: ignore[arg-type]

    def revise(self, document_id: UUID, content: bytes, filename: str = "Kế hoạch.docx") -> None:
        command = ReviseDocument(document_id=document_id, facts=self.desk.facts(), content=content, filename=filename)
        with self.desk.sessions.begin() as session:
            if filename.endswith(".docx"):
                revise_word(session, command, **self.ports, word=self.word)  # type: ignore[arg-type]
            else:
                revise_document(session, command, **self.ports, signing=self.desk.signing)  # type: ignore[arg-type]

    def states(self, document_id: UUID) -> list[str]:
        with self.desk.reading() as session:
            return [one.state.value for one in list_sources(session, self.desk.world.ward_id, document_id)]

    def versions(self) -> list[DocumentVersion]:
        with self.desk.reading() as session:
            return list(session.scalars(select(DocumentVersion).order_by(DocumentVersion.number)))


@pytest.fixture
def office(sessions: sessionmaker[Session], world: World, clock: FixedClock, ports: Ports) -> Office:
    return Office(make_desk(sessions, world, clock, ports.files), ports, FakeWord())


def test_a_word_file_becomes_the_page_of_a_draft(office: Office, session: Session) -> None:
    document_id = office.upload()
    assert office.states(document_id) == ["converting"]
    assert office.versions() == []
    assert office.worker.run_once()
    assert office.word.converted == [DOCX]
    assert office.states(document_id) == ["converted"]
    version = office.versions()[0]
    assert (version.filename, office.desk.files.get(version.sha256)) == ("Kế hoạch.pdf", PDF)
    assert version.made_by == office.desk.world.accounts[Role.OFFICER]
    source = session.scalars(select(DocumentSource)).one()
    assert (office.desk.files.get(source.sha256), source.version) == (DOCX, 1)
    tags = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence)).all()
    assert tags[-2:] == ["document:word", "document:convert"]
    assert source.sha256 in {file.sha256 for file in stored_files(session, source.ward_id)}
    job = session.scalars(select(Job).where(Job.kind == JobKind.WORD)).one()
    assert set(job.payload) == {"document_id", "number"}
    session.commit()
    office.desk.submit(document_id)
    assert office.desk.status(document_id) == "awaiting_signature"


@pytest.mark.parametrize("problem", ["slow", "failed", "missing"])
def test_what_cannot_be_converted_is_kept_with_the_reason(office: Office, problem: str) -> None:
    document_id = office.upload()
    office.word.problem = problem
    assert office.worker.run_once()
    with office.desk.reading() as session:
        found = list_sources(session, office.desk.world.ward_id, document_id)[0]
        assert session.scalars(select(Job.status)).one() is JobStatus.DONE
    assert (found.state, found.message) == (SourceState.FAILED, WORD_PROBLEMS[problem])
    assert office.versions() == []


def test_a_page_that_is_no_pdf_counts_as_not_converted(office: Office) -> None:
    document_id = office.upload()
    office.word.pdf = b"no page"
    assert office.worker.run_once()
    assert office.states(document_id) == ["failed"]


def test_a_refused_file_or_a_missing_program_keeps_nothing_and_says_everything(
    office: Office, session: Session
) -> None:
    office.word.refuse = "macro"
    with pytest.raises(InvalidInput) as caught:
        office.upload(abstract=" ")
    assert {problem.field for problem in caught.value.problems} == {"content", "abstract"}
    office.word.refuse, office.word.here = "", False
    with pytest.raises(InvalidInput, match="chưa cài LibreOffice"):
        office.upload()
    assert session.scalars(select(Document)).all() == []
    with pytest.raises(NotAllowed):
        office.upload(role=Role.AUDITOR)


def test_nothing_is_submitted_while_the_file_is_no_page(office: Office) -> None:
    document_id = office.upload()
    base = BaseVersion(version=1, sha256="0" * 64)
    command = SubmitDocument(document_id=document_id, base=base, verify_url=VERIFY_URL)

    def submit() -> None:
        with office.desk.sessions.begin() as session:
            submit_document(session, command, **office.ports, signing=office.desk.signing)  # type: ignore[arg-type]

    with pytest.raises(WrongState, match="đang được chuyển"):
        submit()
    office.word.problem = "failed"
    office.worker.run_once()
    with pytest.raises(WrongState, match="không chuyển được"):
        submit()
    office.revise(document_id, PDF, "ke hoach.pdf")
    assert office.states(document_id) == ["set_aside"]
    with pytest.raises(Conflict):
        submit()
    office.desk.submit(document_id)


def test_a_newer_file_takes_the_place_of_one_that_still_waits(office: Office) -> None:
    document_id = office.upload()
    office.revise(document_id, b"PK a better one")
    assert office.states(document_id) == ["converting", "set_aside"]
    while office.worker.run_once():
        pass
    assert office.word.converted == [b"PK a better one"]
    assert office.states(document_id) == ["converted", "set_aside"]
    assert len(office.versions()) == 1


def test_a_file_that_was_set_aside_while_it_was_converted_changes_nothing(office: Office) -> None:
    document_id = office.upload()

    class Meanwhile(FakeWord):
        def convert(self, docx: bytes, *, beat: Callable[[], None]) -> bytes:
            office.revise(document_id, PDF + b"by hand", "ke hoach.pdf")
            return PDF

    worker = Worker(office.desk.sessions, office.worker._ports, standard_registry(office.desk.signing, Meanwhile()))
    assert worker.run_once()
    assert office.states(document_id) == ["set_aside"]
    assert [office.desk.files.get(one.sha256) for one in office.versions()] == [PDF + b"by hand"]


def test_a_withdrawn_draft_gets_no_page(office: Office) -> None:
    document_id = office.upload()
    with office.desk.sessions.begin() as session:
        withdraw_document(session, document_id, actor=office.desk.actor(Role.OFFICER), clock=office.desk.clock)
    assert office.worker.run_once()
    assert office.states(document_id) == ["set_aside"]
    assert office.versions() == []


def test_a_job_that_came_to_no_end_is_told_as_a_failure(office: Office, clock: FixedClock) -> None:
    document_id = office.upload()

    class Broken(FakeWord):
        def convert(self, docx: bytes, *, beat: Callable[[], None]) -> bytes:
            raise RuntimeError

    worker = Worker(office.desk.sessions, office.worker._ports, standard_registry(office.desk.signing, Broken()))
    for _attempt in range(3):
        assert worker.run_once()
        clock.move(minutes=5)
    with office.desk.reading() as session:
        found = list_sources(session, office.desk.world.ward_id, document_id)[0]
    assert (found.state, found.message) == (SourceState.FAILED, BROKEN)
    assert replace(found, state=SourceState.CONVERTED).unresolved is False
