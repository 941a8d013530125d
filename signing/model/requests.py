"""What to sign, how it looks, and what came out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from signing.model.certificates import CertificateInfo
from signing.model.reports import FileReport
from signing.model.words import Json, Level, Mechanism, iso

Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top in points (1/72 inch)."""


class StampLayout(StrEnum):
    """How picture and text share the box of a visible signature (Decree 30/2020/NĐ-CP, annex I)."""

    PICTURE = "picture"
    PICTURE_ABOVE_TEXT = "picture_above_text"
    PICTURE_BESIDE_TEXT = "picture_beside_text"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The look of a visible signature.

    ``picture`` is a PNG; ``lines`` may use ``{signer}`` and ``{time}``; ``size`` in points.
    """

    layout: StampLayout = StampLayout.PICTURE
    picture: bytes | None = dataclasses.field(default=None, repr=False)
    lines: tuple[str, ...] = ()
    size: float = 8.0
    blue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a visible signature goes.

    ``page`` counts from 0; negative from the back. ``box`` in points **as the page is seen**: origin at the lower left
    corner of the visible (cropped, rotated) page.
    """

    page: int
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPdf:
    """A document with its QR code and the empty field for the number.

    ``symbol`` is what the document prints right after the gap of "Số:" (such as ``/KH-UBND``): then only the bare
    number belongs in the field. It is empty when the whole number and symbol do.
    """

    data: bytes = dataclasses.field(repr=False)
    number_place: Place
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRequest:
    """What to sign with and how it should look.

    ``field`` is made when it does not exist. ``place`` and ``stamp`` belong together; without them the signature is
    invisible. ``mechanism`` None: the best that the key's kind allows.
    """

    field: str = "ChuKy"
    level: Level = Level.B_B
    place: Place | None = None
    stamp: Stamp | None = None
    reason: str = ""
    location: str = ""
    name: str = ""
    mechanism: Mechanism | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFacts:
    """What a ledger needs to know of a signed file. ``report`` None: proved by its bytes, not validated whole."""

    sha256: str
    size: int
    field: str
    level: Level
    signature_sha256: str
    revision_end: int
    claimed_time: datetime
    timestamp_time: datetime | None
    certificate: CertificateInfo
    report: FileReport | None = None

    def to_json(self) -> Json:
        """As JSON."""
        return {
            "sha256": self.sha256,
            "size": self.size,
            "field": self.field,
            "level": self.level.value,
            "signature_sha256": self.signature_sha256,
            "revision_end": self.revision_end,
            "claimed_time": iso(self.claimed_time),
            "timestamp_time": iso(self.timestamp_time),
            "certificate": self.certificate.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf(SignedFacts):
    """A signed file that passed its own check."""

    data: bytes = dataclasses.field(repr=False)
