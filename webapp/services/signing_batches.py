"""Many documents with one entry of the PIN: ordering a batch, one of its steps, going on after an interruption."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import SERVER_KEYS, DocumentStatus, KeystoreKind, KeystoreOwner
from webapp.core.errors import N_, Conflict, InvalidInput, NotFound, SigningRefused
from webapp.core.events import AuditTag
from webapp.core.jobs import UNFINISHED, JobKind, JobStatus
from webapp.core.ports import Clock, FileStore, OpenedKey, SigningGateway
from webapp.core.signing_batches import MOST, BatchKind
from webapp.models.documents import Document, DocumentVersion
from webapp.models.jobs import Job, JobItem
from webapp.services.audit import record
from webapp.services.document_signing import SignDocument, seal_document, sign_document
from webapp.services.document_versions import BaseVersion, find_document
from webapp.services.job_leases import Lease
from webapp.services.jobs import NewItem, NewJob, enqueue
from webapp.services.numbering import NumberDocument, number_document
from webapp.services.pin_attempts import check_pin_attempts
from webapp.services.signing_elsewhere import BegunElsewhere, begin_elsewhere
from webapp.services.signing_keys import access_to, key_in_hand, note_limit

RIGHTS: Final = {BatchKind.SIGN: Permission.DOCUMENT_SIGN, BatchKind.SEAL: Permission.DOCUMENT_SEAL}
_TOO_MANY: Final = N_(
    "Văn bản có %(files)s tệp phải ký cùng lúc, dịch vụ ký từ xa chỉ cho mỗi mã ký %(most)s tệp. "
    "Hãy gộp bớt tệp đính kèm hoặc dùng khóa khác."
)
_ACTS: Final = {BatchKind.SIGN: sign_document, BatchKind.SEAL: seal_document}
OWNERS: Final = {BatchKind.SIGN: KeystoreOwner.PERSON, BatchKind.SEAL: KeystoreOwner.AGENCY}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """A document in the version that was shown."""

    document_id: UUID
    base: BaseVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the key's owner typed, once for the batch."""

    pin: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


def open_for_batch(
    session: Session,
    kind: BatchKind,
    typed: Typed,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None],
) -> OpenedKey:
    """Open the key of the person (or agency) for several signatures; the caller closes it. Raises SigningRefused.

    What a remote service says about its limit is noted on the key; the caller commits.
    """
    require(actor, RIGHTS[kind])
    keystore = key_in_hand(session, actor, OWNERS[kind])
    if keystore.kind not in SERVER_KEYS:
        raise SigningRefused(
            "key_elsewhere", N_("Khóa này nằm trên máy của bạn nên không ký hàng loạt ở máy chủ được.")
        )
    check_pin_attempts(session, actor, now=clock.now())
    access, keystore_id = access_to(keystore, typed.pin, code=typed.code, files=files), keystore.id
    release()
    opened = signing.open_key(access, ward_id=actor.ward_id)
    try:
        if access.kind is KeystoreKind.CSC:
            note_limit(session, actor, keystore_id, opened)
    except BaseException:
        opened.close()
        raise
    return opened


def check_room(key: OpenedKey, files: int) -> None:
    """Refuse what one one-time code cannot authorise: document and attachments are signed together or not at all."""
    if key.uses_code and files > (key.at_once or 1):
        raise SigningRefused("too_many_files", _TOO_MANY, files=files, most=key.at_once or 1)


def order_batch(session: Session, kind: BatchKind, items: Sequence[BatchItem], *, actor: Actor, clock: Clock) -> UUID:
    """Write down what is to be signed, in order. Nothing of the key or PIN goes with it.

    Raises NotAllowed, NotFound (a document of another ward), InvalidInput (none, too many, one twice).
    """
    require(actor, RIGHTS[kind])
    ids = [item.document_id for item in items]
    if not 0 < len(ids) <= MOST or len(set(ids)) != len(ids):
        raise InvalidInput(N_("Mỗi lần ký được từ 1 đến 50 văn bản."))
    known = select(func.count()).select_from(Document).where(Document.ward_id == actor.ward_id, Document.id.in_(ids))
    if session.scalar(known) != len(ids):
        raise NotFound
    steps = [NewItem(subject_id=item.document_id, payload=_base_values(item.base)) for item in items]
    order = NewJob(kind=JobKind.SIGNING, payload={"what": kind.value}, items=steps)
    job_id = enqueue(session, order, ward_id=actor.ward_id, created_by=actor.account_id, clock=clock)
    if job_id is None:
        raise Conflict
    tag = AuditTag.DOCUMENT_BATCH
    record(session, tag, actor=actor, clock=clock, subject=job_id, what=kind.value, documents=len(ids))
    return job_id


