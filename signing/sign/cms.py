"""The CMS of a signature, joined from parts that are encoded once per certificate.

Building it with asn1crypto costs some 10 ms per document. What never changes between documents (certificates, signer
id, algorithm ids, the ESS signing-certificate-v2 attribute) is encoded once; each signature fills in digest, raw value
and timestamp. The result is an ordinary PAdES CMS in DER (ETSI EN 319 122-1, RFC 5652).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509

from signing.model import Mechanism
from signing.protocol import DIGEST, SALT_LENGTH, public_key

_ALGORITHMS: Final = {
    Mechanism.RSA_PKCS1V15: {"algorithm": "sha256_rsa"},
    Mechanism.ECDSA: {"algorithm": "sha256_ecdsa"},
    Mechanism.RSA_PSS: {
        "algorithm": "rsassa_pss",
        "parameters": algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": DIGEST},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": DIGEST}},
                "salt_length": SALT_LENGTH,
            }
        ),
    },
}


class CmsParts:
    """The unchanging parts of a detached CAdES SignedData. The root is left out: whoever trusts it has it."""

    def __init__(
        self, certificate: asn1_x509.Certificate, chain: Sequence[asn1_x509.Certificate], mechanism: Mechanism
    ) -> None:
        embedded = {certificate.sha256: certificate, **{c.sha256: c for c in chain if c.self_signed == "no"}}
        self._certificates = tlv(0xA0, b"".join(sorted(c.dump() for c in embedded.values())))
        serial = core.Integer(certificate.serial_number).dump()
        self._signer_id = tlv(0x30, certificate.issuer.dump() + serial)
        self._digest_algorithm = algos.DigestAlgorithm({"algorithm": DIGEST}).dump()
        self._signature_algorithm = algos.SignedDigestAlgorithm(_ALGORITHMS[mechanism]).dump()
        self._content_type = _attribute("content_type", cms.ContentType("data").dump())
        self._certificate_id = _attribute("signing_certificate_v2", _certificate_id(certificate))
        raw = bytes(_raw_length(certificate, mechanism))
        self.room = len(self.assemble(self.attributes(bytes(32)), raw))
        """Upper bound in bytes without a timestamp."""

    def attributes(self, digest: bytes) -> bytes:
        """Return the signed attributes as a DER SET OF: what the key signs."""
        message_digest = _attribute("message_digest", tlv(0x04, digest))
        return tlv(0x31, b"".join(sorted((self._content_type, self._certificate_id, message_digest))))

    def assemble(self, attributes: bytes, raw: bytes, token: bytes = b"") -> bytes:
        """Return the whole ContentInfo; ``token`` is a timestamp token or empty."""
        version = core.Integer(1).dump()
        unsigned = tlv(0xA1, _attribute("signature_time_stamp_token", token)) if token else b""
        info = tlv(
            0x30,
            version
            + self._signer_id
            + self._digest_algorithm
            + b"\xa0"  # [0] IMPLICIT in place of the SET's own tag
            + attributes[1:]
            + self._signature_algorithm
            + tlv(0x04, raw)
            + unsigned,
        )
        content = tlv(0x30, cms.ContentType("data").dump())
        signed = version + tlv(0x31, self._digest_algorithm) + content + self._certificates + tlv(0x31, info)
        return tlv(0x30, cms.ContentType("signed_data").dump() + tlv(0xA0, tlv(0x30, signed)))


@lru_cache(maxsize=64)
def cms_parts(certificate: bytes, chain: tuple[bytes, ...], mechanism: Mechanism) -> CmsParts:
    """Return the parts for a certificate, made once per process; certificates as DER."""
    load = asn1_x509.Certificate.load
    return CmsParts(load(certificate), [load(c) for c in chain], mechanism)


def _raw_length(certificate: asn1_x509.Certificate, mechanism: Mechanism) -> int:
    """Longest raw signature in bytes; ECDSA is a DER pair of integers."""
    octets = (public_key(certificate.dump()).key_size + 7) // 8
    return 2 * octets + 9 if mechanism is Mechanism.ECDSA else octets


def _certificate_id(certificate: asn1_x509.Certificate) -> bytes:
    issuer_serial = tsp.IssuerSerial(
        {
            "issuer": [asn1_x509.GeneralName(name="directory_name", value=certificate.issuer)],
            "serial_number": certificate.serial_number,
        }
    )
    essential = tsp.ESSCertIDv2({"cert_hash": certificate.sha256, "issuer_serial": issuer_serial})
    return bytes(tsp.SigningCertificateV2({"certs": [essential]}).dump())


def _attribute(kind: str, value: bytes) -> bytes:
    return tlv(0x30, cms.CMSAttributeType(kind).dump() + tlv(0x31, value))


def tlv(tag: int, body: bytes) -> bytes:
    """Tag, length, value in DER."""
    length = len(body)
    if length < 0x80:
        return bytes((tag, length)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body
