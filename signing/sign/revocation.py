"""From B-T to B-LT: put revocation data into the document security store (ETSI EN 319 142-1, 5.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.errors import LevelUnavailable, OutputNotValid, RevocationDataMissing
from signing.fetching import RevocationFetcher
from signing.fields import GrowingFile, open_stream
from signing.model import Level
from signing.validate.tokens import signature_tokens


def embed_revocation(
    signed: GrowingFile, field: str, *, crls: Sequence[bytes], ocsps: Sequence[bytes] = (), strict: bool
) -> None:
    """Append the certificates, CRLs and OCSP answers that judge the newest signature and its timestamp.

    Raises RevocationDataMissing when neither a list of its issuer nor an answer speaks for some certificate.
    """
    embedded = _signature(signed, field, strict=strict)
    certificates = list(_certificates(embedded))
    issued = [certificate for certificate in certificates if certificate.self_signed == "no"]
    issuers = {certificate.issuer.hashable for certificate in issued}
    lists = [asn1_crl.CertificateList.load(crl) for crl in crls]
    useful = [item for item in lists if item.issuer.hashable in issuers]
    listed = {item.issuer.hashable for item in useful}
    answers = [asn1_ocsp.OCSPResponse.load(answer) for answer in ocsps]
    answered = {number for answer in answers for number in _serials(answer)}
    if any(c.issuer.hashable not in listed and c.serial_number not in answered for c in issued):
        raise RevocationDataMissing
    content = embedded.pkcs7_content.hex().encode("ascii")
    DocumentSecurityStore.add_dss(signed, content, certs=certificates, ocsps=answers, crls=useful, strict=strict)


class FetchedRevocation:
    """A ``Surroundings.raise_level`` that asks the addresses in the certificates, each once for a batch."""

    def __init__(self, *, crls: Sequence[bytes] = (), extra: Sequence[asn1_x509.Certificate] = ()) -> None:
        """``crls`` at hand are used too; ``extra``: issuers that signatures do not carry, such as roots."""
        self._fetcher = RevocationFetcher()
        self._crls = tuple(crls)
        self._extra = tuple(extra)

    def __call__(self, signed: GrowingFile, field: str, level: Level) -> None:
        """Bring the file to B-LT. Raises LevelUnavailable for B-LTA, CertificateRevoked, RevocationDataMissing."""
        if level is not Level.B_LT:
            raise LevelUnavailable
        strict = open_stream(signed).strict
        certificates = [*_certificates(_signature(signed, field, strict=strict)), *self._extra]
        data = self._fetcher.data_for(certificates)
        embed_revocation(signed, field, crls=(*self._crls, *data.crls), ocsps=data.ocsps, strict=strict)


def _signature(signed: GrowingFile, field: str, *, strict: bool) -> EmbeddedPdfSignature:
    reader = PdfFileReader(signed, strict=strict)
    for embedded in reader.embedded_regular_signatures:
        if isinstance(embedded, EmbeddedPdfSignature) and embedded.field_name == field:
            return embedded
    raise OutputNotValid


def _serials(answer: asn1_ocsp.OCSPResponse) -> list[int]:
    return [int(one["cert_id"]["serial_number"].native) for one in answer.response_data["responses"]]


def _certificates(embedded: EmbeddedPdfSignature) -> Iterable[asn1_x509.Certificate]:
    """Those of the signature and of its timestamps, each once."""
    found = {embedded.signer_cert.sha256: embedded.signer_cert}
    for extra in embedded.other_embedded_certs:
        found.setdefault(extra.sha256, extra)
    for token in signature_tokens(embedded.signer_info):
        for choice in token["certificates"]:
            found.setdefault(choice.chosen.sha256, choice.chosen)
    return found.values()
