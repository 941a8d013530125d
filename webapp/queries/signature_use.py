"""The two ratios of the signature ledger (domain.md §3), defined here and nowhere else.

The dashboard's indicators and the page about signatures both count with these: issued documents that carry both
signatures ÷ documents issued, and staff who signed ÷ staff with a signing role.
"""

import datetime as dt
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import PERMISSION_MAP, Permission
from webapp.core.adoption import Measure
from webapp.core.documents import KeystoreOwner
from webapp.core.periods import Period
from webapp.models.accounts import Account, RoleGrant
from webapp.models.documents import OutgoingRegister
from webapp.models.signing import SignatureLedger
from webapp.queries.turns import is_copy_of_paper

DOCUMENTS_SIGNED: Final = "documents_signed"
SIGNING_STAFF: Final = "signing_staff"
SIGNING_ROLES: Final = sorted(role for role, allowed in PERMISSION_MAP.items() if Permission.DOCUMENT_SIGN in allowed)


def ledger_measures(session: Session, ward_id: UUID, day: dt.date) -> dict[str, Measure]:
    """Give both indicators for the year of `day`, from 1 January up to that day. Two statements."""
    period = Period(first=dt.date(day.year, 1, 1), last=day)
    return {
        DOCUMENTS_SIGNED: issued_with_both(session, ward_id, period),
        SIGNING_STAFF: staff_who_signed(session, ward_id, period),
    }


def issued_with_both(session: Session, ward_id: UUID, period: Period) -> Measure:
    """Count documents that got their number in the period, and those with both signatures by its end. One statement.

    Copies of paper stay out: the agency alone signs them (Decree 30, Art 32.2).
    """
    register = OutgoingRegister
    both = and_(*(_signed_by(owner, period) for owner in KeystoreOwner))
    total, signed = session.execute(
        select(func.count(), func.count(case((both, 1)))).where(
            register.ward_id == ward_id,
            register.issued_on >= period.first,
            register.issued_on <= period.last,
            ~is_copy_of_paper(register.ward_id, register.document_id),
        )
    ).one()
    return Measure(signed, total, 1 if total else 0)


def staff_who_signed(session: Session, ward_id: UUID, period: Period) -> Measure:
    """Count the staff with a signing role at the end of the period, and who of them signed in it. One statement."""
    ledger, staff = SignatureLedger, signing_staff(ward_id, period).subquery()
    did_sign = exists().where(
        ledger.ward_id == ward_id,
        ledger.actor_id == staff.c.account_id,
        ledger.owner == KeystoreOwner.PERSON,
        ledger.signed_at >= period.start,
        ledger.signed_at < period.end,
    )
    total, signed = session.execute(select(func.count(), func.count(case((did_sign, 1)))).select_from(staff)).one()
    return Measure(signed, total, 1 if total else 0)


def signing_staff(ward_id: UUID, period: Period) -> Select[UUID]:
    """Give the statement for who had a signing role at the end of the period."""
    return (
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role.in_(SIGNING_ROLES),
            RoleGrant.granted_at < period.end,
            or_(RoleGrant.revoked_at.is_(None), RoleGrant.revoked_at >= period.end),
            or_(Account.disabled_at.is_(None), Account.disabled_at >= period.end),
        )
        .distinct()
    )


def _signed_by(owner: KeystoreOwner, period: Period) -> ColumnElement[bool]:
    return exists().where(
        SignatureLedger.ward_id == OutgoingRegister.ward_id,
        SignatureLedger.document_id == OutgoingRegister.document_id,
        SignatureLedger.owner == owner,
        SignatureLedger.signed_at < period.end,
    )
