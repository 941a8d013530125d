"""Look ahead: whether a file still verifies in a given year, and when its archive timestamp is due.

Judged with nothing but the file and the anchors, at the moment that its outermost timestamp proves: that is what a
verifier has in any later year, as long as archive timestamps are renewed in time (ETSI EN 319 102-1, 5.6). pyHanko's
``simulate_future_ades_lta_validation`` asks for more: it counts a revocation list only when it was issued after the
signature, where ours (and RFC 5280) takes the one that was in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.fields import open_pdf
from signing.model import Code, FileReport, Json, Level, Reason, SignatureKind, Verdict, iso
from signing.preserve.material import regular_signatures, token_end
from signing.preserve.upgrade import ORDER, lowest
from signing.trust import TrustStore
from signing.validate import validate_pdf
from signing.validate.tokens import signature_tokens

MARGIN: Final = timedelta(days=180)
"""An archive timestamp is renewed this long before the certificate of its service ends."""

WORDS: Final = {
    "unsigned": ("Tệp không có chữ ký số.", "The file carries no signature."),
    "invalid": ("Chữ ký không hợp lệ ngay hôm nay.", "A signature is not valid even today."),
    "no_timestamp": ("Chữ ký không có dấu thời gian.", "A signature has no timestamp."),
    "not_provable": (
        "Tệp chưa mang đủ dữ liệu tình trạng chứng thư số để kiểm tra về sau.",
        "The file lacks the revocation data that a later check needs.",
    ),
    "not_archived": (
        "Chưa có dấu thời gian lưu trữ (B-LTA); dấu thời gian hiện có hết tác dụng trước đó.",
        "There is no archive timestamp (B-LTA) and the present timestamp ends before then.",
    ),
    "ended": (
        "Dấu thời gian ngoài cùng đã hết tác dụng trước khi được gia hạn.",
        "The outermost timestamp ended before it was renewed.",
    ),
    "unreadable": ("Không đọc được tệp.", "The file cannot be read."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The answer for one file and one moment.

    ``holds_until``: the end of the outermost timestamp; ``due_at``: when to renew, at the latest. ``reasons`` say why
    it does not ``last``.
    """

    level: Level
    lasts: bool
    holds_until: datetime | None
    due_at: datetime | None
    reasons: tuple[Reason, ...] = ()

    def to_json(self) -> Json:
        """As JSON: what the command prints."""
        return {
            "level": self.level.value,
            "lasts": self.lasts,
            "holds_until": iso(self.holds_until),
            "due_at": iso(self.due_at),
            "reasons": [one.to_json() for one in self.reasons],
        }


def look_ahead(pdf: bytes, *, trust: TrustStore, until: datetime, now: datetime) -> Outlook:
    """Say whether the file will verify at ``until``. Never raises for anything about the file."""
    try:
        reader = open_pdf(pdf).reader
        signatures = regular_signatures(reader)
        end = _end(reader, signatures)
    except Exception:  # noqa: BLE001  -- crafted files raise far more than the library's own errors
        return _answer(Level.B_B, None, "unreadable")
    if not signatures:
        return _answer(Level.B_B, None, "unsigned")
    report = validate_pdf(pdf, trust=trust, now=now)
    level = lowest(report)
    why = _shortcoming(report, level, end, until=until, now=now)
    if not why and not _provable(pdf, report, level, trust=trust):
        why = "not_provable"
    return _answer(level, end, why)


def _shortcoming(report: FileReport, level: Level, end: datetime | None, *, until: datetime, now: datetime) -> str:
    """Return what is seen without a second check, "" for nothing."""
    if not all(one.intact for one in report.signatures):
        return "invalid"
    if end is None:
        return "no_timestamp"
    if end < now:
        return "ended"
    if report.verdict is Verdict.INVALID:
        return "invalid"
    if ORDER.index(level) < ORDER.index(Level.B_LT):
        return "not_provable"
    return "not_archived" if level is not Level.B_LTA and end < until else ""


def _provable(pdf: bytes, report: FileReport, level: Level, *, trust: TrustStore) -> bool:
    times = [one.timestamp_time for one in report.signatures if one.timestamp_time is not None]
    if not times:
        return False
    then = validate_pdf(pdf, trust=trust, now=max(times))
    codes = {one.code for one in then.signatures if one.kind is SignatureKind.SIGNATURE}
    return codes == {Code.OK} and lowest(then) is level


def _answer(level: Level, end: datetime | None, why: str) -> Outlook:
    reasons = (Reason(why, *WORDS[why]),) if why else ()
    due = end - MARGIN if end is not None else None
    return Outlook(level=level, lasts=not why, holds_until=end, due_at=due, reasons=reasons)


def _end(reader: PdfFileReader, signatures: list[EmbeddedPdfSignature]) -> datetime | None:
    """Return when the outermost timestamp ends; without one over the document, when the first of the others does."""
    stamps = reader.embedded_timestamp_signatures
    if stamps:
        return token_end(stamps[-1].signed_data)
    ends = [[token_end(token) for token in signature_tokens(one.signer_info)] for one in signatures]
    return min(map(max, ends)) if ends and all(ends) else None
