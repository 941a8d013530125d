"""Signing with a key on one's own computer: prepared here, signed there, completed here.

Three acts, and the page commits between them: `begin_elsewhere` keeps what was prepared; `take_signature` checks the
raw signature and keeps it, so that the PIN is never asked for twice; `finish_elsewhere` stamps, embeds, checks and
stores.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import format_notation
from webapp.core.errors import N_, Gone, NotFound, WrongState
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.prepared_signings import DOCUMENT, PreparedState, UnfinishedSigning
from webapp.models.database import bind_ward
from webapp.models.documents import Document, DocumentType
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.workflow import DocumentAttachment
from webapp.services.document_signing import SignDocument
from webapp.services.prepared_attachments import (
    attached_file,
    check_raws,
    complete_all,
    keep_raws,
    with_raws,
)
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
class BegunAttachment:
    """A separate attachment that is signed with the document; its file is opened by the document's token."""

    number: int
    title: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunElsewhere:
    """What the page hands to the program beside the key."""

    id: UUID
    token: str = field(repr=False)
    value: Mapping[str, Any]
    title: str
    abstract: str
    attached: tuple[BegunAttachment, ...] = ()


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
        attached=_attached(session, document, unfinished),
    )


def to_sign(begun: BegunElsewhere) -> UnfinishedSigning:
    """Give what a key at the server's reach signs of it; the files themselves stay where they are kept."""
    attached = {one.number: UnfinishedSigning(value=one.value, pdf=b"") for one in begun.attached}
    return UnfinishedSigning(value=begun.value, pdf=b"", attached=attached)


def prepared_file(session: Session, token: str, number: int = DOCUMENT, *, clock: Clock, files: FileStore) -> bytes:
    """Give a prepared file that a one-time token opens, until it is signed: the document's or an attachment's.

    Raises NotFound, Gone.
    """
    bind_ward(session, ward_of_token(token))
    row = find_by_token(session, token, clock=clock)
    return files.get(row.file_sha256 if number == DOCUMENT else attached_file(session, row, number))


def take_signature(
    session: Session,
    prepared_id: UUID,
    raws: Mapping[int, bytes],
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> UnfinishedSigning:
    """Check the raw signatures against the enrolled certificate and use the prepared signing up with them.

    `raws`: by number of the attachment, the document's own under 0; all or none. Only for the person who began it.
    Raises NotFound, Gone, InvalidInput (one lacks), SigningRefused (`raw_signature_invalid`).
    """
    row = _own_signing(session, prepared_id, actor)
    if row.state is not PreparedState.PREPARED or row.expires_at <= clock.now():
        raise Gone("signing-over", _OVER)
    unfinished = with_raws(unfinished_of(session, row, files=files), raws)
    check_raws(unfinished, signing)
    keep_raws(session, row, raws)
    take_raw(session, row, raws[DOCUMENT], clock=clock)
    return unfinished


def take_checked(session: Session, prepared_id: UUID, raws: Mapping[int, bytes], *, actor: Actor, clock: Clock) -> None:
    """Use a prepared signing up with raw signatures that were checked. Raises NotFound, Gone."""
    row = _own_signing(session, prepared_id, actor)
    keep_raws(session, row, raws)
    take_raw(session, row, raws[DOCUMENT], clock=clock, patience=BATCH_PATIENCE)


def finish_taken(
    session: Session, prepared_id: UUID, *, actor: Actor, clock: Clock, files: FileStore, signing: SigningGateway
) -> str:
    """Finish what `take_checked` kept; give the signature's SHA-256. Raises as `finish_elsewhere`."""
    unfinished = unfinished_of(session, _own_signing(session, prepared_id, actor), files=files)
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
    signed, attached = complete_all(unfinished, signing, actor.ward_id)
    return finish_signing(session, prepared_id, signed, actor=actor, clock=clock, files=files, attached=attached)


def _attached(session: Session, document: Document, unfinished: UnfinishedSigning) -> tuple[BegunAttachment, ...]:
    titles: dict[int, str] = {
        row.number: row.title
        for row in session.execute(
            select(DocumentAttachment.number, DocumentAttachment.title).where(
                DocumentAttachment.ward_id == document.ward_id, DocumentAttachment.document_id == document.id
            )
        )
    }
    return tuple(
        BegunAttachment(number=number, title=titles.get(number, ""), value=one.value)
        for number, one in unfinished.attached.items()
    )


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
