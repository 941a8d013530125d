"""Keeping a signature: version, step, ledger row and audit event at once, or nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.documents import KeystoreOwner, StepKind, VersionKind
from webapp.core.errors import SigningRefused
from webapp.core.events import AuditTag
from webapp.core.periods import WARD_ZONE
from webapp.core.ports import Clock, FileStore, KeyAccess, SignedFile
from webapp.core.prepared_signings import KeyElsewhere, StampPending
from webapp.core.signature_levels import DEFAULT_LEVEL, SignatureLevel
from webapp.models.documents import Document
from webapp.models.workflow import DocumentAttachment
from webapp.services.audit import record
from webapp.services.document_versions import BaseVersion, add_version, current_version, find_document
from webapp.services.ledger import append_signature
from webapp.services.signing_turns import Done, check_turn, finish_step


@dataclass(frozen=True, slots=True)
class SigningPlan:
    """What was read before the slow part: plain values, for rows do not outlive `release`."""

    kind: StepKind
    base: BaseVersion
    pdf: bytes
    key: KeyAccess
    picture: bytes | None
    on_behalf_of: str
    level: SignatureLevel = DEFAULT_LEVEL


_MADE = {
    StepKind.INITIALS: VersionKind.INITIALLED,
    StepKind.PERSON: VersionKind.SIGNED,
    StepKind.AGENCY: VersionKind.SEALED,
}
_TAGS = {
    StepKind.INITIALS: AuditTag.DOCUMENT_INITIAL,
    StepKind.PERSON: AuditTag.DOCUMENT_SIGN,
    StepKind.AGENCY: AuditTag.DOCUMENT_SEAL,
}
_NONE: Final[Mapping[int, SignedFile]] = MappingProxyType({})
OWNERS = {
    StepKind.INITIALS: KeystoreOwner.PERSON,
    StepKind.PERSON: KeystoreOwner.PERSON,
    StepKind.AGENCY: KeystoreOwner.AGENCY,
}
"""Whose key each kind of step is made with."""


class PlannedElsewhere(SigningRefused):
    """A `KeyElsewhere` with the plan it belongs to: then what is prepared can be kept (signing_elsewhere.py)."""

    def __init__(self, plan: SigningPlan, found: KeyElsewhere) -> None:
        super().__init__(found.code, found.message, english=found.english)
        self.plan = plan
        self.unfinished = found.unfinished


class PlannedUnstamped(StampPending):
    """A `StampPending` with the plan it belongs to: the edge keeps it (`unstamped.keep_waiting`) and commits that."""

    def __init__(self, plan: SigningPlan, found: StampPending) -> None:
        super().__init__(found.unfinished, english=found.english)
        self.plan = plan


@contextmanager
def under_plan(plan: SigningPlan) -> Iterator[None]:
    """Say which plan a key elsewhere, or a missing timestamp, belongs to."""
    try:
        yield
    except KeyElsewhere as found:
        raise PlannedElsewhere(plan, found) from found
    except StampPending as found:
        raise PlannedUnstamped(plan, found) from found


def store_signature(
    session: Session,
    document_id: UUID,
    plan: SigningPlan,
    signed: SignedFile,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    attached: Mapping[int, SignedFile] = _NONE,
) -> str:
    """Lock, look again whether the turn and the base still hold, then write version, step, ledger and audit at once.

    `attached`: the sealed attachments by number. Their ledger rows come first: the document's own is the newest.
    """
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
    done = Done(on=signed.claimed_at.astimezone(WARD_ZONE).date(), signature=signed.signature_sha256)
    finish_step(session, document, step, done, actor=actor, clock=clock)
    for number, sealed in attached.items():
        _keep_attachment(session, document, number, sealed, files=files)
        _enter(session, document, version.number, plan, sealed, actor=actor, clock=clock)
        attachment = {"attachment": number, "signature": sealed.signature_sha256}
        record(session, AuditTag.ATTACHMENT_SEAL, actor=actor, clock=clock, subject=document.id, **attachment)
    _enter(session, document, version.number, plan, signed, actor=actor, clock=clock)
    sha256 = signed.signature_sha256
    record(session, _TAGS[plan.kind], actor=actor, clock=clock, subject=document.id, signature=sha256)
    return sha256


def _keep_attachment(
    session: Session, document: Document, number: int, sealed: SignedFile, *, files: FileStore
) -> None:
    row = session.get_one(DocumentAttachment, (document.ward_id, document.id, number), with_for_update=True)
    row.sealed_sha256, row.signature_sha256 = files.put(sealed.content), sealed.signature_sha256


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
        owner=OWNERS[plan.kind],
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
