"""What the form of a document offers: types, departments, signers."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import PERMISSION_MAP, Permission
from webapp.core.copies import COPY_TYPES
from webapp.models.accounts import Account, RoleGrant
from webapp.models.documents import DocumentType
from webapp.models.places import Department


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A choice of a form: the value sent and the words shown."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody whom a document may name as its signer."""

    account_id: UUID
    name: str
    title: str


def document_types(session: Session) -> list[Choice]:
    """Give the types of documents that people sign, in the order of the decree; copies have a page of their own."""
    rows = session.execute(
        select(DocumentType.code, DocumentType.name_vi, DocumentType.abbreviation)
        .where(DocumentType.code.not_in(COPY_TYPES.values()))
        .order_by(DocumentType.sort_key)
    )
    return [
        Choice(value=row.code, text=f"{row.name_vi} ({row.abbreviation})" if row.abbreviation else row.name_vi)
        for row in rows
    ]


def departments(session: Session, ward_id: UUID) -> list[Choice]:
    """Give the departments that draft documents."""
    rows = session.execute(
        select(Department.id, Department.name).where(Department.ward_id == ward_id).order_by(Department.name)
    )
    return [Choice(value=str(row.id), text=row.name) for row in rows]


def possible_signers(session: Session, ward_id: UUID) -> list[Signer]:
    """Give the people who may be named as signer: leaders and officers of the ward with a live account."""
    roles = [role for role, allowed in PERMISSION_MAP.items() if Permission.DOCUMENT_SIGN in allowed]
    rows = session.execute(
        select(Account.id, Account.display_name, RoleGrant.title, RoleGrant.role)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role.in_(roles),
            RoleGrant.revoked_at.is_(None),
            Account.disabled_at.is_(None),
        )
        # "leader" sorts before "officer": leaders sign most documents.
        .order_by(RoleGrant.role, Account.display_name)
    )
    signers = {
        row.id: Signer(account_id=row.id, name=row.display_name, title=row.title) for row in reversed(list(rows))
    }
    return list(reversed(signers.values()))
