"""The household visit (domain.md §4): rounds, outcomes, answers, and what an answer says for an indicator."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from webapp.core.errors import N_, WrongState


class RoundStatus(StrEnum):
    """A survey round (đợt khảo sát)."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    LOCKED = "locked"


ROUND_MOVES: Final[Mapping[RoundStatus, frozenset[RoundStatus]]] = MappingProxyType(
    {
        RoundStatus.PLANNED: frozenset({RoundStatus.OPEN}),
        RoundStatus.OPEN: frozenset({RoundStatus.CLOSED}),
        RoundStatus.CLOSED: frozenset({RoundStatus.OPEN, RoundStatus.LOCKED}),
        RoundStatus.LOCKED: frozenset(),
    }
)


class VisitStatus(StrEnum):
    """Where one visit stands. `DRAFT` never reaches the server's tables of facts."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_CORRECTION = "needs_correction"
    APPROVED = "approved"
    LOCKED = "locked"


VISIT_MOVES: Final[Mapping[VisitStatus, frozenset[VisitStatus]]] = MappingProxyType(
    {
        VisitStatus.DRAFT: frozenset({VisitStatus.SUBMITTED}),
        VisitStatus.SUBMITTED: frozenset(
            {VisitStatus.SUBMITTED, VisitStatus.NEEDS_CORRECTION, VisitStatus.APPROVED, VisitStatus.LOCKED}
        ),
        VisitStatus.NEEDS_CORRECTION: frozenset({VisitStatus.SUBMITTED}),
        VisitStatus.APPROVED: frozenset({VisitStatus.NEEDS_CORRECTION, VisitStatus.LOCKED}),
        VisitStatus.LOCKED: frozenset(),
    }
)

# "Adoption on day D is the latest approved-or-submitted visit per household up to D" (domain.md §4).
COUNTED: Final = frozenset({VisitStatus.SUBMITTED, VisitStatus.APPROVED, VisitStatus.LOCKED})


class VisitOutcome(StrEnum):
    """What happened at the door."""

    INTERVIEWED = "interviewed"
    ABSENT = "absent"
    REFUSED = "refused"
    MOVED_AWAY = "moved_away"
    VACANT = "vacant"


class HouseholdStatus(StrEnum):
    """Whether the household is part of the ward's list."""

    ACTIVE = "active"
    VACATED = "vacated"


class Sex(StrEnum):
    """As on the paper form."""

    MALE = "male"
    FEMALE = "female"


class AgeBand(StrEnum):
    """Bands of adults, in years."""

    A18_29 = "18-29"
    A30_44 = "30-44"
    A45_59 = "45-59"
    A60 = "60+"


class MinorBand(StrEnum):
    """Bands of minors; 14 and 15 are borders of VNeID level 2 and of payment accounts."""

    M0_5 = "0-5"
    M6_13 = "6-13"
    M14 = "14"
    M15_17 = "15-17"


class Barrier(StrEnum):
    """The main reason when something is missing."""

    NO_DEVICE = "no_device"
    NO_SKILL = "no_skill"
    NO_NEED = "no_need"
    COST = "cost"
    FRAUD = "fraud"
    NO_PAPERS = "no_papers"
    OTHER = "other"


