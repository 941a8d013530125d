"""What a file's signatures and timestamps lean on: their certificates, and the revocation data that judge these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, ocsp
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

from signing.errors import RevocationDataMissing
from signing.fields import GrowingFile
from signing.preserve.refusals import RevocationDataStale
from signing.validate.tokens import signature_tokens


@dataclass(frozen=True, slots=True)
class Material:
    """Revocation data for a set of certificates, ready to be embedded."""

    certificates: tuple[asn1_x509.Certificate, ...]
    crls: tuple[asn1_crl.CertificateList, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()


def regular_signatures(reader: PdfFileReader) -> list[EmbeddedPdfSignature]:
    """Return the signatures of people and agencies, in the order of the file."""
    return [one for one in reader.embedded_regular_signatures if isinstance(one, EmbeddedPdfSignature)]


def all_tokens(reader: PdfFileReader) -> Iterator[cms.SignedData]:
    """Yield every timestamp: those in signatures, and those over the document."""
    for embedded in regular_signatures(reader):
        yield from signature_tokens(embedded.signer_info)
    for stamp in reader.embedded_timestamp_signatures:
        yield stamp.signed_data


def certificates_of(reader: PdfFileReader) -> list[asn1_x509.Certificate]:
    """Return all certificates that signatures and timestamps carry, each once."""
    sources = [one.signed_data for one in regular_signatures(reader)]
    found: dict[bytes, asn1_x509.Certificate] = {}
    for signed_data in (*sources, *all_tokens(reader)):
        for choice in signed_data["certificates"]:
            found.setdefault(choice.chosen.sha256, choice.chosen)
    return list(found.values())


def token_end(token: cms.SignedData) -> datetime:
    """Return the end of a timestamp's strength: the day the certificate of its service ends."""
    end: datetime = extract_certs_for_validation(token).signer_cert.not_valid_after
    return end


def gathered(
    certificates: Sequence[asn1_x509.Certificate], *, crls: Iterable[bytes], ocsps: Iterable[bytes], now: datetime
) -> Material:
    """Return the data that speak for the certificates, out-of-date lists left out.

    Raises RevocationDataStale, RevocationDataMissing when nothing speaks for some certificate.
    """
    issued = [one for one in certificates if one.self_signed == "no"]
    issuers = {one.issuer.hashable for one in issued}
    lists = [item for item in map(asn1_crl.CertificateList.load, crls) if item.issuer.hashable in issuers]
    fresh = [item for item in lists if _fresh(item, now)]
    answers = [ocsp.OCSPResponse.load(answer) for answer in ocsps]
    listed = {item.issuer.hashable for item in fresh}
    answered = {_serial(one) for answer in answers for one in answer.response_data["responses"]}
    lacking = [c for c in issued if c.issuer.hashable not in listed and c.serial_number not in answered]
    if lacking:
        known = {item.issuer.hashable for item in lists}
        raise RevocationDataStale if any(c.issuer.hashable in known for c in lacking) else RevocationDataMissing
    return Material(tuple(certificates), tuple(fresh), tuple(answers))


def embed(out: GrowingFile, material: Material, *, strict: bool) -> None:
    """Append the material to the document security store; the file stays as it is when it holds all of it."""
    DocumentSecurityStore.add_dss(
        out, None, certs=material.certificates, crls=material.crls, ocsps=material.ocsps, strict=strict
    )


def _serial(answer: ocsp.SingleResponse) -> int:
    return int(answer["cert_id"]["serial_number"].native)


def _fresh(item: asn1_crl.CertificateList, now: datetime) -> bool:
    due = item["tbs_cert_list"]["next_update"].native
    return due is None or now <= due
