"""How far the invented ward has come: probabilities by age band and round, and how they differ between groups.

Set so that the sums lie where published figures of Vietnamese communes lie: smartphones 88–95 % of adults, digital ID
93–97 %, signatures 18 → 30 → 42 %, fibre 83–90 % of households. Everybody keeps what they have from round to round.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from webapp.core.surveys import AgeBand, Barrier, MinorBand

ROUNDS: Final = 3
BANDS: Final = tuple(AgeBand)
MINOR_BANDS: Final = tuple(MinorBand)
BAND_WEIGHTS: Final = (24, 32, 25, 19)
MINOR_WEIGHTS: Final = (32, 43, 6, 19)
ADULTS_WEIGHTS: Final = {1: 14, 2: 44, 3: 21, 4: 15, 5: 5, 6: 1}
MINORS_WEIGHTS: Final = {0: 42, 1: 27, 2: 23, 3: 7, 4: 1}

# One value a round.
Steps = tuple[float, float, float]

SMARTPHONE: Final[Mapping[AgeBand, Steps]] = {
    AgeBand.A18_29: (0.975, 0.985, 0.992),
    AgeBand.A30_44: (0.96, 0.975, 0.985),
    AgeBand.A45_59: (0.90, 0.93, 0.955),
    AgeBand.A60: (0.62, 0.70, 0.77),
}
DIGITAL_ID: Final[Mapping[AgeBand, Steps]] = {
    AgeBand.A18_29: (0.95, 0.968, 0.978),
    AgeBand.A30_44: (0.95, 0.968, 0.979),
    AgeBand.A45_59: (0.94, 0.955, 0.97),
    AgeBand.A60: (0.90, 0.92, 0.94),
}
LEVEL_TWO: Final[Mapping[AgeBand, Steps]] = {
    AgeBand.A18_29: (0.78, 0.85, 0.91),
    AgeBand.A30_44: (0.80, 0.86, 0.92),
    AgeBand.A45_59: (0.68, 0.76, 0.83),
    AgeBand.A60: (0.42, 0.50, 0.58),
}
# A digital or an electronic signature, or both (the union that the plan counts).
SIGNATURE: Final[Mapping[AgeBand, Steps]] = {
    AgeBand.A18_29: (0.245, 0.41, 0.56),
    AgeBand.A30_44: (0.25, 0.415, 0.575),
    AgeBand.A45_59: (0.15, 0.26, 0.37),
    AgeBand.A60: (0.045, 0.08, 0.125),
}
MINOR_ID: Final[Mapping[MinorBand, Steps]] = {
    MinorBand.M0_5: (0.84, 0.89, 0.93),
    MinorBand.M6_13: (0.90, 0.94, 0.965),
    MinorBand.M14: (0.95, 0.97, 0.98),
    MinorBand.M15_17: (0.96, 0.975, 0.985),
}
MINOR_LEVEL_TWO: Final[Steps] = (0.45, 0.58, 0.69)
MINOR_SMARTPHONE: Final[Steps] = (0.86, 0.90, 0.93)
FIBRE_COVERED: Final[Steps] = (0.935, 0.96, 0.978)
FIBRE_CONNECTED: Final[Steps] = (0.83, 0.87, 0.905)
FIBRE_FAST: Final[Steps] = (0.07, 0.13, 0.21)
# Mean number of connected devices of a household that has any.
IOT_MEAN: Final[Steps] = (1.9, 2.6, 3.4)
IOT_ANY: Final[Steps] = (0.55, 0.64, 0.71)
PAYMENT: Final[Steps] = (0.68, 0.75, 0.81)

# Which of the two a signer has: a certificate only, an electronic one only, both.
KINDS_OF_SIGNATURE: Final = (0.46, 0.76)
# Without a smartphone few have one.
SIGNATURE_WITHOUT_PHONE: Final = 0.1
# Answers that the person at the door could not give.
UNKNOWN: Final = 0.012
UNKNOWN_SIGNATURE: Final = 0.03
# What happened at the door, when nobody was interviewed: absent, refused, vacant, moved away.
NOBODY_WEIGHTS: Final = (60, 22, 10, 8)
NOBODY: Final[Steps] = (0.055, 0.045, 0.038)
# Households of which the paper gave totals only.
TOTALS_ONLY: Final[Steps] = (0.06, 0.012, 0.004)
# Households of a group visited in a round that is over, and in the one that is open now.
COVERAGE: Final[tuple[tuple[float, float], ...]] = ((0.86, 0.97), (0.89, 0.985), (0.30, 0.97))

BARRIERS: Final[Mapping[AgeBand, Mapping[Barrier, int]]] = {
    AgeBand.A18_29: {Barrier.NO_NEED: 46, Barrier.NO_SKILL: 14, Barrier.COST: 12, Barrier.FRAUD: 14, Barrier.OTHER: 14},
    AgeBand.A30_44: {Barrier.NO_NEED: 40, Barrier.NO_SKILL: 20, Barrier.COST: 12, Barrier.FRAUD: 18, Barrier.OTHER: 10},
    AgeBand.A45_59: {Barrier.NO_NEED: 27, Barrier.NO_SKILL: 38, Barrier.COST: 10, Barrier.FRAUD: 20, Barrier.OTHER: 5},
    AgeBand.A60: {
        Barrier.NO_DEVICE: 24,
        Barrier.NO_SKILL: 48,
        Barrier.NO_NEED: 14,
        Barrier.FRAUD: 11,
        Barrier.OTHER: 3,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTraits:
    """How a group differs: `pull` moves its levels up or down, `pace` is the share visited in each round."""

    pull: float
    fibre_pull: float
    pace: Steps


def moved(level: float, pull: float) -> float:
    """Move a probability by odds: a pull of 0 changes nothing, 0.5 lifts 0.30 to 0.41 and 0.95 to 0.97."""
    odds = level / (1 - level) * math.exp(pull)
    return odds / (1 + odds)
