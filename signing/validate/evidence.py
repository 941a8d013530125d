"""Certificates and revocation data at hand: from the file, from the signature, from the caller.

Never from the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from asn1crypto import cms, ocsp
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import (
    MultivaluedAttributeError,
    NonexistentAttributeError,
    find_unique_cms_attribute,
)
from pyhanko.sign.validation.dss import DocumentSecurityStore

FROM_CALLER: Final = "given"
FROM_FILE: Final = "dss"
FROM_SIGNATURE: Final = "cms"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may be used to judge a chain. Each CRL or OCSP answer goes with its source (one of the ``FROM_`` names)."""

    certificates: tuple[asn1_x509.Certificate, ...] = ()
    crls: tuple[tuple[asn1_crl.CertificateList, str], ...] = ()
    ocsps: tuple[tuple[ocsp.OCSPResponse, str], ...] = ()

    def with_signature(self, signed_data: cms.SignedData) -> Evidence:
        """Plus what one CMS carries: its certificates and Adobe's revocation attribute."""
        certificates = [*self.certificates, *_certificates(signed_data)]
        crls, ocsps = _adobe_revocation(signed_data)
        return replace(
            self,
            certificates=tuple(certificates),
            crls=(*self.crls, *((value, FROM_SIGNATURE) for value in crls)),
            ocsps=(*self.ocsps, *((value, FROM_SIGNATURE) for value in ocsps)),
        )

    def has_embedded_revocation(self) -> bool:
        """Return True when the file itself brings revocation data along."""
        return any(source != FROM_CALLER for _value, source in (*self.crls, *self.ocsps))


def given_evidence(*, crls: Sequence[bytes], certificates: Iterable[asn1_x509.Certificate]) -> Evidence:
    """Return what the caller brings along, without a file."""
    return Evidence(tuple(certificates), tuple((value, FROM_CALLER) for value in _parse_crls(crls)))


def gather(reader: PdfFileReader, *, crls: Sequence[bytes], certificates: Iterable[asn1_x509.Certificate]) -> Evidence:
    """Return the evidence for a file.

    The caller's CRLs and certificates, and the document security store (unreadable parts skipped).
    """
    own = given_evidence(crls=crls, certificates=certificates)
    try:
        store = DocumentSecurityStore.read_dss(reader) if "/DSS" in reader.root else None
    except Exception:  # noqa: BLE001  -- a broken store is as good as none; the chain then lacks its data
        store = None
    if store is None:
        return own
    return Evidence(
        certificates=(*own.certificates, *_store_certificates(store)),
        crls=(*own.crls, *((value, FROM_FILE) for value in _parse_crls(_streams(store.crls)))),
        ocsps=tuple((value, FROM_FILE) for value in _parse_ocsps(_streams(store.ocsps))),
    )


def _streams(references: Iterable[object]) -> Iterator[bytes]:
    for reference in references:
        try:
            yield reference.get_object().data  # type: ignore[attr-defined]  # DSS entries are stream references
        except Exception:  # noqa: BLE001, S112  -- one unreadable stream does not spoil the others
            continue


def _store_certificates(store: DocumentSecurityStore) -> list[asn1_x509.Certificate]:
    found = []
    for data in _streams(store.certs.values()):
        try:
            certificate = asn1_x509.Certificate.load(data, strict=True)
            certificate.public_key.native  # noqa: B018  -- forces parsing
            found.append(certificate)
        except (ValueError, TypeError, KeyError):
            continue
    return found


def _certificates(signed_data: cms.SignedData) -> list[asn1_x509.Certificate]:
    try:
        return [choice.chosen for choice in signed_data["certificates"] if choice.name == "certificate"]
    except (ValueError, TypeError, KeyError):
        return []


def _adobe_revocation(
    signed_data: cms.SignedData,
) -> tuple[list[asn1_crl.CertificateList], list[ocsp.OCSPResponse]]:
    try:
        attributes = signed_data["signer_infos"][0]["signed_attrs"]
        archive = find_unique_cms_attribute(attributes, "adobe_revocation_info_archival")
        crls = [item.dump() for item in archive["crl"] or ()]
        ocsps = [item.dump() for item in archive["ocsp"] or ()]
    except (NonexistentAttributeError, MultivaluedAttributeError, ValueError, TypeError, KeyError, IndexError):
        return [], []
    return _parse_crls(crls), _parse_ocsps(ocsps)


def _parse_crls(data: Iterable[bytes]) -> list[asn1_crl.CertificateList]:
    found = []
    for der in data:
        try:
            value = asn1_crl.CertificateList.load(der, strict=True)
            value["tbs_cert_list"]["this_update"].native  # noqa: B018  -- forces parsing
            value.issuer.hashable  # noqa: B018
            found.append(value)
        except (ValueError, TypeError, KeyError):
            continue
    return found


def _parse_ocsps(data: Iterable[bytes]) -> list[ocsp.OCSPResponse]:
    found = []
    for der in data:
        try:
            value = ocsp.OCSPResponse.load(der, strict=True)
            value["response_status"].native  # noqa: B018  -- forces parsing
            found.append(value)
        except (ValueError, TypeError, KeyError):
            continue
    return found
