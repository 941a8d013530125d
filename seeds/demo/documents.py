"""The invented documents, each led through the real services to where papers.yaml says it has come."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from seeds.demo.companions import add_files, add_people, scanned_decision
from seeds.demo.keys import AGENCY
from seeds.demo.papers import Letterhead, Paper, draw_paper
from seeds.demo.people import STAFF
from seeds.demo.scene import Scene
from seeds.demo.ward import WARD
from webapp.core.access import Actor, Role
from webapp.core.documents import DocumentStatus, document_symbol
from webapp.core.ports import SigningGateway
from webapp.core.relations import RelationKind
from webapp.core.text import fold
from webapp.models.documents import Document, DocumentType, DocumentVersion
from webapp.models.places import Department
from webapp.services.copies import make_copy
from webapp.services.document_signing import SignDocument, seal_document, sign_document
from webapp.services.document_versions import BaseVersion
from webapp.services.documents import DocumentFacts, UploadDocument, upload_document
from webapp.services.initials import initial_document
from webapp.services.numbering import NumberDocument, number_document
from webapp.services.publishing import publish_document
from webapp.services.relations import NewRelation
from webapp.services.submission import SubmitDocument, reject_document, submit_document, withdraw_document

_ROLES: Final = {member.slug: member.role for member in STAFF}
# How far each state has come along the one road: submitted, signed, numbered, sealed, published.
_STEPS: Final = {
    DocumentStatus.DRAFT: 0,
    DocumentStatus.WITHDRAWN: 0,
    DocumentStatus.AWAITING_SIGNATURE: 1,
    DocumentStatus.REJECTED: 1,
    DocumentStatus.SIGNED: 2,
    DocumentStatus.NUMBERED: 3,
    DocumentStatus.SEALED: 4,
    DocumentStatus.PUBLISHED: 5,
}


class Desk:
    """Leads documents from desk to desk. `pins` opens the keys, by holder."""

    def __init__(self, scene: Scene, signing: SigningGateway, pins: dict[str, str]) -> None:
        self._scene, self._signing, self._pins = scene, signing, pins
        self._ports: dict[str, Any] = {"clock": scene.clock, "files": scene.ports.files, "signing": signing}
        self._made: dict[str, UUID] = {}

    def lead(self, session: Session, paper: Paper, day: dt.date) -> UUID:
        """Make one document and bring it to its state, all on one day."""
        hours = iter((8.2, 8.6, 10.1, 10.6, 10.8, 11.2))
        self._set(day, next(hours))
        document_id = self._upload(session, paper, day)
        self._made[paper.key] = document_id
        add_people(session, paper, document_id, self._scene, self._actor(paper.author))
        add_files(session, paper, document_id, self._actor(paper.author), self._ports)
        road: tuple[Callable[[Session, Paper, UUID], object], ...] = (
            self._submit,
            self._sign,
            self._number,
            self._seal,
            self._publish,
        )
        for step in road[: _STEPS[paper.state]]:
            self._set(day, next(hours))
            step(session, paper, document_id)
        self._set(day, next(hours, 16.0))
        if paper.state is DocumentStatus.REJECTED:
            signer = self._actor(paper.signer)
            reject_document(session, document_id, paper.reason, actor=signer, clock=self._scene.clock)
        if paper.state is DocumentStatus.WITHDRAWN:
            withdraw_document(session, document_id, actor=self._actor(paper.author), clock=self._scene.clock)
        return document_id

    def _set(self, day: dt.date, hour: float) -> None:
        self._scene.clock.go_to(self._scene.calendar.at(day, hour))

    def _actor(self, slug: str) -> Actor:
        return self._scene.actor(slug, _ROLES[slug])

    def _upload(self, session: Session, paper: Paper, day: dt.date) -> UUID:
        facts = DocumentFacts(
            type_code=paper.type,
            abstract=paper.abstract,
            signer_id=self._scene.staff[paper.signer],
            signer_title=paper.person.title,
            capacity=paper.capacity,
            recipients=paper.to or "Các bộ phận chuyên môn; các tổ dân phố",
            department_id=self._scene.departments[paper.department],
        )
        content = draw_paper(paper, self._letterhead(session, paper, day))
        filename = f"{'-'.join(fold(paper.abstract).split()[:8])}.pdf"
        replaced = self._made.get(paper.replaces) if paper.replaces else None
        relation = NewRelation(kind=RelationKind.REPLACES, target_id=replaced) if replaced else None
        command = UploadDocument(facts=facts, content=content, filename=filename, relation=relation)
        return upload_document(session, command, actor=self._actor(paper.author), **self._ports)

    def _letterhead(self, session: Session, paper: Paper, day: dt.date) -> Letterhead:
        kind = session.get_one(DocumentType, paper.type)
        unit = session.get_one(Department, (self._scene.ward_id, self._scene.departments[paper.department]))
        return Letterhead(
            ward_name=str(WARD["name"]),
            place=str(WARD["place_name"]),
            type_name=kind.name_vi.partition(" (")[0],
            symbol=document_symbol(kind.abbreviation, "UBND", unit.symbol),
            is_letter=not kind.abbreviation,
            moment=self._scene.clock.now(),
            day=day,
        )

    def _submit(self, session: Session, paper: Paper, document_id: UUID) -> None:
        address = f"{self._scene.ports.settings.base_url.rstrip('/')}/v/{{code}}"
        command = SubmitDocument(document_id=document_id, base=self._base(session, document_id), verify_url=address)
        submit_document(session, command, actor=self._actor(paper.author), **self._ports)
        if paper.beside:
            self._sign_as(session, paper.beside, document_id)
        if paper.head and paper.state is not DocumentStatus.AWAITING_SIGNATURE:
            base, head = self._base(session, document_id), self._actor(paper.head)
            initial_document(session, document_id, base, actor=head, clock=self._scene.clock)

    def _sign(self, session: Session, paper: Paper, document_id: UUID) -> None:
        self._sign_as(session, paper.signer, document_id)

    def _sign_as(self, session: Session, slug: str, document_id: UUID) -> None:
        base, pin = self._base(session, document_id), self._pins[slug]
        command = SignDocument(document_id=document_id, base=base, pin=pin)
        sign_document(session, command, actor=self._actor(slug), **self._ports)

    def copy(self, session: Session, scan: bytes, day: dt.date) -> UUID:
        """Make a certified copy of a scan and publish it, all on one day."""
        self._set(day, 14.0)
        document_id = make_copy(session, scanned_decision(scan), actor=self._clerk, **self._ports)
        command = NumberDocument(document_id=document_id, base=self._base(session, document_id))
        number_document(session, command, actor=self._clerk, **self._ports)
        base, pin = self._base(session, document_id), self._pins[AGENCY]
        seal = SignDocument(document_id=document_id, base=base, pin=pin)
        seal_document(session, seal, actor=self._clerk, **self._ports)
        shown, scene = self._base(session, document_id), self._scene
        publish_document(session, document_id, shown, actor=self._clerk, clock=scene.clock, files=scene.ports.files)
        return document_id

    def _number(self, session: Session, _paper: Paper, document_id: UUID) -> None:
        command = NumberDocument(document_id=document_id, base=self._base(session, document_id))
        number_document(session, command, actor=self._clerk, **self._ports)

    def _seal(self, session: Session, _paper: Paper, document_id: UUID) -> None:
        base, pin = self._base(session, document_id), self._pins[AGENCY]
        seal_document(
            session, SignDocument(document_id=document_id, base=base, pin=pin), actor=self._clerk, **self._ports
        )

    def _publish(self, session: Session, _paper: Paper, document_id: UUID) -> None:
        base, scene = self._base(session, document_id), self._scene
        publish_document(session, document_id, base, actor=self._clerk, clock=scene.clock, files=scene.ports.files)

    @property
    def _clerk(self) -> Actor:
        return self._scene.actor("van-thu", Role.CLERK)

    def _base(self, session: Session, document_id: UUID) -> BaseVersion:
        document = session.get_one(Document, (self._scene.ward_id, document_id))
        version = session.get_one(DocumentVersion, (self._scene.ward_id, document_id, document.version))
        return BaseVersion(version=version.number, sha256=version.sha256)
