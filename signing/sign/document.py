"""``sign_pdf``: one signature into one document, all phases in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from signing.errors import MechanismUnsupported, TimestampFailed, TimestampPending
from signing.model import SignedPdf, SignRequest
from signing.protocol import RawSigner, UnfinishedSignature, choose_mechanism
from signing.sign.completing import complete
from signing.sign.preparing import Draft, Identity, prepare
from signing.sign.surroundings import ALONE, Surroundings


def sign_pdf(data: bytes, signer: RawSigner, request: SignRequest, surroundings: Surroundings = ALONE) -> SignedPdf:
    """Sign ``data`` (PAdES, SHA-256) with any key and return the checked result; the input is never changed.

    Raises a SigningError that names the reason: CertificateNotUsable and DocumentNotSignable before the key is used,
    RawSignatureInvalid when the key answers wrongly, TimestampPending when only the timestamp is missing (nothing is
    saved without it; what it carries can be completed later), OutputNotValid when the result fails its own check.
    """
    identity = Identity(certificate=signer.certificate, chain=signer.chain)
    draft, raw = with_raw(lambda chosen: prepare(data, identity, chosen, surroundings), signer, request, surroundings)
    try:
        return complete(draft, raw, surroundings)
    except TimestampFailed as error:
        pdf = data + draft.update
        raise TimestampPending(UnfinishedSignature(prepared=draft.prepared, pdf=pdf, raw=raw)) from error


def with_raw(
    make: Callable[[SignRequest], Draft], signer: RawSigner, request: SignRequest, surroundings: Surroundings
) -> tuple[Draft, bytes]:
    """Prepare and sign; a key that turns out not to know its best mechanism is asked for the next one.

    Raises MechanismUnsupported when there is none, and whatever ``make`` and the key raise.
    """
    chosen = with_mechanism(request, signer, surroundings)
    draft = make(chosen)
    try:
        return draft, signer.sign(draft.prepared.attributes, draft.prepared.mechanism)
    except MechanismUnsupported:
        other = with_mechanism(request, signer, surroundings)
        if other.mechanism is chosen.mechanism:
            raise
    draft = make(other)
    return draft, signer.sign(draft.prepared.attributes, draft.prepared.mechanism)


def with_mechanism(request: SignRequest, signer: RawSigner, surroundings: Surroundings) -> SignRequest:
    """Return the request with a mechanism that the key knows. Raises MechanismUnsupported."""
    if request.mechanism is not None:
        return request
    best = choose_mechanism(signer.certificate, signer.mechanisms, preferred=surroundings.mechanisms)
    return replace(request, mechanism=best)
