"""The people of a document's chain beside its drafter and its authorised person."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import DocumentStatus, SigningCapacity, StepKind
from webapp.core.errors import N_, InvalidInput, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.signing_chains import Chain, Participant, People, PlannedStep, plan_steps
from webapp.core.text import clean
from webapp.models.documents import Document
from webapp.models.workflow import DocumentParticipant
from webapp.queries.document_choices import possible_signers
from webapp.queries.signing_chains import chain_in_force
from webapp.queries.signing_people import people_of
from webapp.services.audit import record
from webapp.services.delegations import Signature, standing
from webapp.services.documents import own_document


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParticipants:
    """Who initials as head of department, and who signs beside the authorised person, in order."""

    document_id: UUID
    head_id: UUID | None
    others: Sequence[Participant] = ()


def set_participants(session: Session, command: SetParticipants, *, actor: Actor, clock: Clock) -> None:
    """Put others into the place of those named before; author only, before it is submitted.

    Raises InvalidInput for more people than the type allows, WrongState, NotAllowed.
    """
    document = own_document(session, actor, command.document_id)
    if document.status not in {DocumentStatus.DRAFT, DocumentStatus.REJECTED}:
        raise WrongState(N_("Chỉ sửa được trình tự ký của văn bản dự thảo hoặc văn bản bị từ chối ký."))
    problems = _problems(session, document, command)
    if problems:
        raise InvalidInput(problems)
    session.execute(
        delete(DocumentParticipant).where(
            DocumentParticipant.ward_id == document.ward_id, DocumentParticipant.document_id == document.id
        )
    )
    heads = [Participant(account_id=command.head_id)] if command.head_id else []
    for kind, people in ((StepKind.INITIALS, heads), (StepKind.PERSON, command.others)):
        for position, person in enumerate(people, 1):
            session.add(_row(document, kind, position, person))
    session.flush()
    named = [str(one.account_id) for one in command.others]
    record(session, AuditTag.DOCUMENT_PEOPLE, actor=actor, clock=clock, subject=document.id, others=named)


def planned_steps(session: Session, document: Document, *, clock: Clock) -> list[PlannedStep]:
    """Give the steps that the document gets when it is submitted now.

    Raises InvalidInput when somebody is missing, may not sign in the capacity named, or is not allowed by the type.
    """
    chain = chain_in_force(session, document.ward_id, document.type_code).chain
    people = people_of(session, document.ward_id, document.id)
    problems = [*_missing(session, document, chain, people), *_capacity_problems(session, document, people, clock)]
    if problems:
        raise InvalidInput(problems)
    return plan_steps(chain, people)


def _row(document: Document, kind: StepKind, position: int, person: Participant) -> DocumentParticipant:
    return DocumentParticipant(
        ward_id=document.ward_id,
        id=new_id(),
        document_id=document.id,
        kind=kind,
        position=position,
        account_id=person.account_id,
        capacity=person.capacity,
        title=clean(person.title)[:160],
    )


def _problems(session: Session, document: Document, command: SetParticipants) -> list[Problem]:
    chain = chain_in_force(session, document.ward_id, document.type_code).chain
    known = {one.account_id for one in possible_signers(session, document.ward_id)}
    problems = []
    if len(command.others) > chain.extra_signers:
        problems.append(_too_many(chain))
    if command.head_id is not None and command.head_id not in known:
        problems.append(Problem("head_id", N_("Hãy chọn một người trong danh sách.")))
    seen = {document.signer_id}
    for place, other in enumerate(command.others):
        if other.account_id not in known:
            problems.append(Problem(f"others-{place}-account_id", N_("Hãy chọn một người trong danh sách.")))
        elif other.account_id in seen:
            problems.append(Problem(f"others-{place}-account_id", N_("Người này đã có trong trình tự ký.")))
        seen.add(other.account_id)
    return problems


def _missing(session: Session, document: Document, chain: Chain, people: People) -> list[Problem]:
    problems = []
    if chain.head_initials and people.head_id is None:
        message = N_("Loại văn bản này cần người phụ trách đơn vị ký nháy. Hãy chọn người đó ở phần Trình tự ký.")
        problems.append(Problem("", message))
    if len(people.others) > chain.extra_signers:
        problems.append(_too_many(chain))
    known = {one.account_id for one in possible_signers(session, document.ward_id)}
    named = {people.signer.account_id, *(other.account_id for other in people.others)}
    if chain.head_initials and people.head_id is not None:
        named.add(people.head_id)
    if named - known:
        problems.append(Problem("", N_("Có người trong trình tự ký không còn ký được. Hãy chọn người khác.")))
    return problems


def _too_many(chain: Chain) -> Problem:
    if not chain.extra_signers:
        return Problem("", N_("Loại văn bản này chỉ có một người ký, không thêm người ký được."))
    return Problem("", N_("Loại văn bản này chỉ cho thêm %(most)s người ký."), {"most": chain.extra_signers})


def _capacity_problems(session: Session, document: Document, people: People, clock: Clock) -> list[Problem]:
    found = (
        standing(
            session,
            Signature(
                ward_id=document.ward_id,
                account_id=person.account_id,
                capacity=person.capacity,
                type_code=document.type_code,
            ),
            clock.today(),
        )
        for person in (*people.others, people.signer)
        if person.capacity is not SigningCapacity.OWN
    )
    return [one for one in found if isinstance(one, Problem)]
