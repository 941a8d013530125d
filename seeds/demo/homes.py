"""Invented households: who lives there and what they have, drawn once, so that the rounds fit together."""

from dataclasses import dataclass
from random import Random

from seeds.demo import levels
from webapp.core.surveys import AgeBand, MinorBand, Sex


@dataclass(frozen=True, slots=True)
class Adult:
    """A person over 17. The `luck` values are kept for all rounds: who had something at a low level still has it."""

    sex: Sex
    band: AgeBand
    phone: float
    identity: float
    level_two: float
    signature: float
    kind: float


@dataclass(frozen=True, slots=True)
class Minor:
    """A person under 18."""

    band: MinorBand
    identity: float
    level_two: float
    phone: float


@dataclass(frozen=True, slots=True)
class Home:
    """A household as it is. From round `smaller_from` on, one grown-up child has moved out (3: never)."""

    adults: tuple[Adult, ...]
    minors: tuple[Minor, ...]
    covered: float
    connected: float
    fast: float
    devices: float
    payment: float
    smaller_from: int


_ADULTS = tuple(levels.ADULTS_WEIGHTS)
_ADULT_WEIGHTS = tuple(levels.ADULTS_WEIGHTS.values())
_MINORS = tuple(levels.MINORS_WEIGHTS)
_MINOR_WEIGHTS = tuple(levels.MINORS_WEIGHTS.values())


def invent_home(dice: Random) -> Home:
    """Draw a household. Couples are mostly of one age; what members have leans the same way within a household."""
    count = dice.choices(_ADULTS, _ADULT_WEIGHTS)[0]
    bands = dice.choices(levels.BANDS, levels.BAND_WEIGHTS, k=count)
    if count > 1 and dice.random() < 0.7:
        bands[1] = bands[0]
    old = all(band is AgeBand.A60 for band in bands)
    minors = 0 if old else dice.choices(_MINORS, _MINOR_WEIGHTS)[0]
    lean = dice.random()
    return Home(
        adults=tuple(_adult(dice, band, place, lean) for place, band in enumerate(bands)),
        minors=tuple(_minor(dice) for _ in range(minors)),
        covered=dice.random(),
        connected=dice.random(),
        fast=dice.random(),
        devices=dice.random(),
        payment=dice.random(),
        smaller_from=dice.choice((1, 2)) if count > 2 and dice.random() < 0.05 else levels.ROUNDS,
    )


def _adult(dice: Random, band: AgeBand, place: int, lean: float) -> Adult:
    return Adult(
        sex=(Sex.MALE, Sex.FEMALE)[(place + (dice.random() < 0.25)) % 2],
        band=band,
        phone=dice.random(),
        identity=dice.random(),
        level_two=dice.random(),
        # Leaning on the household's own value makes signers meet in the same houses; the mean stays one half.
        signature=dice.random() if dice.random() < 0.6 else lean,
        kind=dice.random(),
    )


def _minor(dice: Random) -> Minor:
    band = dice.choices(levels.MINOR_BANDS, levels.MINOR_WEIGHTS)[0]
    return Minor(band=band, identity=dice.random(), level_two=dice.random(), phone=dice.random())
