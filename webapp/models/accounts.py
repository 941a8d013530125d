"""Accounts are of the installation; what a person may do is granted ward by ward."""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.models.base import GLOBAL, TENANT, Base, TenantKey, stored_enum, within_ward


class Account(Base):
    """One person, one account (QCVN 12:2026). No default account or password exists anywhere."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("username"), {"info": GLOBAL})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(60))
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_changed_at: Mapped[dt.datetime | None]
    totp_secret: Mapped[bytes | None]
    totp_confirmed_at: Mapped[dt.datetime | None]
    totp_last_step: Mapped[int | None]
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    last_seen_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class RecoveryCode(Base):
    """One-time codes for a lost second factor; only their hashes are kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index(None, "account_id"), {"info": GLOBAL})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code_sha256: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[dt.datetime | None]


class LoginSession(Base):
    """A log-in that can be seen and ended; the cookie holds a random token, the table only its hash."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_sha256"), Index(None, "account_id"), {"info": GLOBAL})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    ward_id: Mapped[UUID | None] = mapped_column(ForeignKey("ward.id"))
    token_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    address: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    second_factor_at: Mapped[dt.datetime | None]
    step_up_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class RoleGrant(TenantKey, Base):
    """A role in a ward; a head's grant names the group, a leader's or officer's the title and department.

    `starts_at` and `ends_at` bound a substitute's grant; it gives rights only in between (queries.grants.live_grant).
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        within_ward("group_id", "residential_group"),
        within_ward("department_id", "department"),
        CheckConstraint("role <> 'group_head' OR group_id IS NOT NULL", name="head_has_group"),
        CheckConstraint("role <> 'public'", name="public_is_nobody"),
        Index(None, "ward_id", "account_id"),
        Index("ix_role_grant_account_id", "account_id", info={"login": True}),
        {"info": TENANT},
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(stored_enum(Role, "role"))
    group_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(String(120), default="")
    granted_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]


class Setting(Base):
    """Small facts of the installation, such as whether the first-run set-up is done."""

    __tablename__ = "setting"
    __table_args__ = ({"info": GLOBAL},)

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary())
