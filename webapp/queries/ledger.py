"""How much digital signatures are used, counted from the ledger of signatures and from nothing else.

Periods are whole days in the ward's zone, both ends included. The two ratios come from signature_use.py.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, distinct, func, literal, select
from sqlalchemy.orm import Session

from webapp.core.documents import KeystoreOwner
from webapp.core.periods import Period
from webapp.models.accounts import Account, RoleGrant
from webapp.models.places import Department
from webapp.models.signing import SignatureLedger
from webapp.queries.signature_use import issued_with_both, signing_staff, staff_who_signed

L = SignatureLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The compact block: counts and the two ratios' parts."""

    signatures: int
    documents_signed: int
    issued: int
    issued_with_both: int
    signing_staff: int
    staff_who_signed: int

    @property
    def issued_share(self) -> float | None:
        """Share of issued documents that carry both signatures; None when nothing was issued."""
        return self.issued_with_both / self.issued if self.issued else None

    @property
    def staff_share(self) -> float | None:
        """Share of the staff with a signing role who signed; None when nobody has one."""
        return self.staff_who_signed / self.signing_staff if self.signing_staff else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLine:
    """A count under a name: a person (with department), or a department."""

    name: str
    note: str
    documents: int
    signatures: int
    last_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMonth:
    """A month's documents signed by a person, and agency signatures applied."""

    month: dt.date
    documents: int
    seals: int


def usage_summary(session: Session, ward_id: UUID, first: dt.date, last: dt.date) -> Usage:
    """Count a period for the page and for the block beside adoption. Three statements."""
    period = Period(first=first, last=last)
    signatures, documents = session.execute(
        select(
            func.count(),
            func.count(distinct(case((L.owner == KeystoreOwner.PERSON, L.document_id)))),
        ).where(within(ward_id, period))
    ).one()
    issued = issued_with_both(session, ward_id, period)
    staff = staff_who_signed(session, ward_id, period)
    return Usage(
        signatures=signatures,
        documents_signed=documents,
        issued=issued.denominator,
        issued_with_both=issued.numerator,
        signing_staff=staff.denominator,
        staff_who_signed=staff.numerator,
    )


def usage_by_person(session: Session, ward_id: UUID, period: Period) -> list[UsageLine]:
    """Count what each person signed, most first; those with a signing role who signed nothing stand at the end."""
    rows = session.execute(
        select(
            L.actor_id,
            Account.display_name,
            func.count(distinct(L.document_id)).label("documents"),
            func.count().label("signatures"),
            func.max(L.signed_at).label("last_at"),
        )
        .join(Account, Account.id == L.actor_id)
        .where(within(ward_id, period), L.owner == KeystoreOwner.PERSON)
        .group_by(L.actor_id, Account.display_name)
        .order_by(func.count(distinct(L.document_id)).desc(), Account.display_name)
    ).all()
    titles = _titles(session, ward_id, period)
    signed = [
        UsageLine(
            name=row.display_name,
            note=titles.get(row.actor_id, ("", ""))[1],
            documents=row.documents,
            signatures=row.signatures,
            last_at=row.last_at,
        )
        for row in rows
    ]
    done = {row.actor_id for row in rows}
    idle = [
        UsageLine(name=name, note=title, documents=0, signatures=0, last_at=None)
        for account_id, (name, title) in titles.items()
        if account_id not in done
    ]
    return signed + sorted(idle, key=lambda line: line.name)


def usage_by_department(session: Session, ward_id: UUID, period: Period) -> list[UsageLine]:
    """Count signed documents by the department that drafted them, most first; an empty name: no department given."""
    rows = session.execute(
        select(
            Department.name,
            func.count(distinct(L.document_id)).label("documents"),
            func.count().label("signatures"),
            func.max(L.signed_at).label("last_at"),
        )
        .outerjoin(Department, (Department.ward_id == L.ward_id) & (Department.id == L.department_id))
        .where(within(ward_id, period), L.owner == KeystoreOwner.PERSON)
        .group_by(Department.name)
        .order_by(func.count(distinct(L.document_id)).desc(), Department.name)
    )
    return [
        UsageLine(name=row.name or "", note="", documents=row.documents, signatures=row.signatures, last_at=row.last_at)
        for row in rows
    ]


def usage_by_month(session: Session, ward_id: UUID, period: Period) -> list[UsageMonth]:
    """Count each month of the period in the ward's zone. One statement, the same on both databases."""
    months = period.months()
    starts = [Period(first=month, last=month).start for month in months]
    # Newest first: the first boundary that a signature is not before names its month.
    place = case(*((L.signed_at >= start, literal(n)) for n, start in reversed(list(enumerate(starts)))), else_=-1)
    rows = session.execute(
        select(
            place.label("place"),
            func.count(distinct(case((L.owner == KeystoreOwner.PERSON, L.document_id)))).label("documents"),
            func.sum(case((L.owner == KeystoreOwner.AGENCY, 1), else_=0)).label("seals"),
        )
        .where(within(ward_id, period))
        .group_by("place")
    )
    found = {row.place: row for row in rows}
    return [
        UsageMonth(
            month=month,
            documents=found[n].documents if n in found else 0,
            seals=int(found[n].seals) if n in found else 0,
        )
        for n, month in enumerate(months)
    ]


def within(ward_id: UUID, period: Period) -> ColumnElement[bool]:
    """Give the condition that a ledger row was signed in the period."""
    return and_(L.ward_id == ward_id, L.signed_at >= period.start, L.signed_at < period.end)


def _titles(session: Session, ward_id: UUID, period: Period) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        select(RoleGrant.account_id, Account.display_name, RoleGrant.title)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.account_id.in_(signing_staff(ward_id, period)), RoleGrant.ward_id == ward_id)
        .order_by(RoleGrant.title)
    )
    return {row.account_id: (row.display_name, row.title) for row in rows}
