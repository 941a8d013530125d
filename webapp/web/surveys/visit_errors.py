"""The error summary of the visit form: blanks of one person are one line, for a list of thirty helps nobody."""

from typing import Any

from flask_babel import gettext as _
from wtforms import Field, RadioField

from webapp.web.shared.labels import label
from webapp.web.surveys.visit_form import BLANK_COUNT, MINOR_PARTS, UNANSWERED, VisitForm

ErrorLine = tuple[str, str]


def error_lines(form: VisitForm) -> list[ErrorLine]:
    """Give (link, words) for the summary on top, in the order of the page."""
    lines = _of_part(form, "", names={"outcome", "visited_on", "adult_count"})
    for number, entry in enumerate(form.adults.entries, 1):
        lines += _of_part(entry.form, _("Người lớn %(number)s", number=number))
    for band, part in MINOR_PARTS.items():
        lines += _of_part(form[part].form, _("Trẻ %(band)s", band=label(band)))
    lines += _of_part(form.totals.form, _("Số tổng"))
    lines += _of_part(form, _("Mạng và thiết bị"), but={"outcome", "visited_on", "adult_count"})
    return [*lines, *(("", message) for message in form.form_errors)]


def _of_part(part: Any, who: str, names: set[str] | None = None, but: set[str] | None = None) -> list[ErrorLine]:  # noqa: ANN401
    fields = [
        field
        for name, field in part._fields.items()
        if field.errors
        and not hasattr(field, "form")
        and not hasattr(field, "entries")
        and (names is None or name in names)
        and name not in (but or ())
    ]
    blanks = {str(UNANSWERED), str(BLANK_COUNT)}
    blank = [field for field in fields if blanks & set(map(str, field.errors))]
    lines = [
        (_anchor(field), _told(who, field, message))
        for field in fields
        if field not in blank
        for message in field.errors
    ]
    if len(blank) == 1:
        lines.append((_anchor(blank[0]), _told(who, blank[0], str(blank[0].errors[0]))))
    elif blank:
        text = _("%(who)s: còn %(count)s câu chưa trả lời", who=who, count=len(blank))
        lines.append((_anchor(blank[0]), text))
    return lines


def _told(who: str, field: Field, message: str) -> str:
    place = f"{who} – {field.label.text}" if who else str(field.label.text)
    return f"{place}: {message}"


def _anchor(field: Field) -> str:
    """Point to the field; of a row of answers, to the first one."""
    is_row = isinstance(field, RadioField)
    return f"#{field.id}-0" if is_row else f"#{field.id}"
