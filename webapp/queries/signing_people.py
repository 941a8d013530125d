"""Who takes part in the chain of a document, before it is submitted and as the page shows it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.documents import SigningCapacity, StepKind, StepStatus
from webapp.core.signing_chains import Participant, People, plan_steps
from webapp.models.accounts import Account
from webapp.models.documents import Document
from webapp.models.workflow import DocumentParticipant
from webapp.queries.documents import DocumentDetail, StepRow
from webapp.queries.signing_chains import chain_in_force


def people_of(session: Session, ward_id: UUID, document_id: UUID) -> People:
    """Give everybody of a document's chain. Two statements."""
    document = session.get_one(Document, (ward_id, document_id))
    rows = session.scalars(
        select(DocumentParticipant)
        .where(DocumentParticipant.ward_id == ward_id, DocumentParticipant.document_id == document_id)
        .order_by(DocumentParticipant.position)
    ).all()
    return People(
        author_id=document.created_by,
        head_id=next((row.account_id for row in rows if row.kind is StepKind.INITIALS), None),
        others=[
            Participant(account_id=row.account_id, capacity=row.capacity, title=row.title)
            for row in rows
            if row.kind is StepKind.PERSON
        ],
        signer=Participant(account_id=document.signer_id, capacity=document.capacity, title=document.signer_title),
    )


def coming_steps(session: Session, ward_id: UUID, document: DocumentDetail) -> tuple[StepRow, ...]:
    """Give the steps that a draft will get, in order. Five statements."""
    chain = chain_in_force(session, ward_id, document.type_code).chain
    steps = plan_steps(chain, people_of(session, ward_id, document.id))
    wanted = [step.who.account_id for step in steps if step.who.account_id]
    named = select(Account.id, Account.display_name).where(Account.id.in_(wanted))
    names: dict[UUID | None, str] = {row.id: row.display_name for row in session.execute(named)}
    return tuple(
        StepRow(
            attempt=0,
            stage=step.stage,
            kind=step.kind,
            status=StepStatus.WAITING,
            account_id=step.who.account_id,
            who=names.get(step.who.account_id, ""),
            capacity=step.who.capacity or SigningCapacity.OWN,
            title=step.who.title,
            with_key=step.with_key,
            done_at=None,
            reason="",
            on_behalf_of="",
            signed=False,
        )
        for step in steps
    )
