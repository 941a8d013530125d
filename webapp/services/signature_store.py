"""Keeping a signature: version, step, ledger row and audit event at once, or nothing."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import KeystoreOwner, StepKind, StepStatus, VersionKind
from webapp.core.events import AuditTag
from webapp.core.ports import Clock, FileStore, KeyAccess, SignedFile
from webapp.models.documents import Document
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, add_version, current_version, find_document
from webapp.services.ledger import append_signature
from webapp.services.signing_turns import STATUS_AFTER, check_turn


@dataclass(frozen=True, slots=True)
class SigningPlan:
    """What was read before the slow part: plain values, for rows do not outlive `release`."""

    kind: StepKind
    base: BaseVersion
    pdf: bytes
    key: KeyAccess
    picture: bytes | None
    on_behalf_of: str


_MADE = {StepKind.PERSON: VersionKind.SIGNED, StepKind.AGENCY: VersionKind.SEALED}
_TAGS = {StepKind.PERSON: AuditTag.DOCUMENT_SIGN, StepKind.AGENCY: AuditTag.DOCUMENT_SEAL}
_OWNERS = {StepKind.PERSON: KeystoreOwner.PERSON, StepKind.AGENCY: KeystoreOwner.AGENCY}


def store_signature(
    session: Session,
    document_id: UUID,
    plan: SigningPlan,
    signed: SignedFile,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> str:
    """Lock, look again whether the turn and the base still hold, then write version, step, ledger and audit at once."""
    document = find_document(session, actor, document_id, lock=True)
    step = check_turn(session, document, plan.kind, actor)
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
    document.status = STATUS_AFTER[plan.kind]
    _enter(session, document, version.number, plan, signed, actor=actor, clock=clock)
    sha256 = signed.signature_sha256
    record(session, _TAGS[plan.kind], actor=actor, clock=clock, subject=document.id, signature=sha256)
    return sha256


def _enter(
    session: Session,
    document: Document,
    version: int,
    plan: SigningPlan,
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
        keystore_kind=plan.key.kind,
    )
