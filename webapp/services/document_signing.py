"""Both signatures of a document: the authorised person's, then the agency's seal over it (Decree 30, Arts 32 and 33).

Each runs in three parts: read and check; sign, which may wait minutes for a time-stamping service; then lock, compare
with what was read, and store. `release` is called before the slow part, so that a page can give back its place in the
database meanwhile. Nothing but the ledger row, the version and the audit event remains of it; never the PIN.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import (
    DocumentStatus,
    KeystoreKind,
    KeystoreOwner,
    StepKind,
    StepStatus,
    VersionKind,
    check_document_move,
    signing_capacity_text,
)
from webapp.core.errors import N_, NotAllowed, SigningRefused, WrongState
from webapp.core.events import AuditTag
from webapp.core.ports import AgencySigning, Clock, FileStore, PersonSigning, SignedFile, SigningGateway
from webapp.models.accounts import Account
from webapp.models.documents import Document, SigningStep
from webapp.models.places import Ward
from webapp.models.signing import Keystore
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, add_version, current_version, find_document, waiting_step
from webapp.services.ledger import append_signature
from webapp.services.pin_attempts import check_pin_attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDocument:
    """Sign (or seal) the version that was shown, with the PIN of one's own (or the agency's) key."""

    document_id: UUID
    base: BaseVersion
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was read before the slow part: plain values, for rows do not outlive `release`."""

    kind: StepKind
    base: BaseVersion
    pdf: bytes
    keystore_kind: KeystoreKind
    key_file: bytes
    picture: bytes | None
    on_behalf_of: str


_MOVES = {StepKind.PERSON: DocumentStatus.SIGNED, StepKind.AGENCY: DocumentStatus.SEALED}
_MADE = {StepKind.PERSON: VersionKind.SIGNED, StepKind.AGENCY: VersionKind.SEALED}
_TAGS = {StepKind.PERSON: AuditTag.DOCUMENT_SIGN, StepKind.AGENCY: AuditTag.DOCUMENT_SEAL}
_OWNERS = {StepKind.PERSON: KeystoreOwner.PERSON, StepKind.AGENCY: KeystoreOwner.AGENCY}


def _stay() -> None:
    """Keep the transaction: what scripts and tests do."""


def sign_document(
    session: Session,
    command: SignDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None] = _stay,
) -> str:
    """Sign as the authorised person; give the signature's SHA-256.

    Raises NotAllowed (another person is named), WrongState, Conflict (the base changed), SigningRefused (PIN,
    certificate, file, time stamp).
    """
    require(actor, Permission.DOCUMENT_SIGN)
    document = find_document(session, actor, command.document_id)
    plan = _plan(session, document, StepKind.PERSON, command=command, actor=actor, clock=clock, files=files)
    signer = session.get_one(Account, actor.account_id)
    order = PersonSigning(
        keystore=plan.key_file,
        pin=command.pin,
        signer_name=signer.display_name,
        title=document.signer_title,
        picture=plan.picture,
    )
    release()
    signed = signing.sign_person(plan.pdf, order, ward_id=actor.ward_id)
    return _store(session, command.document_id, plan, signed, actor=actor, clock=clock, files=files)


def seal_document(
    session: Session,
    command: SignDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None] = _stay,
) -> str:
    """Apply the agency's signature, the clerk in person; give the signature's SHA-256. Raises as `sign_document`."""
    require(actor, Permission.DOCUMENT_SEAL)
    document = find_document(session, actor, command.document_id)
    plan = _plan(session, document, StepKind.AGENCY, command=command, actor=actor, clock=clock, files=files)
    agency = session.get_one(Ward, actor.ward_id).agency_name
    order = AgencySigning(keystore=plan.key_file, pin=command.pin, agency_name=agency, picture=plan.picture)
    release()
    signed = signing.sign_agency(plan.pdf, order, ward_id=actor.ward_id)
    return _store(session, command.document_id, plan, signed, actor=actor, clock=clock, files=files)


def _plan(
    session: Session,
    document: Document,
    kind: StepKind,
    *,
    command: SignDocument,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> _Plan:
    _check_turn(session, document, kind, actor)
    version = current_version(session, document, command.base)
    keystore = _keystore(session, actor, _OWNERS[kind])
    check_pin_attempts(session, actor, now=clock.now())
    agency = session.get_one(Ward, actor.ward_id).agency_name
    return _Plan(
        kind=kind,
        base=command.base,
        pdf=files.get(version.sha256),
        keystore_kind=keystore.kind,
        key_file=files.get(keystore.file_sha256),
        picture=files.get(keystore.picture_sha256) if keystore.picture_sha256 else None,
        on_behalf_of=agency if kind is StepKind.AGENCY else signing_capacity_text(document.capacity, agency),
    )


def _check_turn(session: Session, document: Document, kind: StepKind, actor: Actor) -> SigningStep:
    check_document_move(document.status, _MOVES[kind])
    step = waiting_step(session, document, kind)
    if step is None:
        raise WrongState
    if kind is StepKind.PERSON and step.account_id != actor.account_id:
        raise NotAllowed(N_("Văn bản này được giao cho người khác ký."))
    person_waits = kind is StepKind.AGENCY and waiting_step(session, document, StepKind.PERSON) is not None
    if person_waits:
        raise WrongState(N_("Chỉ đóng dấu (ký số cơ quan) sau khi người có thẩm quyền đã ký và văn bản đã có số."))
    return step


def _keystore(session: Session, actor: Actor, owner: KeystoreOwner) -> Keystore:
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


def _store(
    session: Session,
    document_id: UUID,
    plan: _Plan,
    signed: SignedFile,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> str:
    """Lock, look again whether the turn and the base still hold, then write version, step, ledger and audit at once."""
    document = find_document(session, actor, document_id, lock=True)
    step = _check_turn(session, document, plan.kind, actor)
    base = current_version(session, document, plan.base)
    version = add_version(
        session,
        document,
        signed.content,
        kind=_MADE[plan.kind],
        filename=base.filename,
        actor=actor,
        clock=clock,
        files=files,
    )
    step.status, step.done_by, step.done_at = StepStatus.DONE, actor.account_id, clock.now()
    document.status = _MOVES[plan.kind]
    _enter(session, document, version.number, plan, signed, actor=actor, clock=clock)
    sha256 = signed.signature_sha256
    record(session, _TAGS[plan.kind], actor=actor, clock=clock, subject=document.id, signature=sha256)
    return sha256


def _enter(
    session: Session,
    document: Document,
    version: int,
    plan: _Plan,
    signed: SignedFile,
    *,
    actor: Actor,
    clock: Clock,
) -> None:
    append_signature(
        session,
        actor.ward_id,
        signature_sha256=signed.signature_sha256,
        document_id=document.id,
        document_version=version,
        owner=_OWNERS[plan.kind],
        field=signed.field,
        revision_end=signed.revision_end,
        revision_sha256=signed.revision_sha256,
        certificate_issuer=signed.certificate.issuer[:300],
        certificate_serial=signed.certificate.serial,
        certificate_fingerprint=signed.certificate.fingerprint,
        level=signed.level,
        claimed_at=signed.claimed_at,
        timestamp_at=signed.timestamp_at,
        signed_at=signed.timestamp_at or clock.now(),
        actor_id=actor.account_id,
        department_id=document.department_id,
        on_behalf_of=plan.on_behalf_of,
        keystore_kind=plan.keystore_kind,
    )
