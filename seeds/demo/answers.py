"""What an invented household answers in a round: its own luck held against the levels of its group."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from seeds.demo import levels
from seeds.demo.homes import Adult, Home, Minor
from seeds.demo.levels import GroupTraits, moved
from webapp.core.surveys import AdultLine, AgeBand, Answers, Barrier, FibreSpeed, MinorBand, MinorLine, Totals

_FROM_14 = frozenset({MinorBand.M14, MinorBand.M15_17})
_BARRIERS = {band: (tuple(table), tuple(table.values())) for band, table in levels.BARRIERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLevels:
    """The levels of one group in one round."""

    phone: Mapping[AgeBand, float]
    identity: Mapping[AgeBand, float]
    level_two: Mapping[AgeBand, float]
    signature: Mapping[AgeBand, float]
    minor_id: Mapping[MinorBand, float]
    minor_level_two: float
    minor_phone: float
    covered: float
    connected: float
    fast: float
    iot_any: float
    iot_mean: float
    payment: float


def levels_of(traits: GroupTraits, step: int) -> RoundLevels:
    """Work out a group's levels in round `step` (0, 1, 2)."""
    pull = traits.pull
    return RoundLevels(
        phone={band: moved(value[step], pull) for band, value in levels.SMARTPHONE.items()},
        identity={band: moved(value[step], pull / 2) for band, value in levels.DIGITAL_ID.items()},
        level_two={band: moved(value[step], pull) for band, value in levels.LEVEL_TWO.items()},
        signature={band: moved(value[step], pull) for band, value in levels.SIGNATURE.items()},
        minor_id={band: moved(value[step], pull / 2) for band, value in levels.MINOR_ID.items()},
        minor_level_two=moved(levels.MINOR_LEVEL_TWO[step], pull),
        minor_phone=moved(levels.MINOR_SMARTPHONE[step], pull),
        covered=moved(levels.FIBRE_COVERED[step], traits.fibre_pull),
        connected=moved(levels.FIBRE_CONNECTED[step], traits.fibre_pull),
        fast=moved(levels.FIBRE_FAST[step], traits.fibre_pull),
        iot_any=moved(levels.IOT_ANY[step], pull),
        iot_mean=levels.IOT_MEAN[step] * (1 + pull / 3),
        payment=moved(levels.PAYMENT[step], pull),
    )


def invent_answers(home: Home, at: RoundLevels, step: int, dice: Random) -> Answers:
    """Give what the household says. Only a house that fibre passes is connected."""
    people = home.adults[:-1] if step >= home.smaller_from else home.adults
    covered = home.covered < at.covered
    connected = covered and home.connected < at.connected / at.covered
    known = dice.random() >= levels.UNKNOWN
    answers = Answers(
        adults=tuple(_line(person, at, dice) for person in people),
        minors=_minor_lines(home.minors, at, dice),
        fibre_covered=covered if known else None,
        fibre_connected=connected if known else None,
        fibre_speed=_speed(home, at, dice) if connected and known else None,
        iot_connections=_devices(home, at) if dice.random() >= 2 * levels.UNKNOWN else None,
        payment_accounts=_payment(home, len(people), at) if dice.random() < 0.7 else None,
    )
    return _totals_of(answers) if dice.random() < levels.TOTALS_ONLY[step] else answers


def _line(person: Adult, at: RoundLevels, dice: Random) -> AdultLine:
    phone = person.phone < at.phone[person.band]
    share = at.signature[person.band] * (1 if phone else levels.SIGNATURE_WITHOUT_PHONE)
    signs = person.signature < share
    digital = signs and (person.kind < levels.KINDS_OF_SIGNATURE[0] or person.kind >= levels.KINDS_OF_SIGNATURE[1])
    electronic = signs and person.kind >= levels.KINDS_OF_SIGNATURE[0]
    second = phone and person.level_two < at.level_two[person.band]
    # An account rests on the personal number: who has level 2 has one, and who has none has no account.
    identity = second or person.identity < at.identity[person.band]
    level = 2 if second else int(phone and identity and person.level_two < 0.95)
    unsure = dice.random()
    return AdultLine(
        sex=person.sex,
        age_band=person.band,
        smartphone=phone if dice.random() >= levels.UNKNOWN else None,
        digital_id=identity if dice.random() >= levels.UNKNOWN else None,
        vneid_level=level if dice.random() >= levels.UNKNOWN else None,
        digital_signature=digital if unsure >= levels.UNKNOWN_SIGNATURE else None,
        e_signature=electronic if unsure >= levels.UNKNOWN_SIGNATURE / 2 else None,
        barrier=None if signs and phone and identity else _barrier(person.band, dice),
    )


def _barrier(band: AgeBand, dice: Random) -> Barrier:
    names, weights = _BARRIERS[band]
    return dice.choices(names, weights)[0]


def _minor_lines(minors: tuple[Minor, ...], at: RoundLevels, dice: Random) -> tuple[MinorLine, ...]:
    lines = []
    for band in levels.MINOR_BANDS:
        here = [minor for minor in minors if minor.band is band]
        if not here:
            continue
        asked = dice.random() >= levels.UNKNOWN
        # A child's level 2 rests on the personal number, so it is never counted without one.
        identities = [m.identity < at.minor_id[band] for m in here]
        second = [known and m.level_two < at.minor_level_two for known, m in zip(identities, here, strict=True)]
        lines.append(
            MinorLine(
                band=band,
                count=len(here),
                digital_id=sum(identities) if asked else None,
                vneid_l2=sum(second) if asked and band in _FROM_14 else None,
                smartphone=sum(m.phone < at.minor_phone for m in here) if asked and band is MinorBand.M15_17 else None,
            )
        )
    return tuple(lines)


def _speed(home: Home, at: RoundLevels, dice: Random) -> FibreSpeed | None:
    if dice.random() < 0.12:
        return None
    return FibreSpeed.FROM_1G if home.fast < at.fast else FibreSpeed.BELOW_1G


def _devices(home: Home, at: RoundLevels) -> int:
    if home.devices >= at.iot_any:
        return 0
    # Exponential above one device: many households with few, few with many.
    return min(40, 1 + int(-math.log(1 - home.devices / at.iot_any * 0.999) * (at.iot_mean - 0.5)))


def _payment(home: Home, adults: int, at: RoundLevels) -> int:
    young = sum(minor.band is MinorBand.M15_17 for minor in home.minors)
    shift = 0.25 * (home.payment - 0.5)
    return min(adults + young, round(adults * min(1.0, max(0.0, at.payment + shift)) + 0.4 * young))


def _totals_of(answers: Answers) -> Answers:
    """Keep the sums only, as an old paper form does."""
    minors, adults = answers.minors, answers.adults
    older = [line for line in minors if line.band in _FROM_14]
    return Answers(
        totals=Totals(
            residents=answers.resident_count,
            adults=len(adults),
            residents_14plus=len(adults) + sum(line.count for line in older),
            smartphone_adults=sum(bool(line.smartphone) for line in adults),
            digital_id_residents=sum(bool(x.digital_id) for x in adults) + sum(x.digital_id or 0 for x in minors),
            vneid_l2=sum((line.vneid_level or 0) >= 2 for line in adults) + sum(line.vneid_l2 or 0 for line in older),
            esignature_adults=sum(bool(line.has_signature) for line in adults),
            digital_signature_adults=sum(bool(line.digital_signature) for line in adults),
        ),
        fibre_covered=answers.fibre_covered,
        fibre_connected=answers.fibre_connected,
        fibre_speed=answers.fibre_speed,
        iot_connections=answers.iot_connections,
        residents_15plus=None,
    )
