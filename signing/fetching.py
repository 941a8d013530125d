"""Revocation data from the addresses that certificates name, each asked once for the life of a fetcher: a batch.

The addresses come from certificates of the ward's own signers and timestamp services. Only http(s), no redirects, short
time-outs, bounded answers; an address that failed is not asked again in the same batch. What comes back is not believed
here: the validator checks it when the signed file is judged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate, ocsp

from signing.asking import ask
from signing.errors import CertificateRevoked

TIMEOUT: Final = 20.0
MAX_BYTES: Final = 10 * 1024 * 1024
_OCSP_HEADERS: Final = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationData:
    """Lists and answers, DER."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


class RevocationFetcher:
    """Asks each address once. May be shared by threads."""

    def __init__(self, *, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._answers: dict[tuple[str, bytes], bytes | None] = {}
        self._lock = threading.Lock()

    def data_for(self, certificates: Sequence[asn1_x509.Certificate]) -> RevocationData:
        """Return what the certificates' issuers say of them; what cannot be had is left out.

        Raises CertificateRevoked when an answer at hand says so.
        """
        crls: dict[bytes, None] = {}
        ocsps: dict[bytes, None] = {}
        for certificate in certificates:
            for url in _list_addresses(certificate):
                crls.update(dict.fromkeys(self._asked(url, b"", _is_list)))
            for issuer in certificates:
                if issuer.subject == certificate.issuer and certificate.self_signed == "no":
                    ocsps.update(dict.fromkeys(self._answers_for(certificate, issuer)))
        return RevocationData(crls=tuple(crls), ocsps=tuple(ocsps))

    def _answers_for(self, certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> Iterator[bytes]:
        urls = _addresses(certificate.ocsp_urls)
        if not urls:
            return
        subject = load_der_x509_certificate(certificate.dump())
        builder = ocsp.OCSPRequestBuilder().add_certificate(
            subject, load_der_x509_certificate(issuer.dump()), hashes.SHA256()
        )
        query = builder.build().public_bytes(Encoding.DER)
        for url in urls:
            for answer in self._asked(url, query, _is_answer):
                if _revokes(answer, certificate.serial_number):
                    raise CertificateRevoked
                yield answer

    def _asked(self, url: str, query: bytes, usable: Callable[[bytes], bool]) -> Iterable[bytes]:
        """Return the answer of an address, none when it gave none; asked once."""
        with self._lock:
            if (url, query) not in self._answers:
                answer = self._ask(url, query)
                self._answers[url, query] = answer if answer is not None and usable(answer) else None
            found = self._answers[url, query]
        return () if found is None else (found,)

    def _ask(self, url: str, query: bytes) -> bytes | None:
        headers = _OCSP_HEADERS if query else {}
        try:
            return ask(url, query, headers, seconds=self._timeout, limit=MAX_BYTES)
        except OSError:
            return None


def _list_addresses(certificate: asn1_x509.Certificate) -> list[str]:
    points = certificate.crl_distribution_points
    return _addresses([point.url for point in points])[:1]


def _addresses(urls: Iterable[str | None]) -> list[str]:
    return [url for url in urls if url and urlsplit(url).scheme in {"http", "https"}]


def _is_list(data: bytes) -> bool:
    try:
        value = asn1_crl.CertificateList.load(data, strict=True)
        value["tbs_cert_list"]["this_update"].native  # noqa: B018  -- forces parsing
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _is_answer(data: bytes) -> bool:
    try:
        return bool(_replies(data))
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _revokes(data: bytes, serial: int) -> bool:
    return any(number == serial and status == "revoked" for number, status in _replies(data))


def _replies(data: bytes) -> list[tuple[int, str]]:
    """Return serial numbers with ``good``, ``revoked`` or ``unknown``. Raises ValueError and others for no answer."""
    replies = asn1_ocsp.OCSPResponse.load(data, strict=True).response_data["responses"]
    return [(int(one["cert_id"]["serial_number"].native), str(one["cert_status"].name)) for one in replies]
