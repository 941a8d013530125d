"""Sealing a document with separate attachments at a remote service: its one-time code serves for all of the files."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import DomainError
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.prepared_signings import StampPending
from webapp.core.signing_batches import BatchKind
from webapp.services.document_signing import SignDocument
from webapp.services.prepared_signings import give_up_signing
from webapp.services.signing_batches import Typed, check_room, open_for_batch, prepare_for_key
from webapp.services.signing_elsewhere import finish_elsewhere, take_signature, to_sign


def seal_together(
    session: Session,
    command: SignDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None],
) -> str:
    """Seal document and attachments with one authorisation, as `seal_document` does; give the signature's SHA-256.

    Commits between its parts: what the service made is kept before anything else is done with it. Raises as
    `seal_document`, and StampPending when only the timestamps lack (the worker asks again).
    """
    ports = {"actor": actor, "clock": clock, "files": files, "signing": signing}
    typed = Typed(pin=command.pin, code=command.code)
    key = open_for_batch(session, BatchKind.SEAL, typed, release=release, **ports)  # type: ignore[arg-type]
    try:
        session.commit()  # what the service said about its limit holds whatever comes of this seal
        order = SignDocument(document_id=command.document_id, base=command.base, opened=key)
        begun = prepare_for_key(session, BatchKind.SEAL, order, **ports)  # type: ignore[arg-type]
        wanted = to_sign(begun).files
        check_room(key, len(wanted))
        session.commit()
        raws = dict(zip(wanted, key.sign_all(list(wanted.values())), strict=True))
    finally:
        key.close()
    taken = take_signature(session, begun.id, raws, **ports)  # type: ignore[arg-type]
    session.commit()
    try:
        return finish_elsewhere(session, begun.id, taken, release=release, **ports)  # type: ignore[arg-type]
    except StampPending:
        raise
    except DomainError as error:
        session.rollback()
        give_up_signing(session, begun.id, error, actor=actor, clock=clock)
        session.commit()
        raise
