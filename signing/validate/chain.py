"""Judge one certificate.

Does it lead to an anchor, was it valid and unrevoked at a given moment, may it do what it did?

The rules are RFC 5280's, applied by pyhanko-certvalidator; here its exceptions become codes, and a revocation list
handed in counts even where the certificate declares no place to look one up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from asn1crypto import x509 as asn1_x509
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext, find_valid_path
from pyhanko_certvalidator import errors as chain_errors
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.util import get_declared_revinfo

from signing.model import Code, Reason, RevocationStatus
from signing.trust import TrustStore
from signing.validate.evidence import Evidence
from signing.validate.revocation import lists_cover, revocations
from signing.validate.texts import day, reason

IF_DECLARED: Final = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.CHECK_IF_DECLARED, RevocationCheckingRule.CHECK_IF_DECLARED),
    retroactive_revinfo=True,
)
"""Revocation data are demanded of every certificate that declares where they are.

Later data also speak for earlier moments.
"""

Usage: TypeAlias = tuple[Callable[[asn1_x509.Certificate], bool], str]
UNCHECKED: Final = CertRevTrustPolicy(NO_REVOCATION)


@dataclass(frozen=True, slots=True)
class ChainFinding:
    """The judgement on a certificate at a moment."""

    code: Code
    reasons: tuple[Reason, ...] = ()
    revocation: RevocationStatus = RevocationStatus.UNKNOWN
    source: str = ""
    revoked_at: datetime | None = None


def signer_may_sign(certificate: asn1_x509.Certificate) -> bool:
    """Return True for the key usage digitalSignature or nonRepudiation.

    A certificate without the extension is unrestricted (RFC 5280, 4.2.1.3).
    """
    usage = certificate.key_usage_value
    return usage is None or bool(usage.native & {"digital_signature", "non_repudiation"})


def tsa_may_stamp(certificate: asn1_x509.Certificate) -> bool:
    """Return True for the extended key usage timeStamping (RFC 3161, 2.3)."""
    try:
        KeyUsageConstraints(extd_key_usage={"time_stamping"}).validate(certificate)
    except chain_errors.InvalidCertificateError:
        return False
    return True


async def judge_chain(
    certificate: asn1_x509.Certificate,
    *,
    evidence: Evidence,
    trust: TrustStore,
    moment: datetime,
    usage: Usage = (signer_may_sign, "key_usage"),
) -> ChainFinding:
    """Judge ``certificate`` at ``moment``. ``usage`` is a test of its purpose and the text for failing it."""
    context = _context(evidence, trust, moment)
    candidates = await _candidates(context, certificate)
    dates = [date for path in candidates for date in revocations(path, evidence) if date <= moment]
    if dates:
        return _revoked(min(dates))
    if candidates and all(_out_of_bounds(path, certificate, moment) for path in candidates):
        text = "not_yet_valid" if moment < certificate.not_valid_before else None
        return ChainFinding(Code.EXPIRED, (reason(Code.EXPIRED, text=text),))
    try:
        path = await _valid_path(certificate, context)
    except chain_errors.InsufficientRevinfoError as error:
        # certvalidator finds no way to a list's issuer when that issuer is itself an anchor below a root
        if not any(lists_cover(path, evidence, moment) for path in candidates):
            return _failure(error)
        return await _judge_covered(certificate, _context(evidence, trust, moment, policy=UNCHECKED), evidence, usage)
    except (chain_errors.PathError, chain_errors.ValidationError, ValueError) as error:
        return _failure(error)
    return _judge_usage(certificate, path, evidence, usage)


async def _judge_covered(
    certificate: asn1_x509.Certificate, context: ValidationContext, evidence: Evidence, usage: Usage
) -> ChainFinding:
    """Judge a chain whose revocation lists were read directly."""
    try:
        path = await _valid_path(certificate, context)
    except (chain_errors.PathError, chain_errors.ValidationError, ValueError) as error:
        return _failure(error)
    return _judge_usage(certificate, path, evidence, usage)


def _judge_usage(
    certificate: asn1_x509.Certificate, path: ValidationPath, evidence: Evidence, usage: Usage
) -> ChainFinding:
    may, text = usage
    if not may(certificate):
        return ChainFinding(Code.UNTRUSTED, (reason(Code.UNTRUSTED, text=text),))
    return _good(certificate, path, evidence)


async def _valid_path(certificate: asn1_x509.Certificate, context: ValidationContext) -> ValidationPath:
    paths = context.path_builder.async_build_paths_lazy(certificate)
    path: ValidationPath = await find_valid_path(certificate, paths, validation_context=context)
    return path


def _context(
    evidence: Evidence, trust: TrustStore, moment: datetime, *, policy: CertRevTrustPolicy = IF_DECLARED
) -> ValidationContext:
    return ValidationContext(
        trust_manager=SimpleTrustManager.build(trust_roots=list(trust.anchors)),
        other_certs=[*evidence.certificates, *trust.intermediates],
        moment=moment,
        best_signature_time=moment,
        allow_fetching=False,
        crls=[value for value, _source in evidence.crls],
        ocsps=[value for value, _source in evidence.ocsps],
        revinfo_policy=policy,
    )


def _good(certificate: asn1_x509.Certificate, path: ValidationPath, evidence: Evidence) -> ChainFinding:
    if not any(get_declared_revinfo(certificate)) and path.pkix_len:
        listed = _sources(certificate, evidence)
        if listed:
            return ChainFinding(Code.OK, (), RevocationStatus.GOOD, listed)
        note = reason("revocation_not_declared")
        return ChainFinding(Code.OK, (note,), RevocationStatus.NOT_DECLARED)
    return ChainFinding(Code.OK, (), RevocationStatus.GOOD, _sources(certificate, evidence))


def _sources(certificate: asn1_x509.Certificate, evidence: Evidence) -> str:
    """Where the data that speak for this certificate came from, e.g. ``dss crl``; empty when there are none."""
    found = {f"{source} crl" for value, source in evidence.crls if value.issuer == certificate.issuer}
    for answer, source in evidence.ocsps:
        try:
            replies = answer.response_data["responses"]
            if any(r["cert_id"]["serial_number"].native == certificate.serial_number for r in replies):
                found.add(f"{source} ocsp")
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return ", ".join(sorted(found))


def _failure(error: Exception) -> ChainFinding:
    """Certvalidator's exceptions in the order from special to general."""
    match error:
        case chain_errors.RevokedError():
            return _revoked(error.revocation_dt)
        case chain_errors.StaleRevinfoError():
            return ChainFinding(Code.STATUS_UNKNOWN, (reason(Code.STATUS_UNKNOWN, text="stale"),))
        case chain_errors.InsufficientRevinfoError() | chain_errors.InsufficientPOEError():
            return ChainFinding(Code.STATUS_UNKNOWN, (reason(Code.STATUS_UNKNOWN),))
        case chain_errors.ExpiredError():
            return ChainFinding(Code.EXPIRED, (reason(Code.EXPIRED),))
        case chain_errors.NotYetValidError():
            return ChainFinding(Code.EXPIRED, (reason(Code.EXPIRED, text="not_yet_valid"),))
        case chain_errors.DisallowedAlgorithmError():
            return ChainFinding(Code.WEAK_ALGORITHM, (reason(Code.WEAK_ALGORITHM, detail="chuỗi chứng thực"),))
        case chain_errors.PathBuildingError():
            return ChainFinding(Code.UNTRUSTED, (reason(Code.UNTRUSTED),))
    return ChainFinding(Code.UNTRUSTED, (reason(Code.UNTRUSTED, text="chain_broken"),))


def _revoked(at: datetime) -> ChainFinding:
    return ChainFinding(Code.REVOKED, (reason(Code.REVOKED, date=day(at)),), RevocationStatus.REVOKED, revoked_at=at)


async def _candidates(context: ValidationContext, certificate: asn1_x509.Certificate) -> list[ValidationPath]:
    """Return every path to an anchor, valid or not; none when there is no anchor above."""
    try:
        return [path async for path in context.path_builder.async_build_paths_lazy(certificate)]
    except (chain_errors.PathError, ValueError):
        return []


def _out_of_bounds(path: ValidationPath, certificate: asn1_x509.Certificate, moment: datetime) -> bool:
    """Return True when the signer's or an intermediate certificate is outside its dates.

    An anchor's own dates do not count, unless the anchor itself signed: certvalidator looks at neither.
    """
    below = [*path.iter_certs(include_root=False), certificate]
    return any(not c.not_valid_before <= moment <= c.not_valid_after for c in below)
