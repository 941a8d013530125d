"""Taking a document through its workflow in tests, step by step, as the people of the small ward."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fake_signing import PDF, PIN, PNG, FakeSigning
from tests.world import World
from webapp.core.access import Actor, Role
from webapp.core.documents import KeystoreKind, KeystoreOwner, SigningCapacity
from webapp.core.ports import Clock, FileStore, KeyAccess, SigningGateway
from webapp.models.documents import Document, DocumentType, DocumentVersion
from webapp.services.attachments import AddAttachment, add_attachment
from webapp.services.document_signing import SignDocument, seal_document, sign_document
from webapp.services.document_versions import BaseVersion
from webapp.services.documents import DocumentFacts, UploadDocument, upload_document
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.numbering import NumberDocument, number_document
from webapp.services.publishing import publish_document
from webapp.services.submission import SubmitDocument, submit_document

VERIFY_URL = "http://localhost:8000/v/{code}"
TYPES = (("KH", "KH", "Kế hoạch"), ("CV", "", "Công văn"), ("BC", "BC", "Báo cáo"))


@dataclass
class Desk:
    """The ward's document work on one session factory; each step is a transaction of its own."""

    sessions: sessionmaker[Session]
    world: World
    clock: Clock
    files: FileStore
    signing: SigningGateway

    def actor(self, role: Role) -> Actor:
        return self.world.actor(role)

    def reading(self) -> Session:
        """Give a session that never waits for SQLite's writer."""
        return self.sessions(bind=self.sessions.kw["bind"].execution_options(sqlite_deferred=True))

    @property
    def ports(self) -> dict[str, object]:
        return {"clock": self.clock, "files": self.files, "signing": self.signing}

    def facts(self, **changes: object) -> DocumentFacts:
        plain = DocumentFacts(
            type_code="KH",
            abstract="Triển khai chuyển đổi số năm 2026",
            signer_id=self.world.accounts[Role.LEADER],
            signer_title="Chủ tịch",
            capacity=SigningCapacity.TM,
            recipients="Các tổ dân phố",
            department_id=self.world.department_id,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    def add_types(self) -> None:
        with self.sessions.begin() as session:
            for number, (code, abbreviation, name) in enumerate(TYPES):
                if session.get(DocumentType, code) is None:
                    session.add(
                        DocumentType(
                            code=code,
                            sort_key=number,
                            abbreviation=abbreviation,
                            name_vi=name,
                            name_en=name,
                            source="NĐ 30/2020, Phụ lục III",
                        )
                    )

    def enrol_all(self) -> None:
        self.enrol(Role.LEADER, KeystoreOwner.PERSON, b"p12 leader")
        self.enrol(Role.OFFICER, KeystoreOwner.PERSON, b"p12 officer")
        self.enrol(Role.CLERK, KeystoreOwner.AGENCY, b"p12 agency")

    def enrol(self, role: Role, owner: KeystoreOwner, content: bytes, pin: str = PIN) -> UUID:
        actor = self.actor(role)
        account = actor.account_id if owner is KeystoreOwner.PERSON else None
        with self.sessions.begin() as session:
            return enrol_keystore(
                session,
                EnrolKeystore(
                    key=KeyAccess(kind=KeystoreKind.PKCS12, content=content, secret=pin),
                    owner=owner,
                    account_id=account,
                    picture=PNG,
                ),
                actor=actor,
                **self.ports,  # type: ignore[arg-type]
            )

    def base(self, document_id: UUID) -> BaseVersion:
        with self.reading() as session:
            row = session.execute(
                select(DocumentVersion.number, DocumentVersion.sha256)
                .join(Document, Document.id == DocumentVersion.document_id)
                .where(Document.id == document_id, DocumentVersion.number == Document.version)
            ).one()
            return BaseVersion(version=row.number, sha256=row.sha256)

    def upload(self, role: Role = Role.OFFICER, content: bytes = PDF, **facts: object) -> UUID:
        with self.sessions.begin() as session:
            return upload_document(
                session,
                UploadDocument(facts=self.facts(**facts), content=content, filename="ke hoach.pdf"),
                actor=self.actor(role),
                **self.ports,  # type: ignore[arg-type]
            )

    def attach(self, document_id: UUID, title: str, content: bytes = PDF, role: Role = Role.OFFICER) -> int:
        """Put a separate attachment beside a draft; give its number."""
        command = AddAttachment(document_id=document_id, title=title, content=content, filename=f"{title}.pdf")
        with self.sessions.begin() as session:
            return add_attachment(session, command, actor=self.actor(role), **self.ports)  # type: ignore[arg-type]

    def with_attachments(self, state: str, *contents: bytes, **facts: object) -> UUID:
        """Give a document as `until`, with a separate attachment for each content."""
        document_id = self.upload(**facts)
        for number, content in enumerate(contents, 1):
            self.attach(document_id, f"Phụ lục {number}", content)
        return self.take_on(document_id, state)

    def submit(self, document_id: UUID, role: Role = Role.OFFICER) -> None:
        command = SubmitDocument(document_id=document_id, base=self.base(document_id), verify_url=VERIFY_URL)
        with self.sessions.begin() as session:
            submit_document(session, command, actor=self.actor(role), **self.ports)  # type: ignore[arg-type]

    def sign(self, document_id: UUID, role: Role = Role.LEADER, pin: str = PIN) -> str:
        command = SignDocument(document_id=document_id, base=self.base(document_id), pin=pin)
        with self.sessions.begin() as session:
            return sign_document(session, command, actor=self.actor(role), **self.ports)  # type: ignore[arg-type]

    def number(self, document_id: UUID, role: Role = Role.CLERK) -> str:
        command = NumberDocument(document_id=document_id, base=self.base(document_id))
        with self.sessions.begin() as session:
            return number_document(session, command, actor=self.actor(role), **self.ports)  # type: ignore[arg-type]

    def seal(self, document_id: UUID, role: Role = Role.CLERK, pin: str = PIN) -> str:
        command = SignDocument(document_id=document_id, base=self.base(document_id), pin=pin)
        with self.sessions.begin() as session:
            return seal_document(session, command, actor=self.actor(role), **self.ports)  # type: ignore[arg-type]

    def publish(self, document_id: UUID, role: Role = Role.CLERK) -> None:
        with self.sessions.begin() as session:
            publish_document(
                session,
                document_id,
                self.base(document_id),
                actor=self.actor(role),
                clock=self.clock,
                files=self.files,
            )

    def until(self, state: str, **facts: object) -> UUID:
        """Give a new document taken up to a state: draft, awaiting_signature, signed, numbered, sealed or published."""
        return self.take_on(self.upload(**facts), state)

    def take_on(self, document_id: UUID, state: str) -> UUID:
        """Take a draft up to a state."""
        steps = {
            "awaiting_signature": self.submit,
            "signed": self.sign,
            "numbered": self.number,
            "sealed": self.seal,
            "published": self.publish,
        }
        order = ["draft", *steps]
        for reached in order[1 : order.index(state) + 1]:
            steps[reached](document_id)
        return document_id

    def status(self, document_id: UUID) -> str:
        with self.reading() as session:
            return session.scalars(select(Document.status).where(Document.id == document_id)).one().value


def make_desk(
    sessions: sessionmaker[Session], world: World, clock: Clock, files: FileStore, signing: SigningGateway | None = None
) -> Desk:
    """Give a desk with document types and everybody's keys enrolled (with the fake room unless another is given)."""
    desk = Desk(sessions, world, clock, files, signing or FakeSigning(clock))
    desk.add_types()
    if signing is None:
        desk.enrol_all()
    return desk
