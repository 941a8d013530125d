"""Keys for signing: enrolled once with their PIN, which is used to look inside and then forgotten."""

import base64
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import KeystoreOwner
from webapp.core.errors import N_, InvalidInput, NotAllowed, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import CertificateInfo, Clock, FileStore, KeyAccess, SigningGateway
from webapp.models.signing import Keystore
from webapp.services.audit import record
from webapp.services.pin_attempts import check_pin_attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolKeystore:
    """A key with what opens it, and the picture (PNG) of the signature or seal; a person's key names the account."""

    key: KeyAccess
    owner: KeystoreOwner
    account_id: UUID | None = None
    picture: bytes | None = field(default=None, repr=False)


def enrol_keystore(
    session: Session,
    command: EnrolKeystore,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> UUID:
    """Take a key into use; the one before it is retired.

    Raises SigningRefused (wrong PIN, expired or unfit certificate, no picture), InvalidInput (somebody else's key).
    """
    _check_owner(actor, command)
    check_pin_attempts(session, actor, now=clock.now())
    described = signing.describe_key(command.key)
    certificate = described.certificate
    _check_nobody_else_has_it(session, actor, command, certificate)
    picture = signing.tidy_picture(command.picture) if command.picture else None
    for earlier in _active(session, actor, command.owner, command.account_id):
        earlier.retired_at = clock.now()
    keystore = Keystore(
        ward_id=actor.ward_id,
        id=new_id(),
        kind=command.key.kind,
        owner=command.owner,
        account_id=command.account_id,
        file_sha256=files.put(command.key.content) if command.key.content else None,
        location=dict(command.key.location),
        certificates=[base64.b64encode(each).decode() for each in described.certificates],
        picture_sha256=files.put(picture) if picture else None,
        common_name=certificate.common_name[:200],
        issuer=certificate.issuer[:300],
        serial=certificate.serial,
        fingerprint=certificate.fingerprint,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        enrolled_at=clock.now(),
    )
    session.add(keystore)
    session.flush()
    record(
        session,
        AuditTag.KEYSTORE_ENROL,
        actor=actor,
        clock=clock,
        subject=keystore.id,
        owner=command.owner.value,
        fingerprint=certificate.fingerprint,
    )
    return keystore.id


def change_picture(
    session: Session,
    keystore_id: UUID,
    picture: bytes,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> None:
    """Use another picture with the same key. Raises SigningRefused when it is no picture."""
    keystore = _own_keystore(session, actor, keystore_id)
    keystore.picture_sha256 = files.put(signing.tidy_picture(picture))
    record(session, AuditTag.KEYSTORE_ENROL, actor=actor, clock=clock, subject=keystore.id, changed="picture")


def retire_keystore(session: Session, keystore_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Stop using a key. What it signed stays signed."""
    keystore = _own_keystore(session, actor, keystore_id)
    keystore.retired_at = clock.now()
    record(session, AuditTag.KEYSTORE_RETIRE, actor=actor, clock=clock, subject=keystore.id)


def _check_owner(actor: Actor, command: EnrolKeystore) -> None:
    if command.owner is KeystoreOwner.AGENCY:
        require(actor, Permission.KEYSTORE_AGENCY)
        return
    require(actor, Permission.KEYSTORE_OWN)
    if command.account_id != actor.account_id:
        raise NotAllowed(N_("Mỗi người tự đăng ký và giữ khóa ký của mình."))


def _own_keystore(session: Session, actor: Actor, keystore_id: UUID) -> Keystore:
    keystore = session.get(Keystore, (actor.ward_id, keystore_id))
    if keystore is None or keystore.retired_at is not None:
        raise NotFound
    if keystore.owner is KeystoreOwner.AGENCY:
        require(actor, Permission.KEYSTORE_AGENCY)
    elif keystore.account_id != actor.account_id:
        raise NotFound
    return keystore


def _active(session: Session, actor: Actor, owner: KeystoreOwner, account_id: UUID | None) -> list[Keystore]:
    return list(
        session.scalars(
            select(Keystore).where(
                Keystore.ward_id == actor.ward_id,
                Keystore.owner == owner,
                Keystore.account_id.is_(None) if account_id is None else Keystore.account_id == account_id,
                Keystore.retired_at.is_(None),
            )
        )
    )


def _check_nobody_else_has_it(
    session: Session, actor: Actor, command: EnrolKeystore, certificate: CertificateInfo
) -> None:
    """One key, one holder: two people with one key could not be told apart afterwards."""
    holders = session.execute(
        select(Keystore.owner, Keystore.account_id).where(
            Keystore.ward_id == actor.ward_id,
            Keystore.fingerprint == certificate.fingerprint,
            Keystore.retired_at.is_(None),
        )
    ).all()
    if any((holder.owner, holder.account_id) != (command.owner, command.account_id) for holder in holders):
        raise InvalidInput(Problem("content", N_("Khóa này đã được người khác trong phường đăng ký.")))