def go_on(session: Session, job_id: UUID, items: Sequence[BatchItem], *, actor: Actor, clock: Clock) -> None:
    """Let the steps that failed or were left wait again, on the versions that were shown now.

    Raises NotFound (not one's own batch), Conflict (somebody else holds it: it is being signed).
    """
    job = _own_job(session, job_id, actor)
    if job.status is JobStatus.RUNNING and job.lease_until is not None and job.lease_until > clock.now():
        raise Conflict(N_("Đợt ký này đang chạy. Hãy chờ trong giây lát rồi xem lại."))
    shown = {item.document_id: item.base for item in items}
    rows = session.scalars(
        select(JobItem)
        .where(JobItem.ward_id == actor.ward_id, JobItem.job_id == job_id, JobItem.status != JobStatus.DONE)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.subject_id in shown:
            row.status, row.error, row.payload = JobStatus.WAITING, "", _base_values(shown[row.subject_id])
        elif row.status is JobStatus.WAITING:
            row.status, row.error = JobStatus.FAILED, N_("Chưa ký vì không được chọn khi ký tiếp.")
    left = sum(row.status is JobStatus.WAITING for row in rows)
    if not left:
        raise InvalidInput(N_("Không còn văn bản nào để ký tiếp."))
    job.status, job.cancel_asked, job.error, job.finished_at = JobStatus.WAITING, False, "", None
    job.lease_owner, job.lease_until = None, None
    session.flush()
    tag = AuditTag.DOCUMENT_BATCH
    record(session, tag, actor=actor, clock=clock, subject=job_id, what=job.payload["what"], documents=left)


def take_batch(
    session: Session, job_id: UUID, *, actor: Actor, owner: UUID, clock: Clock, length: dt.timedelta
) -> Lease:
    """Hold the batch: its owner just gave the PIN, so how often it was begun before does not matter.

    Raises NotFound, Conflict (another process holds it or it is over).
    """
    job = _own_job(session, job_id, actor)
    held = job.status is JobStatus.RUNNING and job.lease_until is not None and job.lease_until > clock.now()
    if held or job.status not in UNFINISHED:
        raise Conflict(N_("Đợt ký này đang chạy. Hãy chờ trong giây lát rồi xem lại."))
    job.status, job.attempts, job.error = JobStatus.RUNNING, 1, ""
    job.lease_owner, job.lease_until = owner, clock.now() + length
    job.started_at = job.started_at or clock.now()
    session.flush()
    return Lease(
        ward_id=job.ward_id,
        job_id=job.id,
        owner=owner,
        kind=job.kind,
        payload=job.payload,
        attempts=1,
        left_file=None,
        created_by=job.created_by,
    )


def number_if_needed(
    session: Session,
    document_id: UUID,
    base: BaseVersion,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> BaseVersion | None:
    """Give a signed document its number before the seal; the version to be sealed then, None when it has one."""
    if find_document(session, actor, document_id).status is not DocumentStatus.SIGNED:
        return None
    command = NumberDocument(document_id=document_id, base=base)
    number_document(session, command, actor=actor, clock=clock, files=files, signing=signing)
    document = find_document(session, actor, document_id)
    version = session.get_one(DocumentVersion, (document.ward_id, document.id, document.version))
    return BaseVersion(version=version.number, sha256=version.sha256)


def note_base(session: Session, lease: Lease, number: int, base: BaseVersion) -> None:
    """Write down that a step goes on from another version: killed now, it begins there."""
    session.execute(
        update(JobItem)
        .where(JobItem.ward_id == lease.ward_id, JobItem.job_id == lease.job_id, JobItem.number == number)
        .values(payload=_base_values(base))
    )


def apply_key(
    session: Session,
    kind: BatchKind,
    command: SignDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> str:
    """Sign or seal one document with the opened key; the session is given back while the key works."""
    return _ACTS[kind](
        session, command, actor=actor, clock=clock, files=files, signing=signing, release=session.rollback
    )


def prepare_for_key(
    session: Session,
    kind: BatchKind,
    command: SignDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
) -> BegunElsewhere:
    """Prepare one document for a key that signs several with one authorisation. Raises as the act itself."""
    ports = {"clock": clock, "files": files, "signing": signing}
    return begin_elsewhere(session, command, _ACTS[kind], actor=actor, release=session.rollback, **ports)  # type: ignore[arg-type]


def note_outcome(session: Session, lease: Lease, number: int, *, signature_sha256: str = "", error: str = "") -> None:
    """Write down how a step went on whose raw signature was taken before."""
    result = {"signature_sha256": signature_sha256} if signature_sha256 else {}
    session.execute(
        update(JobItem)
        .where(JobItem.ward_id == lease.ward_id, JobItem.job_id == lease.job_id, JobItem.number == number)
        .values(status=JobStatus.FAILED if error else JobStatus.DONE, error=error, result=result)
    )


def base_of(values: Mapping[str, Any]) -> BaseVersion:
    """Read what a step keeps."""
    return BaseVersion(version=values["version"], sha256=values["sha256"])


def _base_values(base: BaseVersion) -> dict[str, Any]:
    return {"version": base.version, "sha256": base.sha256}


def _own_job(session: Session, job_id: UUID, actor: Actor) -> Job:
    job = session.scalar(
        select(Job)
        .where(
            Job.ward_id == actor.ward_id,
            Job.id == job_id,
            Job.kind == JobKind.SIGNING,
            Job.created_by == actor.account_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if job is None:
        raise NotFound
    return job
