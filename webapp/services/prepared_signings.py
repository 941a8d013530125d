"""Signatures that take a detour: prepared here, signed beside a key elsewhere, or waiting for their timestamp.

What is kept is a small frozen value; it is used once and for a short time, and the raw signature is checked against
the enrolled certificate before it is taken. A document counts as signed only when the version that holds the whole
signature is stored, in one transaction with step, ledger and audit (services/signature_store.py).
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import KeystoreKind
from webapp.core.errors import N_, Conflict, DomainError, Gone, NotFound, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock, FileStore, KeyAccess, SignedFile
from webapp.core.prepared_signings import (
    PREPARED_FOR,
    PreparedState,
    UnfinishedSigning,
    stamp_again_after,
)
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import Keystore
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion
from webapp.services.prepared_attachments import attached_of, drop_attached, keep_attached
from webapp.services.prepared_waiting import waiting_for_stamp
from webapp.services.signature_store import SigningPlan, store_signature

_NONE: Final[Mapping[int, SignedFile]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A prepared signing with its one-time token: for whoever signs, never stored, never in an address of a log."""

    id: UUID
    token: str = field(repr=False)


def begin_signing(
    session: Session,
    document_id: UUID,
    plan: SigningPlan,
    unfinished: UnfinishedSigning,
    *,
    keystore_id: UUID,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> Begun:
    """Keep what was prepared for a key elsewhere; what the person began before on this document is void."""
    _void(session, document_id, actor)
    secret = secrets.token_urlsafe(32)
    row = _row(document_id, plan, unfinished, keystore_id=keystore_id, actor=actor, clock=clock, files=files)
    row.state, row.token_hash = PreparedState.PREPARED, _hash(secret)
    session.add(row)
    session.flush()
    keep_attached(session, row, unfinished, files)
    record(session, AuditTag.SIGNING_PREPARE, actor=actor, clock=clock, subject=document_id, step=plan.kind.value)
    return Begun(id=row.id, token=f"{actor.ward_id.hex}.{secret}")


def keep_unstamped(
    session: Session,
    document_id: UUID,
    plan: SigningPlan,
    unfinished: UnfinishedSigning,
    *,
    keystore_id: UUID,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> UUID:
    """Keep a signature whose timestamp did not come: it is asked for again without the key. Raises Conflict."""
    _void(session, document_id, actor)
    row = _row(document_id, plan, unfinished, keystore_id=keystore_id, actor=actor, clock=clock, files=files)
    row.state, row.raw, row.signed_at = PreparedState.SIGNED, unfinished.raw, clock.now()
    row.attempts, row.next_try_at, row.problem = 1, clock.now() + stamp_again_after(1), "timestamp_failed"
    session.add(row)
    session.flush()
    keep_attached(session, row, unfinished, files)
    record(session, AuditTag.SIGNING_UNSTAMPED, actor=actor, clock=clock, subject=document_id)
    return row.id


def ward_of_token(token: str) -> UUID:
    """Give the ward that a token speaks of, to bind the session to before anything is looked up. Raises NotFound."""
    try:
        return UUID(hex=token.partition(".")[0])
    except ValueError as error:
        raise NotFound from error


def find_by_token(session: Session, token: str, *, clock: Clock) -> PreparedSigning:
    """Give what a token opens. Raises NotFound, Gone (used, void or too late)."""
    ward_id, secret = ward_of_token(token), token.partition(".")[2]
    row = session.scalar(
        select(PreparedSigning).where(PreparedSigning.ward_id == ward_id, PreparedSigning.token_hash == _hash(secret))
    )
    if row is None:
        raise NotFound
    if row.state is not PreparedState.PREPARED or row.expires_at <= clock.now():
        raise Gone("signing-over", N_("Lượt ký này đã dùng hoặc đã quá 15 phút. Hãy mở lại trang ký."))
    return row


def take_raw(
    session: Session,
    prepared: PreparedSigning,
    raw: bytes,
    *,
    clock: Clock,
    patience: dt.timedelta | None = None,
) -> None:
    """Use the signing up with a raw signature that was checked against its certificate. Raises Gone when it is over.

    After `patience` a worker asks for the timestamp, if the caller has not finished by then.
    """
    now = clock.now()
    taken = session.execute(
        update(PreparedSigning)
        .where(
            PreparedSigning.ward_id == prepared.ward_id,
            PreparedSigning.id == prepared.id,
            PreparedSigning.state == PreparedState.PREPARED,
            PreparedSigning.expires_at > now,
        )
        .values(
            state=PreparedState.SIGNED, raw=raw, signed_at=now, next_try_at=now + (patience or stamp_again_after(1))
        )
        .returning(PreparedSigning.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        raise Gone("signing-over", N_("Lượt ký này đã dùng hoặc đã quá 15 phút. Hãy mở lại trang ký."))
    session.refresh(prepared)


def unfinished_of(session: Session, prepared: PreparedSigning, *, files: FileStore) -> UnfinishedSigning:
    """Give what completes the signature, and those of the attachments that are signed with it."""
    return UnfinishedSigning(
        value=prepared.value,
        pdf=files.get(prepared.file_sha256),
        raw=prepared.raw or b"",
        attached=attached_of(session, prepared, files),
    )


def finish_signing(
    session: Session,
    prepared_id: UUID,
    signed: SignedFile,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    attached: Mapping[int, SignedFile] = _NONE,
) -> str:
    """Store the completed signature as its document's new version, with its sealed attachments; give its SHA-256.

    Raises Conflict, WrongState when the document went another way meanwhile: the caller says `give_up_signing`.
    """
    row = locked_signing(session, actor.ward_id, prepared_id)
    if row.state is not PreparedState.SIGNED:
        raise WrongState(N_("Lượt ký này đã xong hoặc đã bị bỏ."))
    plan = SigningPlan(
        kind=row.step,
        base=BaseVersion(version=row.base_version, sha256=row.base_sha256),
        pdf=b"",
        key=KeyAccess(kind=_kind(session, row)),
        picture=None,
        on_behalf_of=row.on_behalf_of,
    )
    sha256 = store_signature(
        session, row.document_id, plan, signed, actor=actor, clock=clock, files=files, attached=attached
    )
    row.state, row.value, row.next_try_at, row.problem = PreparedState.DONE, {}, None, ""
    drop_attached(session, row.ward_id, row.id)
    return sha256


def note_failure(session: Session, ward_id: UUID, prepared_id: UUID, code: str, *, clock: Clock) -> None:
    """Count a failed try for the timestamp and say when the next one is due."""
    row = locked_signing(session, ward_id, prepared_id)
    if row.state is PreparedState.SIGNED:
        row.attempts += 1
        row.next_try_at, row.problem = clock.now() + stamp_again_after(row.attempts), code[:60]


def give_up_signing(session: Session, prepared_id: UUID, error: DomainError, *, actor: Actor, clock: Clock) -> bool:
    """Put aside a signature that its document has no place for any more; False when somebody finished it meanwhile."""
    row = locked_signing(session, actor.ward_id, prepared_id)
    if row.state not in {PreparedState.PREPARED, PreparedState.SIGNED}:
        return False
    row.state, row.next_try_at, row.problem = PreparedState.FAILED, None, error.code[:60]
    record(session, AuditTag.SIGNING_DROPPED, actor=actor, clock=clock, subject=row.document_id, reason=row.problem)
    return True


def try_again_now(session: Session, actor: Actor, document_id: UUID, *, clock: Clock) -> UUID:
    """Make the timestamp of a document due at once; give the signing that waits for it. Raises NotFound."""
    row = waiting_for_stamp(session, actor.ward_id, document_id)
    if row is None:
        raise NotFound
    row.next_try_at = clock.now()
    return row.id


def actor_of(prepared: PreparedSigning) -> Actor:
    """Give the person whose signature it is, for work that goes on without them."""
    return Actor(account_id=prepared.actor_id, ward_id=prepared.ward_id, roles=frozenset())


def _row(
    document_id: UUID,
    plan: SigningPlan,
    unfinished: UnfinishedSigning,
    *,
    keystore_id: UUID,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> PreparedSigning:
    return PreparedSigning(
        ward_id=actor.ward_id,
        id=new_id(),
        document_id=document_id,
        base_version=plan.base.version,
        base_sha256=plan.base.sha256,
        step=plan.kind,
        keystore_id=keystore_id,
        actor_id=actor.account_id,
        on_behalf_of=plan.on_behalf_of[:200],
        value=dict(unfinished.value),
        file_sha256=files.put(unfinished.pdf),
        made_at=clock.now(),
        expires_at=clock.now() + PREPARED_FOR,
        attempts=0,
        problem="",
    )


def _void(session: Session, document_id: UUID, actor: Actor) -> None:
    """Only the newest of a person's attempts on a document can be used."""
    signed = waiting_for_stamp(session, actor.ward_id, document_id)
    if signed is not None:
        raise Conflict(N_("Văn bản đã được ký và đang chờ dấu thời gian; chương trình đang tự xin lại."))
    void = session.scalars(
        update(PreparedSigning)
        .where(
            PreparedSigning.ward_id == actor.ward_id,
            PreparedSigning.document_id == document_id,
            PreparedSigning.actor_id == actor.account_id,
            PreparedSigning.state == PreparedState.PREPARED,
        )
        .values(state=PreparedState.EXPIRED, value={})
        .returning(PreparedSigning.id)
        .execution_options(synchronize_session=False)
    ).all()
    drop_attached(session, actor.ward_id, *void)


def locked_signing(session: Session, ward_id: UUID, prepared_id: UUID) -> PreparedSigning:
    """Give it locked, as it stands now. Raises NotFound."""
    row = session.scalar(
        select(PreparedSigning)
        .where(PreparedSigning.ward_id == ward_id, PreparedSigning.id == prepared_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def _kind(session: Session, row: PreparedSigning) -> KeystoreKind:
    return session.get_one(Keystore, (row.ward_id, row.keystore_id)).kind


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
