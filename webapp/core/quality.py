"""High-frequency checks of a round: what is looked for, how strictly, and what was found.

A hint is no verdict: each number leads to the visits behind it, for somebody who knows the group to judge.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

FAST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 6 * 3600  # a form left open over lunch says nothing about speed
BURST_VISITS: Final = 3
BURST_SECONDS: Final = 60
HOUR_VISITS: Final = 20
DAY_FROM: Final = 6
DAY_UNTIL: Final = 22
OUTLIER_LEAST: Final = 30
OUTLIER_QUANTILE: Final = 0.99
OUTLIER_SD: Final = 3.0
ROUND_FROM: Final = 5
ROUND_STEP: Final = 5
ALIKE_ADULTS: Final = 2


class QualityCheck(StrEnum):
    """What is looked for."""

    MISSING = "missing"
    OUTLIER = "outlier"
    SAME_HOUSEHOLD = "same_household"
    SAME_ANSWERS = "same_answers"
    FAST = "fast"
    BURST = "burst"
    ODD_HOUR = "odd_hour"
    COPY = "copy"
    NOT_MET = "not_met"
    ROUND_NUMBERS = "round_numbers"


class QualityQuestion(StrEnum):
    """The part of a visit that a check is about; `ALL` sums a check up, each visit once."""

    ALL = "all"
    SEX = "sex"
    AGE_BAND = "age_band"
    SMARTPHONE = "smartphone"
    DIGITAL_ID = "digital_id"
    VNEID_LEVEL = "vneid_level"
    DIGITAL_SIGNATURE = "digital_signature"
    E_SIGNATURE = "e_signature"
    FIBRE_COVERED = "fibre_covered"
    FIBRE_CONNECTED = "fibre_connected"
    FIBRE_SPEED = "fibre_speed"
    IOT_CONNECTIONS = "iot_connections"
    PAYMENT_ACCOUNTS = "payment_accounts"
    RESIDENTS = "residents"
    ADULTS = "adults"
    ABSENT = "absent"
    REFUSED = "refused"
    MINUTE = "minute"
    HOUR = "hour"


class QualityBy(StrEnum):
    """Whose figure it is."""

    WARD = "ward"
    GROUP = "group"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityVisit:
    """The newest revision of one visit as the checks see it; no name, no note.

    `asked` and `unknown`: questions that were put, and those of them without an answer. `answers_key` stands for all
    answers but the note, `last_key` for those of the round before. `moment`: when it was written down, None when that
    says nothing (an import, a phone that sent later). `seconds`: from opening the form to finishing it.
    """

    visit_id: UUID
    household_id: UUID
    group_id: UUID
    made_by: UUID | None
    outcome: str
    asked: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    residents: int | None = None
    adults: int | None = None
    iot_connections: int | None = None
    payment_accounts: int | None = None
    answers_key: str = ""
    last_key: str = ""
    moment: dt.datetime | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinHousehold:
    """An active household whose name and address another one has too (same keyed identity)."""

    household_id: UUID
    group_id: UUID
    twin_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One visit (or household) that a check points at. `value` beside `bound` says why."""

    check: QualityCheck
    question: QualityQuestion
    household_id: UUID
    group_id: UUID
    visit_id: UUID | None = None
    made_by: UUID | None = None
    other_id: UUID | None = None
    value: float | None = None
    bound: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Visits that a check points at ÷ visits it could point at, for ward, group or head (`subject_id`)."""

    check: QualityCheck
    question: QualityQuestion
    by: QualityBy
    subject_id: UUID
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class QualityResult:
    """All that a run found."""

    visits: int
    figures: list[Figure] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
