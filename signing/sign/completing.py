"""The last phase: check the raw signature, get the timestamp, embed, raise the level, check the result."""

from __future__ import annotations

import asyncio
import hashlib

from asn1crypto import x509 as asn1_x509

from signing.errors import (
    CertificateUntrusted,
    OutputNotValid,
    RevocationDataMissing,
    TimestamperMissing,
    TimestampFailed,
)
from signing.fields import open_pdf
from signing.levels import NEEDS_TIMESTAMP
from signing.model import CertificateInfo, Code, FileReport, Level, SignatureReport, SignedPdf, Verdict
from signing.protocol import DIGEST, PreparedSignature, verify_raw
from signing.settings import utc_now
from signing.sign.prechecks import check_certificate
from signing.sign.preparing import parts_of
from signing.sign.proof import prove, was_signed_before
from signing.sign.revocation import embed_revocation
from signing.sign.surroundings import Surroundings
from signing.trust import TrustStore
from signing.validate import validate_pdf

ABOVE_B_T = frozenset({Level.B_LT, Level.B_LTA})


def complete(prepared: PreparedSignature, pdf: bytes, raw: bytes, surroundings: Surroundings) -> SignedPdf:
    """Make the signed file of a prepared one; the raw signature is checked before anything else happens.

    Raises RawSignatureInvalid, TimestampFailed (ask again later with the same three parts), CertificateNotUsable,
    RevocationDataMissing, OutputNotValid.
    """
    verify_raw(prepared, raw)
    now = surroundings.moment()
    load = asn1_x509.Certificate.load
    certificate = load(prepared.certificate)
    check_certificate(certificate, [load(c) for c in prepared.chain], crls=surroundings.crls, now=now)
    token = _timestamp(prepared, raw, surroundings)
    content = parts_of(prepared).assemble(prepared.attributes, raw, token)
    signed = _embed(prepared, pdf, content)
    sha256 = prove(signed, prepared, raw=raw, token=token)
    revision_end = len(signed)
    if prepared.level in ABOVE_B_T:
        signed = _raise(signed, prepared, surroundings)
        sha256 = hashlib.sha256(signed).hexdigest()
    report = None
    if surroundings.revalidate or prepared.level in ABOVE_B_T or was_signed_before(pdf, prepared):
        trust = surroundings.trust or TrustStore.nobody()
        report = validate_pdf(signed, trust=trust, crls=surroundings.crls, now=max(now, utc_now()))
        _accept(report, prepared, must_be_trusted=surroundings.trust is not None)
    entry = _entry(report, prepared.field) if report is not None else None
    return SignedPdf(
        data=signed,
        sha256=sha256,
        field=prepared.field,
        level=prepared.level,
        signature_sha256=hashlib.sha256(raw).hexdigest(),
        revision_end=revision_end,
        claimed_time=prepared.claimed_time,
        timestamp_time=entry.timestamp_time if entry is not None else None,
        certificate=CertificateInfo.of(certificate),
        report=report,
    )


def _timestamp(prepared: PreparedSignature, raw: bytes, surroundings: Surroundings) -> bytes:
    """Return a token over the raw signature, empty for B-B. Exactly one request."""
    if prepared.level not in NEEDS_TIMESTAMP:
        return b""
    timestamper = surroundings.timestamper
    if timestamper is None:
        raise TimestamperMissing
    answer = asyncio.run(timestamper.async_timestamp(hashlib.sha256(raw).digest(), DIGEST))
    return bytes(answer.dump())


def _embed(prepared: PreparedSignature, pdf: bytes, content: bytes) -> bytes:
    """Fill the hole. Raises TimestampFailed when the token is larger than the room kept for it."""
    start, end = prepared.hole
    room = end - start - 2
    digits = content.hex().encode("ascii")
    if len(digits) > room:
        raise TimestampFailed
    return b"".join((pdf[: start + 1], digits, b"0" * (room - len(digits)), pdf[end - 1 :]))


def _raise(signed: bytes, prepared: PreparedSignature, surroundings: Surroundings) -> bytes:
    """Add what B-LT and B-LTA need on top of the timestamp."""
    if surroundings.raise_level is not None:
        raised = surroundings.raise_level(signed, prepared.field, prepared.level)
    else:
        strict = open_pdf(signed).strict
        raised = embed_revocation(signed, prepared.field, crls=surroundings.crls, strict=strict)
    if not raised.startswith(signed):
        raise OutputNotValid
    return raised


def _accept(report: FileReport, prepared: PreparedSignature, *, must_be_trusted: bool) -> None:
    """Every signature intact, unmodified and readable; the new one trusted where trust was given."""
    new = _entry(report, prepared.field)
    sound = report.verdict in {Verdict.VALID, Verdict.INDETERMINATE}
    if not sound or new is None or not all(signature.intact for signature in report.signatures):
        raise OutputNotValid
    if prepared.level in NEEDS_TIMESTAMP and new.timestamp_time is None:
        raise TimestampFailed
    if must_be_trusted and new.code is Code.UNTRUSTED:
        raise CertificateUntrusted
    if must_be_trusted and new.code not in {Code.OK, Code.STATUS_UNKNOWN}:
        raise OutputNotValid
    if prepared.level in ABOVE_B_T and new.level is not prepared.level:
        raise RevocationDataMissing


def _entry(report: FileReport, field: str) -> SignatureReport | None:
    return next((signature for signature in report.signatures if signature.field == field), None)
