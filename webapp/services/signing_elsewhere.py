"""Signing with a key on one's own computer: prepared here, signed there, completed here.

Three acts, and the page commits between them: `begin_elsewhere` keeps what was prepared; `take_signature` checks the
raw signature and keeps it, so that the PIN is never asked for twice; `finish_elsewhere` stamps, embeds, checks and
stores.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import format_notation
from webapp.core.errors import N_, Gone, NotFound, WrongState
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.prepared_signings import PreparedState, UnfinishedSigning
from webapp.models.database import bind_ward
from webapp.models.documents import Document, DocumentType
from webapp.models.prepared_signings import PreparedSigning
from webapp.services.document_signing import SignDocument
from webapp.services.prepared_signings import (
    begin_signing,
    find_by_token,
    finish_signing,
    take_raw,
    unfinished_of,
    ward_of_token,
)
from webapp.services.signature_store import OWNERS, PlannedElsewhere
from webapp.services.signing_keys import key_in_hand

BATCH_PATIENCE: Final = dt.timedelta(minutes=5)
"""So long the batch itself asks for the timestamps of what it signed at once, before a worker does."""
Act = Callable[..., str]
_OVER = N_("Lượt ký này đã dùng hoặc đã quá 15 phút. Hãy mở lại trang ký.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunElsewhere:
    """What the page hands to the program beside the key."""

    id: UUID
    token: str = field(repr=False)
    value: Mapping[str, Any]
    title: str
    abstract: str


def begin_elsewhere(
    session: Session,
    command: SignDocument,
    act: Act,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None],
) -> BegunElsewhere:
    """Prepare one signature; `act` is `sign_document` or `seal_document`, whose rules all hold.

    Raises as these do, and WrongState when the key is at the server after all.
    """
    try:
        act(session, command, actor=actor, clock=clock, files=files, signing=signing, release=release)
    except PlannedElsewhere as found:
        plan, unfinished = found.plan, found.unfinished
    else:
        raise WrongState(N_("Khóa đang dùng nằm ở máy chủ. Hãy tải lại trang ký."))
    keystore = key_in_hand(session, actor, OWNERS[plan.kind])
    begun = begin_signing(
        session,
        command.document_id,
        plan,
        unfinished,
        keystore_id=keystore.id,
        actor=actor,
        clock=clock,
        files=files,
    )
    document = session.get_one(Document, (actor.ward_id, command.document_id))
    notation = format_notation(document.number, document.symbol) if document.number else ""
    return BegunElsewhere(
        id=begun.id,
        token=begun.token,
        value=unfinished.value,
        title=" ".join(filter(None, (session.get_one(DocumentType, document.type_code).name_vi, notation))),
        abstract=document.abstract,
    )


def prepared_file(session: Session, token: str, *, clock: Clock, files: FileStore) -> bytes:
    """Give the prepared file that a one-time token opens, until it is signed. Raises NotFound, Gone."""
    bind_ward(session, ward_of_token(token))
    return files.get(find_by_token(session, token, clock=clock).file_sha256)


def take_signature(
    session: Session,
    prepared_id: UUID,
    raw: bytes,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> UnfinishedSigning:
    """Check a raw signature against the enrolled certificate and use the prepared signing up with it.

    Only for the person who began it. Raises NotFound, Gone, SigningRefused (`raw_signature_invalid`).
    """
    row = _own_signing(session, prepared_id, actor)
    if row.state is not PreparedState.PREPARED or row.expires_at <= clock.now():
        raise Gone("signing-over", _OVER)
    unfinished = replace(unfinished_of(row, files=files), raw=raw)
    signing.check_raw(unfinished)
    take_raw(session, row, raw, clock=clock)
    return unfinished


def take_checked(session: Session, prepared_id: UUID, raw: bytes, *, actor: Actor, clock: Clock) -> None:
    """Use a prepared signing up with a raw signature that was checked. Raises NotFound, Gone."""
    take_raw(session, _own_signing(session, prepared_id, actor), raw, clock=clock, patience=BATCH_PATIENCE)


def finish_taken(
    session: Session, prepared_id: UUID, *, actor: Actor, clock: Clock, files: FileStore, signing: SigningGateway
) -> str:
    """Finish what `take_checked` kept; give the signature's SHA-256. Raises as `finish_elsewhere`."""
    unfinished = unfinished_of(_own_signing(session, prepared_id, actor), files=files)
    ports = {"clock": clock, "files": files, "signing": signing}
    return finish_elsewhere(session, prepared_id, unfinished, actor=actor, release=session.rollback, **ports)  # type: ignore[arg-type]


def finish_elsewhere(
    session: Session,
    prepared_id: UUID,
    unfinished: UnfinishedSigning,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None],
) -> str:
    """Complete what `take_signature` kept and store the version; give the signature's SHA-256.

    Raises StampPending (the worker asks again), SigningRefused, Conflict, WrongState.
    """
    release()
    signed = signing.complete(unfinished, ward_id=actor.ward_id)
    return finish_signing(session, prepared_id, signed, actor=actor, clock=clock, files=files)


def _own_signing(session: Session, prepared_id: UUID, actor: Actor) -> PreparedSigning:
    """Give what this person began. Raises NotFound."""
    row = session.scalar(
        select(PreparedSigning).where(
            PreparedSigning.ward_id == actor.ward_id,
            PreparedSigning.id == prepared_id,
            PreparedSigning.actor_id == actor.account_id,
        )
    )
    if row is None:
        raise NotFound
    return row
