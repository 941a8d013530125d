"""Load trust anchors and revocation lists from PEM or DER files and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509

from signing.errors import TrustMaterialUnreadable
from signing.model import read_certificate

CERTIFICATE_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
CRL_SUFFIXES = frozenset({".crl", ".pem", ".der"})


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Trust anchors, and certificates that only help to build a chain. The empty store trusts nobody."""

    anchors: tuple[asn1_x509.Certificate, ...] = ()
    intermediates: tuple[asn1_x509.Certificate, ...] = ()

    @classmethod
    def nobody(cls) -> TrustStore:
        """Return the store without an anchor: every signer is untrusted."""
        return cls()

    def fingerprints(self) -> tuple[str, ...]:
        """SHA-256 of each anchor in hexadecimal: shown to the administrator who chose them."""
        return tuple(anchor.sha256.hex() for anchor in self.anchors)


def load_trust(anchors: Iterable[Path | bytes], *, intermediates: Iterable[Path | bytes] = ()) -> TrustStore:
    """Anchors and intermediates from files, folders or bytes. Raises TrustMaterialUnreadable naming the bad file."""
    return TrustStore(tuple(load_certificates(anchors)), tuple(load_certificates(intermediates)))


def load_certificates(sources: Iterable[Path | bytes]) -> list[asn1_x509.Certificate]:
    """Every certificate of the sources, each once, in order. Raises TrustMaterialUnreadable."""
    found: dict[bytes, asn1_x509.Certificate] = {}
    for name, data in _contents(sources, CERTIFICATE_SUFFIXES):
        for der in _blocks(name, data, {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}):
            certificate = _certificate(name, der)
            found.setdefault(certificate.sha256, certificate)
    return list(found.values())


def load_crls(sources: Iterable[Path | bytes]) -> list[bytes]:
    """Every certificate revocation list of the sources as DER. Raises TrustMaterialUnreadable."""
    found: dict[bytes, None] = {}
    for name, data in _contents(sources, CRL_SUFFIXES):
        for der in _blocks(name, data, {"X509 CRL"}):
            try:
                parsed = asn1_crl.CertificateList.load(der, strict=True)
                parsed["tbs_cert_list"]["this_update"].native  # noqa: B018  -- parsing is lazy: this forces it
            except (ValueError, TypeError, KeyError) as error:
                raise _unreadable(name) from error
            found.setdefault(der)
    return list(found)


def _contents(sources: Iterable[Path | bytes], suffixes: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    for source in sources:
        if isinstance(source, bytes):
            yield "(dữ liệu)", source
            continue
        for path in _files(source, suffixes):
            try:
                yield path.name, path.read_bytes()
            except OSError as error:
                raise _unreadable(path.name) from error


def _files(source: Path, suffixes: frozenset[str]) -> Sequence[Path]:
    if not source.is_dir():
        return [source]
    files = sorted(p for p in source.iterdir() if p.is_file() and p.suffix.lower() in suffixes)
    if not files:
        raise _unreadable(source.name)
    return files


def _blocks(name: str, data: bytes, kinds: set[str]) -> list[bytes]:
    if not pem.detect(data):
        return [data]
    try:
        blocks = [der for kind, _headers, der in pem.unarmor(data, multiple=True) if kind in kinds]
    except ValueError as error:
        raise _unreadable(name) from error
    if not blocks:
        raise _unreadable(name)
    return blocks


def _certificate(name: str, der: bytes) -> asn1_x509.Certificate:
    try:
        certificate = read_certificate(der, strict=True)
        certificate.public_key.native  # noqa: B018  -- parsing is lazy: a broken certificate must fail here, by name
        certificate.not_valid_after  # noqa: B018
        certificate.subject.native  # noqa: B018
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(name) from error
    return certificate


def _unreadable(name: str) -> TrustMaterialUnreadable:
    return TrustMaterialUnreadable(
        f"Không đọc được tệp chứng thư tin cậy hoặc danh sách thu hồi: {name}",
        f"Cannot read trusted certificate or revocation list: {name}",
    )
