"""Roles given and taken back in a ward; the last administrator stays (domain.md §7)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, Role, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import NIL, new_id
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.accounts import Account, RoleGrant
from webapp.models.places import Department, ResidentialGroup, Ward
from webapp.queries.grants import lasting_grant
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrant:
    """A role to give in the ward; a head's names the group."""

    role: Role
    group_id: UUID | None = None
    department_id: UUID | None = None
    title: str = ""


def installation(ward_id: UUID) -> Actor:
    """Give the actor for work done on the machine itself (command line, first set-up): no person, all rights."""
    return Actor(account_id=NIL, ward_id=ward_id, roles=frozenset({Role.ADMIN}), address="")


def own_account(session: Session, account_id: UUID, *, actor: Actor) -> Account:
    """Load an account that works in the actor's ward, locked. Raises NotFound for anybody else's."""
    account = session.get(Account, account_id, with_for_update=True)
    in_ward = exists().where(RoleGrant.ward_id == actor.ward_id, RoleGrant.account_id == account_id)
    if account is None or not session.scalar(select(in_ward)):
        raise NotFound
    return account


def grant_role(session: Session, account_id: UUID, grant: NewGrant, *, actor: Actor, clock: Clock) -> UUID:
    """Give a role in the actor's ward. Raises InvalidInput, NotAllowed, NotFound."""
    require(actor, Permission.ACCOUNT_MANAGE)
    if actor.account_id != NIL:
        own_account(session, account_id, actor=actor)
    elif session.get(Account, account_id) is None:
        raise NotFound
    return add_grant(session, account_id, grant, actor=actor, clock=clock)


def add_grant(session: Session, account_id: UUID, grant: NewGrant, *, actor: Actor, clock: Clock) -> UUID:
    """Store a role of an account that the caller may change."""
    _check_grant(session, account_id, grant, ward_id=actor.ward_id)
    row = RoleGrant(
        ward_id=actor.ward_id,
        id=new_id(),
        account_id=account_id,
        role=grant.role,
        group_id=grant.group_id if grant.role is Role.GROUP_HEAD else None,
        department_id=grant.department_id,
        title=clean(grant.title)[:120],
        granted_at=clock.now(),
    )
    session.add(row)
    session.flush()
    group = str(row.group_id) if row.group_id else None
    record(
        session, AuditTag.ROLE_GRANT, actor=actor, clock=clock, subject=account_id, role=grant.role.value, group=group
    )
    return row.id


def _check_grant(session: Session, account_id: UUID, grant: NewGrant, *, ward_id: UUID) -> None:
    if grant.role is Role.PUBLIC:
        raise InvalidInput(Problem("role", N_("Vai trò này không cấp cho tài khoản.")))
    if grant.role is Role.GROUP_HEAD:
        if grant.group_id is None:
            raise InvalidInput(Problem("group_id", N_("Hãy chọn tổ dân phố cho tổ trưởng.")))
        if session.get(ResidentialGroup, (ward_id, grant.group_id)) is None:
            raise NotFound
    if grant.department_id is not None and session.get(Department, (ward_id, grant.department_id)) is None:
        raise NotFound
    group_id = grant.group_id if grant.role is Role.GROUP_HEAD else None
    already = exists().where(
        RoleGrant.ward_id == ward_id,
        RoleGrant.account_id == account_id,
        RoleGrant.role == grant.role,
        RoleGrant.group_id.is_(None) if group_id is None else RoleGrant.group_id == group_id,
        lasting_grant(RoleGrant.__table__),
    )
    if session.scalar(select(already)):
        raise InvalidInput(Problem("role", N_("Người này đã có vai trò đó.")))


def revoke_role(session: Session, grant_id: UUID, *, actor: Actor, clock: Clock) -> UUID:
    """Take a role back; give whose it was. Raises WrongState for the last administrator's."""
    require(actor, Permission.ACCOUNT_MANAGE)
    grant = session.get(RoleGrant, (actor.ward_id, grant_id), with_for_update=True)
    if grant is None or grant.revoked_at is not None:
        raise NotFound
    if grant.role is Role.ADMIN:
        keep_an_admin(session, actor.ward_id, without=grant.account_id)
    grant.revoked_at = clock.now()
    record(session, AuditTag.ROLE_REVOKE, actor=actor, clock=clock, subject=grant.account_id, role=grant.role.value)
    return grant.account_id


def keep_an_admin(session: Session, ward_id: UUID, *, without: UUID) -> None:
    """Refuse to leave the ward without an administrator who can log in; two admins at once wait for each other."""
    # The ward's row is the lock: what the other administrator changed is seen only by a statement after it.
    session.execute(select(Ward.id).where(Ward.id == ward_id).with_for_update(key_share=True))
    admins = session.scalars(
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.role == Role.ADMIN,
            RoleGrant.revoked_at.is_(None),
            Account.disabled_at.is_(None),
        )
    ).all()
    if not set(admins) - {without}:
        raise WrongState(N_("Đây là người quản trị cuối cùng của phường. Hãy cấp quyền quản trị cho người khác trước."))
