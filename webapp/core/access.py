"""Who may do what: the eight roles of the ward and the one map of permissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from webapp.core.errors import NotAllowed, NotFound


class Role(StrEnum):
    """The eight roles of domain.md §1; a person may hold several in one ward."""

    GROUP_HEAD = "group_head"
    OFFICER = "officer"
    CLERK = "clerk"
    LEADER = "leader"
    STATISTICIAN = "statistician"
    ADMIN = "admin"
    AUDITOR = "auditor"
    PUBLIC = "public"


class Permission(StrEnum):
    """What a route asks for. Stored nowhere: the map below is the only truth."""

    HOUSEHOLD_VIEW = "household:view"
    HOUSEHOLD_REGISTER = "household:register"
    HOUSEHOLD_IMPORT = "household:import"
    HOUSEHOLD_ARRANGE = "household:arrange"
    VISIT_SUBMIT = "visit:submit"
    VISIT_VIEW = "visit:view"
    VISIT_REVIEW = "visit:review"
    QUALITY_VIEW = "quality:view"
    BACK_CHECK = "visit:back_check"
    DATA_EXPORT = "data:export"
    DATA_EXPORT_NAMES = "data:export_names"
    ROUND_VIEW = "round:view"
    ROUND_MANAGE = "round:manage"
    ADOPTION_VIEW = "adoption:view"
    INDICATOR_MANAGE = "indicator:manage"
    INFRASTRUCTURE_VIEW = "infrastructure:view"
    INFRASTRUCTURE_RECORD = "infrastructure:record"
    DOCUMENT_VIEW = "document:view"
    DOCUMENT_DRAFT = "document:draft"
    DOCUMENT_SIGN = "document:sign"
    DOCUMENT_NUMBER = "document:number"
    DOCUMENT_SEAL = "document:seal"
    DOCUMENT_PUBLISH = "document:publish"
    DOCUMENT_COPY = "document:copy"
    DELEGATION_RECORD = "delegation:record"
    CHAIN_MANAGE = "chain:manage"
    REGISTER_VIEW = "register:view"
    USAGE_VIEW = "usage:view"
    LEDGER_VIEW = "ledger:view"
    WEBHOOK_MANAGE = "webhook:manage"
    ARCHIVE_VIEW = "archive:view"
    ARCHIVE_KEEP = "archive:keep"
    INCOMING_REGISTER = "incoming:register"
    INCOMING_ASSIGN = "incoming:assign"
    INCOMING_HANDLE = "incoming:handle"
    KEYSTORE_OWN = "keystore:own"
    KEYSTORE_AGENCY = "keystore:agency"
    ACCOUNT_MANAGE = "account:manage"
    GROUP_MANAGE = "group:manage"
    DEVICE_MANAGE = "device:manage"
    DEVICE_OWN = "device:own"
    TRUST_MANAGE = "trust:manage"
    AUDIT_VIEW = "audit:view"
    PERSONAL_DATA_VIEW = "personal_data:view"
    PERSONAL_DATA_HANDLE = "personal_data:handle"
    HOUSEHOLD_ERASE = "household:erase"
    OWN_ACCOUNT = "own:account"


_P = Permission
_READ = frozenset(
    {_P.ADOPTION_VIEW, _P.ROUND_VIEW, _P.INFRASTRUCTURE_VIEW, _P.DOCUMENT_VIEW, _P.REGISTER_VIEW, _P.USAGE_VIEW}
)
_STAFF = _READ | {_P.OWN_ACCOUNT, _P.KEYSTORE_OWN}

PERMISSION_MAP: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.GROUP_HEAD: frozenset(
            {
                _P.HOUSEHOLD_VIEW,
                _P.HOUSEHOLD_REGISTER,
                _P.VISIT_SUBMIT,
                _P.VISIT_VIEW,
                _P.ROUND_VIEW,
                _P.DATA_EXPORT,
                _P.OWN_ACCOUNT,
                _P.DEVICE_OWN,
            }
        ),
        Role.OFFICER: _STAFF
        | {_P.DOCUMENT_DRAFT, _P.DOCUMENT_SIGN, _P.INFRASTRUCTURE_RECORD, _P.BACK_CHECK, _P.INCOMING_HANDLE},
        Role.CLERK: _STAFF
        | {_P.DOCUMENT_DRAFT, _P.DOCUMENT_NUMBER, _P.DOCUMENT_SEAL, _P.DOCUMENT_PUBLISH, _P.KEYSTORE_AGENCY}
        | {_P.LEDGER_VIEW, _P.INCOMING_REGISTER, _P.INCOMING_ASSIGN, _P.INCOMING_HANDLE}
        | {_P.DOCUMENT_COPY, _P.DELEGATION_RECORD, _P.CHAIN_MANAGE, _P.ARCHIVE_VIEW, _P.ARCHIVE_KEEP}
        | {_P.PERSONAL_DATA_VIEW, _P.PERSONAL_DATA_HANDLE},
        Role.LEADER: _STAFF
        | {_P.DOCUMENT_DRAFT, _P.DOCUMENT_SIGN, _P.HOUSEHOLD_VIEW, _P.VISIT_VIEW, _P.PERSONAL_DATA_VIEW}
        | {_P.DATA_EXPORT, _P.QUALITY_VIEW, _P.LEDGER_VIEW, _P.INCOMING_ASSIGN, _P.INCOMING_HANDLE}
        | {_P.ARCHIVE_VIEW},
        Role.STATISTICIAN: _STAFF
        | {
            _P.HOUSEHOLD_VIEW,
            _P.HOUSEHOLD_REGISTER,
            _P.HOUSEHOLD_IMPORT,
            _P.HOUSEHOLD_ARRANGE,
            _P.VISIT_SUBMIT,
            _P.VISIT_VIEW,
            _P.VISIT_REVIEW,
            _P.DATA_EXPORT,
            _P.DATA_EXPORT_NAMES,
            _P.QUALITY_VIEW,
            _P.BACK_CHECK,
            _P.ROUND_MANAGE,
            _P.INDICATOR_MANAGE,
            _P.INFRASTRUCTURE_RECORD,
            _P.DOCUMENT_DRAFT,
            _P.GROUP_MANAGE,
            _P.DEVICE_MANAGE,
            _P.PERSONAL_DATA_VIEW,
            _P.PERSONAL_DATA_HANDLE,
            _P.HOUSEHOLD_ERASE,
            _P.INCOMING_HANDLE,
        },
        Role.ADMIN: frozenset(
            {
                _P.OWN_ACCOUNT,
                _P.ACCOUNT_MANAGE,
                _P.GROUP_MANAGE,
                _P.DEVICE_MANAGE,
                _P.TRUST_MANAGE,
                _P.AUDIT_VIEW,
                _P.ROUND_VIEW,
                _P.CHAIN_MANAGE,
                _P.LEDGER_VIEW,
                _P.WEBHOOK_MANAGE,
                _P.ARCHIVE_VIEW,
                _P.ARCHIVE_KEEP,
            }
        ),
        Role.AUDITOR: _READ
        | {_P.OWN_ACCOUNT, _P.HOUSEHOLD_VIEW, _P.VISIT_VIEW, _P.AUDIT_VIEW, _P.PERSONAL_DATA_VIEW}
        | {_P.DATA_EXPORT, _P.QUALITY_VIEW, _P.LEDGER_VIEW, _P.ARCHIVE_VIEW},
        Role.PUBLIC: frozenset(),
    }
)

# Roles whose work is not confined to one residential group.
WARD_WIDE = frozenset(Role) - {Role.GROUP_HEAD, Role.PUBLIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person acting, in one ward. `group_ids` are the groups of a head; other roles see the whole ward."""

    account_id: UUID
    ward_id: UUID
    roles: frozenset[Role]
    group_ids: frozenset[UUID] = field(default_factory=frozenset)
    address: str = ""

    def can(self, permission: Permission) -> bool:
        """Tell whether any of the person's roles carries the permission."""
        return any(permission in PERMISSION_MAP[role] for role in self.roles)

    def group_scope(self, permission: Permission) -> frozenset[UUID] | None:
        """Give the groups in which the permission holds; None means the whole ward.

        Queries put this into their WHERE: another group's household is simply not found.
        """
        if any(role in WARD_WIDE and permission in PERMISSION_MAP[role] for role in self.roles):
            return None
        return self.group_ids if self.can(permission) else frozenset()


def require(actor: Actor, permission: Permission, *, group_id: UUID | None = None) -> None:
    """Refuse an act that the map does not allow.

    Raises NotAllowed when no role carries it, and NotFound when it holds only in other groups: a head must not learn
    that a household of another group exists.
    """
    if not actor.can(permission):
        raise NotAllowed
    scope = actor.group_scope(permission)
    if group_id is not None and scope is not None and group_id not in scope:
        raise NotFound
