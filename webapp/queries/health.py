"""What the self-examination of an installation looks at in the database."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from webapp.models.adoption import Indicator
from webapp.models.audit import AuditEvent
from webapp.models.documents import DocumentVersion
from webapp.models.households import Household
from webapp.models.signing import Keystore


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An encrypted value of a ward."""

    ward_id: UUID
    content: bytes


def count_indicators(session: Session) -> int:
    """Count the rows of the indicator registry; 0: the reference data was not loaded."""
    return session.scalar(select(func.count()).select_from(Indicator)) or 0


def stored_files(session: Session, *, newest: int) -> list[str]:
    """Give the names of all key files and of the newest document files."""
    keys = session.scalars(select(Keystore.file_sha256).where(Keystore.retired_at.is_(None))).all()
    documents = session.scalars(
        select(DocumentVersion.sha256).order_by(DocumentVersion.made_at.desc()).limit(newest)
    ).all()
    return list(dict.fromkeys([*(name for name in keys if name), *documents]))


def one_sealed(session: Session) -> Sealed | None:
    """Give one encrypted name, to try the key on."""
    found = session.execute(
        select(Household.ward_id, Household.head_name).where(Household.head_name != b"").limit(1)
    ).first()
    return None if found is None else Sealed(ward_id=found.ward_id, content=found.head_name)


def newest_event(session: Session) -> dt.datetime | None:
    """Give the moment of the newest audit event: the clock must not stand before it."""
    return session.scalar(select(func.max(AuditEvent.at)))


def file_is_whole(session: Session) -> bool:
    """Let SQLite check its file; other databases check their own pages."""
    if session.get_bind().dialect.name != "sqlite":
        return True
    return bool(session.scalar(text("PRAGMA quick_check(1)")) == "ok")
