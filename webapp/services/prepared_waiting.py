"""Documents that somebody has signed and whose timestamp has not come: nobody else acts on them meanwhile."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import N_, WrongState
from webapp.core.prepared_signings import PreparedState
from webapp.models.documents import Document
from webapp.models.prepared_signings import PreparedSigning


def waiting_for_stamp(session: Session, ward_id: UUID, document_id: UUID) -> PreparedSigning | None:
    """Give the signature of a document that waits for its timestamp."""
    return session.scalar(
        select(PreparedSigning).where(
            PreparedSigning.ward_id == ward_id,
            PreparedSigning.document_id == document_id,
            PreparedSigning.state == PreparedState.SIGNED,
        )
    )


def refuse_while_unstamped(session: Session, document: Document) -> None:
    """Refuse an act on a document that somebody has signed already. Raises WrongState."""
    if waiting_for_stamp(session, document.ward_id, document.id) is not None:
        raise WrongState(N_("Văn bản đã được ký và đang chờ dấu thời gian; chương trình đang tự xin lại."))
