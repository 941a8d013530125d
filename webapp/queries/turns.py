"""Whose turn it is to initial or sign, and what nobody signs, as conditions for statements."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.core.documents import StepKind, StepStatus
from webapp.models.documents import Document, SigningStep
from webapp.models.workflow import DocumentCopy

_EARLIER = aliased(SigningStep)


def waits_for(account_id: UUID) -> ColumnElement[bool]:
    """Tell of a row of `SigningStep` whether it waits for this person now: nothing of an earlier stage waits.

    Only the newest attempt has waiting steps; what was rejected or withdrawn has none.
    """
    earlier = exists().where(
        _EARLIER.ward_id == SigningStep.ward_id,
        _EARLIER.document_id == SigningStep.document_id,
        _EARLIER.status == StepStatus.WAITING,
        _EARLIER.stage < SigningStep.stage,
    )
    return and_(
        SigningStep.account_id == account_id,
        SigningStep.status == StepStatus.WAITING,
        SigningStep.kind != StepKind.AGENCY,
        ~earlier,
    )


def my_turn(account_id: UUID, kind: StepKind | None = None) -> ColumnElement[bool]:
    """Tell of a row of `Document` whether it waits for this person (for a step of that kind, when one is named)."""
    return exists(
        select(SigningStep.id).where(
            SigningStep.ward_id == Document.ward_id,
            SigningStep.document_id == Document.id,
            waits_for(account_id),
            *(() if kind is None else (SigningStep.kind == kind,)),
        )
    )


def is_copy_of_paper(
    ward_id: InstrumentedAttribute[UUID], document_id: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Tell of a document whether it is a copy, which carries the agency's signature alone (Decree 30, Art 32.2)."""
    return exists().where(DocumentCopy.ward_id == ward_id, DocumentCopy.document_id == document_id)
