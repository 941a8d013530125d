"""Answers → what the form's fields hold: for last round's answers, corrections and the way back from the check page."""

from uuid import UUID

from werkzeug.datastructures import MultiDict

from webapp.core.extra_texts import text_of_answer
from webapp.core.surveys import AdultLine, Answers, MinorBand, Totals
from webapp.core.visit_content import VisitContent
from webapp.web.surveys.visit_form import MINOR_PARTS, UNKNOWN

YES_NO = ("smartphone", "digital_id", "digital_signature", "e_signature")
MINOR_COUNTS = ("digital_id", "vneid_l2", "smartphone")
TOTAL_COUNTS = (
    "residents_14plus",
    "smartphone_adults",
    "digital_id_residents",
    "vneid_l2",
    "esignature_adults",
    "digital_signature_adults",
)
EXTRA = "extra-"
EXTRA_SEEN = "extra_seen"
Fields = MultiDict[str, str]


def fields_of_visit(content: VisitContent, base_revision: int | None) -> Fields:
    """Give the fields of a visit that is being corrected or changed on its way."""
    fields = fields_of_answers(content.answers) if content.answers else Fields()
    fields["visit_id"] = str(content.visit_id)
    fields["base_revision"] = str(base_revision or "")
    fields["outcome"] = content.outcome.value
    fields["visited_on"] = content.visited_on.isoformat()
    for name, value in content.extra.items():
        fields.setlist(EXTRA + name, value if isinstance(value, list) else [text_of_answer(value)])
    return fields


def fields_of_last_round(answers: Answers | None, visit_id: UUID, today: str) -> Fields:
    """Give the fields of a new visit: empty, or what the household answered last time (people remember the rest)."""
    fields = Fields({f"{part}-count": "0" for part in MINOR_PARTS.values()})
    if answers is not None and answers.totals is None:
        fields = fields_of_answers(answers)
        fields.poplist("note")
    fields["visit_id"], fields["visited_on"] = str(visit_id), today
    return fields


def fields_of_answers(answers: Answers) -> Fields:
    """Give the fields of the answers; "not known" is an answer of its own."""
    fields = Fields({"mode": "totals" if answers.totals else "lines", "note": answers.note})
    for number, line in enumerate(answers.adults):
        fields.update(_adult(f"adults-{number}-", line))
        fields[f"adults-{number}-last"] = str(number)
    _put_minors(fields, answers)
    if answers.totals:
        _put_totals(fields, answers.totals)
    fields["fibre_connected"] = _tri(answers.fibre_connected)
    fields["fibre_covered"] = _tri(answers.fibre_covered)
    if answers.fibre_connected:
        fields["fibre_speed"] = answers.fibre_speed.value if answers.fibre_speed else UNKNOWN
    _put_count(fields, "iot_connections", answers.iot_connections)
    for name in ("payment_accounts", "residents_15plus"):
        value = getattr(answers, name)
        if value is not None:
            fields[name] = str(value)
    return fields


def _tri(value: bool | None) -> str:  # noqa: FBT001 - an answer, not a switch
    return UNKNOWN if value is None else "yes" if value else "no"


def _adult(prefix: str, line: AdultLine) -> dict[str, str]:
    return {
        f"{prefix}sex": line.sex.value if line.sex else UNKNOWN,
        f"{prefix}age_band": line.age_band.value if line.age_band else UNKNOWN,
        f"{prefix}vneid_level": UNKNOWN if line.vneid_level is None else str(line.vneid_level),
        f"{prefix}barrier": line.barrier.value if line.barrier else "",
        **{prefix + name: _tri(getattr(line, name)) for name in YES_NO},
    }


def _put_minors(fields: Fields, answers: Answers) -> None:
    by_band = {line.band: line for line in answers.minors}
    for band in MinorBand:
        part, line = MINOR_PARTS[band], by_band.get(band)
        fields[f"{part}-count"] = str(line.count if line else 0)
        for name in MINOR_COUNTS if line else ():
            _put_count(fields, f"{part}-{name}", getattr(line, name))


def _put_totals(fields: Fields, totals: Totals) -> None:
    fields["totals-residents"], fields["totals-adults"] = str(totals.residents), str(totals.adults)
    for name in TOTAL_COUNTS:
        _put_count(fields, f"totals-{name}", getattr(totals, name))


def _put_count(fields: Fields, name: str, value: int | None) -> None:
    if value is None:
        fields[f"{name}_unknown"] = "y"
    else:
        fields[name] = str(value)
