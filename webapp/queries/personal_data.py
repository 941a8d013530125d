"""The register of residents' requests, and what the ward confirmed about each kind of personal data."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from webapp.core.errors import NotFound
from webapp.core.personal_data import FIELDS, FieldCode, PersonalField, RequestKind, RequestStatus
from webapp.core.ports import PersonalDataCipher
from webapp.models.accounts import Account
from webapp.models.database import bind_ward
from webapp.models.households import Household
from webapp.models.personal_data import PersonalDataBasis, SubjectRequest
from webapp.models.places import ResidentialGroup

OPEN = (RequestStatus.RECEIVED, RequestStatus.ANSWERED)
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A kind of personal data with the basis in force; `confirmed_at` is None for the text the program ships."""

    code: FieldCode
    field: PersonalField
    basis: str
    confirmed_at: dt.datetime | None
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One line of the register: no name in it."""

    request_id: UUID
    label: str
    kind: RequestKind
    status: RequestStatus
    received_on: dt.date
    answer_on: dt.date
    due_on: dt.date
    answered_at: dt.datetime | None
    decided_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.status in OPEN

    def next_due(self) -> dt.date:
        """Give the day that counts next."""
        return self.answer_on if self.status is RequestStatus.RECEIVED else self.due_on

    def is_late(self, today: dt.date) -> bool:
        """Whether a deadline passed with the request still open."""
        return self.is_open and self.next_due() < today


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request in full, decrypted."""

    line: RequestLine
    requester: str
    contact: str
    content: str
    extension_reason: str
    decision: str
    household: str
    household_id: UUID | None
    erased_at: dt.datetime | None
    recorded_by: str


def field_rows(session: Session, ward_id: UUID) -> list[FieldRow]:
    """Give every kind of personal data with its basis, also to people without an account."""
    bind_ward(session, ward_id)
    found = session.execute(
        select(PersonalDataBasis, Account.display_name)
        .outerjoin(Account, Account.id == PersonalDataBasis.confirmed_by)
        .where(PersonalDataBasis.ward_id == ward_id)
    )
    confirmed = {basis.field_code: (basis, name) for basis, name in found}
    rows = []
    for code, field in FIELDS.items():
        basis, name = confirmed.get(code, (None, ""))
        rows.append(
            FieldRow(
                code=code,
                field=field,
                basis=basis.basis if basis else "",
                confirmed_at=basis.confirmed_at if basis else None,
                confirmed_by=name or "",
            )
        )
    return rows


def list_requests(session: Session, ward_id: UUID, *, page: int = 1) -> tuple[list[RequestLine], bool]:
    """Give a page of the register, open requests by deadline first, and whether more follow. One statement."""
    still_open = case((SubjectRequest.status.in_(OPEN), 0), else_=1)
    rows = session.scalars(
        select(SubjectRequest)
        .where(SubjectRequest.ward_id == ward_id)
        .order_by(still_open, SubjectRequest.due_on, SubjectRequest.number)
        .limit(PAGE + 1)
        .offset(PAGE * (page - 1))
    ).all()
    return [_line(row) for row in rows[:PAGE]], len(rows) > PAGE


def open_requests(session: Session, ward_id: UUID, today: dt.date) -> tuple[int, int]:
    """Count open requests, and those of them that are late. One statement."""
    late = case(
        (and_(SubjectRequest.status == RequestStatus.RECEIVED, SubjectRequest.answer_on < today), 1),
        (SubjectRequest.due_on < today, 1),
        else_=0,
    )
    found = session.execute(
        select(func.count(), func.coalesce(func.sum(late), 0)).where(
            SubjectRequest.ward_id == ward_id, SubjectRequest.status.in_(OPEN)
        )
    ).one()
    return found[0], found[1]


def get_request(session: Session, ward_id: UUID, request_id: UUID, *, cipher: PersonalDataCipher) -> RequestRow:
    """Give one request. Raises NotFound. One statement."""
    found = session.execute(
        select(SubjectRequest, Household.number, ResidentialGroup.name, Account.display_name)
        .outerjoin(
            Household,
            and_(Household.ward_id == SubjectRequest.ward_id, Household.id == SubjectRequest.household_id),
        )
        .outerjoin(
            ResidentialGroup,
            and_(ResidentialGroup.ward_id == Household.ward_id, ResidentialGroup.id == Household.group_id),
        )
        .outerjoin(Account, Account.id == SubjectRequest.recorded_by)
        .where(SubjectRequest.ward_id == ward_id, SubjectRequest.id == request_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    request, number, group, recorder = found
    return RequestRow(
        line=_line(request),
        requester=cipher.decrypt(ward_id, request.requester),
        contact=cipher.decrypt(ward_id, request.contact),
        content=cipher.decrypt(ward_id, request.content),
        extension_reason=request.extension_reason,
        decision=request.decision,
        household=f"{group}, số {number}" if number else "",
        household_id=request.household_id,
        erased_at=request.erased_at,
        recorded_by=recorder or "",
    )


def _line(row: SubjectRequest) -> RequestLine:
    return RequestLine(
        request_id=row.id,
        label=f"{row.number:02d}/{row.year}",
        kind=row.kind,
        status=row.status,
        received_on=row.received_on,
        answer_on=row.answer_on,
        due_on=row.due_on,
        answered_at=row.answered_at,
        decided_at=row.decided_at,
    )
