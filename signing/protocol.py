"""What passes between the phases of a signature, and between the server and the place where the key is.

Prepare, sign elsewhere, complete. A ``PreparedSignature`` is a small frozen value: it can wait in a database or travel
to an agent beside a USB token. What the key signs are the DER bytes of the signed attributes (``attributes``), which
hold the digest of the prepared file; ``check_shown`` tells whether they belong to the file on the screen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol, Self, TypeAlias, runtime_checkable

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from signing.errors import MechanismUnsupported, PreparedMismatch, PreparedUnreadable, RawSignatureInvalid
from signing.model import Json, Level, Mechanism
from signing.prepared_json import read_prepared, write_prepared

DIGEST: Final = "sha256"
SALT_LENGTH: Final = 32
"""Bytes of salt in RSA-PSS: as long as the digest (RFC 4055); mask generation is MGF1 with SHA-256."""

PREFERRED: Final = (Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15, Mechanism.ECDSA)
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_SHA256: Final = hashes.SHA256()
_ATTRIBUTES: Final = frozenset({"content_type", "message_digest", "signing_certificate_v2"})


class RawSigner(Protocol):
    """What any key can do, wherever it lives: file, token, remote service, agent.

    ``mechanisms`` are those that the key supports. ``sign`` returns the raw signature over the DER bytes of the signed
    attributes, hashed with SHA-256 on the way: RSA as long as the modulus, ECDSA as the DER pair (``ECDSA-Sig-Value``).
    It raises a SigningError.
    """

    @property
    def certificate(self) -> asn1_x509.Certificate:
        """The signer's certificate."""

    @property
    def chain(self) -> Sequence[asn1_x509.Certificate]:
        """Intermediates, for embedding and checking."""

    @property
    def mechanisms(self) -> Sequence[Mechanism]:
        """What the key supports."""

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        """Return the raw signature."""


@runtime_checkable
class ManySigner(Protocol):
    """A key that signs several documents at once, such as a remote service with one authorisation for a batch."""

    def sign_many(self, attributes: Sequence[bytes], mechanism: Mechanism) -> list[bytes]:
        """Return the raw signatures in the same order; the signer cuts the list to what its service allows."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSignature:
    """A document whose signature lacks only the raw value.

    The prepared file is the base followed by one update; ``hole`` is the place of ``/Contents`` in it, brackets
    included, and the byte range is all the rest. ``attributes`` is the DER SET OF that the key signs. ``claimed_time``
    is what the file says, in UTC.
    """

    field: str
    level: Level
    mechanism: Mechanism
    claimed_time: datetime
    base_sha256: str
    base_size: int
    prepared_sha256: str
    prepared_size: int
    hole: tuple[int, int]
    digest: bytes
    attributes: bytes = dataclasses.field(repr=False)
    certificate: bytes = dataclasses.field(repr=False)
    chain: tuple[bytes, ...] = dataclasses.field(default=(), repr=False)

    @property
    def byte_range(self) -> tuple[int, int, int, int]:
        """The four numbers of ``/ByteRange``."""
        start, end = self.hole
        return 0, start, end, self.prepared_size - end

    def to_json(self) -> Json:
        """As JSON: numbers, hexadecimal SHA-256, base64 for DER."""
        return write_prepared(self)

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what ``to_json`` wrote. Raises PreparedUnreadable for anything else."""
        prepared = cls(**read_prepared(value))
        check_attributes(prepared)
        return prepared


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedSignature:
    """Signed and waiting for its timestamp: keep all three parts, then ``complete_signature(*…)`` again."""

    prepared: PreparedSignature
    pdf: bytes = dataclasses.field(repr=False)
    raw: bytes = dataclasses.field(repr=False)


def choose_mechanism(
    certificate: asn1_x509.Certificate,
    supported: Sequence[Mechanism] = PREFERRED,
    *,
    preferred: Sequence[Mechanism] = PREFERRED,
) -> Mechanism:
    """Return the first of ``preferred`` that key and certificate allow. Raises MechanismUnsupported."""
    fitting = mechanisms_for(certificate)
    for mechanism in preferred:
        if mechanism in fitting and mechanism in supported:
            return mechanism
    raise MechanismUnsupported


