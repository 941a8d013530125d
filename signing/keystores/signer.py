"""A pyHanko signer over a key held in memory, parsed and checked once.

pyHanko's own SimpleSigner parses (and, for RSA, re-checks) the key at every operation, also in the dry run: about 40 ms
each time. It also builds the CMS from scratch with asn1crypto, some 10 ms twice per document. Here the parts that never
change between documents (certificates, signer id, algorithm ids, the ESS signing-certificate-v2 attribute) are encoded
once; each signature fills in the digest, signs and joins the parts. The result is an ordinary PAdES CMS (ETSI EN 319
122-1, RFC 5652, DER).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.errors import KeystoreError

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DIGEST = "sha256"
PSS_ROOM = 2048
"""Bytes for a CMS that pyHanko builds, without its certificates.

Attributes, ids, a raw signature of up to 512 bytes.
"""

_SHA256 = hashes.SHA256()
_PSS = algos.SignedDigestAlgorithm(
    {
        "algorithm": "rsassa_pss",
        "parameters": algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": DIGEST},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": DIGEST}},
                "salt_length": _SHA256.digest_size,
            }
        ),
    }
)


class KeySigner(Signer):
    """Signs with a key in memory. Made by ``open_pkcs12``; after ``close`` it refuses."""

    def __init__(
        self,
        key: PrivateKey,
        certificate: asn1_x509.Certificate,
        others: Iterable[asn1_x509.Certificate] = (),
        *,
        prefer_pss: bool = False,
    ) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(others)
        pss = prefer_pss and isinstance(key, rsa.RSAPrivateKey)
        super().__init__(
            prefer_pss=pss,
            embed_roots=False,
            signature_mechanism=_PSS if pss else None,
            signing_cert=certificate,
            cert_registry=store,
        )
        self.certificate = certificate
        self.chain: Sequence[asn1_x509.Certificate] = list(store)
        self._key: PrivateKey | None = key
        self._parts = None if self.prefer_pss else CmsParts(certificate, self.chain, raw_length=_raw_length(key))

    def close(self) -> None:
        """Forget the key."""
        self._key = None

    def cms_room(self) -> int:
        """Upper bound in bytes of the CMS without a timestamp."""
        if self._parts is not None:
            return self._parts.room
        return PSS_ROOM + sum(len(c.dump()) for c in (self.certificate, *self.chain))

    def sign_bytes(self, data: bytes) -> bytes:
        """Return the raw SHA-256 signature of ``data``. Raises KeystoreError after ``close``."""
        key = self._key
        if key is None:
            raise KeystoreError("Khóa ký đã đóng.", "The key has been closed.")
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(_SHA256))
        if self.prefer_pss:
            return key.sign(data, padding.PSS(padding.MGF1(_SHA256), _SHA256.digest_size), _SHA256)
        return key.sign(data, padding.PKCS1v15(), _SHA256)

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002  -- pyHanko's signature; the digest is always SHA-256
        dry_run: bool = False,  # noqa: FBT001, FBT002
    ) -> bytes:
        """PyHanko's hook for one raw signature; the dry run only needs the length."""
        if dry_run and self._key is not None:
            return bytes(_raw_length(self._key))
        return self.sign_bytes(data)

    async def async_sign(
        self,
        data_digest: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002  -- pyHanko's signature
        use_pades: bool = False,  # noqa: FBT001, FBT002
        timestamper: TimeStamper | None = None,
        signed_attr_settings: PdfCMSSignedAttributes | None = None,
        is_pdf_sig: bool = True,  # noqa: FBT001, FBT002
        encap_content_info: cms.EncapsulatedContentInfo | None = None,
    ) -> cms.ContentInfo:
        """PyHanko's hook for a whole CMS: from prepared parts where they fit, by pyHanko otherwise."""
        if self._parts is None or not use_pades or digest_algorithm != DIGEST:
            return await super().async_sign(
                data_digest,
                digest_algorithm,
                dry_run=dry_run,
                use_pades=use_pades,
                timestamper=timestamper,
                signed_attr_settings=signed_attr_settings,
                is_pdf_sig=is_pdf_sig,
                encap_content_info=encap_content_info,
            )
        raw = self.sign_bytes(self._parts.to_be_signed(data_digest))
        token = b""
        if timestamper is not None:
            answer = await timestamper.async_timestamp(hashlib.sha256(raw).digest(), DIGEST)
            token = answer.dump()
        return cms.ContentInfo.load(self._parts.assemble(data_digest, raw, token))


class CmsParts:
    """The unchanging parts of a detached CAdES SignedData, encoded once per certificate."""

    def __init__(
        self, certificate: asn1_x509.Certificate, chain: Sequence[asn1_x509.Certificate], *, raw_length: int
    ) -> None:
        embedded = [certificate, *(c for c in chain if c.self_signed == "no" and c.sha256 != certificate.sha256)]
        self._certificates = _tlv(0xA0, b"".join(sorted(c.dump() for c in embedded)))
        serial = core.Integer(certificate.serial_number).dump()
        self._signer_id = _tlv(0x30, certificate.issuer.dump() + serial)
        self._digest_algorithm = algos.DigestAlgorithm({"algorithm": DIGEST}).dump()
        mechanism = "sha256_rsa" if certificate.public_key.algorithm == "rsa" else "sha256_ecdsa"
        self._signature_algorithm = algos.SignedDigestAlgorithm({"algorithm": mechanism}).dump()
        self._content_type = _attribute("content_type", cms.ContentType("data").dump())
        self._certificate_id = _attribute("signing_certificate_v2", _certificate_id(certificate))
        self.room = len(self.assemble(bytes(32), bytes(raw_length), b""))

    def to_be_signed(self, digest: bytes) -> bytes:
        """Return the signed attributes as a SET OF: what the key signs."""
        return _tlv(0x31, self._attributes(digest))

    def assemble(self, digest: bytes, raw: bytes, token: bytes) -> bytes:
        """Return the whole ContentInfo; ``token`` is a timestamp token or empty."""
        version = core.Integer(1).dump()
        unsigned = _tlv(0xA1, _attribute("signature_time_stamp_token", token)) if token else b""
        info = _tlv(
            0x30,
            version
            + self._signer_id
            + self._digest_algorithm
            + _tlv(0xA0, self._attributes(digest))
            + self._signature_algorithm
            + _tlv(0x04, raw)
            + unsigned,
        )
        content = _tlv(0x30, cms.ContentType("data").dump())
        signed = version + _tlv(0x31, self._digest_algorithm) + content + self._certificates + _tlv(0x31, info)
        return _tlv(0x30, cms.ContentType("signed_data").dump() + _tlv(0xA0, _tlv(0x30, signed)))

    def _attributes(self, digest: bytes) -> bytes:
        message_digest = _attribute("message_digest", _tlv(0x04, digest))
        return b"".join(sorted((self._content_type, self._certificate_id, message_digest)))


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
    return _tlv(0x30, cms.CMSAttributeType(kind).dump() + _tlv(0x31, value))


def _tlv(tag: int, body: bytes) -> bytes:
    """Tag, length, value in DER."""
    length = len(body)
    if length < 0x80:
        return bytes((tag, length)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def _raw_length(key: PrivateKey) -> int:
    """Longest raw signature in bytes; ECDSA is a DER pair of integers."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.key_size // 8
    return 2 * ((key.key_size + 7) // 8) + 9
