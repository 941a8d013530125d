"""Who signs a document with a picture, and where it was placed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import DocumentStatus, StepKind, StepStatus, VersionKind
from webapp.core.signature_places import SeenPlace
from webapp.models.accounts import Account
from webapp.models.documents import Document, DocumentVersion, SigningStep
from webapp.models.signature_places import SignaturePlace
from webapp.models.workflow import DocumentParticipant


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSigner:
    """Somebody whose picture goes onto the page. `place` None: where the text leaves room for it."""

    account_id: UUID
    name: str
    title: str
    place: SeenPlace | None


def signers_of(session: Session, actor: Actor, document_id: UUID) -> list[PlacedSigner]:
    """Give the people who sign the document, in order, with their places: of its steps, or of a draft's chain to come.

    At most four statements.
    """
    steps = session.execute(
        select(Account.id, Account.display_name, SigningStep.title, SigningStep.attempt)
        .join(SigningStep, SigningStep.account_id == Account.id)
        .join(Document, and_(Document.ward_id == SigningStep.ward_id, Document.id == SigningStep.document_id))
        .where(
            SigningStep.ward_id == actor.ward_id,
            Document.status.not_in((DocumentStatus.DRAFT, DocumentStatus.REJECTED)),
            SigningStep.document_id == document_id,
            SigningStep.kind == StepKind.PERSON,
            SigningStep.status != StepStatus.REJECTED,
        )
        .order_by(SigningStep.attempt.desc(), SigningStep.position)
    ).all()
    newest = [step for step in steps if step.attempt == steps[0].attempt]
    people = [(step.id, step.display_name, step.title) for step in newest] or _to_come(session, actor, document_id)
    places = _places(session, actor, document_id)
    return [
        PlacedSigner(account_id=account_id, name=name, title=title, place=places.get(account_id))
        for account_id, name, title in people
    ]


def _to_come(session: Session, actor: Actor, document_id: UUID) -> list[tuple[UUID, str, str]]:
    """Those whom the author put beside the authorised person, then that person."""
    beside = session.execute(
        select(Account.id, Account.display_name, DocumentParticipant.title)
        .join(DocumentParticipant, DocumentParticipant.account_id == Account.id)
        .where(
            DocumentParticipant.ward_id == actor.ward_id,
            DocumentParticipant.document_id == document_id,
            DocumentParticipant.kind == StepKind.PERSON,
        )
        .order_by(DocumentParticipant.position)
    ).all()
    signer = session.execute(
        select(Account.id, Account.display_name, Document.signer_title)
        .join(Document, Document.signer_id == Account.id)
        .where(Document.ward_id == actor.ward_id, Document.id == document_id)
    ).all()
    return [(row[0], row[1], row[2]) for row in (*beside, *signer)]


def _places(session: Session, actor: Actor, document_id: UUID) -> dict[UUID, SeenPlace]:
    """Places on the file as it stands now: those chosen on an earlier upload do not count."""
    uploaded = session.scalar(
        select(DocumentVersion.sha256)
        .where(
            DocumentVersion.ward_id == actor.ward_id,
            DocumentVersion.document_id == document_id,
            DocumentVersion.kind == VersionKind.UPLOADED,
        )
        .order_by(DocumentVersion.number.desc())
        .limit(1)
    )
    rows = session.scalars(
        select(SignaturePlace).where(
            SignaturePlace.ward_id == actor.ward_id,
            SignaturePlace.document_id == document_id,
            SignaturePlace.uploaded_sha256 == uploaded,
        )
    )
    return {
        row.signer_id: SeenPlace(page=row.page, x=row.x, y=row.y, width=row.width, height=row.height) for row in rows
    }
