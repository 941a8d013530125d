"""Keys in use: whose, until when, with which picture."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.documents import SERVER_KEYS, KeystoreKind, KeystoreOwner
from webapp.core.text import fold
from webapp.models.signing import Keystore

SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeystoreRow:
    """An enrolled key. Times are aware UTC."""

    id: UUID
    owner: KeystoreOwner
    kind: KeystoreKind
    location: Mapping[str, str]
    common_name: str
    issuer: str
    serial: str
    fingerprint: str
    not_before: dt.datetime
    not_after: dt.datetime
    enrolled_at: dt.datetime
    picture_sha256: str | None

    @property
    def asks_pin(self) -> bool:
        """Tell whether its owner types a PIN to sign."""
        if self.kind is KeystoreKind.CSC:
            return "pin" in self.location.get("asks", "").split()
        return self.kind in SERVER_KEYS

    @property
    def asks_code(self) -> bool:
        """Tell whether its owner types a one-time code to sign."""
        return "code" in self.location.get("asks", "").split()

    @property
    def at_once(self) -> int | None:
        """How many signatures one one-time code authorises, as the service said last (enrolment or use)."""
        told = self.location.get("at_once", "")
        return int(told) if told.isdecimal() else None

    def ends_soon(self, now: dt.datetime) -> bool:
        """Tell whether the certificate ends within thirty days (or has ended)."""
        return self.not_after < now + SOON

    def has_ended(self, now: dt.datetime) -> bool:
        """Tell whether the certificate has ended."""
        return self.not_after < now

    def names(self, person: str) -> bool:
        """Tell whether the certificate carries the person's name, whatever the case and marks."""
        return fold(person) in fold(self.common_name)


def key_in_use(
    session: Session, ward_id: UUID, owner: KeystoreOwner, *, account_id: UUID | None = None
) -> KeystoreRow | None:
    """Give the key that would sign now. One statement."""
    row = session.scalar(
        select(Keystore)
        .where(
            Keystore.ward_id == ward_id,
            Keystore.owner == owner,
            Keystore.account_id.is_(None) if account_id is None else Keystore.account_id == account_id,
            Keystore.retired_at.is_(None),
        )
        .order_by(Keystore.enrolled_at.desc())
        .limit(1)
    )
    if row is None:
        return None
    return KeystoreRow(
        id=row.id,
        owner=row.owner,
        kind=row.kind,
        location=row.location,
        common_name=row.common_name,
        issuer=row.issuer,
        serial=row.serial,
        fingerprint=row.fingerprint,
        not_before=row.not_before,
        not_after=row.not_after,
        enrolled_at=row.enrolled_at,
        picture_sha256=row.picture_sha256,
    )
