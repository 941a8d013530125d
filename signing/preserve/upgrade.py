"""From B-T to B-LT and B-LTA, and the renewal of archive timestamps."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from signing.errors import OutputNotValid, TimestamperMissing
from signing.fetching import RevocationData, RevocationFetcher
from signing.fields import GrowingFile, open_stream
from signing.model import Code, FileReport, Level, SignatureKind, Verdict
from signing.preserve.material import certificates_of, embed, gathered
from signing.preserve.refusals import NotPreservable
from signing.settings import utc_now
from signing.timestamps import Timestamper
from signing.trust import TrustStore
from signing.validate import validate_pdf

ORDER: Final = (Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA)
FIELD: Final = "LuuTru"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What preserving draws on. ``fetcher`` None: only the lists at hand, the network is not used."""

    trust: TrustStore
    timestamper: Timestamper | None = None
    crls: Sequence[bytes] = ()
    fetcher: RevocationFetcher | None = None
    now: datetime | None = None

    def moment(self) -> datetime:
        """Return ``now``, or the clock."""
        return self.now or utc_now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preserved:
    """The longer file, and the lowest level of its signatures before and after."""

    data: bytes
    before: Level
    after: Level
    report: FileReport


def preserve(pdf: bytes, means: Means, *, level: Level = Level.B_LTA) -> Preserved:
    """Bring every signature to ``level``; for B-LTA always with a new archive timestamp, which renews older ones.

    Raises NotPreservable, RevocationDataStale, RevocationDataMissing, CertificateRevoked, TimestampFailed,
    TimestamperMissing, OutputNotValid. The result begins with ``pdf``, byte by byte.
    """
    before = _report(pdf, means)
    file = GrowingFile(pdf)
    add_revocation(file, means)
    if level is Level.B_LTA:
        add_archive_timestamp(file, means)
    data = file.whole()
    after = validate_pdf(data, trust=means.trust, crls=means.crls, now=max(means.moment(), utc_now()))
    _check(before, after, level)
    return Preserved(data=data, before=lowest(before), after=lowest(after), report=after)


def raising_with(means: Means) -> Callable[[GrowingFile, str, Level], None]:
    """Return a ``Surroundings.raise_level`` for a file that was signed a moment ago."""

    def add(signed: GrowingFile, _field: str, level: Level) -> None:
        add_revocation(signed, means)
        if level is Level.B_LTA:
            add_archive_timestamp(signed, means)

    return add


def add_revocation(file: GrowingFile, means: Means) -> None:
    """Append what is needed to judge every certificate in the file."""
    opened = open_stream(file)
    certificates = certificates_of(opened.reader)
    fetched = RevocationData()
    if means.fetcher is not None:
        issuers = [*certificates, *means.trust.intermediates, *means.trust.anchors]
        fetched = means.fetcher.data_for(list({one.sha256: one for one in issuers}.values()))
    lists = (*means.crls, *fetched.crls)
    material = gathered(certificates, crls=lists, ocsps=fetched.ocsps, now=means.moment())
    embed(file, material, strict=opened.strict)


def add_archive_timestamp(file: GrowingFile, means: Means) -> None:
    """Append a timestamp over the whole file: one request. Raises TimestampFailed, TimestamperMissing."""
    if means.timestamper is None:
        raise TimestamperMissing
    writer = IncrementalPdfFileWriter(file, strict=open_stream(file).strict)
    stamper = PdfTimeStamper(means.timestamper, field_name=f"{FIELD}-{uuid.uuid4().hex[:8]}")
    # Room is given: otherwise pyHanko asks the service once more, only to learn how long its answer is.
    stamper.timestamp_pdf(writer, "sha256", bytes_reserved=2 * means.timestamper.token_room, in_place=True)


def lowest(report: FileReport) -> Level:
    """Return the lowest level among the signatures; outside PAdES counts as B-B."""
    levels = [one.level or Level.B_B for one in report.signatures if one.kind is SignatureKind.SIGNATURE]
    return min(levels, key=ORDER.index, default=Level.B_B)


def _report(pdf: bytes, means: Means) -> FileReport:
    report = validate_pdf(pdf, trust=means.trust, crls=means.crls, now=means.moment())
    codes = [one.code for one in report.signatures if one.kind is SignatureKind.SIGNATURE]
    if not codes or any(code not in {Code.OK, Code.STATUS_UNKNOWN} for code in codes):
        raise NotPreservable
    return report


def _check(before: FileReport, after: FileReport, level: Level) -> None:
    """Refuse a result in which any signature is worse than before, or below the level asked for."""
    kept = {one.signature_sha256 for one in before.signatures} <= {one.signature_sha256 for one in after.signatures}
    sound = all(one.intact and one.verdict is not Verdict.INVALID for one in after.signatures)
    if not (kept and sound) or ORDER.index(lowest(after)) < ORDER.index(level):
        raise OutputNotValid
