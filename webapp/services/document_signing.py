"""Signatures of a document: each person's of its chain, then the agency's seal (Decree 30, Arts 32 and 33).

Each runs in three parts: read and check; sign, which may wait minutes for a time-stamping service; then lock, compare
with what was read, and store. `release` is called before the slow part, so that a page can give back its place in the
database meanwhile. Nothing but the ledger row, the version and the audit event remains of it; never the PIN.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.copies import is_copy
from webapp.core.documents import StepKind
from webapp.core.ports import AgencySigning, Clock, CornerSigning, FileStore, OpenedKey, SignedFile, SigningGateway
from webapp.core.prepared_signings import KeyElsewhere, StampPending, UnfinishedSigning
from webapp.core.signature_levels import level_of_step
from webapp.models.accounts import Account
from webapp.models.documents import Document, SigningStep
from webapp.models.places import Ward
from webapp.models.workflow import DocumentAttachment, DocumentCopy
from webapp.queries.signature_levels import level_in_force
from webapp.services.document_versions import BaseVersion, current_version, find_document
from webapp.services.pin_attempts import check_pin_attempts
from webapp.services.prepared_attachments import about_attachment, complete_all
from webapp.services.prepared_waiting import refuse_while_unstamped
from webapp.services.signature_places import chosen_place
from webapp.services.signature_store import OWNERS, SigningPlan, store_signature, under_plan
from webapp.services.signing_keys import access_to, key_in_hand
from webapp.services.signing_orders import attachment_order, copy_order, person_order
from webapp.services.signing_turns import check_standing, check_turn

_Corners = Mapping[int, tuple[bytes, CornerSigning]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDocument:
    """Sign (or seal) the version that was shown, with the PIN of one's own (or the agency's) key, or `opened`."""

    document_id: UUID
    base: BaseVersion
    pin: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    opened: OpenedKey | None = field(default=None, repr=False)


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
    """Sign as a person of the chain; give the signature's SHA-256.

    Raises NotAllowed (another person is named), WrongState (not their turn), Conflict (the base changed),
    SigningRefused (PIN, certificate, file, time stamp, no delegation that holds today).
    """
    require(actor, Permission.DOCUMENT_SIGN)
    return _sign_as(
        session, command, StepKind.PERSON, actor=actor, clock=clock, files=files, signing=signing, release=release
    )


def initial_with_key(
    session: Session,
    command: SignDocument,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None] = _stay,
) -> str:
    """Put one's initials with a small signature; give its SHA-256. Raises as `sign_document`."""
    require(actor, Permission.DOCUMENT_DRAFT)
    return _sign_as(
        session, command, StepKind.INITIALS, actor=actor, clock=clock, files=files, signing=signing, release=release
    )


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
    """Apply the agency's signature to the document and its attachments, the clerk in person; give its SHA-256.

    A copy gets it in the corner, without a person's before it (Decree 30, Art 32.2). Raises as `sign_document`.
    """
    require(actor, Permission.DOCUMENT_SEAL)
    document = find_document(session, actor, command.document_id)
    step = check_turn(session, document, StepKind.AGENCY, actor)
    plan = plan_signature(session, document, step, command=command, actor=actor, clock=clock, files=files)
    agency = session.get_one(Ward, actor.ward_id).agency_name
    corners = _corners(session, document, plan, agency, files=files)
    copy = session.get(DocumentCopy, (document.ward_id, document.id)) if is_copy(document.type_code) else None
    form = copy.form if copy else None
    release()
    later = bool(corners)

    def seal() -> SignedFile:
        if form is not None:
            corner = replace(copy_order(form, key=plan.key, agency=agency), level=plan.level, stamp_later=later)
            return signing.sign_corner(plan.pdf, corner, ward_id=actor.ward_id)
        order = AgencySigning(
            key=plan.key, agency_name=agency, picture=plan.picture, level=plan.level, stamp_later=later
        )
        return signing.sign_agency(plan.pdf, order, ward_id=actor.ward_id)

    with under_plan(plan):
        signed, attached = _with_attachments(seal, corners, signing, actor)
    return store_signature(
        session, command.document_id, plan, signed, actor=actor, clock=clock, files=files, attached=attached
    )


