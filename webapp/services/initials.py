"""“Ký nháy”: drafter and head of department vouch for a draft, by an approval in the system or by a signature."""

from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import StepKind
from webapp.core.errors import N_, WrongState
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, current_version, find_document
from webapp.services.signing_turns import Done, check_turn, finish_step


def initial_document(session: Session, document_id: UUID, base: BaseVersion, *, actor: Actor, clock: Clock) -> None:
    """Approve the version that was shown, without a key; the step and the audit log keep who, when and what.

    Raises WrongState where the type asks for a digital signature, NotAllowed, Conflict.
    """
    require(actor, Permission.DOCUMENT_DRAFT)
    document = find_document(session, actor, document_id, lock=True)
    step = check_turn(session, document, StepKind.INITIALS, actor)
    version = current_version(session, document, base)
    if step.with_key:
        raise WrongState(N_("Loại văn bản này cần ký nháy bằng khóa ký số."))
    finish_step(session, document, step, Done(on=clock.today()), actor=actor, clock=clock)
    record(session, AuditTag.DOCUMENT_INITIAL, actor=actor, clock=clock, subject=document.id, sha256=version.sha256)
