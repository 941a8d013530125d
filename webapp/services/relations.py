"""Amending, replacing and recalling: a document of its own that names the earlier one (Decree 30, Art 18)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.copies import is_copy
from webapp.core.documents import DocumentStatus
from webapp.core.errors import N_, InvalidInput, WrongState
from webapp.core.relations import ENDING, RelationKind, form_problem
from webapp.models.documents import Document
from webapp.models.workflow import DocumentRelation


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRelation:
    """What a new document does to which earlier one."""

    kind: RelationKind
    target_id: UUID


def relate(session: Session, document: Document, wanted: NewRelation) -> None:
    """Write it beside the draft. Raises WrongState unless the target is published and in force, InvalidInput."""
    target = check_target(session, document.ward_id, wanted.target_id)
    if problem := form_problem(wanted.kind, document.type_code, target.type_code):
        raise InvalidInput(problem)
    row = DocumentRelation(
        ward_id=document.ward_id, document_id=document.id, target_id=wanted.target_id, kind=wanted.kind
    )
    session.add(row)
    session.flush()


def check_target(session: Session, ward_id: UUID, target_id: UUID) -> Document:
    """Give the earlier document if something can be done to it. Raises WrongState unless published and in force."""
    target = session.get(Document, (ward_id, target_id))
    if target is None or target.status is not DocumentStatus.PUBLISHED or is_copy(target.type_code):
        raise WrongState(N_("Chỉ sửa đổi, thay thế hoặc thu hồi được văn bản đã phát hành."))
    _check_in_force(session, target)
    return target


def check_relation(session: Session, document: Document) -> None:
    """Look again before the document goes on: another one may have ended the target meanwhile; the type may differ.

    Raises WrongState, InvalidInput.
    """
    row = session.get(DocumentRelation, (document.ward_id, document.id))
    if row is None:
        return
    target = session.get_one(Document, (document.ward_id, row.target_id), with_for_update={"key_share": True})
    _check_in_force(session, target)
    if problem := form_problem(row.kind, document.type_code, target.type_code):
        raise InvalidInput(problem)


def _check_in_force(session: Session, target: Document) -> None:
    ended = session.scalar(
        select(DocumentRelation.kind)
        .join(Document, (Document.ward_id == DocumentRelation.ward_id) & (Document.id == DocumentRelation.document_id))
        .where(
            DocumentRelation.ward_id == target.ward_id,
            DocumentRelation.target_id == target.id,
            DocumentRelation.kind.in_(ENDING),
            Document.status == DocumentStatus.PUBLISHED,
        )
        .limit(1)
    )
    if ended is not None:
        raise WrongState(N_("Văn bản này đã được thay thế hoặc thu hồi nên không còn hiệu lực để sửa."))
