"""PKCS#12 files (.p12, .pfx): opened with a PIN for one use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from asn1crypto import pkcs12 as asn1_pkcs12
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.errors import KeystoreUnreadable, NoKey, SeveralKeys, UnsupportedKey, WrongPin
from signing.keystores.signer import KeySigner, PrivateKey
from signing.model import CertificateInfo, read_certificate


@contextmanager
def open_pkcs12(source: Path | bytes, pin: str, *, chain: Sequence[asn1_x509.Certificate] = ()) -> Iterator[KeySigner]:
    """Open a key file for the length of a ``with`` block; the key is parsed once and dropped at the end.

    ``chain`` adds intermediates that the file lacks. Raises WrongPin, KeystoreUnreadable, NoKey, SeveralKeys,
    UnsupportedKey.
    """
    signer = load_pkcs12(source, pin, chain=chain)
    try:
        yield signer
    finally:
        signer.close()


def load_pkcs12(source: Path | bytes, pin: str, *, chain: Sequence[asn1_x509.Certificate] = ()) -> KeySigner:
    """Return a signer that stays open until the caller closes it: for a service key such as the demo TSA.

    Raises as ``open_pkcs12``.
    """
    key, certificate, others = _load(_read(source), pin)
    return KeySigner(key, certificate, [*others, *chain])


def describe_pkcs12(source: Path | bytes, pin: str) -> CertificateInfo:
    """Return the certificate in a key file. Raises as ``open_pkcs12``."""
    _key, certificate, _others = _load(_read(source), pin)
    return CertificateInfo.of(certificate)


def _read(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise KeystoreUnreadable from error


def _load(data: bytes, pin: str) -> tuple[PrivateKey, asn1_x509.Certificate, list[asn1_x509.Certificate]]:
    if _count_keys(data) > 1:
        raise SeveralKeys
    try:
        content = pkcs12.load_pkcs12(data, pin.encode())
    except ValueError as error:  # the structure was read above: what is left is the integrity code made from the PIN
        raise WrongPin from error
    except TypeError as error:
        raise UnsupportedKey from error
    if content.key is None or content.cert is None:
        raise NoKey
    if not isinstance(content.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UnsupportedKey
    others = [read_certificate(extra.certificate.public_bytes(Encoding.DER)) for extra in content.additional_certs]
    return content.key, read_certificate(content.cert.certificate.public_bytes(Encoding.DER)), others


def _count_keys(data: bytes) -> int:
    """Keys visible without the PIN (shrouded bags stand in the open part). Raises KeystoreUnreadable."""
    try:
        safes = asn1_pkcs12.Pfx.load(data, strict=True).authenticated_safe
        bags = [
            bag["bag_id"].native
            for safe in safes
            if safe["content_type"].native == "data"
            for bag in asn1_pkcs12.SafeContents.load(safe["content"].native)
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeystoreUnreadable from error
    return sum(1 for bag in bags if bag in {"pkcs8_shrouded_key_bag", "key_bag"})
