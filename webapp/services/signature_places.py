"""Choosing where a signer's picture stands: the author before submission, the signer before signing."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import DocumentStatus, StepKind, VersionKind
from webapp.core.errors import N_, NotAllowed, NotFound, WrongState
from webapp.core.events import AuditTag
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.signature_places import SeenPlace
from webapp.models.documents import Document
from webapp.models.signature_places import SignaturePlace
from webapp.queries.signature_places import signers_of
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, current_version, find_document, latest_of_kind
from webapp.services.signing_turns import check_turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePlace:
    """Put a signer's picture at `place` of the version that was shown; None leaves it to the text of the page."""

    document_id: UUID
    signer_id: UUID
    base: BaseVersion
    place: SeenPlace | None


def choose_place(
    session: Session, command: ChoosePlace, *, actor: Actor, clock: Clock, files: FileStore, signing: SigningGateway
) -> None:
    """Keep the place. Raises NotAllowed, WrongState, Conflict, NotFound (nobody of that chain), SigningRefused."""
    document = find_document(session, actor, command.document_id, lock=True)
    check_may_place(session, document, command.signer_id, actor)
    version = current_version(session, document, command.base)
    if command.place is not None:
        signing.check_place(files.get(version.sha256), command.place)
    uploaded = latest_of_kind(session, document, VersionKind.UPLOADED)
    row = session.get(SignaturePlace, (document.ward_id, document.id, command.signer_id))
    if row is not None:
        session.delete(row)
        session.flush()
    if command.place is not None:
        session.add(_row(document, command, uploaded.sha256, actor=actor, clock=clock))
        session.flush()
    page = command.place.page + 1 if command.place else None
    record(session, AuditTag.DOCUMENT_PLACE, actor=actor, clock=clock, subject=document.id, page=page)


def check_may_place(session: Session, document: Document, signer_id: UUID, actor: Actor) -> None:
    """Let the author place every signer of a draft, and a signer whose turn it is place themselves."""
    if document.status in {DocumentStatus.DRAFT, DocumentStatus.REJECTED}:
        require(actor, Permission.DOCUMENT_DRAFT)
        if document.created_by != actor.account_id:
            raise NotAllowed(N_("Chỉ người soạn mới đặt chỗ ký cho văn bản chưa trình."))
        if signer_id not in {signer.account_id for signer in signers_of(session, actor, document.id)}:
            raise NotFound
        return
    require(actor, Permission.DOCUMENT_SIGN)
    if document.status is not DocumentStatus.AWAITING_SIGNATURE:
        raise WrongState
    step = check_turn(session, document, StepKind.PERSON, actor)
    if step.account_id != signer_id:
        raise NotFound


def may_place(session: Session, document_id: UUID, signer_id: UUID, actor: Actor) -> bool:
    """Tell what `check_may_place` would say. Raises NotFound for a document of no or another ward."""
    try:
        check_may_place(session, find_document(session, actor, document_id), signer_id, actor)
    except (NotAllowed, WrongState):
        return False
    return True


def chosen_place(session: Session, document: Document, signer_id: UUID | None) -> SeenPlace | None:
    """Give the place that was chosen on the file as it stands now; None when it is left to the text."""
    row = session.get(SignaturePlace, (document.ward_id, document.id, signer_id)) if signer_id else None
    if row is None or row.uploaded_sha256 != latest_of_kind(session, document, VersionKind.UPLOADED).sha256:
        return None
    return SeenPlace(page=row.page, x=row.x, y=row.y, width=row.width, height=row.height)


def _row(document: Document, command: ChoosePlace, uploaded: str, *, actor: Actor, clock: Clock) -> SignaturePlace:
    if command.place is None:
        raise NotFound
    return SignaturePlace(
        ward_id=document.ward_id,
        document_id=document.id,
        signer_id=command.signer_id,
        page=command.place.page,
        x=round(command.place.x, 3),
        y=round(command.place.y, 3),
        width=round(command.place.width, 3),
        height=round(command.place.height, 3),
        uploaded_sha256=uploaded,
        chosen_at=clock.now(),
        chosen_by=actor.account_id,
    )
