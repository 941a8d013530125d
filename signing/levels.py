"""Baseline levels of PAdES (ETSI EN 319 142-1) in terms of pyHanko, both ways."""

from __future__ import annotations

from typing import Final

from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata

from signing.model import Level, SignRequest

NEEDS_TIMESTAMP: Final = frozenset({Level.B_T, Level.B_LT, Level.B_LTA})


def metadata_for(request: SignRequest) -> PdfSignatureMetadata:
    """PyHanko's description of the signature asked for; revocation data are added in a step of their own."""
    return PdfSignatureMetadata(
        field_name=request.field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=request.reason or None,
        location=request.location or None,
        name=request.name or None,
    )


def level_of(*, pades: bool, timestamped: bool, revocation_embedded: bool, archived: bool) -> Level | None:
    """Best guess at the level of a signature found in a file; None for signatures outside PAdES."""
    if not pades:
        return None
    if timestamped and revocation_embedded:
        return Level.B_LTA if archived else Level.B_LT
    return Level.B_T if timestamped else Level.B_B
