"""Signing in phases, for keys that are elsewhere: prepare here, sign beside the key, complete here.

Between the phases two things wait, and both may lie in a database for a while: the ``PreparedSignature`` (a few
kilobytes of JSON) and the prepared file. See README.md, "Phases".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from asn1crypto import x509 as asn1_x509

from signing.errors import PreparedMismatch
from signing.model import SignedPdf, SignRequest
from signing.protocol import PreparedSignature, check_attributes
from signing.sign.completing import complete
from signing.sign.content import MemoryContent
from signing.sign.preparing import Draft, Identity, prepare
from signing.sign.surroundings import ALONE, Surroundings


def prepare_signature(
    pdf: bytes,
    certificate: asn1_x509.Certificate,
    chain: Sequence[asn1_x509.Certificate],
    request: SignRequest,
    surroundings: Surroundings = ALONE,
) -> tuple[PreparedSignature, bytes]:
    """Return what is to be signed, and the file with field, appearance and an empty place for the signature.

    Every refusal of ``sign_pdf`` that needs no key happens here: CertificateNotUsable, DocumentNotSignable,
    TimestamperMissing, PlacementError, MechanismUnsupported. ``request.mechanism`` says how the key will sign; None
    takes the preferred one, which not every token knows (``choose_mechanism``).
    """
    draft = prepare(pdf, Identity(certificate=certificate, chain=chain), request, surroundings)
    return draft.prepared, pdf + draft.update


def complete_signature(
    prepared: PreparedSignature, prepared_pdf: bytes, raw: bytes, surroundings: Surroundings = ALONE
) -> SignedPdf:
    """Check the raw signature, get the timestamp, embed both, raise the level, check the result and return it.

    Raises PreparedMismatch when the stored file is not the prepared one, RawSignatureInvalid before anything is
    embedded, and TimestampFailed when no timestamp service answered: keep the three parts and call again, the key is
    not needed a second time. Other refusals as ``sign_pdf``.
    """
    check_attributes(prepared)
    if hashlib.sha256(prepared_pdf).hexdigest() != prepared.prepared_sha256:
        raise PreparedMismatch
    base, update = MemoryContent(prepared_pdf, prepared.base_size), prepared_pdf[prepared.base_size :]
    return complete(Draft(prepared=prepared, base=base, update=update), raw, surroundings)
