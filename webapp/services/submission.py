"""Onto the signer's desk and off it again: submit, reject, withdraw."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.documents import DocumentStatus, StepStatus, VersionKind, check_document_move
from webapp.core.errors import N_, InvalidInput, NotAllowed, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.signing_chains import PlannedStep
from webapp.core.text import clean, fold
from webapp.models.documents import Document, SigningStep
from webapp.services.audit import record
from webapp.services.document_sources import check_resolved
from webapp.services.document_versions import (
    BaseVersion,
    add_version,
    current_version,
    find_document,
    latest_of_kind,
    waiting_steps,
)
from webapp.services.documents import own_document
from webapp.services.numbering import symbol_of
from webapp.services.participants import planned_steps
from webapp.services.relations import check_relation


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitDocument:
    """Put the document on the signer's desk. `verify_url` is the public address with `{code}` for the short code."""

    document_id: UUID
    base: BaseVersion
    verify_url: str


def submit_document(
    session: Session,
    command: SubmitDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> None:
    """Prepare the version to be signed (QR, short code, number field) and open the steps of the type's chain.

    Raises WrongState, Conflict, InvalidInput when the file prints another symbol than its number will carry, when
    somebody of the chain is missing, or when no delegation covers the capacity that is named.
    """
    document = own_document(session, actor, command.document_id)
    if is_copy(document.type_code):
        raise WrongState(N_("Bản sao không trình ký: văn thư cấp số rồi ký số cơ quan."))
    check_document_move(document.status, DocumentStatus.AWAITING_SIGNATURE)
    check_resolved(session, document)
    current_version(session, document, command.base)
    check_relation(session, document)
    steps = planned_steps(session, document, clock=clock)
    uploaded = latest_of_kind(session, document, VersionKind.UPLOADED)
    prepared = signing.prepare(
        files.get(uploaded.sha256),
        verify_url=command.verify_url.format(code=document.short_code),
        short_code=document.short_code,
    )
    _check_symbol(prepared.printed_symbol, symbol_of(session, document))
    version = add_version(
        session,
        document,
        prepared.content,
        kind=VersionKind.PREPARED,
        filename=uploaded.filename,
        actor=actor,
        clock=clock,
        files=files,
    )
    _open_steps(session, document, steps)
    document.status = DocumentStatus.AWAITING_SIGNATURE
    document.submitted_at = clock.now()
    record(session, AuditTag.DOCUMENT_SUBMIT, actor=actor, clock=clock, subject=document.id, sha256=version.sha256)


def reject_document(session: Session, document_id: UUID, reason: str, *, actor: Actor, clock: Clock) -> None:
    """Send it back to its author with a reason; only who is asked now may. Raises InvalidInput without a reason."""
    require(actor, Permission.DOCUMENT_SIGN)
    document = find_document(session, actor, document_id, lock=True)
    check_document_move(document.status, DocumentStatus.REJECTED)
    waiting = waiting_steps(session, document)
    step = next((one for one in waiting if one.account_id == actor.account_id), None)
    if step is None or step.stage > waiting[0].stage:
        raise NotAllowed(N_("Chỉ người đang đến lượt ký hoặc ký nháy văn bản này mới từ chối được."))
    words = clean(reason)
    if not words:
        raise InvalidInput(Problem("reason", N_("Hãy ghi lý do từ chối để người soạn biết cần sửa gì.")))
    _close_steps(waiting, actor=actor, clock=clock, by=step, reason=words[:500])
    document.status = DocumentStatus.REJECTED
    record(session, AuditTag.DOCUMENT_REJECT, actor=actor, clock=clock, subject=document.id)


def withdraw_document(session: Session, document_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Take it back for good, as long as nobody has signed. Author only."""
    document = own_document(session, actor, document_id)
    check_document_move(document.status, DocumentStatus.WITHDRAWN, is_copy=is_copy(document.type_code))
    waiting = waiting_steps(session, document)
    if _has_signature(session, document, waiting):
        raise WrongState(N_("Đã có người ký số nên không rút lại được. Hãy đề nghị người ký tiếp theo từ chối."))
    _close_steps(waiting, actor=actor, clock=clock, by=None, reason="")
    document.status = DocumentStatus.WITHDRAWN
    record(session, AuditTag.DOCUMENT_WITHDRAW, actor=actor, clock=clock, subject=document.id)


def _check_symbol(printed: str, allotted: str) -> None:
    """Refuse a file whose printed symbol is another than its number will carry: it could not be corrected later.

    What the file prints further along the line (place and date) may come with it, and a file may break the symbol at
    its hyphen; only a beginning that differs is another symbol.
    """
    beginning = printed[: len(allotted)]
    found, wanted = fold(beginning), fold(allotted)
    if not (found.startswith(wanted) or wanted.startswith(found)):
        message = N_(
            "Tệp in ký hiệu “%(printed)s” nhưng văn bản sẽ mang ký hiệu “%(allotted)s”. Hãy sửa tệp hoặc loại."
        )
        raise InvalidInput(Problem("", message, {"printed": beginning, "allotted": allotted}))


def _open_steps(session: Session, document: Document, steps: list[PlannedStep]) -> None:
    last = session.scalar(
        select(func.max(SigningStep.attempt)).where(
            SigningStep.ward_id == document.ward_id, SigningStep.document_id == document.id
        )
    )
    for position, step in enumerate(steps, 1):
        session.add(
            SigningStep(
                ward_id=document.ward_id,
                id=new_id(),
                document_id=document.id,
                position=position,
                attempt=(last or 0) + 1,
                stage=step.stage,
                kind=step.kind,
                status=StepStatus.WAITING,
                account_id=step.who.account_id,
                capacity=step.who.capacity,
                title=step.who.title,
                with_key=step.with_key,
                reason="",
            )
        )
    session.flush()


def _has_signature(session: Session, document: Document, waiting: list[SigningStep]) -> bool:
    attempts = {step.attempt for step in waiting}
    signed = select(SigningStep.id).where(
        SigningStep.ward_id == document.ward_id,
        SigningStep.document_id == document.id,
        SigningStep.attempt.in_(attempts),
        SigningStep.signature_sha256.is_not(None),
    )
    return session.scalar(signed.limit(1)) is not None


def _close_steps(steps: list[SigningStep], *, actor: Actor, clock: Clock, by: SigningStep | None, reason: str) -> None:
    """Close what still waits; the words stand at the step of the person who said them."""
    for step in steps:
        step.status, step.done_by, step.done_at = StepStatus.REJECTED, actor.account_id, clock.now()
        step.reason = reason if step is by else ""