def mechanisms_for(certificate: asn1_x509.Certificate) -> tuple[Mechanism, ...]:
    """Return what a certificate's kind of key allows, the preferred first; whether the key can is another matter."""
    match certificate.public_key.algorithm:
        case "rsa":
            return Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15
        case "rsassa_pss":
            return (Mechanism.RSA_PSS,)
        case "ec":
            return (Mechanism.ECDSA,)
    return ()


def verify_raw(prepared: PreparedSignature, raw: bytes) -> None:
    """Check a raw signature against the certificate before it is embedded. Raises RawSignatureInvalid."""
    verify_signature(prepared.certificate, prepared.mechanism, raw, prepared.attributes)


def verify_signature(certificate: bytes, mechanism: Mechanism, raw: bytes, data: bytes) -> None:
    """Check a raw SHA-256 signature over ``data``. Raises RawSignatureInvalid."""
    key = public_key(certificate)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            if mechanism is not Mechanism.ECDSA:
                raise RawSignatureInvalid
            key.verify(raw, data, ec.ECDSA(_SHA256))
        elif mechanism is Mechanism.RSA_PSS:
            key.verify(raw, data, padding.PSS(padding.MGF1(_SHA256), SALT_LENGTH), _SHA256)
        elif mechanism is Mechanism.RSA_PKCS1V15:
            key.verify(raw, data, padding.PKCS1v15(), _SHA256)
        else:
            raise RawSignatureInvalid
    except (InvalidSignature, ValueError, TypeError) as error:
        raise RawSignatureInvalid from error


@lru_cache(maxsize=64)
def public_key(certificate: bytes) -> PublicKey:
    """Return the key of a DER certificate. Raises RawSignatureInvalid when it is neither RSA nor ECDSA."""
    try:
        key = load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise RawSignatureInvalid from error
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise RawSignatureInvalid
    return key


def check_shown(prepared: PreparedSignature, pdf: bytes) -> None:
    """Make sure, beside the key and before the PIN, that the attributes sign the very file that is shown.

    The digest is computed anew from ``pdf`` and compared with the one in the attributes. Raises PreparedMismatch, and
    PreparedUnreadable when the attributes are not those of one PAdES signature by ``prepared.certificate``.
    """
    check_attributes(prepared)
    start, end = prepared.hole
    hole = pdf[start:end]
    whole = len(pdf) == prepared.prepared_size and hole == b"<" + b"0" * (end - start - 2) + b">"
    view = memoryview(pdf)
    covered = sha256(view[:start])
    covered.update(view[end:])
    same = covered.digest() == prepared.digest
    if not whole or not same or sha256(pdf).hexdigest() != prepared.prepared_sha256:
        raise PreparedMismatch


def check_attributes(prepared: PreparedSignature) -> None:
    """Check that the attributes are those of a PAdES signature, and of this digest and certificate.

    Content type, message digest and signing-certificate-v2, nothing besides. Raises PreparedUnreadable.
    """
    try:
        attributes = cms.CMSAttributes.load(prepared.attributes, strict=True)
        values = {attribute["type"].native: attribute["values"] for attribute in attributes}
        single = len(attributes) == len(values) and all(len(value) == 1 for value in values.values())
        fits = (
            single
            and values.keys() == _ATTRIBUTES
            and values["content_type"][0].native == "data"
            and values["message_digest"][0].native == prepared.digest
            and _names(values["signing_certificate_v2"][0], prepared.certificate)
        )
    except (ValueError, TypeError, KeyError) as error:
        raise PreparedUnreadable from error
    if not fits:
        raise PreparedUnreadable


def _names(value: tsp.SigningCertificateV2, certificate: bytes) -> bool:
    """Return True when the ESS attribute names this certificate, by SHA-256."""
    first = value["certs"][0]
    hashed = first["hash_algorithm"]["algorithm"].native
    return bool(hashed == DIGEST and first["cert_hash"].native == sha256(certificate).digest())
