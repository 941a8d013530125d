"""Forms of the workbook import."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, Form, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from webapp.core.import_columns import COLUMNS
from webapp.queries.surveys import RoundRow
from webapp.services.import_mapping import HeadingChoice, Suggestion
from webapp.services.imports import ALL_SHEETS, needs_blank

NOT_TAKEN = ""


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """A workbook and the round it belongs to."""

    round_id = SelectField(_l("Đợt khảo sát"), validators=[InputRequired(_l("Hãy chọn đợt khảo sát."))])
    file = FileField(_l("Tệp Excel hoặc CSV"), validators=[FileRequired(_l("Hãy chọn một tệp."))])

    @classmethod
    def of(cls, rounds: Sequence[RoundRow]) -> "UploadForm":
        """Offer the open rounds."""
        form = cls()
        form.round_id.choices = [SelectChoice(str(found.round_id), found.name) for found in rounds]
        return form


class LayoutForm(Form):  # type: ignore[misc]  # wtforms ships no types
    """Which sheet and which rows hold the headings; sent by GET, nothing is stored."""

    sheet = SelectField(_l("Trang tính"), validate_choice=False)
    header = SelectField(_l("Dòng tiêu đề cột"), validate_choice=False)
    height = SelectField(_l("Tiêu đề gồm"), validate_choice=False)

    @classmethod
    def of(cls, offered: Suggestion) -> "LayoutForm":
        """Offer the sheets and first rows of the file, with what was found chosen."""
        layout = offered.layout
        form = cls(
            data={
                "sheet": offered.sheet,
                "header": str(layout.header + 1 if layout else 1),
                "height": str(layout.height if layout else 1),
            }
        )
        count = len(offered.sheets)
        every = [SelectChoice(ALL_SHEETS, _("Tất cả %(count)s trang", count=count))] if offered.may_take_all else []
        form.sheet.choices = [
            *every,
            *(SelectChoice(name, name) for name in offered.sheets),
            *(SelectChoice(name, _("%(name)s (trang ẩn)", name=name)) for name in offered.hidden),
        ]
        form.header.choices = [SelectChoice(str(number), line) for number, line in enumerate(offered.preview, 1)]
        form.height.choices = [SelectChoice(str(n), _("%(count)s dòng", count=n)) for n in (1, 2, 3)]
        return form


class ColumnsForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """The mapping; `columns_form` adds a select for each heading of the file."""

    sheet = HiddenField()
    header = HiddenField()
    height = HiddenField()
    visited_on = DateField(
        _l("Ngày khảo sát của các dòng không ghi ngày"), validators=[InputRequired(_l("Hãy ghi ngày khảo sát."))]
    )
    group_id = SelectField(_l("Tổ của các dòng không ghi tổ"), validate_choice=False)

    def chosen(self, headings: Sequence[HeadingChoice]) -> dict[str, str]:
        """Give heading key → column key as chosen."""
        return {choice.key: cast("str", self[f"column_{choice.letter}"].data) or NOT_TAKEN for choice in headings}

    def blanks(self, headings: Sequence[HeadingChoice], meaning: str) -> frozenset[str]:
        """Give the column keys whose empty cells mean "no" (or "unknown")."""
        chosen = self.chosen(headings)
        return frozenset(
            chosen[choice.key]
            for choice in headings
            if choice.only_marks and chosen[choice.key] and self[f"blank_{choice.letter}"].data == meaning
        )

    def blame(self, key: str, message: str, headings: Sequence[HeadingChoice]) -> None:
        """Put a problem with a column on the field that chose it, otherwise on the form."""
        chosen = self.chosen(headings)
        for choice in headings:
            if choice.only_marks and chosen[choice.key] == key and needs_blank(key, chosen.values()):
                field = self[f"blank_{choice.letter}"]
                field.errors = [*field.errors, message]
                return
        self.form_errors.append(message)


def columns_form(offered: Suggestion, groups: Sequence[tuple[UUID, str]]) -> ColumnsForm:
    """Make the form for the headings at hand. The request's own values are bound by the form itself."""
    labels = [
        SelectChoice(NOT_TAKEN, _("Bỏ qua cột này")),
        *(SelectChoice(column.key, _(column.label)) for column in COLUMNS),
    ]
    fields: dict[str, object] = {}
    for choice in offered.headings:
        name = _("Cột %(letter)s: %(heading)s", letter=choice.letter, heading=choice.heading or "–")
        fields[f"column_{choice.letter}"] = SelectField(name, choices=labels, default=choice.column)
        if choice.only_marks:
            fields[f"blank_{choice.letter}"] = RadioField(
                _("Ô trống trong cột này nghĩa là"),
                choices=[SelectChoice("no", _("Không")), SelectChoice("unknown", _("Không biết"))],
                validate_choice=False,
            )
    form = cast("ColumnsForm", type("HeadingsForm", (ColumnsForm,), fields)())
    form.group_id.choices = [
        SelectChoice("", _("Không chọn: tệp đã ghi tổ")),
        *(SelectChoice(str(group_id), name) for group_id, name in groups),
    ]
    return form
