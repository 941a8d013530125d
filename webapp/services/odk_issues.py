"""Settling a form from ODK that waits: completing it is sending the visit's form; what is no use is discarded."""

from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.odk_submissions import OdkStatus
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.odk import OdkSubmission
from webapp.services.audit import record

REASON_MAX = 500


def discard_form(session: Session, submission_id: UUID, reason: str, *, actor: Actor, clock: Clock) -> None:
    """Discard a waiting form; its answers go, that it came stays. Raises NotFound, WrongState, InvalidInput."""
    require(actor, Permission.VISIT_REVIEW)
    row = session.get(OdkSubmission, (actor.ward_id, submission_id), with_for_update=True)
    scope = actor.group_scope(Permission.VISIT_REVIEW)
    if row is None or (scope is not None and row.group_id not in scope):
        raise NotFound
    if row.status is not OdkStatus.HAS_ISSUE:
        raise WrongState(N_("Phiếu này đã được xử lý trước đó."))
    words = clean(reason)
    if not words:
        raise InvalidInput(Problem("reason", N_("Hãy ghi lý do bỏ phiếu.")))
    row.status, row.reason, row.answers = OdkStatus.DISCARDED, words[:REASON_MAX], {}
    row.settled_at, row.settled_by = clock.now(), actor.account_id
    session.flush()
    record(session, AuditTag.ODK_DISCARD, actor=actor, clock=clock, subject=row.id)
