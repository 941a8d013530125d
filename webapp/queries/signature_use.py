"""The two indicators of the signature ledger, counted from small indexed tables: documents and staff of a period."""

import datetime as dt
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import PERMISSION_MAP, Permission
from webapp.core.adoption import Measure
from webapp.core.documents import KeystoreOwner
from webapp.core.periods import Period
from webapp.models.accounts import RoleGrant
from webapp.models.documents import OutgoingRegister
from webapp.models.signing import SignatureLedger
from webapp.queries.turns import is_copy_of_paper

DOCUMENTS_SIGNED: Final = "documents_signed"
SIGNING_STAFF: Final = "signing_staff"
SIGNING_ROLES: Final = sorted(role for role, allowed in PERMISSION_MAP.items() if Permission.DOCUMENT_SIGN in allowed)


def ledger_measures(session: Session, ward_id: UUID, day: dt.date) -> dict[str, Measure]:
    """Give both indicators for the year of `day`, from 1 January up to that day. Two statements."""
    return signing_measures(session, ward_id, Period(first=dt.date(day.year, 1, 1), last=day))


def signing_measures(session: Session, ward_id: UUID, period: Period) -> dict[str, Measure]:
    """Give both indicators for a period. Two statements.

    `documents_signed`: numbered documents that carry the person's and the agency's signature ÷ documents numbered.
    `signing_staff`: staff in a signing role who signed at least once ÷ staff in a signing role.
    """
    return {
        DOCUMENTS_SIGNED: _documents(session, ward_id, period),
        SIGNING_STAFF: _staff(session, ward_id, period),
    }


def _documents(session: Session, ward_id: UUID, period: Period) -> Measure:
    register, ledger = OutgoingRegister, SignatureLedger

    def signed_by(owner: KeystoreOwner) -> ColumnElement[bool]:
        return exists().where(
            ledger.ward_id == register.ward_id,
            ledger.document_id == register.document_id,
            ledger.owner == owner,
            ledger.signed_at < period.end,
        )

    both = and_(signed_by(KeystoreOwner.PERSON), signed_by(KeystoreOwner.AGENCY))
    total, signed = session.execute(
        select(func.count(), func.count(case((both, 1)))).where(
            register.ward_id == ward_id,
            register.year.between(period.first.year, period.last.year),
            register.issued_on.between(period.first, period.last),
            ~is_copy_of_paper(register.ward_id, register.document_id),
        )
    ).one()
    return Measure(signed, total, 1 if total else 0)


def _staff(session: Session, ward_id: UUID, period: Period) -> Measure:
    grant, ledger = RoleGrant, SignatureLedger
    did_sign = exists().where(
        ledger.ward_id == grant.ward_id,
        ledger.actor_id == grant.account_id,
        ledger.owner == KeystoreOwner.PERSON,
        ledger.signed_at >= period.start,
        ledger.signed_at < period.end,
    )
    total, signed = session.execute(
        select(func.count(distinct(grant.account_id)), func.count(distinct(case((did_sign, grant.account_id))))).where(
            grant.ward_id == ward_id,
            grant.role.in_(SIGNING_ROLES),
            grant.granted_at < period.end,
            or_(grant.revoked_at.is_(None), grant.revoked_at >= period.end),
        )
    ).one()
    return Measure(signed, total, 1 if total else 0)
