"""The survey form out as an XLSForm and as an XForm; rows in, bytes out. Two languages, Vietnamese first."""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from openpyxl import Workbook

from webapp.core.survey_form import SurveyForm
from webapp.core.survey_form_rows import ChoiceRow, FormRow, Label

LANGUAGES: Final = {"vi": "Tiếng Việt (vi)", "en": "English (en)"}
TRANSLATED: Final = ("label", "hint", "constraint_message")
PLAIN: Final = ("relevant", "constraint", "calculation", "default", "appearance", "repeat_count")
WIDTHS: Final = {"type": 28, "name": 24, "list_name": 20}
# What XML 1.0 cannot carry.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

Say = Callable[[str, str], str]
"""Catalogue id and language → words."""

Sheets = dict[str, list[dict[str, str]]]


def xlsform_sheets(form: SurveyForm, say: Say) -> Sheets:
    """Lay the form out as the three sheets of an XLSForm, a dict per row."""
    settings = {
        "form_title": form.title,
        "form_id": form.form_id,
        "version": form.version,
        "default_language": LANGUAGES["vi"],
        "client_editable": "yes",
    }
    return {
        "survey": [_row(row, say) for row in form.rows],
        "choices": [_choice(row, say) for row in form.choices],
        "settings": [settings],
    }


def _row(row: FormRow, say: Say) -> dict[str, str]:
    cells = {"type": row.type, "name": row.name}
    for column in TRANSLATED:
        cells |= _said(column, getattr(row, column), say)
    cells |= {column: getattr(row, column) for column in PLAIN}
    cells["required"] = "yes" if row.required else ""
    return {column: text for column, text in cells.items() if text}


def _choice(row: ChoiceRow, say: Say) -> dict[str, str]:
    return {"list_name": row.list_name, "name": row.name, **_said("label", row.label, say)}


def _said(column: str, label: Label, say: Say) -> dict[str, str]:
    """Write a label in each language; extra questions that have no English keep their Vietnamese."""
    if not label:
        return {}
    words = {
        code: label.get(code) or label.get("vi", "") if isinstance(label, Mapping) else say(label, code)
        for code in LANGUAGES
    }
    return {f"{column}::{name}": _UNWRITABLE.sub("", words[code]) for code, name in LANGUAGES.items() if words[code]}


def xlsform_bytes(sheets: Sheets) -> bytes:
    """Write the sheets as a workbook. Every cell is text: nothing that a spreadsheet would run."""
    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        _write(sheet, 1, columns)
        for number, row in enumerate(rows, 2):
            _write(sheet, number, [row.get(column, "") for column in columns])
        for number, column in enumerate(columns, 1):
            sheet.column_dimensions[sheet.cell(1, number).column_letter].width = WIDTHS.get(column, 36)
        sheet.freeze_panes = "C2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write(sheet: Any, number: int, values: Iterable[str]) -> None:  # noqa: ANN401 - openpyxl ships no types
    for place, value in enumerate(values, 1):
        if value:
            cell = sheet.cell(number, place, value)
            cell.data_type = "s"


def xform_bytes(sheets: Sheets) -> bytes:
    """Convert the sheets into the XForm that ODK Collect opens. Raises pyxform's PyXFormError."""
    from pyxform.xls2xform import convert  # noqa: PLC0415 - a second to load, and only a phone's download needs it

    book: dict[str, Any] = dict(sheets)
    converted = convert(book, validate=False, warnings=[], pretty_print=False)  # validating would need Java
    return str(converted.xform).encode()
