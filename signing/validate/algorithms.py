"""Which algorithms and keys still prove something (domain rules: RSA 2048, ECDSA 256, SHA-2/SHA-3, never SHA-1)."""

from __future__ import annotations

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509

from signing.model import key_of
from signing.settings import MIN_EC_BITS, MIN_RSA_BITS, WEAK_HASHES


def weakness(signer_info: cms.SignerInfo, certificate: asn1_x509.Certificate) -> str | None:
    """Return what is too weak about a signature, in short, or None."""
    digest = str(signer_info["digest_algorithm"]["algorithm"].native)
    if digest in WEAK_HASHES:
        return digest.upper()
    used = _hash_of(signer_info)
    return used.upper() if used in WEAK_HASHES else weak_key(certificate)


def weak_key(certificate: asn1_x509.Certificate) -> str | None:
    """Return what is too weak about a certificate's key, or None."""
    algorithm, bits = key_of(certificate)
    if algorithm in {"rsa", "rsassa_pss"}:
        return f"RSA {bits}" if bits < MIN_RSA_BITS else None
    if algorithm == "ec":
        return f"ECDSA {bits}" if bits < MIN_EC_BITS else None
    return None if algorithm in {"ed25519", "ed448"} else algorithm.upper()


def weak_certificate_hash(certificate: asn1_x509.Certificate) -> str | None:
    """Return the hash function that the certificate's own issuer used, when it is too weak."""
    try:
        name = str(certificate["signature_algorithm"].hash_algo)
    except ValueError:
        return None
    return name.upper() if name in WEAK_HASHES else None


def algorithm_name(signer_info: cms.SignerInfo) -> str:
    """Name of the signature algorithm as the CMS states it."""
    return str(signer_info["signature_algorithm"]["algorithm"].native)


def _hash_of(signer_info: cms.SignerInfo) -> str | None:
    try:
        return str(signer_info["signature_algorithm"].hash_algo)
    except ValueError:  # the algorithm id names no hash (plain rsassa_pkcs1v15): the digest algorithm counts
        return None
