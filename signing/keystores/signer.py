"""A key held in memory, parsed and checked once.

PyHanko's own SimpleSigner parses (and, for RSA, re-checks) the key at every operation, also in the dry run: about 40 ms
each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing.errors import KeystoreError, MechanismUnsupported
from signing.model import Mechanism
from signing.protocol import SALT_LENGTH

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_SHA256: Final = hashes.SHA256()
_PADDINGS: Final = {
    Mechanism.RSA_PSS: padding.PSS(padding.MGF1(_SHA256), SALT_LENGTH),
    Mechanism.RSA_PKCS1V15: padding.PKCS1v15(),
}


class KeySigner:
    """A ``RawSigner`` over a key in memory. Made by ``open_pkcs12``; after ``close`` it refuses."""

    def __init__(
        self, key: PrivateKey, certificate: asn1_x509.Certificate, others: Iterable[asn1_x509.Certificate] = ()
    ) -> None:
        """``others``: intermediates, each kept once."""
        self.certificate = certificate
        self.chain: Sequence[asn1_x509.Certificate] = tuple({other.sha256: other for other in others}.values())
        rsa_key = isinstance(key, rsa.RSAPrivateKey)
        self.mechanisms: Sequence[Mechanism] = tuple(_PADDINGS) if rsa_key else (Mechanism.ECDSA,)
        self._key: PrivateKey | None = key

    def close(self) -> None:
        """Forget the key."""
        self._key = None

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        """Return the raw SHA-256 signature. Raises KeystoreError after ``close``, MechanismUnsupported."""
        key = self._key
        if key is None:
            raise KeystoreError("Khóa ký đã đóng.", "The key has been closed.")
        if mechanism not in self.mechanisms:
            raise MechanismUnsupported
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(attributes, ec.ECDSA(_SHA256))
        return key.sign(attributes, _PADDINGS[mechanism], _SHA256)

    def sign_bytes(self, data: bytes) -> bytes:
        """As ``sign`` with PKCS#1 v1.5 or ECDSA: what timestamp clients of every age understand."""
        return self.sign(data, self.mechanisms[-1])
