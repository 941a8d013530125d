"""The key that a signature is made with: one's own, or the agency's."""

import base64
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import KeystoreOwner
from webapp.core.errors import N_, SigningRefused
from webapp.core.ports import FileStore, KeyAccess, OpenedKey
from webapp.models.signing import Keystore


def key_in_hand(session: Session, actor: Actor, owner: KeystoreOwner) -> Keystore:
    """Give the newest key that is in use. Raises SigningRefused when there is none."""
    wanted = select(Keystore).where(
        Keystore.ward_id == actor.ward_id, Keystore.owner == owner, Keystore.retired_at.is_(None)
    )
    if owner is KeystoreOwner.PERSON:
        wanted = wanted.where(Keystore.account_id == actor.account_id)
    found = session.scalar(wanted.order_by(Keystore.enrolled_at.desc()).limit(1))
    if found is None and owner is KeystoreOwner.PERSON:
        raise SigningRefused("no_keystore", N_("Bạn chưa đăng ký khóa ký số. Hãy mở trang “Khóa ký của tôi” trước."))
    if found is None:
        raise SigningRefused("no_keystore", N_("Phường chưa đăng ký khóa ký số của cơ quan."))
    return found


def access_to(keystore: Keystore, secret: str, *, code: str = "", files: FileStore) -> KeyAccess:
    """Give what opens the key for one use."""
    return KeyAccess(
        kind=keystore.kind,
        secret=secret,
        code=code,
        content=files.get(keystore.file_sha256) if keystore.file_sha256 else b"",
        location=keystore.location,
        certificates=tuple(base64.b64decode(each) for each in keystore.certificates),
    )


def note_limit(session: Session, actor: Actor, keystore_id: UUID, opened: OpenedKey) -> None:
    """Keep how many signatures one one-time code covers, as the service says today: the page of a batch tells it.

    A key may have been enrolled before this was kept, and a service may change it. The caller commits.
    """
    keystore = session.get_one(Keystore, (actor.ward_id, keystore_id))
    if opened.uses_code and opened.at_once and keystore.location.get("at_once") != str(opened.at_once):
        keystore.location = {**keystore.location, "at_once": str(opened.at_once)}
        session.flush()