class FibreSpeed(StrEnum):
    """Whether the household's fibre can give 1 Gb/s (plan III.2)."""

    BELOW_1G = "below_1g"
    FROM_1G = "from_1g"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdultLine:
    """One adult. None means "not known" and is never counted as "no"."""

    sex: Sex | None = None
    age_band: AgeBand | None = None
    smartphone: bool | None = None
    digital_id: bool | None = None
    vneid_level: int | None = None
    digital_signature: bool | None = None
    e_signature: bool | None = None
    barrier: Barrier | None = None

    @property
    def has_signature(self) -> bool | None:
        """Digital *or* electronic: the union of plan III.1, not the sum. None when a "yes" cannot be excluded."""
        if self.digital_signature or self.e_signature:
            return True
        if self.digital_signature is None or self.e_signature is None:
            return None
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class MinorLine:
    """The minors of one band: how many, and how many of them have it (None: not asked)."""

    band: MinorBand
    count: int
    digital_id: int | None = None
    vneid_l2: int | None = None
    smartphone: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts for a household of which only totals are known (paper backlog, Excel). None: not known."""

    residents: int
    adults: int
    residents_14plus: int | None = None
    smartphone_adults: int | None = None
    digital_id_residents: int | None = None
    vneid_l2: int | None = None
    esignature_adults: int | None = None
    digital_signature_adults: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was answered at an interviewed visit. Either lines or `totals`, never both (nothing is typed twice)."""

    adults: tuple[AdultLine, ...] = ()
    minors: tuple[MinorLine, ...] = ()
    totals: Totals | None = None
    fibre_covered: bool | None = None
    fibre_connected: bool | None = None
    fibre_speed: FibreSpeed | None = None
    iot_connections: int | None = None
    payment_accounts: int | None = None
    residents_15plus: int | None = None
    note: str = ""

    @property
    def adult_count(self) -> int:
        """Adults, derived."""
        return self.totals.adults if self.totals else len(self.adults)

    @property
    def resident_count(self) -> int:
        """Residents, derived."""
        return self.totals.residents if self.totals else len(self.adults) + sum(m.count for m in self.minors)

    def to_json(self) -> dict[str, Any]:
        """Give plain values; unknowns are left out, so the same answers always give the same bytes."""
        return {key: value for key, value in _plain(self).items() if value not in (None, "", [], ())}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from `to_json`. Raises ValueError, KeyError or TypeError on anything else."""
        values = dict(data)
        values["adults"] = tuple(_adult(line) for line in values.get("adults", ()))
        values["minors"] = tuple(
            MinorLine(**{**line, "band": MinorBand(line["band"])}) for line in values.get("minors", ())
        )
        if values.get("totals") is not None:
            values["totals"] = Totals(**values["totals"])
        if values.get("fibre_speed") is not None:
            values["fibre_speed"] = FibreSpeed(values["fibre_speed"])
        return cls(**values)


_NAMES: Final = {row: tuple(f.name for f in fields(row)) for row in (AdultLine, MinorLine, Totals, Answers)}


def _plain(value: Answers) -> dict[str, Any]:
    """Spell the fields out. `dataclasses.asdict` gives the same and costs ten times as much, which an import feels."""
    data = {name: getattr(value, name) for name in _NAMES[Answers]}
    data["adults"] = [_known(line) for line in value.adults]
    data["minors"] = [_known(line) for line in value.minors]
    data["totals"] = _known(value.totals) if value.totals is not None else None
    return data


def _known(row: AdultLine | MinorLine | Totals) -> dict[str, Any]:
    return {name: found for name in _NAMES[type(row)] if (found := getattr(row, name)) is not None}


_ENUMS: Final[Mapping[str, type[StrEnum]]] = MappingProxyType({"sex": Sex, "age_band": AgeBand, "barrier": Barrier})


def _adult(line: Mapping[str, Any]) -> AdultLine:
    known = {f.name for f in fields(AdultLine)}
    if not set(line) <= known:
        raise ValueError(sorted(set(line) - known))
    values: dict[str, Any] = {k: _ENUMS[k](v) if k in _ENUMS and v is not None else v for k, v in line.items()}
    return AdultLine(**values)


def check_round_move(current: RoundStatus, wanted: RoundStatus) -> None:
    """Refuse a move that the table does not allow; locked figures have been reported and stay."""
    if wanted not in ROUND_MOVES[current]:
        raise WrongState(N_("Đợt khảo sát không thể chuyển sang trạng thái này."))


def check_visit_move(current: VisitStatus, wanted: VisitStatus) -> None:
    """Refuse a move of a visit that the table does not allow."""
    if wanted not in VISIT_MOVES[current]:
        raise WrongState(N_("Phiếu này không thể chuyển sang trạng thái đó."))
