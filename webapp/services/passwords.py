"""Hashing passwords: argon2id, a few at a time, the same work whether or not the name exists."""

import secrets
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.core.accounts import LONGEST_PASSWORD, normal_password
from webapp.core.ids import SHORT_CODE_ALPHABET

# OWASP password storage: argon2id with at least 19 MiB and two passes; one lane, for small servers.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
# Each hash takes 46 MiB for some 50 ms: a crowd at the door waits instead of taking the machine down.
_AT_ONCE: Final = threading.BoundedSemaphore(4)
# Never matches: an account whose password must first be set by an administrator.
UNUSABLE: Final = "!"


def hash_password(password: str) -> str:
    """Hash a password for storage (argon2id, with its parameters and salt)."""
    with _AT_ONCE:
        return _HASHER.hash(normal_password(password))


@cache
def _decoy() -> str:
    return _HASHER.hash(secrets.token_urlsafe(24))


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether the password fits. None or an unusable hash costs the same time and is never right."""
    known = stored if stored and stored.startswith("$argon2") else None
    with _AT_ONCE:
        try:
            typed = normal_password(password)[: LONGEST_PASSWORD + 1]
            _HASHER.verify(known or _decoy(), typed)
        except (VerificationError, InvalidHashError):
            return False
    return known is not None


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return stored.startswith("$argon2") and _HASHER.check_needs_rehash(stored)


def new_one_time_password() -> str:
    """Make a password to be read aloud or copied from paper once: `k7mq-4xpw-9trb`, about 58 bits."""
    letters = SHORT_CODE_ALPHABET.lower()
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
