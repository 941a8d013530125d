"""Signatures whose timestamp did not come: kept, asked for again without the key, never given up silently."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import Conflict, NotFound, SigningRefused, WrongState
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.core.prepared_signings import PreparedState, StampPending
from webapp.models.prepared_signings import PreparedSigning
from webapp.services.jobs import NewJob, enqueue
from webapp.services.prepared_attachments import complete_all
from webapp.services.prepared_signings import (
    actor_of,
    finish_signing,
    give_up_signing,
    keep_unstamped,
    note_failure,
    try_again_now,
    unfinished_of,
)
from webapp.services.signature_store import OWNERS, PlannedUnstamped
from webapp.services.signing_keys import key_in_hand


def keep_waiting(
    session: Session, document_id: UUID, found: PlannedUnstamped, *, actor: Actor, clock: Clock, files: FileStore
) -> UUID:
    """Keep what the key has made; a worker asks for the timestamp. Raises Conflict when another one waits already."""
    keystore = key_in_hand(session, actor, OWNERS[found.plan.kind])
    return keep_unstamped(
        session,
        document_id,
        found.plan,
        found.unfinished,
        keystore_id=keystore.id,
        actor=actor,
        clock=clock,
        files=files,
    )


def queue_due_stamps(session: Session, ward_id: UUID, *, clock: Clock) -> int:
    """Queue a job for each signature whose next try is due; give their number. A second call finds them queued."""
    due = session.execute(
        select(PreparedSigning.id, PreparedSigning.attempts).where(
            PreparedSigning.ward_id == ward_id,
            PreparedSigning.state == PreparedState.SIGNED,
            PreparedSigning.next_try_at <= clock.now(),
        )
    ).all()
    for row in due:
        _enqueue(session, ward_id, row.id, f"stamp:{row.id}:{row.attempts}", clock=clock)
    return len(due)


def queue_stamp_now(session: Session, actor: Actor, document_id: UUID, *, clock: Clock) -> None:
    """Ask for a document's timestamp at once, because somebody wants it. Raises NotFound when none is missing."""
    prepared_id = try_again_now(session, actor, document_id, clock=clock)
    _enqueue(session, actor.ward_id, prepared_id, f"stamp:{prepared_id}:{clock.now():%H%M%S}", clock=clock)


def stamp(
    session: Session, ward_id: UUID, prepared_id: UUID, *, clock: Clock, files: FileStore, signing: SigningGateway
) -> str | None:
    """Get the timestamp and finish the signature; give its SHA-256, or None when there is nothing (left) to do.

    The slow part holds no transaction: what was read ends before it, and the caller commits what comes after. Raises
    StampPending when the service is still away (the caller counts it with `note_failure`).
    """
    row = session.get(PreparedSigning, (ward_id, prepared_id))
    if row is None or row.state is not PreparedState.SIGNED:
        return None
    actor, unfinished = actor_of(row), unfinished_of(session, row, files=files)
    session.rollback()
    try:
        signed, attached = complete_all(unfinished, signing, ward_id)
        return finish_signing(session, prepared_id, signed, actor=actor, clock=clock, files=files, attached=attached)
    except StampPending:
        raise
    except (Conflict, WrongState, NotFound, SigningRefused) as error:
        session.rollback()
        give_up_signing(session, prepared_id, error, actor=actor, clock=clock)
        return None


def count_failure(session: Session, ward_id: UUID, prepared_id: UUID, *, clock: Clock) -> None:
    """Note that the timestamp did not come once more."""
    note_failure(session, ward_id, prepared_id, "timestamp_failed", clock=clock)


def _enqueue(session: Session, ward_id: UUID, prepared_id: UUID, key: str, *, clock: Clock) -> None:
    job = NewJob(kind=JobKind.TIMESTAMP, payload={"prepared_id": str(prepared_id)}, dedupe_key=key)
    enqueue(session, job, ward_id=ward_id, created_by=None, clock=clock)
