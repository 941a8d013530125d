"""Constants and the clock of the signing package."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
"""Zone of every time that people read (stamps, reports): +07:00, no summer time."""

MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 256
WEAK_HASHES: Final = frozenset({"md2", "md4", "md5", "sha1"})
"""Hash functions that prove nothing any more (domain rules: never SHA-1)."""

CLAIMED_TIME_SLACK_HOURS: Final = 7
"""Some Vietnamese tokens write local time marked as UTC: up to this far ahead a claimed time is only remarked on."""

MAX_PDF_BYTES: Final = 512 * 1024 * 1024
"""Bigger files are not read at all. Callers set narrower limits; a file they take must not outgrow this when signed."""

ISOLATED_SECONDS: Final = 20
ISOLATED_MEMORY_BYTES: Final = 1024 * 1024 * 1024
ISOLATED_FILE_BYTES: Final = 1024 * 1024
"""Bounds of the child process that checks a stranger's file."""

POINTS_PER_MM: Final = 72 / 25.4
SEAL_DIAMETER_MM: Final = 36.0
"""True size of an agency's round seal."""


def utc_now() -> datetime:
    """Return the moment of the call, aware, in UTC: the default where a caller hands in no clock of its own."""
    return datetime.now(UTC)
