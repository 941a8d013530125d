"""One of our keys as a signer of pyHanko, to make signatures that our own room would refuse to make."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from signing.keystores import KeySigner


class LibrarySigner(Signer):
    """PyHanko builds the CMS itself."""

    def __init__(self, key: KeySigner) -> None:
        super().__init__(signing_cert=key.certificate, cert_registry=SimpleCertificateStore.from_certs(list(key.chain)))
        self._key = key._key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        digest: hashes.HashAlgorithm = get_pyca_cryptography_hash(digest_algorithm)
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(digest))
        return self._key.sign(data, padding.PKCS1v15(), digest)
