"""Both signatures of a document: the authorised person's, then the agency's seal over it (Decree 30, Arts 32 and 33).

Each runs in three parts: read and check; sign, which may wait minutes for a time-stamping service; then lock, compare
with what was read, and store. `release` is called before the slow part, so that a page can give back its place in the
database meanwhile. Nothing but the ledger row, the version and the audit event remains of it; never the PIN.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.documents import KeystoreOwner, StepKind, signing_capacity_text
from webapp.core.ports import AgencySigning, Clock, FileStore, PersonSigning, SigningGateway
from webapp.models.accounts import Account
from webapp.models.documents import Document
from webapp.models.places import Ward
from webapp.services.document_versions import BaseVersion, current_version, find_document
from webapp.services.pin_attempts import check_pin_attempts
from webapp.services.signature_store import SigningPlan, store_signature
from webapp.services.signing_keys import access_to, key_in_hand
from webapp.services.signing_turns import check_turn

OWNERS = {StepKind.PERSON: KeystoreOwner.PERSON, StepKind.AGENCY: KeystoreOwner.AGENCY}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDocument:
    """Sign (or seal) the version that was shown, with the PIN of one's own (or the agency's) key."""

    document_id: UUID
    base: BaseVersion
    pin: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


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
        key=plan.key,
        signer_name=signer.display_name,
        title=document.signer_title,
        picture=plan.picture,
    )
    release()
    signed = signing.sign_person(plan.pdf, order, ward_id=actor.ward_id)
    return store_signature(session, command.document_id, plan, signed, actor=actor, clock=clock, files=files)


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
    order = AgencySigning(key=plan.key, agency_name=agency, picture=plan.picture)
    release()
    signed = signing.sign_agency(plan.pdf, order, ward_id=actor.ward_id)
    return store_signature(session, command.document_id, plan, signed, actor=actor, clock=clock, files=files)


def _plan(
    session: Session,
    document: Document,
    kind: StepKind,
    *,
    command: SignDocument,
    actor: Actor,
    clock: Clock,
    files: FileStore,
) -> SigningPlan:
    check_turn(session, document, kind, actor)
    version = current_version(session, document, command.base)
    keystore = key_in_hand(session, actor, OWNERS[kind])
    check_pin_attempts(session, actor, now=clock.now())
    agency = session.get_one(Ward, actor.ward_id).agency_name
    return SigningPlan(
        kind=kind,
        base=command.base,
        pdf=files.get(version.sha256),
        key=access_to(keystore, command.pin, code=command.code, files=files),
        picture=files.get(keystore.picture_sha256) if keystore.picture_sha256 else None,
        on_behalf_of=agency if kind is StepKind.AGENCY else signing_capacity_text(document.capacity, agency),
    )
