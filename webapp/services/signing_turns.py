"""Whose turn it is: each stage of the chain after the one before, the agency last, nobody in another's place.

(Decree 30, Art 32; the capacity and what it rests on: Art 13.)
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.copies import is_copy
from webapp.core.delegations import Delegation
from webapp.core.documents import DocumentStatus, StepKind, StepStatus, check_document_move, signing_capacity_text
from webapp.core.errors import N_, NotAllowed, Problem, SigningRefused, WrongState
from webapp.core.ports import Clock
from webapp.models.accounts import Account
from webapp.models.documents import Document, SigningStep
from webapp.models.places import Ward
from webapp.services.delegations import Signature, standing
from webapp.services.document_versions import waiting_steps

STATUS_AFTER = {
    StepKind.INITIALS: DocumentStatus.SIGNED,
    StepKind.PERSON: DocumentStatus.SIGNED,
    StepKind.AGENCY: DocumentStatus.SEALED,
}
"""Where the last step of each kind brings the document."""


def check_turn(session: Session, document: Document, kind: StepKind, actor: Actor) -> SigningStep:
    """Give the step that waits for this act of this person. Raises WrongState, NotAllowed."""
    check_document_move(document.status, STATUS_AFTER[kind], is_copy=is_copy(document.type_code))
    waiting = waiting_steps(session, document)
    of_kind = [step for step in waiting if step.kind is kind]
    if not of_kind:
        raise WrongState
    mine = [step for step in of_kind if kind is StepKind.AGENCY or step.account_id == actor.account_id]
    if not mine:
        raise NotAllowed(N_("Văn bản này được giao cho người khác ký."))
    before = [step for step in waiting if step.stage < mine[0].stage]
    if before and kind is StepKind.AGENCY:
        raise WrongState(N_("Chỉ đóng dấu (ký số cơ quan) sau khi người có thẩm quyền đã ký và văn bản đã có số."))
    if before:
        first = session.get(Account, before[0].account_id) if before[0].account_id else None
        name = first.display_name if first else ""
        raise WrongState(N_("Chưa đến lượt bạn: %(name)s còn phải ký hoặc ký nháy trước."), name=name)
    return mine[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """In whose stead a step is signed: as the ledger says it (`KT. Chủ tịch Trần Văn A`), and the delegation."""

    on_behalf_of: str
    delegation: Delegation | None = None


def check_standing(session: Session, document: Document, step: SigningStep, day: dt.date) -> Standing:
    """Give what the step's capacity rests on. Raises SigningRefused when it needs a delegation and none holds."""
    agency = session.get_one(Ward, document.ward_id).agency_name
    if step.kind is StepKind.AGENCY:
        return Standing(on_behalf_of=agency)
    wanted = Signature(
        ward_id=document.ward_id,
        account_id=step.account_id,
        capacity=step.capacity,
        type_code=document.type_code,
    )
    found = standing(session, wanted, day)
    if isinstance(found, Problem):
        params: dict[str, Any] = dict(found.params)
        raise SigningRefused("no_standing", found.message, **params)
    principal = found.principal if found else ""
    return Standing(on_behalf_of=signing_capacity_text(step.capacity, agency, principal)[:200], delegation=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a step ended: the SHA-256 of the signature's value ("" for initials without a key), and the day of signing.

    The timestamp of a signature may come a day after it; what the capacity rests on is asked of the day of signing.
    """

    on: dt.date
    signature: str = ""


def finish_step(
    session: Session, document: Document, step: SigningStep, done: Done, *, actor: Actor, clock: Clock
) -> None:
    """Tick the step off, note a substitute, and move the document when it was the last of its kind.

    Raises SigningRefused as `check_standing`.
    """
    by = check_standing(session, document, step, done.on).delegation
    if by is not None:
        step.delegation_id, step.on_behalf_of = by.id, f"{by.principal} ({by.basis})"[:300]
    step.status, step.done_by, step.done_at = StepStatus.DONE, actor.account_id, clock.now()
    step.signature_sha256 = done.signature or None
    session.flush()
    people_wait = any(left.kind is not StepKind.AGENCY for left in waiting_steps(session, document))
    if step.kind is StepKind.AGENCY or not people_wait:
        document.status = STATUS_AFTER[step.kind]
