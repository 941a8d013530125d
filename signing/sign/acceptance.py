"""What a fresh signature must be, told from a report of the full validator or from its certificate alone."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import lru_cache

from signing.errors import CertificateUntrusted, OutputNotValid, RevocationDataMissing, TimestampFailed
from signing.levels import NEEDS_TIMESTAMP
from signing.model import Code, FileReport, Level, SignatureReport, Verdict
from signing.protocol import PreparedSignature
from signing.sign.identity import parsed
from signing.trust import TrustStore
from signing.validate.chain import judge_chain
from signing.validate.evidence import given_evidence


def accept(report: FileReport, prepared: PreparedSignature, *, must_be_trusted: bool) -> None:
    """Every signature intact, unmodified and readable; the new one trusted where trust was given."""
    new = entry_of(report, prepared.field)
    sound = report.verdict in {Verdict.VALID, Verdict.INDETERMINATE}
    if not sound or new is None or not all(signature.intact for signature in report.signatures):
        raise OutputNotValid
    if prepared.level in NEEDS_TIMESTAMP and new.timestamp_time is None:
        raise TimestampFailed
    if must_be_trusted:
        _accept_code(new.code)
    if prepared.level in {Level.B_LT, Level.B_LTA} and new.level is not prepared.level:
        raise RevocationDataMissing


def entry_of(report: FileReport, field: str) -> SignatureReport | None:
    """Return the report on the signature in that field."""
    return next((signature for signature in report.signatures if signature.field == field), None)


def check_trust(prepared: PreparedSignature, trust: TrustStore, *, crls: tuple[bytes, ...], now: datetime) -> None:
    """Judge the signer's certificate as the full validator would; once a minute for the same certificate and lists.

    Raises CertificateUntrusted, OutputNotValid. Dates and revocation at the very moment are ``check_certificate``'s.
    """
    _accept_code(_judged(prepared.certificate, prepared.chain, trust, crls, _Minute(now)))


def _accept_code(code: Code) -> None:
    if code is Code.UNTRUSTED:
        raise CertificateUntrusted
    if code not in {Code.OK, Code.STATUS_UNKNOWN}:
        raise OutputNotValid


class _Minute:
    """A moment that counts as the same as any other of its minute; the first one met is the one judged at."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self._minute = moment.replace(second=0, microsecond=0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Minute) and self._minute == other._minute

    def __hash__(self) -> int:
        return hash(self._minute)


@lru_cache(maxsize=64)
def _judged(
    certificate: bytes, chain: tuple[bytes, ...], trust: TrustStore, crls: tuple[bytes, ...], minute: _Minute
) -> Code:
    evidence = given_evidence(crls=crls, certificates=[*map(parsed, chain), *trust.intermediates])
    finding = asyncio.run(judge_chain(parsed(certificate), evidence=evidence, trust=trust, moment=minute.moment))
    return finding.code
