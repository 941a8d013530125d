"""The last phase: check the raw signature, get the timestamp, embed, raise the level, check the result."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from signing.errors import OutputNotValid, TimestamperMissing, TimestampFailed
from signing.fields import GrowingFile, open_stream
from signing.levels import NEEDS_TIMESTAMP
from signing.model import FileReport, Level, SignedPdf
from signing.protocol import DIGEST, PreparedSignature, verify_raw
from signing.settings import utc_now
from signing.sign.acceptance import accept, check_trust
from signing.sign.content import FileContent, MemoryContent
from signing.sign.identity import described, parsed
from signing.sign.prechecks import check_certificate
from signing.sign.preparing import Draft, parts_of
from signing.sign.proof import Evidence, prove
from signing.sign.revocation import embed_revocation
from signing.sign.surroundings import Surroundings
from signing.sign.tokens import token_time
from signing.trust import TrustStore
from signing.validate import validate_pdf

ABOVE_B_T: Final = frozenset({Level.B_LT, Level.B_LTA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """An update with its signature in place, and what it was made of."""

    update: bytes
    evidence: Evidence
    timestamp_time: datetime | None


def complete(draft: Draft, raw: bytes, surroundings: Surroundings) -> SignedPdf:
    """Make the signed file; the raw signature is checked before anything else happens.

    Raises RawSignatureInvalid, TimestampFailed (ask again later with the same parts), CertificateNotUsable,
    RevocationDataMissing, OutputNotValid.
    """
    prepared = draft.prepared
    check_raw(prepared, raw, surroundings)
    filled = fill(draft, raw, ask_timestamp(prepared.level, raw, surroundings))
    if prepared.level not in ABOVE_B_T:
        return finish(draft, filled, joined(draft, filled), surroundings)
    signed = GrowingFile(draft.base.whole(), filled.update)
    prove(FileContent(signed), prepared, filled.evidence)
    raise_level(signed, prepared.field, prepared.level, surroundings)
    return finish(draft, filled, signed.whole(), surroundings)


def check_raw(prepared: PreparedSignature, raw: bytes, surroundings: Surroundings) -> None:
    """Check the raw signature, and the certificate once more: days may lie between the phases."""
    verify_raw(prepared, raw)
    chain = [parsed(c) for c in prepared.chain]
    now = surroundings.moment()
    check_certificate(parsed(prepared.certificate), chain, crls=surroundings.crls, now=now)


def ask_timestamp(level: Level, raw: bytes, surroundings: Surroundings) -> bytes:
    """Return a token over the raw signature, empty for B-B. Exactly one request."""
    if level not in NEEDS_TIMESTAMP:
        return b""
    timestamper = surroundings.timestamper
    if timestamper is None:
        raise TimestamperMissing
    answer = asyncio.run(timestamper.async_timestamp(hashlib.sha256(raw).digest(), DIGEST))
    return bytes(answer.dump())


def fill(draft: Draft, raw: bytes, token: bytes) -> Filled:
    """Put raw signature and token into the hole. Raises TimestampFailed for an unsound token."""
    prepared = draft.prepared
    content = parts_of(prepared).assemble(prepared.attributes, raw, token)
    return Filled(
        update=embed(draft, content),
        evidence=Evidence(raw=raw, token=token),
        timestamp_time=token_time(token, raw) if token else None,
    )


def joined(draft: Draft, filled: Filled) -> bytes:
    """Return the signed file, up to B-T. Raises OutputNotValid."""
    signed = b"".join((draft.base.whole(), filled.update))
    prove(MemoryContent(signed), draft.prepared, filled.evidence)
    return signed


def finish(draft: Draft, filled: Filled, data: bytes, surroundings: Surroundings) -> SignedPdf:
    """Check the result as a whole and describe it; ``data`` may extend the signed file by what its level adds."""
    report = _report(data, draft, surroundings)
    facts = facts_of(draft.prepared, filled, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    return SignedPdf(**{**facts, "data": data, "report": report})


def facts_of(prepared: PreparedSignature, filled: Filled, *, sha256: str, size: int) -> dict[str, Any]:
    """Return the parts of SignedFacts; ``sha256`` and ``size`` of the whole file."""
    return {
        "sha256": sha256,
        "size": size,
        "field": prepared.field,
        "level": prepared.level,
        "signature_sha256": hashlib.sha256(filled.evidence.raw).hexdigest(),
        "revision_end": prepared.prepared_size,
        "claimed_time": prepared.claimed_time,
        "timestamp_time": filled.timestamp_time,
        "certificate": described(prepared.certificate),
    }


def embed(draft: Draft, content: bytes) -> bytes:
    """Fill the hole. Raises TimestampFailed when the token is larger than the room kept for it."""
    start, end = (place - draft.base.size for place in draft.prepared.hole)
    room = end - start - 2
    digits = content.hex().encode("ascii")
    if len(digits) > room:
        raise TimestampFailed
    return b"".join((draft.update[: start + 1], digits, b"0" * (room - len(digits)), draft.update[end - 1 :]))


def _report(data: bytes, draft: Draft, surroundings: Surroundings) -> FileReport | None:
    """Validate whole where asked for, above B-T, and where the file carried a signature before; else judge trust."""
    prepared = draft.prepared
    must_be_trusted = surroundings.trust is not None
    trust = surroundings.trust or TrustStore.nobody()
    now = max(surroundings.moment(), utc_now())
    if surroundings.revalidate or prepared.level in ABOVE_B_T or draft.base.holds(b"/ByteRange"):
        report = validate_pdf(data, trust=trust, crls=surroundings.crls, now=now)
        accept(report, prepared, must_be_trusted=must_be_trusted)
        return report
    if must_be_trusted:
        check_trust(prepared, trust, crls=tuple(surroundings.crls), now=now)
    return None


def raise_level(signed: GrowingFile, field: str, level: Level, surroundings: Surroundings) -> None:
    """Add what B-LT and B-LTA need on top of the timestamp; nothing before it can change."""
    before = signed.added
    if surroundings.raise_level is not None:
        surroundings.raise_level(signed, field, level)
    else:
        embed_revocation(signed, field, crls=surroundings.crls, strict=open_stream(signed).strict)
    if not signed.added.startswith(before):
        raise OutputNotValid
