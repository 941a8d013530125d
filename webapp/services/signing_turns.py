"""Whose turn it is to sign: the authorised person before the agency, nobody in another's place (Decree 30, Art 32)."""

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import DocumentStatus, StepKind, check_document_move
from webapp.core.errors import N_, NotAllowed, WrongState
from webapp.models.documents import Document, SigningStep
from webapp.services.document_versions import waiting_step

STATUS_AFTER = {StepKind.PERSON: DocumentStatus.SIGNED, StepKind.AGENCY: DocumentStatus.SEALED}
"""Where a signature of each kind brings the document."""


def check_turn(session: Session, document: Document, kind: StepKind, actor: Actor) -> SigningStep:
    """Give the step that waits for this signature of this person. Raises WrongState, NotAllowed."""
    check_document_move(document.status, STATUS_AFTER[kind])
    step = waiting_step(session, document, kind)
    if step is None:
        raise WrongState
    if kind is StepKind.PERSON and step.account_id != actor.account_id:
        raise NotAllowed(N_("Văn bản này được giao cho người khác ký."))
    person_waits = kind is StepKind.AGENCY and waiting_step(session, document, StepKind.PERSON) is not None
    if person_waits:
        raise WrongState(N_("Chỉ đóng dấu (ký số cơ quan) sau khi người có thẩm quyền đã ký và văn bản đã có số."))
    return step