def _sign_as(
    session: Session,
    command: SignDocument,
    kind: StepKind,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    signing: SigningGateway,
    release: Callable[[], None],
) -> str:
    document = find_document(session, actor, command.document_id)
    step = check_turn(session, document, kind, actor)
    plan = plan_signature(session, document, step, command=command, actor=actor, clock=clock, files=files)
    signer = session.get_one(Account, actor.account_id)
    order = replace(person_order(document, step, signer, key=plan.key, picture=plan.picture), level=plan.level)
    if not order.initials:
        order = replace(order, place=chosen_place(session, document, step.account_id))
    release()
    with under_plan(plan):
        signed = signing.sign_person(plan.pdf, order, ward_id=actor.ward_id)
    return store_signature(session, command.document_id, plan, signed, actor=actor, clock=clock, files=files)


def plan_signature(
    session: Session,
    document: Document,
    step: SigningStep,
    *,
    command: SignDocument,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> SigningPlan:
    """Read what a step is signed on and with. Raises WrongState, Conflict, SigningRefused (no key, no delegation)."""
    refuse_while_unstamped(session, document)
    standing = check_standing(session, document, step, clock.today())
    version = current_version(session, document, command.base)
    keystore = key_in_hand(session, actor, OWNERS[step.kind])
    if command.opened is None:
        check_pin_attempts(session, actor, now=clock.now())
    return SigningPlan(
        kind=step.kind,
        base=command.base,
        pdf=files.get(version.sha256),
        key=replace(access_to(keystore, command.pin, code=command.code, files=files), opened=command.opened),
        picture=files.get(keystore.picture_sha256) if keystore.picture_sha256 else None,
        on_behalf_of=standing.on_behalf_of,
        level=level_of_step(step.kind, level_in_force(session, actor.ward_id, document.type_code)),
    )


def _corners(session: Session, document: Document, plan: SigningPlan, agency: str, *, files: FileStore) -> _Corners:
    rows = session.scalars(
        select(DocumentAttachment)
        .where(DocumentAttachment.ward_id == document.ward_id, DocumentAttachment.document_id == document.id)
        .order_by(DocumentAttachment.number)
    )
    return {
        row.number: (
            files.get(row.sha256),
            replace(attachment_order(document, row, key=plan.key, agency=agency), level=plan.level, stamp_later=True),
        )
        for row in rows
    }


def _with_attachments(
    seal: Callable[[], SignedFile], corners: _Corners, signing: SigningGateway, actor: Actor
) -> tuple[SignedFile, dict[int, SignedFile]]:
    """Seal the document and each attachment: all of them or none, each key asked before the first timestamp is.

    Raises KeyElsewhere or StampPending with what belongs to all of them; a refusal says which attachment it is about.
    """
    try:
        signed = seal()
    except (KeyElsewhere, StampPending) as main:
        unfinished = replace(main.unfinished, attached=_unfinished_attachments(corners, signing, actor))
        if isinstance(main, KeyElsewhere):
            raise KeyElsewhere(unfinished) from main
        if not corners:
            raise
    else:
        return signed, _seal_attachments(corners, signing, actor)
    try:
        return complete_all(unfinished, signing, actor.ward_id)
    except StampPending as found:
        raise StampPending(unfinished, english=found.english) from found


def _unfinished_attachments(corners: _Corners, signing: SigningGateway, actor: Actor) -> dict[int, UnfinishedSigning]:
    prepared = {}
    for number, (pdf, order) in corners.items():
        try:
            with about_attachment(number):
                signing.sign_corner(pdf, order, ward_id=actor.ward_id)
        except (KeyElsewhere, StampPending) as found:
            prepared[number] = found.unfinished
    return prepared


def _seal_attachments(corners: _Corners, signing: SigningGateway, actor: Actor) -> dict[int, SignedFile]:
    sealed = {}
    for number, (pdf, order) in corners.items():
        with about_attachment(number):
            sealed[number] = signing.sign_corner(pdf, order, ward_id=actor.ward_id)
    return sealed
