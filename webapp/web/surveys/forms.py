"""Small forms of the survey pages; the visit's own form is in visit_form.py."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from webapp.core.return_fields import RETURN_FIELDS
from webapp.web.shared.forms import PageForm
from webapp.web.surveys.count_field import CountField

DAYS = ["%Y-%m-%d", "%d/%m/%Y"]


class HouseholdForm(PageForm):
    """A household's name and address; the group is chosen by people who work for the whole ward."""

    group = SelectField(_l("Tổ dân phố"), [InputRequired(_l("Chọn tổ dân phố của hộ."))], choices=[])
    head_name = StringField(_l("Họ tên chủ hộ"))
    address = StringField(_l("Địa chỉ"))
    number = CountField(_l("Số thứ tự trong tổ"), [Optional()])


class RoundForm(PageForm):
    """A round to come."""

    name = StringField(_l("Tên đợt"), [InputRequired(_l("Đặt tên cho đợt khảo sát, ví dụ “Đợt 1 năm 2026”."))])
    starts_on = DateField(_l("Ngày bắt đầu"), [InputRequired(_l("Chọn ngày bắt đầu."))], format=DAYS)
    ends_on = DateField(_l("Ngày kết thúc"), [InputRequired(_l("Chọn ngày kết thúc."))], format=DAYS)


class ReturnForm(PageForm):
    """Why a visit goes back, and what it is about."""

    field = SelectField(_l("Cần sửa mục nào?"), choices=[], default="")
    reason = TextAreaField(_l("Lý do trả lại"), [InputRequired(_l("Ghi lý do trả lại, để tổ trưởng biết cần sửa gì."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        """Say the fields in the reader's language."""
        super().__init__(*args, **kwargs)
        self.field.choices = [SelectChoice(name, gettext(text)) for name, text in RETURN_FIELDS.items()]


class GroupMoveForm(PageForm):
    """Why a group is opened again; the other moves need no reason."""

    reason = TextAreaField(_l("Lý do mở lại"))


class SubstituteForm(PageForm):
    """Who stands in for a head, and on which days."""

    account_id = SelectField(_l("Người thay"), [InputRequired(_l("Chọn người thay."))], choices=[])
    starts_on = DateField(_l("Từ ngày"), [InputRequired(_l("Chọn ngày đầu."))], format=DAYS)
    ends_on = DateField(_l("Đến hết ngày"), [InputRequired(_l("Chọn ngày cuối."))], format=DAYS)


class AssignForm(PageForm):
    """Who gets households; the ticked ones come beside it."""

    account_id = SelectField(_l("Giao cho"), [InputRequired(_l("Chọn người nhận."))], choices=[])
    numbers = StringField(_l("Số hộ"), [Optional()])
