"""Small forms of the survey pages; the visit's own form is in visit_form.py."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

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
    """Why a visit goes back."""

    reason = TextAreaField(_l("Lý do trả lại"), [InputRequired(_l("Ghi lý do trả lại, để tổ trưởng biết cần sửa gì."))])
