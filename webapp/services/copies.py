"""Electronic copies of paper that the agency makes: sao y, sao lục, trích sao (Decree 30, Arts 25 to 27)."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import COPY_TYPES, CopyForm, scan_problems
from webapp.core.documents import DocumentStatus, SigningCapacity, VersionKind, tidy_filename
from webapp.core.errors import N_, InvalidInput, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_id, new_short_code
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.text import clean
from webapp.models.documents import Document, DocumentType
from webapp.models.workflow import DocumentCopy
from webapp.services.audit import record
from webapp.services.document_versions import add_version


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCopy:
    """A scan and what it is a copy of."""

    form: CopyForm
    abstract: str
    source_notation: str
    source_issuer: str
    content: bytes
    filename: str
    source_on: dt.date | None = None
    recipients: str = ""


def make_copy(
    session: Session,
    command: MakeCopy,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> UUID:
    """Take a scan as a copy that waits for its number; nobody but the agency signs it.

    Raises InvalidInput for a scan that is not as Appendix I asks, SigningRefused for what is no PDF.
    """
    require(actor, Permission.DOCUMENT_COPY)
    problems = _problems(session, command, clock.today())
    if problems:
        raise InvalidInput(problems)
    scan = signing.inspect_scan(command.content)
    if found := scan_problems(scan, command.form):
        raise InvalidInput(found)
    document = Document(
        ward_id=actor.ward_id,
        id=new_id(),
        type_code=COPY_TYPES[command.form],
        abstract=clean(command.abstract)[:500],
        recipients=clean(command.recipients)[:1000],
        status=DocumentStatus.DRAFT,
        short_code=new_short_code(),
        version=1,
        capacity=SigningCapacity.OWN,
        created_at=clock.now(),
        created_by=actor.account_id,
    )
    session.add(document)
    session.flush()
    session.add(
        DocumentCopy(
            ward_id=actor.ward_id,
            document_id=document.id,
            form=command.form,
            source_notation=clean(command.source_notation)[:80],
            source_issuer=clean(command.source_issuer)[:200],
            source_on=command.source_on,
            pages=len(scan.pages),
            dpi=round(min((page.dpi for page in scan.pages if page.dpi), default=0)),
        )
    )
    version = add_version(
        session,
        document,
        command.content,
        kind=VersionKind.UPLOADED,
        filename=tidy_filename(command.filename),
        actor=actor,
        clock=clock,
        files=files,
    )
    record(session, AuditTag.DOCUMENT_COPY, actor=actor, clock=clock, subject=document.id, sha256=version.sha256)
    return document.id


def _problems(session: Session, command: MakeCopy, today: dt.date) -> list[Problem]:
    problems = []
    if session.get(DocumentType, COPY_TYPES[command.form]) is None:
        problems.append(Problem("form", N_("Hãy chọn hình thức sao.")))
    if not clean(command.abstract):
        problems.append(Problem("abstract", N_("Hãy ghi trích yếu của văn bản được sao.")))
    if not clean(command.source_notation):
        problems.append(Problem("source_notation", N_("Hãy ghi số, ký hiệu của văn bản được sao.")))
    if not clean(command.source_issuer):
        problems.append(Problem("source_issuer", N_("Hãy ghi cơ quan ban hành văn bản được sao.")))
    if command.source_on and command.source_on > today:
        problems.append(Problem("source_on", N_("Ngày của văn bản được sao chưa đến.")))
    return problems
