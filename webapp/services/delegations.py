"""The register of delegations to sign: written in, ended, asked on the day of signing (Decree 30, Art 13)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, Role, require
from webapp.core.delegations import LONGEST, NEEDS_DELEGATION, Delegation, capacity_problem, find_delegation
from webapp.core.documents import SigningCapacity, tidy_filename
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.text import clean
from webapp.models.documents import DocumentType
from webapp.models.workflow import SigningDelegation
from webapp.queries.delegations import delegations_of, roles_of
from webapp.queries.document_choices import possible_signers
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDelegation:
    """A delegation as its paper says it. `basis` is the paper's number and kind, or `paper` the paper itself (PDF)."""

    delegate_id: UUID
    principal_id: UUID
    principal_title: str
    capacity: SigningCapacity
    starts_on: dt.date
    ends_on: dt.date
    type_codes: Sequence[str] = ()
    basis: str = ""
    basis_on: dt.date | None = None
    paper: bytes | None = None
    paper_name: str = ""


def record_delegation(
    session: Session,
    command: RecordDelegation,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> UUID:
    """Write it into the register. Raises InvalidInput, and SigningRefused for a paper that is no readable PDF."""
    require(actor, Permission.DELEGATION_RECORD)
    problems = [
        *_paper_problems(command),
        *_day_problems(command, clock.today()),
        *_people_problems(session, command, actor),
    ]
    if problems:
        raise InvalidInput(problems)
    if command.paper is not None:
        signing.inspect(command.paper)
    row = SigningDelegation(
        ward_id=actor.ward_id,
        id=new_id(),
        delegate_id=command.delegate_id,
        principal_id=command.principal_id,
        principal_title=clean(command.principal_title)[:120],
        capacity=command.capacity,
        type_codes=list(command.type_codes),
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        basis=clean(command.basis)[:160] or "Văn bản giao ký (tệp đính kèm)",
        basis_on=command.basis_on,
        paper_sha256=files.put(command.paper) if command.paper is not None else None,
        paper_name=tidy_filename(command.paper_name) if command.paper is not None else "",
        made_at=clock.now(),
        made_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    record(
        session,
        AuditTag.DELEGATION_RECORD,
        actor=actor,
        clock=clock,
        subject=row.id,
        delegate=str(row.delegate_id),
        principal=str(row.principal_id),
        capacity=row.capacity.value,
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        types=",".join(row.type_codes),
        basis=row.basis,
    )
    return row.id


def end_delegation(session: Session, delegation_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """End it today; what was signed before stays. Raises NotFound, WrongState when it has ended already."""
    require(actor, Permission.DELEGATION_RECORD)
    row = session.get(SigningDelegation, (actor.ward_id, delegation_id), with_for_update=True)
    if row is None:
        raise NotFound
    if row.ended_on is not None or row.ends_on < clock.today():
        raise WrongState(N_("Việc giao ký này đã kết thúc."))
    row.ended_on, row.ended_by = clock.today(), actor.account_id
    session.flush()
    record(session, AuditTag.DELEGATION_END, actor=actor, clock=clock, subject=row.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who means to sign what, in which capacity."""

    ward_id: UUID
    account_id: UUID | None
    capacity: SigningCapacity
    type_code: str


def standing(session: Session, wanted: Signature, day: dt.date) -> Delegation | Problem | None:
    """Give what the capacity rests on that day: a delegation, nothing (own office), or the problem with it."""
    problem = capacity_problem(wanted.capacity, roles_of(session, wanted.ward_id, wanted.account_id))
    if problem or wanted.capacity not in NEEDS_DELEGATION:
        return problem
    known = delegations_of(session, wanted.ward_id, wanted.account_id)
    return find_delegation(known, wanted.capacity, wanted.type_code, day)


def _paper_problems(command: RecordDelegation) -> list[Problem]:
    if clean(command.basis) or command.paper is not None:
        return []
    return [Problem("basis", N_("Hãy ghi số và ngày của văn bản giao ký, hoặc tải văn bản đó lên (PDF)."))]


def _day_problems(command: RecordDelegation, today: dt.date) -> list[Problem]:
    if command.ends_on < command.starts_on:
        return [Problem("ends_on", N_("Ngày cuối phải từ ngày đầu trở đi."))]
    if command.ends_on - command.starts_on > LONGEST:
        return [Problem("ends_on", N_("Giao ký phải có thời hạn, nhiều nhất năm năm một lần."))]
    if command.basis_on and command.basis_on > today:
        return [Problem("basis_on", N_("Ngày của văn bản giao ký chưa đến."))]
    return []


def _people_problems(session: Session, command: RecordDelegation, actor: Actor) -> list[Problem]:
    problems = []
    signers = {one.account_id for one in possible_signers(session, actor.ward_id)}
    if command.capacity not in NEEDS_DELEGATION:
        problems.append(Problem("capacity", N_("Chỉ KT., TL. và TUQ. cần văn bản giao ký.")))
    if command.delegate_id not in signers:
        problems.append(Problem("delegate_id", N_("Hãy chọn một người trong danh sách.")))
    if Role.LEADER not in roles_of(session, actor.ward_id, command.principal_id):
        # Art 13.3: whoever signs by delegation does not delegate further; only leaders sign in their own right.
        problems.append(Problem("principal_id", N_("Người giao phải là lãnh đạo phường; không được giao lại.")))
    if command.delegate_id == command.principal_id:
        problems.append(Problem("principal_id", N_("Không ai ký thay cho chính mình.")))
    if not clean(command.principal_title):
        problems.append(Problem("principal_title", N_("Hãy ghi chức vụ của người giao, ví dụ: Chủ tịch.")))
    known = set(session.scalars(select(DocumentType.code).where(DocumentType.code.in_(command.type_codes))))
    if set(command.type_codes) - known:
        problems.append(Problem("type_codes", N_("Hãy chọn loại văn bản trong danh sách.")))
    return problems
