"""The register of delegations: who signs for whom, until when, on what paper."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from webapp.core.access import Actor, Permission, Role
from webapp.core.delegations import Delegation
from webapp.core.documents import format_day
from webapp.core.errors import NotFound
from webapp.core.waiting import DELEGATION_ENDS_SOON
from webapp.models.accounts import Account, RoleGrant
from webapp.models.workflow import SigningDelegation

_DELEGATE, _PRINCIPAL, _MAKER = aliased(Account), aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRow:
    """A line of the register."""

    delegation: Delegation
    delegate: str
    made_at: dt.datetime
    made_by: str
    has_paper: bool


def delegations_of(session: Session, ward_id: UUID, account_id: UUID | None) -> list[Delegation]:
    """Give every delegation to one person, whatever its days. One statement."""
    rows = session.execute(
        select(SigningDelegation, _PRINCIPAL.display_name)
        .join(_PRINCIPAL, _PRINCIPAL.id == SigningDelegation.principal_id)
        .where(SigningDelegation.ward_id == ward_id, SigningDelegation.delegate_id == account_id)
        .order_by(SigningDelegation.starts_on)
    )
    return [_delegation(row, name) for row, name in rows]


def list_delegations(session: Session, ward_id: UUID) -> list[DelegationRow]:
    """Give the register, the latest first. One statement."""
    rows = session.execute(
        select(SigningDelegation, _PRINCIPAL.display_name, _DELEGATE.display_name, _MAKER.display_name)
        .join(_PRINCIPAL, _PRINCIPAL.id == SigningDelegation.principal_id)
        .join(_DELEGATE, _DELEGATE.id == SigningDelegation.delegate_id)
        .outerjoin(_MAKER, _MAKER.id == SigningDelegation.made_by)
        .where(SigningDelegation.ward_id == ward_id)
        .order_by(SigningDelegation.ends_on.desc(), SigningDelegation.id.desc())
    )
    return [
        DelegationRow(
            delegation=_delegation(row, principal),
            delegate=delegate,
            made_at=row.made_at,
            made_by=maker or "",
            has_paper=row.paper_sha256 is not None,
        )
        for row, principal, delegate, maker in rows
    ]


def list_ending(session: Session, actor: Actor, today: dt.date) -> list[Delegation]:
    """Give the delegations that hold today and end soon: one's own, and all of them to who keeps the register.

    One statement.
    """
    rows = session.execute(
        select(SigningDelegation, _PRINCIPAL.display_name)
        .join(_PRINCIPAL, _PRINCIPAL.id == SigningDelegation.principal_id)
        .where(_ends_soon(actor, today))
        .order_by(SigningDelegation.ends_on, SigningDelegation.id)
    )
    return [_delegation(row, name) for row, name in rows]


def count_ending(actor: Actor, today: dt.date) -> ScalarSelect[int]:
    """Give their number, as a part of a statement."""
    return select(func.count()).where(_ends_soon(actor, today)).scalar_subquery()


def _ends_soon(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    row, until = SigningDelegation, today + dt.timedelta(days=DELEGATION_ENDS_SOON)
    mine = true() if actor.can(Permission.DELEGATION_RECORD) else or_(*_concerns(actor.account_id))
    return and_(
        row.ward_id == actor.ward_id,
        row.starts_on <= today,
        row.ends_on.between(today, until),
        or_(row.ended_on.is_(None), row.ended_on > today),
        mine,
    )


def _concerns(account_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return SigningDelegation.delegate_id == account_id, SigningDelegation.principal_id == account_id


def delegation_paper(session: Session, ward_id: UUID, delegation_id: UUID) -> tuple[str, str]:
    """Give the SHA-256 and the name of the paper's file. Raises NotFound."""
    row = session.get(SigningDelegation, (ward_id, delegation_id))
    if row is None or row.paper_sha256 is None:
        raise NotFound
    return row.paper_sha256, row.paper_name


def roles_of(session: Session, ward_id: UUID, account_id: UUID | None) -> frozenset[Role]:
    """Give the roles that a person holds in the ward. One statement."""
    return frozenset(
        session.scalars(
            select(RoleGrant.role).where(
                RoleGrant.ward_id == ward_id, RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
            )
        )
    )


def _delegation(row: SigningDelegation, principal: str) -> Delegation:
    told = f"{row.basis} {format_day(row.basis_on)}" if row.basis_on else row.basis
    return Delegation(
        id=row.id,
        delegate_id=row.delegate_id,
        capacity=row.capacity,
        principal=f"{row.principal_title} {principal}".strip(),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        basis=told,
        type_codes=frozenset(row.type_codes),
        ended_on=row.ended_on,
    )
