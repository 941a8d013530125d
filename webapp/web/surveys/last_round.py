"""What the household answered last time, as words beside each field."""

from dataclasses import dataclass, field
from typing import Self

from flask_babel import gettext as _

from webapp.core.surveys import AdultLine, Answers, MinorBand
from webapp.web.shared.filters import number_vi
from webapp.web.shared.labels import label
from webapp.web.surveys.summary import count, yes_no


class Words(dict[str, str | None]):
    """Words by field; None where nothing was answered, so that templates print nothing."""

    def __missing__(self, name: str) -> None:
        """Give None for what was not answered."""


@dataclass(frozen=True, slots=True)
class LastRound:
    """Last round's answers by field; empty when there are none."""

    adults: list[Words] = field(default_factory=list)
    minors: dict[str, Words] = field(default_factory=lambda: {band.name: Words() for band in MinorBand})
    totals: Words = field(default_factory=Words)
    house: Words = field(default_factory=Words)
    adult_count: str | None = None

    @classmethod
    def of(cls, answers: Answers | None) -> Self:
        """Put last round's answers in words."""
        if answers is None:
            return cls()
        totals = answers.totals
        return cls(
            adults=[_adult(line) for line in answers.adults],
            minors={band.name: Words() if totals else _minors(answers, band) for band in MinorBand},
            totals=Words(
                (name, count(getattr(totals, name))) for name in (totals.__dataclass_fields__ if totals else ())
            ),
            house=_house(answers),
            adult_count=number_vi(answers.adult_count),
        )

    def adult(self, index: str | None) -> Words:
        """Give the words of one adult by the hidden field that points to the line of the last round."""
        number = int(index) if index and index.isdigit() else -1
        return self.adults[number] if 0 <= number < len(self.adults) else Words()


def _minors(answers: Answers, band: MinorBand) -> Words:
    line = next((line for line in answers.minors if line.band is band), None)
    if line is None:
        return Words(count=number_vi(0))
    names = ("digital_id", "vneid_l2", "smartphone")
    return Words(count=number_vi(line.count), **{name: count(getattr(line, name)) for name in names})


def _adult(line: AdultLine) -> Words:
    level = None if line.vneid_level is None else [_("Chưa có"), _("Mức 1"), _("Mức 2")][line.vneid_level]
    return Words(
        {
            "sex": label(line.sex) if line.sex else _("Không biết"),
            "age_band": label(line.age_band) if line.age_band else _("Không biết"),
            "smartphone": yes_no(line.smartphone),
            "digital_id": yes_no(line.digital_id),
            "vneid_level": level or _("Không biết"),
            "digital_signature": yes_no(line.digital_signature),
            "e_signature": yes_no(line.e_signature),
            "barrier": label(line.barrier) if line.barrier else None,
        }
    )


def _house(answers: Answers) -> Words:
    return Words(
        {
            "fibre_connected": yes_no(answers.fibre_connected),
            "fibre_covered": yes_no(answers.fibre_covered),
            "fibre_speed": label(answers.fibre_speed) if answers.fibre_speed else _("Không biết"),
            "iot_connections": count(answers.iot_connections),
            "payment_accounts": _if_asked(answers.payment_accounts),
            "residents_15plus": _if_asked(answers.residents_15plus),
        }
    )


def _if_asked(value: int | None) -> str | None:
    return None if value is None else number_vi(value)
