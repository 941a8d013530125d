"""Who deals with an incoming document: handed on with a deadline, taken, and dealt with."""

from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotAllowed, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.incoming import TEXT_MAX, Handing, IncomingStatus, check_handing, check_incoming_move
from webapp.core.ports import Clock
from webapp.queries.incoming import is_handler
from webapp.services.audit import record
from webapp.services.incoming import find_incoming


def assign_incoming(session: Session, document_id: UUID, handing: Handing, *, actor: Actor, clock: Clock) -> None:
    """Hand a registered document to a person; a second time hands it on. Raises InvalidInput, WrongState."""
    require(actor, Permission.INCOMING_ASSIGN)
    document = find_incoming(session, actor, document_id, lock=True)
    if document.status is not IncomingStatus.REGISTERED:
        raise WrongState(N_("Chỉ giao được văn bản đã vào sổ và chưa giải quyết xong."))
    problems = check_handing(handing, arrived_on=document.arrived_on)
    if not is_handler(session, actor.ward_id, handing.handler_id, now=clock.now()):
        problems.append(Problem("handler_id", N_("Hãy chọn một người trong danh sách.")))
    if problems:
        raise InvalidInput(problems)
    if document.handler_id != handing.handler_id:
        document.acknowledged_at = None
    document.handler_id, document.deadline_on = handing.handler_id, handing.deadline_on
    document.instruction, document.forwarded_on = handing.instruction.strip(), clock.today()
    told = {"handler": str(handing.handler_id)}
    record(session, AuditTag.INCOMING_ASSIGN, actor=actor, clock=clock, subject=document.id, **told)


def acknowledge_incoming(session: Session, document_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Sign for it ("ký nhận"): the handler says that they have it. A second time changes nothing. Raises NotAllowed."""
    require(actor, Permission.INCOMING_HANDLE)
    document = find_incoming(session, actor, document_id, lock=True)
    if document.handler_id != actor.account_id:
        raise NotAllowed(N_("Chỉ người được giao văn bản mới ký nhận."))
    if document.acknowledged_at is None:
        document.acknowledged_at = clock.now()
        record(session, AuditTag.INCOMING_ACKNOWLEDGE, actor=actor, clock=clock, subject=document.id)


def finish_incoming(session: Session, document_id: UUID, outcome: str, *, actor: Actor, clock: Clock) -> None:
    """Mark it dealt with, by its handler or whoever hands on. Raises NotAllowed, InvalidInput, WrongState."""
    require(actor, Permission.INCOMING_HANDLE)
    document = find_incoming(session, actor, document_id, lock=True)
    if document.handler_id != actor.account_id and not actor.can(Permission.INCOMING_ASSIGN):
        raise NotAllowed(N_("Chỉ người được giao hoặc người giao văn bản mới ghi đã giải quyết."))
    check_incoming_move(document.status, IncomingStatus.DONE)
    outcome = outcome.strip()
    if not outcome or len(outcome) > TEXT_MAX["outcome"]:
        raise InvalidInput(Problem("outcome", N_("Hãy ghi ngắn gọn đã giải quyết ra sao (tối đa 500 ký tự).")))
    document.status, document.outcome = IncomingStatus.DONE, outcome
    document.done_at, document.done_by = clock.now(), actor.account_id
    record(session, AuditTag.INCOMING_DONE, actor=actor, clock=clock, subject=document.id)
