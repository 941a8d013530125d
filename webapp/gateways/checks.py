"""Checking files: few at a time, each in a child process, and the ward's own published files not again at once."""

import datetime as dt
import hashlib
import threading
from collections import OrderedDict
from typing import Any, Final

from signing.validate import validate_isolated
from webapp.core.ports import TrustMaterial
from webapp.gateways.acts import trust_of

# Each child may take a gigabyte and a core: strangers must not fill the machine with them.
AT_ONCE: Final = 2
FRESH: Final = dt.timedelta(minutes=10)
MOST_KEPT: Final = 256
BUSY: Final = {
    "code": "busy",
    "vi": "Máy chủ đang kiểm tra nhiều tệp khác. Hãy thử lại sau ít phút.",
    "en": "The server is busy checking other files. Please try again in a few minutes.",
}


class Checks:
    """Runs checks within bounds; reports are kept by hashes of file and trust list, so a changed list counts."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._kept: OrderedDict[bytes, tuple[dt.datetime, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, pdf: bytes, material: TrustMaterial, *, now: dt.datetime) -> dict[str, Any]:
        """Give the report of a file; nothing of it is kept."""
        if not self._slots.acquire(timeout=self.seconds):
            return _busy(pdf, now)
        try:
            report = validate_isolated(
                pdf,
                trust=trust_of(material),
                crls=material.revocation_lists,
                now=now,
                seconds=max(1, round(self.seconds)),
            )
        finally:
            self._slots.release()
        return report.to_json()

    def check_again(self, pdf: bytes, material: TrustMaterial, *, now: dt.datetime) -> dict[str, Any]:
        """Give the report of a file of the ward's own, at most ten minutes old."""
        key = _key(pdf, material)
        with self._lock:
            made_at, report = self._kept.get(key, (None, None))
        if made_at is not None and report is not None and abs(now - made_at) < FRESH:
            return report
        report = self.check(pdf, material, now=now)
        if BUSY not in report["reasons"]:
            with self._lock:
                self._kept[key] = (now, report)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return report


def _key(pdf: bytes, material: TrustMaterial) -> bytes:
    whole = hashlib.sha256(hashlib.sha256(pdf).digest())
    for part in (material.anchors, material.intermediates, material.revocation_lists):
        whole.update(hashlib.sha256(b"".join(hashlib.sha256(der).digest() for der in part)).digest())
    return whole.digest()


def _busy(pdf: bytes, now: dt.datetime) -> dict[str, Any]:
    return {
        "verdict": "unreadable",
        "code": "unreadable",
        "reasons": [BUSY],
        "signatures": [],
        "checked_at": now.isoformat(timespec="seconds"),
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "size": len(pdf),
    }
