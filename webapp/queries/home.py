"""What waits for a person today, counted with a fixed number of statements."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Role
from webapp.core.documents import DocumentStatus
from webapp.core.surveys import VisitStatus
from webapp.models.accounts import Account, RoleGrant
from webapp.models.documents import Document, SigningStep
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import Visit
from webapp.queries.delegations import count_ending
from webapp.queries.grants import lasting_grant
from webapp.queries.turns import waits_for


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWork:
    """Documents that wait: for this person's signature, sent back to this person, and for the clerk by state.

    `delegations_ending`: the delegations to sign that end soon and concern this person.
    """

    to_sign: int
    delegations_ending: int
    sent_back: int
    drafts: int
    to_number: int
    to_seal: int
    to_publish: int


def document_work(session: Session, actor: Actor, today: dt.date) -> DocumentWork:
    """Count the ward's open documents and this person's own. Three statements over indices."""
    by_status = _by_status(session, actor.ward_id)
    own = _own(session, actor.ward_id, actor.account_id)
    to_sign, ending = session.execute(select(_to_sign(actor), count_ending(actor, today))).one()
    return DocumentWork(
        to_sign=to_sign,
        delegations_ending=ending,
        sent_back=own.get(DocumentStatus.REJECTED, 0),
        drafts=own.get(DocumentStatus.DRAFT, 0),
        to_number=by_status.get(DocumentStatus.SIGNED, 0),
        to_seal=by_status.get(DocumentStatus.NUMBERED, 0),
        to_publish=by_status.get(DocumentStatus.SEALED, 0),
    )


def _by_status(session: Session, ward_id: UUID) -> dict[DocumentStatus, int]:
    waiting = (DocumentStatus.SIGNED, DocumentStatus.NUMBERED, DocumentStatus.SEALED)
    found = session.execute(
        select(Document.status, func.count())
        .where(Document.ward_id == ward_id, Document.status.in_(waiting))
        .group_by(Document.status)
    )
    return {row[0]: row[1] for row in found}


def _own(session: Session, ward_id: UUID, account_id: UUID) -> dict[DocumentStatus, int]:
    mine = (DocumentStatus.DRAFT, DocumentStatus.REJECTED)
    found = session.execute(
        select(Document.status, func.count())
        .where(Document.ward_id == ward_id, Document.status.in_(mine), Document.created_by == account_id)
        .group_by(Document.status)
    )
    return {row[0]: row[1] for row in found}


def _to_sign(actor: Actor) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(SigningStep)
        .join(Document, (Document.ward_id == SigningStep.ward_id) & (Document.id == SigningStep.document_id))
        .where(
            SigningStep.ward_id == actor.ward_id,
            waits_for(actor.account_id),
            Document.status == DocumentStatus.AWAITING_SIGNATURE,
        )
        .scalar_subquery()
    )


def visits_to_review(session: Session, ward_id: UUID, round_id: UUID) -> int:
    """Count submitted visits of a round that nobody approved yet."""
    query = select(func.count()).where(
        Visit.ward_id == ward_id, Visit.round_id == round_id, Visit.status == VisitStatus.SUBMITTED
    )
    return session.scalar(query) or 0


def groups_without_head(session: Session, ward_id: UUID) -> int:
    """Count active groups for which nobody can log in."""
    headed = (
        select(RoleGrant.group_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role == Role.GROUP_HEAD,
            lasting_grant(RoleGrant.__table__),
            RoleGrant.group_id == ResidentialGroup.id,
            Account.disabled_at.is_(None),
        )
    )
    query = select(func.count()).where(
        ResidentialGroup.ward_id == ward_id, ResidentialGroup.is_active, ~headed.exists()
    )
    return session.scalar(query) or 0
