"""``sign_pdf``: one signature into one document, all phases in a row."""

from __future__ import annotations

from dataclasses import replace

from signing.errors import TimestampFailed, TimestampPending
from signing.model import SignedPdf, SignRequest
from signing.protocol import RawSigner, UnfinishedSignature, choose_mechanism
from signing.sign.completing import complete
from signing.sign.preparing import Identity, prepare
from signing.sign.surroundings import ALONE, Surroundings


def sign_pdf(data: bytes, signer: RawSigner, request: SignRequest, surroundings: Surroundings = ALONE) -> SignedPdf:
    """Sign ``data`` (PAdES, SHA-256) with any key and return the checked result; the input is never changed.

    Raises a SigningError that names the reason: CertificateNotUsable and DocumentNotSignable before the key is used,
    RawSignatureInvalid when the key answers wrongly, TimestampPending when only the timestamp is missing (nothing is
    saved without it; what it carries can be completed later), OutputNotValid when the result fails its own check.
    """
    request = with_mechanism(request, signer, surroundings)
    identity = Identity(certificate=signer.certificate, chain=signer.chain)
    draft = prepare(data, identity, request, surroundings)
    raw = signer.sign(draft.prepared.attributes, draft.prepared.mechanism)
    try:
        return complete(draft, raw, surroundings)
    except TimestampFailed as error:
        pdf = data + draft.update
        raise TimestampPending(UnfinishedSignature(prepared=draft.prepared, pdf=pdf, raw=raw)) from error


def with_mechanism(request: SignRequest, signer: RawSigner, surroundings: Surroundings) -> SignRequest:
    """Return the request with a mechanism that the key knows. Raises MechanismUnsupported."""
    if request.mechanism is not None:
        return request
    best = choose_mechanism(signer.certificate, signer.mechanisms, preferred=surroundings.mechanisms)
    return replace(request, mechanism=best)
