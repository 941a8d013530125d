"""From B-T to B-LT: put the revocation data at hand into the document security store (ETSI EN 319 142-1, 5.4)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.errors import OutputNotValid, RevocationDataMissing
from signing.validate.tokens import signature_tokens


def embed_revocation(signed: bytes, field: str, *, crls: Sequence[bytes], strict: bool) -> bytes:
    """Append the certificates and CRLs that judge the newest signature and its timestamp.

    Raises RevocationDataMissing when some certificate's issuer has no list at hand.
    """
    reader = PdfFileReader(io.BytesIO(signed), strict=strict)
    embedded = next((s for s in reader.embedded_regular_signatures if s.field_name == field), None)
    if embedded is None:
        raise OutputNotValid
    certificates = list(_certificates(embedded))
    lists = [asn1_crl.CertificateList.load(crl) for crl in crls]
    issuers = {certificate.issuer.hashable for certificate in certificates if certificate.self_signed == "no"}
    useful = [item for item in lists if item.issuer.hashable in issuers]
    if issuers - {item.issuer.hashable for item in useful}:
        raise RevocationDataMissing
    out = io.BytesIO(signed)
    DocumentSecurityStore.add_dss(
        out, embedded.pkcs7_content.hex().encode("ascii"), certs=certificates, crls=useful, strict=strict
    )
    return out.getvalue()


def _certificates(embedded: EmbeddedPdfSignature) -> Iterable[asn1_x509.Certificate]:
    """Those of the signature and of its timestamps, each once."""
    found = {embedded.signer_cert.sha256: embedded.signer_cert}
    for extra in embedded.other_embedded_certs:
        found.setdefault(extra.sha256, extra)
    for token in signature_tokens(embedded.signer_info):
        for choice in token["certificates"]:
            found.setdefault(choice.chosen.sha256, choice.chosen)
    return found.values()
