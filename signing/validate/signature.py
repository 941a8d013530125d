"""One signature: integrity, algorithms, timestamp, certificate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from asn1crypto import x509 as asn1_x509
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from signing.fields import entry
from signing.levels import level_of
from signing.model import (
    CertificateInfo,
    Code,
    Coverage,
    Reason,
    RevocationStatus,
    SignatureKind,
    SignatureReport,
    plain,
    reasons_of,
    worst,
)
from signing.settings import CLAIMED_TIME_SLACK_HOURS
from signing.trust import TrustStore
from signing.validate.algorithms import algorithm_name, weakness
from signing.validate.chain import ChainFinding, judge_chain
from signing.validate.evidence import Evidence
from signing.validate.modifications import ChangeFinding, review
from signing.validate.structure import byte_range_of, hole_is_contents
from signing.validate.texts import day, moment_text, reason
from signing.validate.tokens import TokenFinding, imprint_of, judge_token, signature_tokens

TIMESTAMP_FILTER: Final = "/ETSI.RFC3161"
SIGNATURE_FILTERS: Final = frozenset(
    {SigSeedSubFilter.PADES.value, SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value, SigSeedSubFilter.PBAD_PADES.value}
)
UNREVIEWED: Final = ChangeFinding(Coverage.UNCLEAR, None, permitted=False)


@dataclass(slots=True)
class Draft:
    """A report in the making. ``findings`` are codes with their reasons; ``notes`` explain without judging."""

    name: str
    kind: SignatureKind
    embedded: EmbeddedPdfSignature
    certificate: asn1_x509.Certificate | None = None
    end: int = 0
    change: ChangeFinding = UNREVIEWED
    intact: bool = False
    token: TokenFinding | None = None
    chain: ChainFinding | None = None
    control: datetime | None = None
    findings: list[tuple[Code, Reason]] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)

    @property
    def code(self) -> Code:
        """The worst finding so far."""
        return worst(code for code, _reason in self.findings)

    def find(self, code: Code, text: str | None = None, **values: str) -> None:
        """Add a finding."""
        self.findings.append((code, reason(code, text=text, **values)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """When certificates are judged: ``now`` by the clock; ``at`` when the caller insists on a moment."""

    now: datetime
    at: datetime | None = None

    @property
    def latest(self) -> datetime:
        """The moment for what no timestamp dates."""
        return self.at or self.now


def examine(name: str, embedded: EmbeddedPdfSignature, data: bytes) -> Draft:
    """Return the parts that need no trust: bytes, digest, signature value, later changes, strength.

    May raise anything.
    """
    draft = Draft(plain(name), _kind(embedded), embedded)
    numbers = byte_range_of(embedded, len(data))
    if numbers is None or not hole_is_contents(data, embedded):
        draft.find(Code.TAMPERED, "hole")
    if numbers is not None:
        draft.end = numbers[2] + numbers[3]
    draft.certificate = embedded.signer_cert
    draft.change = review(embedded)
    _check_digest(draft)
    if draft.change.coverage is Coverage.UNCLEAR:
        draft.find(Code.TAMPERED, "coverage")
    weak = weakness(embedded.signer_info, draft.certificate)
    if weak is not None:
        draft.find(Code.WEAK_ALGORITHM, detail=weak)
    return draft


def _kind(embedded: EmbeddedPdfSignature) -> SignatureKind:
    """Tell the kind by the sub-filter; ValueError for those that sign otherwise (such as adbe.pkcs7.sha1)."""
    subfilter = str(entry(embedded.sig_object, "/SubFilter"))
    if subfilter == TIMESTAMP_FILTER:
        return SignatureKind.DOCUMENT_TIMESTAMP
    if subfilter not in SIGNATURE_FILTERS or str(embedded.sig_object_type) == "/DocTimeStamp":
        raise ValueError(subfilter)
    return SignatureKind.SIGNATURE


def _check_digest(draft: Draft) -> None:
    embedded = draft.embedded
    if draft.kind is SignatureKind.DOCUMENT_TIMESTAMP:
        return  # the token's own check covers it
    content_type = embedded.signed_data["encap_content_info"]["content_type"].native
    intact, valid = validate_sig_integrity(
        embedded.signer_info, draft.certificate, content_type, embedded.compute_digest()
    )
    draft.intact = intact and valid and content_type == "data"
    if not draft.intact:
        draft.find(Code.TAMPERED)


async def judge_document_timestamp(
    draft: Draft, *, evidence: Evidence, trust: TrustStore, moment: datetime
) -> TokenFinding:
    """Return a timestamp over the document: sound, trusted at ``moment`` (now, or the time that a later one proves)."""
    imprint = draft.embedded.compute_digest
    token = await judge_token(draft.embedded.signed_data, imprint, evidence=evidence, trust=trust, moment=moment)
    draft.token, draft.chain, draft.control = token, token.chain, moment
    draft.intact = token.sound
    if not token.sound:
        draft.find(Code.TAMPERED, "broken_timestamp")
    else:
        draft.findings += [(token.chain.code, r) for r in token.chain.reasons]
        if not token.chain.reasons and token.chain.code is not Code.OK:
            draft.find(token.chain.code, detail="TSA")
    return token


async def judge_signature(
    draft: Draft, *, evidence: Evidence, trust: TrustStore, when: Checkpoint, proved: datetime | None
) -> None:
    """Timestamp and certificate of an ordinary signature.

    ``proved``: earliest time that later document timestamps prove.
    """
    certificate = draft.certificate
    if certificate is None:
        return
    own = evidence.with_signature(draft.embedded.signed_data)
    draft.token = await _judge_tokens(draft, own, trust, moment=when.at or proved or when.now)
    times = [proved] if proved else []
    if draft.token is not None and draft.token.trusted and draft.token.time is not None:
        times.append(draft.token.time)
    draft.control = when.at or min(times, default=when.now)
    draft.chain = await judge_chain(certificate, evidence=own, trust=trust, moment=draft.control)
    draft.findings += [(draft.chain.code, r) for r in draft.chain.reasons if draft.chain.code is not Code.OK]
    draft.notes += [r for r in draft.chain.reasons if draft.chain.code is Code.OK]
    _note_times(draft, when, dated=bool(times))
    if draft.chain.code is Code.OK and draft.control < when.latest:
        await _note_later_revocation(draft, own, trust, when)


async def _judge_tokens(draft: Draft, own: Evidence, trust: TrustStore, *, moment: datetime) -> TokenFinding | None:
    """Return the first trusted token, else the last; a broken one counts against the signature."""
    imprint = imprint_of(draft.embedded.signer_info["signature"].native)
    best: TokenFinding | None = None
    for signed_data in signature_tokens(draft.embedded.signer_info):
        best = await judge_token(signed_data, imprint, evidence=own, trust=trust, moment=moment)
        if not best.sound:
            draft.find(Code.TAMPERED, "broken_timestamp")
        if best.trusted:
            return best
    return best


def _note_times(draft: Draft, when: Checkpoint, *, dated: bool) -> None:
    control = draft.control or when.now
    kind = "control_given" if when.at else "control_timestamp" if dated else "control_now"
    draft.notes.append(reason(kind, time=moment_text(control)))
    if draft.token is not None and not draft.token.trusted and draft.token.sound:
        draft.notes.append(reason("timestamp_untrusted"))
    claimed = claimed_time(draft.embedded)
    if claimed is None:
        return
    if not dated:
        draft.notes.append(reason("claimed_only", time=moment_text(claimed)))
    reference = control if dated else when.now
    if claimed > reference + timedelta(minutes=5):
        slack = claimed <= reference + timedelta(hours=CLAIMED_TIME_SLACK_HOURS, minutes=5)
        draft.notes.append(reason("claimed_ahead" if slack else "claimed_far_ahead"))


async def _note_later_revocation(draft: Draft, own: Evidence, trust: TrustStore, when: Checkpoint) -> None:
    if draft.certificate is None:
        return
    today = await judge_chain(draft.certificate, evidence=own, trust=trust, moment=when.latest)
    if today.code is Code.REVOKED and today.revoked_at is not None:
        draft.notes.append(reason("revoked_later", date=day(today.revoked_at)))


def claimed_time(embedded: EmbeddedPdfSignature) -> datetime | None:
    """Return the time that the signer's program wrote; a date it cannot parse is none."""
    try:
        moment = embedded.self_reported_timestamp
    except Exception:  # noqa: BLE001  -- /M is free text of any producer
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def finish(draft: Draft, *, evidence: Evidence, archived: bool) -> SignatureReport:
    """Return the frozen report."""
    embedded, chain, token = draft.embedded, draft.chain, draft.token
    code = draft.code
    reasons = [r for _code, r in draft.findings]
    if code is Code.OK:
        reasons = [reason(Code.OK)]
    own = evidence.with_signature(embedded.signed_data)
    stamped = draft.kind is SignatureKind.DOCUMENT_TIMESTAMP or token is not None
    report = SignatureReport(
        code=code,
        reasons=reasons_of(code, [*reasons, *draft.notes]),
        kind=draft.kind,
        field=draft.name,
        certificate=CertificateInfo.of(draft.certificate) if draft.certificate is not None else None,
        claimed_time=claimed_time(embedded),
        timestamp_time=token.time if token is not None else None,
        timestamp_trusted=token is not None and token.trusted,
        control_time=draft.control,
        intact=draft.intact and Code.TAMPERED not in {c for c, _r in draft.findings},
        digest_algorithm=str(embedded.md_algorithm),
        signature_algorithm=algorithm_name(embedded.signer_info),
        coverage=draft.change.coverage,
        revision_end=draft.end,
        revocation=chain.revocation if chain else RevocationStatus.UNKNOWN,
        revocation_source=chain.source if chain else "",
        signature_sha256=hashlib.sha256(embedded.signer_info["signature"].native).hexdigest(),
    )
    level = level_of(
        pades=str(entry(embedded.sig_object, "/SubFilter")) == SigSeedSubFilter.PADES.value,
        timestamped=stamped,
        revocation_embedded=own.has_embedded_revocation(),
        archived=archived,
    )
    return replace(report, level=level if draft.kind is SignatureKind.SIGNATURE else None)
