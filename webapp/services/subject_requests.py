"""The register of residents' requests about their personal data (Law 91/2025/QH15, Decree 356/2025/NĐ-CP)."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.personal_data import (
    FieldCode,
    RequestKind,
    RequestStatus,
    check_request_move,
    deadlines,
)
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.text import clean
from webapp.models.households import Household
from webapp.models.personal_data import PersonalDataBasis, SubjectRequest
from webapp.models.places import Ward
from webapp.services.audit import record

TEXT_MAX = {"requester": 120, "contact": 200, "content": 2000, "decision": 1000, "reason": 500, "basis": 500}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """What a resident asked, as it was received. The household is known by its group and number on the list."""

    kind: RequestKind
    received_on: dt.date
    requester: str
    contact: str
    content: str
    group_id: UUID | None = None
    household_number: int | None = None


def record_request(
    session: Session, command: RecordRequest, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Enter a request under the year's next number. Raises InvalidInput."""
    require(actor, Permission.PERSONAL_DATA_HANDLE)
    _check(command, clock.today())
    household_id = _household(session, actor.ward_id, command)
    # Two people entering at once take two numbers.
    session.execute(select(Ward.id).where(Ward.id == actor.ward_id).with_for_update(key_share=True))
    year = command.received_on.year
    last = session.scalar(
        select(func.max(SubjectRequest.number)).where(
            SubjectRequest.ward_id == actor.ward_id, SubjectRequest.year == year
        )
    )
    until = deadlines(command.kind, command.received_on)
    requester = cipher.encrypt(actor.ward_id, clean(command.requester))
    request = SubjectRequest(
        ward_id=actor.ward_id,
        id=new_id(),
        year=year,
        number=(last or 0) + 1,
        kind=command.kind,
        status=RequestStatus.RECEIVED,
        household_id=household_id,
        requester=requester,
        contact=cipher.encrypt(actor.ward_id, clean(command.contact), like=requester),
        content=cipher.encrypt(actor.ward_id, command.content.strip(), like=requester),
        received_on=command.received_on,
        answer_on=until.answer_on,
        due_on=until.due_on,
        recorded_by=actor.account_id,
    )
    session.add(request)
    session.flush()
    record(session, AuditTag.SUBJECT_REQUEST, actor=actor, clock=clock, subject=request.id, kind=command.kind.value)
    return request.id


def answer_request(session: Session, request_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Note that the first answer was given (within two working days). Raises NotFound, WrongState."""
    request = load_request(session, request_id, actor=actor)
    check_request_move(request.status, RequestStatus.ANSWERED)
    request.status, request.answered_at = RequestStatus.ANSWERED, clock.now()
    _moved(session, request, actor=actor, clock=clock)


def extend_request(session: Session, request_id: UUID, reason: str, *, actor: Actor, clock: Clock) -> None:
    """Prolong once, telling why. Raises NotFound, InvalidInput, WrongState when decided or prolonged before."""
    request = load_request(session, request_id, actor=actor)
    check_request_move(request.status, RequestStatus.DONE)
    if request.extension_reason:
        raise WrongState(N_("Yêu cầu này đã được gia hạn một lần; luật không cho gia hạn thêm."))
    request.extension_reason = _text("reason", reason, N_("Hãy ghi lý do gia hạn; lý do phải báo cho người yêu cầu."))
    request.due_on = deadlines(request.kind, request.received_on, extended=True).due_on
    _moved(session, request, actor=actor, clock=clock, due_on=request.due_on.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest:
    """How a request ended: carried out, or refused with its reason."""

    request_id: UUID
    status: RequestStatus
    decision: str


def decide_request(session: Session, command: DecideRequest, *, actor: Actor, clock: Clock) -> None:
    """Close a request. Raises NotFound, InvalidInput, and WrongState when it is closed or nothing was deleted yet."""
    request = load_request(session, command.request_id, actor=actor)
    check_request_move(request.status, command.status)
    text = _text("decision", command.decision, N_("Hãy ghi kết quả đã trả lời người yêu cầu."))
    erased = request.erased_at or request.household_id is None
    if request.kind is RequestKind.DELETE and command.status is RequestStatus.DONE and not erased:
        raise WrongState(N_("Chưa xóa dữ liệu của hộ. Hãy xóa trước, hoặc từ chối yêu cầu và ghi lý do."))
    now = clock.now()
    request.status, request.decision, request.decided_at = command.status, text, now
    request.answered_at = request.answered_at or now
    _moved(session, request, actor=actor, clock=clock)


def confirm_basis(session: Session, code: FieldCode, basis: str, *, actor: Actor, clock: Clock) -> None:
    """Record the legal basis that a person of the ward stands for. Raises InvalidInput."""
    require(actor, Permission.PERSONAL_DATA_HANDLE)
    text = _text("basis", basis, N_("Hãy ghi căn cứ pháp lý."))
    session.merge(
        PersonalDataBasis(
            ward_id=actor.ward_id,
            field_code=code,
            basis=text,
            confirmed_at=clock.now(),
            confirmed_by=actor.account_id,
        )
    )
    record(session, AuditTag.PERSONAL_BASIS, actor=actor, clock=clock, field=code.value)


def load_request(session: Session, request_id: UUID, *, actor: Actor) -> SubjectRequest:
    """Lock a request for a change. Raises NotFound, NotAllowed."""
    require(actor, Permission.PERSONAL_DATA_HANDLE)
    found = session.scalar(
        select(SubjectRequest)
        .where(SubjectRequest.ward_id == actor.ward_id, SubjectRequest.id == request_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def _moved(session: Session, request: SubjectRequest, *, actor: Actor, clock: Clock, **detail: str) -> None:
    session.flush()
    tag = AuditTag.SUBJECT_REQUEST_MOVE
    record(session, tag, actor=actor, clock=clock, subject=request.id, status=request.status.value, **detail)


def _check(command: RecordRequest, today: dt.date) -> None:
    problems = []
    if not dt.date(2026, 1, 1) <= command.received_on <= today:
        problems.append(Problem("received_on", N_("Ngày nhận phải từ 01/01/2026 (ngày luật có hiệu lực) đến hôm nay.")))
    wanted = {
        "requester": N_("Hãy ghi họ tên người yêu cầu."),
        "contact": N_("Hãy ghi cách liên hệ để trả lời: điện thoại, địa chỉ hoặc thư điện tử."),
        "content": N_("Hãy ghi nội dung yêu cầu."),
    }
    for name, message in wanted.items():
        try:
            _text(name, getattr(command, name), message)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)


def _text(name: str, text: str, message: str) -> str:
    kept = text.strip()
    if not kept:
        raise InvalidInput(Problem(name, message))
    if len(kept) > TEXT_MAX[name]:
        raise InvalidInput(Problem(name, N_("Nội dung dài quá %(most)s chữ."), {"most": TEXT_MAX[name]}))
    return kept


def _household(session: Session, ward_id: UUID, command: RecordRequest) -> UUID | None:
    if command.household_number is None and command.group_id is None:
        return None
    found = session.scalar(
        select(Household.id).where(
            Household.ward_id == ward_id,
            Household.group_id == command.group_id,
            Household.number == command.household_number,
        )
    )
    if found is None:
        message = N_(
            "Không có hộ mang số này trong tổ đã chọn. Xem số thứ tự trong danh sách hộ, hoặc để trống cả hai."
        )
        raise InvalidInput(Problem("household_number", message))
    return found
