"""Signing with the government's own tool: it fetches the file by a one-time address, and brings the signed one back.

The tool has no log-in here, so each address is of one version, person and step, and lives a quarter of an hour. What
it brings is believed only as far as it was checked: the same document, one signature more, by the certificate that this
person enrolled, nothing else changed. Then it is stored as every other signature is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.documents import SERVER_KEYS, KeystoreKind, StepKind
from webapp.core.errors import N_, DomainError, Gone, NotAllowed, NotFound, SigningRefused
from webapp.core.ports import Clock, FileStore, KeyAccess, SignedFile, SigningGateway
from webapp.core.prepared_signings import PreparedState, UnfinishedSigning
from webapp.models.database import bind_ward
from webapp.models.documents import Document
from webapp.models.prepared_signings import PreparedSigning
from webapp.models.signing import Keystore
from webapp.models.workflow import DocumentAttachment
from webapp.queries.signing_batches import live_actor
from webapp.services.document_signing import SignDocument, plan_signature
from webapp.services.document_versions import BaseVersion, find_document
from webapp.services.prepared_signings import (
    Begun,
    actor_of,
    begin_signing,
    find_by_token,
    give_up_signing,
    locked_signing,
    ward_of_token,
)
from webapp.services.signature_store import OWNERS, SigningPlan, store_signature
from webapp.services.signing_keys import access_to, key_in_hand
from webapp.services.signing_turns import check_turn

DOOR: Final = {"door": "vgca"}
"""The stored value that tells such a signing from one for the agent."""
_RIGHTS: Final = {
    StepKind.INITIALS: Permission.DOCUMENT_DRAFT,
    StepKind.PERSON: Permission.DOCUMENT_SIGN,
    StepKind.AGENCY: Permission.DOCUMENT_SEAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FromVgca:
    """What an address stood for when the file came: plain values, for rows do not outlive `release`."""

    prepared_id: UUID
    document_id: UUID
    actor: Actor
    plan: SigningPlan


def begin_vgca(
    session: Session, command: SignDocument, kind: StepKind, *, actor: Actor, clock: Clock, files: FileStore
) -> Begun:
    """Make the one-time token for one act; all rules of that act hold now, and again when the file comes back.

    Raises NotAllowed, WrongState, Conflict, SigningRefused (no key on one's own computer, attachments, a copy).
    """
    require(actor, _RIGHTS[kind])
    document = find_document(session, actor, command.document_id)
    step = check_turn(session, document, kind, actor)
    plan = plan_signature(session, document, step, command=command, actor=actor, clock=clock, files=files)
    if plan.key.kind in SERVER_KEYS:
        raise SigningRefused("key_at_server", N_("Khóa đang dùng nằm ở máy chủ. Hãy tải lại trang ký."))
    _refuse_corners(session, document, kind)
    keystore = key_in_hand(session, actor, OWNERS[kind])
    return begin_signing(
        session,
        command.document_id,
        plan,
        UnfinishedSigning(value=DOOR, pdf=plan.pdf),
        keystore_id=keystore.id,
        actor=actor,
        clock=clock,
        files=files,
    )


def file_for_vgca(session: Session, token: str, *, clock: Clock, files: FileStore) -> bytes:
    """Give the file to sign. Raises NotFound, Gone."""
    return files.get(_found(session, token, clock=clock).base_sha256)


def open_vgca(session: Session, token: str, *, clock: Clock, files: FileStore) -> FromVgca:
    """Give what the address stands for, with its person's rights of this moment. Raises NotFound, Gone, NotAllowed."""
    row = _found(session, token, clock=clock)
    actor = live_actor(session, actor_of(row), now=clock.now())
    if actor is None or not actor.can(_RIGHTS[row.step]):
        raise NotAllowed
    keystore = session.get_one(Keystore, (row.ward_id, row.keystore_id))
    if keystore.retired_at is not None:
        raise Gone("signing-over", N_("Khóa ký đã ngừng dùng. Hãy mở lại trang ký."))
    enrolled = access_to(keystore, "", files=files)
    plan = SigningPlan(
        kind=row.step,
        base=BaseVersion(version=row.base_version, sha256=row.base_sha256),
        pdf=files.get(row.base_sha256),
        key=KeyAccess(kind=KeystoreKind.VGCA, certificates=enrolled.certificates),
        picture=None,
        on_behalf_of=row.on_behalf_of,
    )
    return FromVgca(prepared_id=row.id, document_id=row.document_id, actor=actor, plan=plan)


def take_from_vgca(
    session: Session,
    found: FromVgca,
    pdf: bytes,
    *,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None],
) -> str:
    """Check the signed file and store it with its step, ledger row and audit event; give the signature's SHA-256.

    Raises SigningRefused (the file is not what it must be), Gone (another upload was first), Conflict, WrongState.
    """
    release()
    signed: SignedFile = signing.check_received(
        found.plan.pdf,
        pdf,
        certificate=found.plan.key.certificates[0],
        sealing=found.plan.kind is StepKind.AGENCY,
        ward_id=found.actor.ward_id,
    )
    row = locked_signing(session, found.actor.ward_id, found.prepared_id)
    if row.state is not PreparedState.PREPARED:
        raise Gone("signing-over", N_("Lượt ký này đã dùng hoặc đã quá 15 phút. Hãy mở lại trang ký."))
    sha256 = store_signature(
        session, found.document_id, found.plan, signed, actor=found.actor, clock=clock, files=files
    )
    row.state, row.value = PreparedState.DONE, {}
    return sha256


def drop_vgca(session: Session, found: FromVgca, error: DomainError, *, told: str, clock: Clock) -> None:
    """Use the token up with a file that was refused; `told` is what the page shows of why."""
    row = locked_signing(session, found.actor.ward_id, found.prepared_id)
    if row.state is PreparedState.PREPARED:
        give_up_signing(session, found.prepared_id, error, actor=found.actor, clock=clock)
        row.value = {"told": told[:500]}


def state_of_vgca(session: Session, actor: Actor, prepared_id: UUID) -> tuple[PreparedState, str]:
    """Tell the person who began it how it stands, and what the ward said to a file it refused. Raises NotFound."""
    row = session.execute(
        select(PreparedSigning.state, PreparedSigning.value).where(
            PreparedSigning.ward_id == actor.ward_id,
            PreparedSigning.id == prepared_id,
            PreparedSigning.actor_id == actor.account_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.state, str(row.value.get("told", ""))


def _found(session: Session, token: str, *, clock: Clock) -> PreparedSigning:
    bind_ward(session, ward_of_token(token))
    row = find_by_token(session, token, clock=clock)
    if row.value != DOOR:
        raise NotFound
    return row


def _refuse_corners(session: Session, document: Document, kind: StepKind) -> None:
    """Only the document itself goes through the tool: corners are placed by law, and we cannot tell it where."""
    mine = (DocumentAttachment.ward_id == document.ward_id, DocumentAttachment.document_id == document.id)
    separate = kind is StepKind.AGENCY and session.scalar(select(exists().where(*mine)))
    if separate or is_copy(document.type_code):
        raise SigningRefused(
            "vgca_corners",
            N_(
                "Bản sao và văn bản có tệp đính kèm riêng không đóng dấu được bằng công cụ VGCA. "
                "Hãy dùng phần mềm ký Phường Số."
            ),
            english="Copies and documents with separate attachments cannot be sealed with VGCA's tool; use the agent.",
        )
