"""The words of a report: verdicts, codes, reasons, levels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from signing.settings import VIETNAM

Json: TypeAlias = dict[str, object]


class Verdict(StrEnum):
    """The five words of a check: ETSI EN 319 102-1's three, plus two for files without an answer."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Code(StrEnum):
    """Why: one main cause for a verdict. The table with reasons is in the README of this package."""

    OK = "ok"
    TAMPERED = "tampered"
    MODIFIED = "modified"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WEAK_ALGORITHM = "weak_algorithm"
    STATUS_UNKNOWN = "status_unknown"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the code."""
        return VERDICT_OF[self]


VERDICT_OF: Final = {
    Code.OK: Verdict.VALID,
    Code.TAMPERED: Verdict.INVALID,
    Code.MODIFIED: Verdict.INVALID,
    Code.WEAK_ALGORITHM: Verdict.INVALID,
    Code.REVOKED: Verdict.INVALID,
    Code.UNREADABLE: Verdict.UNREADABLE,
    Code.UNTRUSTED: Verdict.INDETERMINATE,
    Code.EXPIRED: Verdict.INDETERMINATE,
    Code.STATUS_UNKNOWN: Verdict.INDETERMINATE,
    Code.UNSIGNED: Verdict.UNSIGNED,
}

SEVERITY: Final = (
    Code.TAMPERED,
    Code.MODIFIED,
    Code.WEAK_ALGORITHM,
    Code.REVOKED,
    Code.UNREADABLE,
    Code.UNTRUSTED,
    Code.EXPIRED,
    Code.STATUS_UNKNOWN,
    Code.UNSIGNED,
    Code.OK,
)
"""Worst first: of several findings the first in this order is the code."""


def worst(codes: Iterable[Code]) -> Code:
    """Return the worst of the codes; ``ok`` when there is none."""
    return min(codes, key=SEVERITY.index, default=Code.OK)


class Level(StrEnum):
    """Baseline levels of PAdES (ETSI EN 319 142-1)."""

    B_B = "b-b"
    B_T = "b-t"
    B_LT = "b-lt"
    B_LTA = "b-lta"


class Mechanism(StrEnum):
    """How a key signs, always with SHA-256. PSS is preferred; PKCS#1 v1.5 is what older tokens know."""

    RSA_PSS = "rsa-pss"
    RSA_PKCS1V15 = "rsa-pkcs1v15"
    ECDSA = "ecdsa"


class SignatureKind(StrEnum):
    """A person's or agency's signature, or a timestamp over the whole document."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document_timestamp"


class RevocationStatus(StrEnum):
    """What is known of a certificate's revocation at the control time."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_DECLARED = "not_declared"


class Coverage(StrEnum):
    """How much of the file a signature's digest covers."""

    WHOLE_FILE = "whole_file"
    REVISION = "revision"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding in words: ``code`` for programs, a sentence in Vietnamese and one in English."""

    code: str
    vi: str
    en: str

    def to_json(self) -> Json:
        """As JSON."""
        return {"code": self.code, "vi": self.vi, "en": self.en}


def reasons_of(code: Code, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return the reasons with the ones that explain the code first."""
    return (*(r for r in reasons if r.code == code.value), *(r for r in reasons if r.code != code.value))


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 to the second with Vietnam's offset; None stays None."""
    return None if moment is None else moment.astimezone(VIETNAM).isoformat(timespec="seconds")
