"""PAdES levels of signatures (ETSI EN 319 142-1): what a type of document asks for, and what a step gets of it."""

from enum import StrEnum
from typing import Final

from webapp.core.documents import StepKind


class SignatureLevel(StrEnum):
    """What a signature carries; each level holds what those before it hold."""

    B_B = "b-b"  # the signature alone
    B_T = "b-t"  # and a timestamp
    B_LT = "b-lt"  # and the revocation data of every certificate
    B_LTA = "b-lta"  # and an archive timestamp over all of it


DEFAULT_LEVEL: Final = SignatureLevel.B_T
"""For types whose level nobody chose. Revocation lists at hand are embedded beyond it; it is never fallen below."""

WITH_REVOCATION: Final = frozenset({SignatureLevel.B_LT, SignatureLevel.B_LTA})


def level_of_step(kind: StepKind, chosen: SignatureLevel) -> SignatureLevel:
    """Give the level of one signature of a document.

    The archive timestamp stands over the finished file, so the agency's signature gets it; those before it get all
    the rest, and no time-stamping service is asked for a stamp that the next signature would cover anyway.
    """
    if chosen is SignatureLevel.B_LTA and kind is not StepKind.AGENCY:
        return SignatureLevel.B_LT
    return chosen
