"""Keys on somebody's own computer: what is prepared for them here, and completed here from what they sign there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NoReturn

from signing import Level, SignRequest, Surroundings
from signing.deferred import complete_signature, prepare_signature
from signing.errors import KeystoreUnreadable, MechanismUnsupported, RevocationDataMissing, TimestampFailed
from signing.model import CertificateInfo, Mechanism, SignedPdf
from signing.protocol import ManySigner, PreparedSignature, UnfinishedSignature, choose_mechanism, verify_raw
from signing.sign.identity import described, parsed
from signing.sign.prechecks import check_certificate
from signing.timestamps import Timestamper
from webapp.core.ports import KeyAccess
from webapp.core.prepared_signings import UnfinishedSigning
from webapp.core.signature_levels import DEFAULT_LEVEL, SignatureLevel

UNDER: Final = "under"
"""Name in a stored value: the field of the person's signature that an agency's goes over."""
WANTED: Final = "wanted"
"""Name in a stored value: the level that the ward chose, which is never fallen below."""


def kept_beside(under: str, wanted: SignatureLevel) -> dict[str, str]:
    """Give what is kept beside a prepared signature until it is completed."""
    return {UNDER: under, WANTED: wanted.value}


def prepare_elsewhere(
    pdf: bytes, request: SignRequest, key: KeyAccess, surroundings: Surroundings, *, stays: Mapping[str, str]
) -> UnfinishedSigning:
    """Prepare all but the raw signature, at the request's level; `stays` is kept beside it. Raises as `sign_pdf`."""
    own, *others = (parsed(each) for each in key.certificates)
    intermediates = surroundings.trust.intermediates if surroundings.trust else ()
    chain = {each.sha256: each for each in (*others, *intermediates) if each.sha256 != own.sha256}
    mechanism = choose_mechanism(own, _mechanisms(key), preferred=surroundings.mechanisms)
    prepared, whole = prepare_signature(
        pdf, own, tuple(chain.values()), replace(request, mechanism=mechanism), surroundings
    )
    return UnfinishedSigning(value={**prepared.to_json(), **stays}, pdf=whole)


def complete_elsewhere(
    unfinished: UnfinishedSigning, surroundings: Surroundings, wanted: SignatureLevel
) -> tuple[SignedPdf, str]:
    """Check the raw signature, stamp, embed, check; give the file, and the field it was put over.

    Where the default level holds it becomes B-T without revocation data that fit. Raises SigningError; TimestampFailed
    and RevocationDataMissing can be tried again.
    """
    prepared = PreparedSignature.from_json(unfinished.value)
    try:
        signed = complete_signature(prepared, unfinished.pdf, unfinished.raw, surroundings)
    except RevocationDataMissing:
        if wanted is not DEFAULT_LEVEL:
            raise
        lower = replace(prepared, level=Level.B_T)
        signed = complete_signature(lower, unfinished.pdf, unfinished.raw, surroundings)
    return signed, str(unfinished.value.get(UNDER, ""))


class Later(Timestamper):
    """Asks no time-stamping service: what needs a timestamp stays unfinished once the key has signed."""

    def answer(self, query: bytes) -> NoReturn:  # noqa: ARG002
        """Give none."""
        raise TimestampFailed


def kept(unfinished: object, *, stays: Mapping[str, str]) -> UnfinishedSigning:
    """Keep what a key at the server made and no time-stamping service has stamped yet."""
    if not isinstance(unfinished, UnfinishedSignature):
        raise TypeError(type(unfinished))
    value = {**unfinished.prepared.to_json(), **stays}
    return UnfinishedSigning(value=value, pdf=unfinished.pdf, raw=unfinished.raw)


def sign_together(signer: ManySigner, prepared: Sequence[UnfinishedSigning]) -> list[bytes]:
    """Give the raw signatures of one key in order. Raises SigningError of the key."""
    read = [PreparedSignature.from_json(one.value) for one in prepared]
    if len({one.mechanism for one in read}) != 1:
        raise MechanismUnsupported
    return signer.sign_many([one.attributes for one in read], read[0].mechanism)


def check_raw(unfinished: UnfinishedSigning) -> None:
    """Check the raw signature against the certificate. Raises RawSignatureInvalid, PreparedUnreadable."""
    verify_raw(PreparedSignature.from_json(unfinished.value), unfinished.raw)


def describe_elsewhere(key: KeyAccess, surroundings: Surroundings) -> CertificateInfo:
    """Describe a key of which only certificates are here.

    Raises CertificateNotUsable, MechanismUnsupported, and KeystoreUnreadable for what is no certificate.
    """
    try:
        own, *others = (parsed(each) for each in key.certificates)
        found = described(key.certificates[0])
        check_certificate(own, others, crls=surroundings.crls, now=surroundings.moment())
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise KeystoreUnreadable(
            "Chứng thư số gửi lên không đọc được.", "The certificates sent cannot be read."
        ) from error
    if "mechanisms" in key.location:
        choose_mechanism(own, _mechanisms(key))
    return found


def _mechanisms(key: KeyAccess) -> tuple[Mechanism, ...]:
    try:
        return tuple(Mechanism(name) for name in key.location.get("mechanisms", "").split())
    except ValueError as error:
        raise MechanismUnsupported from error
