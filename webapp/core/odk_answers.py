"""A filled ODK form → the answers of a visit. Never guesses: what is blank or odd becomes a problem at its field."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID

from webapp.core.errors import N_, Problem
from webapp.core.extra_questions import ExtraForm
from webapp.core.extra_texts import answers_of_texts
from webapp.core.odk_instance import Instance
from webapp.core.survey_checks import ADULTS_MAX
from webapp.core.survey_form_rows import MINOR_COUNTS, MINORS, NOT_KNOWN, TOTALS
from webapp.core.surveys import (
    AdultLine,
    AgeBand,
    Answers,
    Barrier,
    FibreSpeed,
    MinorBand,
    MinorLine,
    Sex,
    Totals,
    VisitOutcome,
)
from webapp.core.text import clean

Member = TypeVar("Member", bound=StrEnum)

BLANK: Final = N_("Chưa trả lời. Không rõ thì chọn “Không biết”.")
_WHOLE: Final = re.compile(r"\d{1,6}")
_YES_NO: Final = {"yes": True, "no": False, NOT_KNOWN: None}
_LEVELS: Final = {"0": 0, "1": 1, "2": 2, NOT_KNOWN: None}


@dataclass(slots=True, kw_only=True)
class OdkVisit:
    """What a form says; with `problems` it cannot be a visit yet, and what is missing stands as unknown."""

    household_id: UUID | None
    outcome: VisitOutcome | None
    visited_on: dt.date | None
    answers: Answers | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    problems: list[Problem] = field(default_factory=list)


def read_visit(instance: Instance, form: ExtraForm) -> OdkVisit:
    """Read a form with the extra questions of its version."""
    return _Reader(instance).visit(form)


class _Reader:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.values = instance.values
        self.problems: list[Problem] = []

    def visit(self, form: ExtraForm) -> OdkVisit:
        outcome = self._member(VisitOutcome, "outcome", self.values.get("outcome", ""))
        interviewed = outcome is VisitOutcome.INTERVIEWED
        return OdkVisit(
            household_id=_uuid(self.values.get("household", "")),
            outcome=outcome,
            visited_on=self._day("visited_on"),
            answers=self._answers() if interviewed else None,
            extra=answers_of_texts(form.questions, self.instance.extra) if interviewed else {},
            started_at=_moment(self.values.get("started_at", "")),
            finished_at=_moment(self.values.get("finished_at", "")),
            problems=self.problems,
        )

    def _blank(self, path: str, message: str = BLANK, **params: object) -> None:
        self.problems.append(Problem(path, message, params))

    def _answers(self) -> Answers:
        by_totals = self.values.get("mode") == "totals"
        connected = self._known("fibre_connected", self.values)
        covered = connected is True or self._known("fibre_covered", self.values)
        return Answers(
            adults=() if by_totals else self._adults(),
            minors=() if by_totals else self._minors(),
            totals=self._totals() if by_totals else None,
            fibre_connected=connected,
            fibre_covered=covered,
            fibre_speed=self._choice(FibreSpeed, "fibre_speed", self.values) if connected else None,
            iot_connections=self._count("iot_connections", "iot_connections"),
            payment_accounts=self._optional("payment_accounts"),
            residents_15plus=self._optional("residents_15plus") if by_totals else None,
            note=clean(self.values.get("note", "")),
        )

    def _adults(self) -> tuple[AdultLine, ...]:
        lines = list(self.instance.adults)
        while lines and not any(lines[-1].values()):  # Collect keeps an empty line where the count went down
            lines.pop()
        count = self._whole("adult_count", self.values.get("adult_count", ""))
        if count is not None and count != len(lines):
            message = N_("Ghi %(count)s người lớn nhưng có %(lines)s người được hỏi. Xem lại từng người.")
            self._blank("adult_count", message, count=count, lines=len(lines))
        return tuple(self._adult(f"adults.{number}", line) for number, line in enumerate(lines[: ADULTS_MAX + 1]))

    def _adult(self, path: str, line: Mapping[str, str]) -> AdultLine:
        barrier = line.get("barrier", "")
        return AdultLine(
            sex=self._choice(Sex, "sex", line, path),
            age_band=self._choice(AgeBand, "age_band", line, path),
            vneid_level=self._code(_LEVELS, "vneid_level", line, path),
            barrier=self._member(Barrier, f"{path}.barrier", barrier) if barrier else None,
            **{
                name: self._known(name, line, path)
                for name in ("smartphone", "digital_id", "digital_signature", "e_signature")
            },
        )

    def _minors(self) -> tuple[MinorLine, ...]:
        found = []
        for band, part in MINORS.items():
            path = f"minors.{band}"
            count = self._whole(f"{path}.count", self.values.get(f"{part}_count", ""))
            if count:
                counts = {name: self._count(f"{part}_{name}", f"{path}.{name}") for name in MINOR_COUNTS[band]}
                found.append(MinorLine(band=MinorBand(band), count=count, **counts))
        return tuple(found)

    def _totals(self) -> Totals:
        residents = self._whole("totals.residents", self.values.get("residents", ""))
        adults = self._whole("totals.adults", self.values.get("adults_total", ""))
        counts = {name: self._count(name, f"totals.{name}") for name in TOTALS}
        return Totals(residents=residents or 0, adults=adults or 0, **counts)

    def _count(self, name: str, path: str) -> int | None:
        """Read a number with its own question whether it is known."""
        known = self.values.get(f"{name}_known", "")
        if known not in {"known", NOT_KNOWN}:
            self._blank(path)
        return self._whole(path, self.values.get(name, "")) if known == "known" else None

    def _optional(self, name: str) -> int | None:
        text = self.values.get(name, "")
        return self._whole(name, text) if text else None

    def _whole(self, path: str, text: str) -> int | None:
        if _WHOLE.fullmatch(text):
            return int(text)
        self._blank(path, N_("Ghi số từ 0 trở lên."))
        return None

    def _known(self, name: str, line: Mapping[str, str], path: str = "") -> bool | None:
        answer: bool | None = self._code(_YES_NO, name, line, path)
        return answer

    def _code(self, codes: Mapping[str, Any], name: str, line: Mapping[str, str], path: str) -> Any:  # noqa: ANN401
        text = line.get(name, "")
        if text not in codes:
            self._blank(f"{path}.{name}" if path else name)
        return codes.get(text)

    def _choice(self, members: type[Member], name: str, line: Mapping[str, str], path: str = "") -> Member | None:
        text = line.get(name, "")
        return None if text == NOT_KNOWN else self._member(members, f"{path}.{name}" if path else name, text)

    def _member(self, members: type[Member], path: str, text: str) -> Member | None:
        if text in set(members):
            return members(text)
        self._blank(path)
        return None

    def _day(self, name: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(self.values.get(name, "")[:10])
        except ValueError:
            self._blank(name, N_("Ghi ngày đầy đủ: ngày, tháng, năm."))
            return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
