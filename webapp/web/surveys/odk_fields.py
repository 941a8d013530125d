"""The texts of an ODK form → the fields of the visit form; what was blank or odd stays blank, so that it is asked."""

from typing import Any
from uuid import UUID

from webapp.core.survey_form_rows import MINOR_COUNTS, MINORS, NOT_KNOWN, TOTALS
from webapp.core.surveys import MinorBand
from webapp.web.surveys.visit_fields import EXTRA, Fields
from webapp.web.surveys.visit_form import MINOR_PARTS

ADULT_FIELDS = (
    "sex",
    "age_band",
    "smartphone",
    "digital_id",
    "vneid_level",
    "digital_signature",
    "e_signature",
    "barrier",
)
SAME = ("outcome", "fibre_connected", "fibre_covered", "fibre_speed", "payment_accounts", "residents_15plus", "note")


def fields_of_odk(answers: dict[str, Any], visit_id: UUID, base_revision: int | None) -> Fields:
    """Give the fields; the codes of both forms are the same (core.survey_form_rows)."""
    values: dict[str, str] = answers.get("values", {})
    fields = Fields({name: values[name] for name in SAME if values.get(name)})
    fields["visit_id"], fields["base_revision"] = str(visit_id), str(base_revision or "")
    fields["visited_on"] = values.get("visited_on", "")[:10]
    fields["mode"] = "totals" if values.get("mode") == "totals" else "lines"
    if fields["mode"] == "totals":
        _put(fields, "totals-residents", values.get("residents"))
        _put(fields, "totals-adults", values.get("adults_total"))
        for name in TOTALS:
            _put_count(fields, f"totals-{name}", name, values)
    else:
        _put_people(fields, values, answers.get("adults", []))
    _put_count(fields, "iot_connections", "iot_connections", values)
    for name, text in answers.get("extra", {}).items():
        fields.setlist(EXTRA + name, text.split() if " " in text and text.islower() else [text])
    return fields


def _put_people(fields: Fields, values: dict[str, str], adults: list[dict[str, str]]) -> None:
    lines = [line for line in adults if any(line.values())]
    fields["adult_count"] = values.get("adult_count", "")
    for number, line in enumerate(lines):
        fields[f"adults-{number}-last"] = ""
        for name in ADULT_FIELDS:
            _put(fields, f"adults-{number}-{name}", line.get(name))
    for band, part in MINORS.items():
        field = MINOR_PARTS[MinorBand(band)]
        fields[f"{field}-count"] = values.get(f"{part}_count", "")
        for name in MINOR_COUNTS[band]:
            _put_count(fields, f"{field}-{name}", f"{part}_{name}", values)


def _put_count(fields: Fields, field: str, name: str, values: dict[str, str]) -> None:
    if values.get(f"{name}_known") == NOT_KNOWN:
        fields[f"{field}_unknown"] = "y"
    else:
        _put(fields, field, values.get(name))


def _put(fields: Fields, field: str, text: str | None) -> None:
    if text:
        fields[field] = text
