"""Identifiers: time-ordered UUIDs (RFC 9562, version 7) and short codes that people can read aloud."""

import os
import secrets
import time
from uuid import UUID

# No 0/O, 1/I/L, U/V: a short code is read over the telephone and typed from paper.
SHORT_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
SHORT_CODE_LENGTH = 10
DEVICE_CODE_LENGTH = 12

NIL = UUID(int=0)


def new_id() -> UUID:
    """Make a UUID version 7. Python's own `uuid.uuid7` comes with 3.14."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def new_short_code() -> str:
    """Make a code of ten unambiguous letters and digits (about 48 bits), for a document's verification address."""
    return "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))


def new_device_code() -> str:
    """Make a code of three times four letters and digits (about 58 bits): valid for a day, typed when no QR helps."""
    return "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(DEVICE_CODE_LENGTH))
